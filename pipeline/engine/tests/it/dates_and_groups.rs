//! What a value is worth: groups whose fields have verdicts of their own, dates that have not come, times of one day, events
//! that contradict one another. Rows are written as a source would write them; the tables of the run are asked.

use crate::harness::{Job, lines};
use std::path::Path;
use tempfile::TempDir;
use zlato_engine::summary::Summary;

const SOURCES: &str = r#"
[[field]]
name = "code"
kind = "text"
[[field]]
name = "contract"
kind = "text"
[[field]]
name = "signed"
kind = "date"
[[source]]
name = "crm"
kind = "customer"
path = "crm.csv"
key = "id"
trust = 0.9
country = "PL"
updated_at = "changed"
[source.columns]
code = "code"
given_name = "given"
family_name = "family"
email = "email"
phone = "phone"
contract = "contract"
signed = "signed"
organization = "company"
opt_in_email = "news"
[[source]]
name = "vendor"
kind = "profile"
path = "vendor.csv"
key = "id"
updated_at = "changed"
[source.columns]
email = "email"
age_band = "age"
interests = "likes"
[[source]]
name = "feed"
kind = "event"
path = "feed.csv"
key = "id"
[source.columns]
event_kind = "kind"
event_at = "at"
customer_source = "source"
customer_key = "key"
email = "email"
amount = "amount"
"#;

const MATCHING: &str = r#"
[[blocking]]
name = "code"
key = "code"
[[comparison]]
name = "given_name"
on = "given_name_key"
levels = ["exact"]
[[always]]
name = "code"
same = "code"
[[never]]
name = "code_differs"
different = "code"
"#;

const SURVIVORSHIP: &str = r#"
[[field]]
name = "organization"
strategy = ["most_recent"]
[[field]]
name = "email"
strategy = ["verified_first", "most_recent"]
"#;

const GROUPS: &str = r#"
[[group]]
name = "contact"
fields = ["email", "phone"]
strategy = ["verified_first", "most_recent"]
[[group]]
name = "agreement"
fields = ["contract", "signed"]
strategy = ["most_complete", "most_recent"]
"#;

const FRESHNESS: &str = r#"
[[field]]
name = "email"
half_life_days = 730
[[event]]
kind = "hard_bounce"
field = "email"
effect = "invalidate"
[[event]]
kind = "click"
field = "email"
effect = "confirm"
[[event]]
kind = "unsubscribe"
field = "email"
effect = "opt_out"
"#;

const PROFILES: &str = r#"
purposes = ["dpv:DirectMarketing"]
[[profile]]
source = "vendor"
licence = "L"
purposes = ["dpv:DirectMarketing"]
legal_basis = "eu-gdpr:A6-1-a"
collected = "2026-01-01"
shelf_life_days = 400
link_on = ["email"]
fill = ["age_band"]
suggest = ["interests"]
[profile.field_shelf_life_days]
interests = 100
[[attribute_group]]
name = "bought"
fields = ["frequency", "monetary", "last_purchase", "last_activity", "age_band", "interests"]
"#;

const CRM: &str = "id,code,given,family,changed,email,phone,contract,signed,company,news";
const VENDOR: &str = "id,email,age,likes,changed";
const FEED: &str = "id,kind,at,source,key,email,amount";

/// A run of 2026-11-01 over rows of the three sources.
struct Night {
    folder: TempDir,
    summary: Summary,
}

fn night(survivorship: &str, crm: &[&str], vendor: &[&str], feed: &[&str]) -> Night {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("rules/sources.toml", SOURCES);
    write("rules/matching.toml", MATCHING);
    write("rules/survivorship.toml", survivorship);
    write("rules/freshness.toml", FRESHNESS);
    write("rules/profiles.toml", PROFILES);
    for (name, header, rows) in [("crm", CRM, crm), ("vendor", VENDOR, vendor), ("feed", FEED, feed)] {
        write(&format!("data/{name}.csv"), &format!("{header}\n{}\n", rows.join("\n")));
    }
    let at = |name: &str| folder.path().join(name);
    let summary = Job::new(&at("rules"), Some(&at("data")), &at("out")).go().unwrap();
    Night { folder, summary }
}

impl Night {
    fn out(&self) -> std::path::PathBuf {
        Path::new(self.folder.path()).join("out")
    }

    fn lines(&self, sql: &str) -> Vec<String> {
        lines(&self.out(), &self.summary.run, sql)
    }

    /// The golden record of a code.
    fn golden(&self, code: &str, columns: &str) -> String {
        let mut found = self.lines(&format!("SELECT {columns} FROM golden WHERE code = '{code}'"));
        assert_eq!(found.len(), 1, "{code}: {found:?}");
        found.remove(0)
    }

    /// Value, verdict, reason and winner of all values of a field.
    fn told(&self, code: &str, field: &str) -> Vec<String> {
        self.lines(&format!(
            "SELECT f.value, f.verdict, coalesce(f.reason, '-'), CASE WHEN f.winner THEN f.strategy ELSE '-' END \
             FROM golden_fields f JOIN golden g ON f.golden_id = g.golden_id \
             WHERE g.code = '{code}' AND f.field = '{field}' ORDER BY f.value"
        ))
    }
}

#[test]
fn fields_of_a_group_keep_their_verdicts_and_no_invalid_value_wins() {
    let night = night(
        GROUPS,
        &[
            "1,g1,Jan,Nowak,2026-01-01,jan@wp.pl,12345,a,31.02.2020,,",
            "2,g1,Jan,Nowak,2025-01-01,jan2@wp.pl,601222333,b,,,",
            "3,g2,Jan,Nowak,2026-01-01,bad@,601222334,,,,",
            "4,g2,Jan,Nowak,2025-01-01,jan3@wp.pl,,,,,",
            "5,g3,Jan,Nowak,2026-01-01,bad@,601222335,,,,",
            "6,g4,Jan,Nowak,2026-01-01,bad@,12345,,31.02.2020,,",
            "7,g5,Jan,Nowak,2026-01-01,jan5@wp.pl,601222336,,,,",
            "8,g5,Jan,Nowak,2020-01-01,old5@wp.pl,,,,,",
            "9,g6,Jan,Nowak,2026-01-01,jan6@wp.pl,brak,,,,",
            "10,g6,Jan,Nowak,2020-01-01,old6@wp.pl,601222337,,,,",
        ],
        &[],
        &["e1,hard_bounce,2026-02-01,crm,7,jan5@wp.pl,"],
    );
    let contact = "coalesce(email, '-'), coalesce(phone, '-')";
    // Beside a number that is none, the newer e-mail stands back behind a row that is right as a whole.
    assert_eq!(night.golden("g1", contact), "jan2@wp.pl | +48601222333");
    assert_eq!(
        night.told("g1", "phone"),
        ["+48601222333 | valid | - | verified_first", "12345 | invalid | too_short | -"]
    );
    assert_eq!(night.told("g1", "email")[0], "jan2@wp.pl | valid | - | verified_first");
    // What is not a date does not make a row more complete, and is not golden where the row wins.
    assert_eq!(night.golden("g1", "contract, coalesce(signed, '-')"), "a | -");
    assert_eq!(night.told("g1", "signed"), ["31.02.2020 | invalid | no_such_day | -"]);
    assert_eq!(night.told("g1", "contract"), ["a | valid | - | most_recent", "b | valid | - | -"]);
    // A bad e-mail says nothing against the number beside it, but the row stands back.
    assert_eq!(night.golden("g2", contact), "jan3@wp.pl | -");
    assert_eq!(night.told("g2", "phone"), ["+48601222334 | valid | - | -"]);
    assert_eq!(night.told("g2", "email"), ["bad@ | invalid | domain | -", "jan3@wp.pl | valid | - | verified_first"]);
    // What is right of the only row there is wins.
    assert_eq!(night.golden("g3", contact), "- | +48601222335");
    assert_eq!(night.told("g3", "phone"), ["+48601222335 | valid | - | only"]);
    assert_eq!(night.golden("g4", &format!("{contact}, coalesce(signed, '-')")), "- | - | -");
    assert!(
        night.lines("SELECT value FROM golden_fields WHERE winner AND verdict IN ('invalid', 'missing')").is_empty()
    );
    // An event about the e-mail is not one about the phone.
    assert_eq!(night.golden("g5", contact), "old5@wp.pl | -");
    assert_eq!(night.told("g5", "email")[0], "jan5@wp.pl | suspect | invalidated_by_event | -");
    assert_eq!(night.told("g5", "phone"), ["+48601222336 | valid | - | -"]);
    // A word for "none" is no mistake: the row says nothing of a phone.
    assert_eq!(night.golden("g6", contact), "jan6@wp.pl | -");
}

#[test]
fn what_is_dated_after_the_day_of_the_run_has_no_date() {
    let night = night(
        SURVIVORSHIP,
        &[
            "1,p1,Jan,Nowak,2030-01-01,jan1@wp.pl,,,,Later,",
            "2,p1,Jan,Nowak,2020-10-31,jan1@wp.pl,,,,Then,",
            "3,p2,Jan,Nowak,2030-01-01,jan2@wp.pl,,,,,",
            "4,p3,Jan,Nowak,2026-11-01 23:59,jan3@wp.pl,,,,Tonight,",
            "5,p3,Jan,Nowak,2026-10-31,jan3@wp.pl,,,,Yesterday,",
            "6,p4,Jan,Nowak,2026-01-01,jan4@wp.pl,,,,,",
            "7,p5,Jan,Nowak,2026-01-01,jan5@wp.pl,,,,,",
            "8,p6,Jan,Nowak,2026-01-01,jan6@wp.pl,,,,,no",
        ],
        &["1,jan4@wp.pl,25-34,ski,2030-01-01", "2,jan5@wp.pl,35-44,chess,2026-10-31"],
        &[
            "e1,purchase,2026-10-01,crm,6,,100.50",
            "e2,Purchase,2026-11-01T23:59:59,crm,6,,87.50",
            "e3,purchase,2026-11-02T00:00:00,crm,6,,1000",
            "e4,purchase,no day,crm,6,,1",
            "e5,complaint,2027-01-01,crm,6,,",
        ],
    );
    assert_eq!(night.golden("p1", "organization"), "Then");
    assert_eq!(night.golden("p3", "organization"), "Tonight");
    // The table still shows what the source says.
    let said = "SELECT f.updated_at FROM golden_fields f JOIN golden g ON f.golden_id = g.golden_id \
                WHERE g.code = 'p1' AND f.value = 'Later'";
    assert_eq!(night.lines(said), ["2030-01-01"]);
    let state = |code: &str| {
        night.lines(&format!(
            "SELECT s.state, s.reason FROM freshness s JOIN golden g ON s.golden_id = g.golden_id WHERE g.code = '{code}'"
        ))
    };
    assert_eq!(state("p2"), ["unknown | no_date"]);
    assert_eq!(state("p3"), ["fresh | changed_lately"]);
    // A profile is as old as its delivery: young enough to fill, too old for what goes stale in a hundred days.
    let offered = "SELECT g.code, p.field FROM profiles p JOIN golden g ON p.cluster_id = g.cluster_id ORDER BY 1, 2";
    assert_eq!(night.lines(offered), ["p4 | age_band", "p5 | age_band", "p5 | interests"]);
    assert_eq!(night.golden("p4", "age_band"), "25-34");
    // Golden records and their groups count the same events.
    assert_eq!(
        night.golden("p4", "purchases, purchase_amount, last_purchase, last_activity, complaints"),
        "3 | 189.0 | 2026-11-01T23:59:59 | 2026-11-01T23:59:59 | 0"
    );
    let figures = "SELECT a.field, a.value FROM attributes a JOIN golden g ON a.golden_id = g.golden_id \
                   WHERE g.code = 'p4' AND a.origin = 'counted' ORDER BY 1";
    assert_eq!(
        night.lines(figures),
        ["frequency | 3", "last_activity | 2026-11-01", "last_purchase | 2026-11-01", "monetary | 189.00"]
    );
    for warning in [
        "rows dated after 2026-11-01 count as undated until then: crm 2",
        "profiles dated after 2026-11-01 count as undated until then: vendor 1",
        "events dated after 2026-11-01 do not count until then: feed 2",
    ] {
        assert!(night.summary.warnings.iter().any(|w| w == warning), "{warning}: {:?}", night.summary.warnings);
    }
    let current = "SELECT value FROM scorecard WHERE stage = 'source' AND source = 'crm' AND field = 'email' AND dimension = 'currentness'";
    assert_eq!(night.lines(current), ["0.6666666666666666"]);
}

#[test]
fn the_latest_event_about_a_value_decides_in_every_stage() {
    let night = night(
        SURVIVORSHIP,
        &[
            "1,b1,Jan,Nowak,2026-01-01,jan1@wp.pl,,,,,",
            "2,b2,Jan,Nowak,2026-01-01,jan2@wp.pl,,,,,",
            "3,b2,Jan,Nowak,2020-01-01,old2@wp.pl,,,,,",
            "4,b3,Jan,Nowak,2026-01-01,jan3@wp.pl,,,,,",
            "5,b3,Jan,Nowak,2020-01-01,old3@wp.pl,,,,,",
            "6,b4,Jan,Nowak,2026-01-01,jan4@wp.pl,,,,,",
        ],
        &[],
        &[
            "e1,hard_bounce,2026-02-01,,,jan1@wp.pl,",
            "e2,click,2026-03-01,,,jan1@wp.pl,",
            "e3,hard_bounce,2026-02-01,,,jan2@wp.pl,",
            "e4,click,2026-03-01,,,jan2@wp.pl,",
            "e5,click,2026-02-01,,,jan3@wp.pl,",
            "e6,hard_bounce,2026-02-01,,,jan3@wp.pl,",
            "e7,hard_bounce,2026-02-01,,,jan4@wp.pl,",
            "e8,click,2027-02-01,,,jan4@wp.pl,",
        ],
    );
    let states: Vec<String> = night.lines(
        "SELECT g.code, g.email, f.verdict, s.reason FROM golden g \
         JOIN golden_fields f ON f.golden_id = g.golden_id AND f.field = 'email' AND f.winner \
         JOIN freshness s ON s.golden_id = g.golden_id AND s.field = 'email' ORDER BY 1",
    );
    assert_eq!(
        states,
        [
            "b1 | jan1@wp.pl | valid | confirmed_lately",
            "b2 | jan2@wp.pl | valid | confirmed_lately",
            "b3 | old3@wp.pl | valid | past_half_life",
            "b4 | jan4@wp.pl | suspect | invalidated",
        ]
    );
}

#[test]
fn the_later_hour_of_a_day_is_the_more_recent() {
    let night = night(
        SURVIVORSHIP,
        &[
            "1,t1,Jan,Nowak,2026-01-01 08:00,,,,,Morning,",
            "2,t1,Jan,Nowak,01.01.2026 20:00:00,,,,,Evening,",
            "3,t1,Jan,Nowak,2026-01-01,,,,,Sometime,",
            "4,t2,Jan,Nowak,2026-01-01T00:00:00Z,,,,,Midnight,",
            "5,t2,Jan,Nowak,2026-01-01,,,,,Sometime,",
        ],
        &[],
        &[],
    );
    assert_eq!(
        night.told("t1", "organization"),
        ["Evening | valid | - | most_recent", "Morning | valid | - | -", "Sometime | valid | - | -"]
    );
    let updated = "SELECT updated_at FROM contacts ORDER BY record_id";
    assert_eq!(
        night.lines(updated),
        ["2026-01-01T08:00:00", "2026-01-01T20:00:00", "2026-01-01", "2026-01-01", "2026-01-01"]
    );
    assert!(night.told("t2", "organization").iter().any(|line| line.ends_with("| tie")));
}

#[test]
fn kinds_of_events_in_any_capitals_and_those_that_no_rule_names() {
    let night = night(
        SURVIVORSHIP,
        &["1,k1,Jan,Nowak,2026-01-01,jan1@wp.pl,,,,,yes", "2,k2,Jan,Nowak,2026-01-01,jan2@wp.pl,,,,,yes"],
        &[],
        &[
            "e1,Unsubscribe,2026-02-01,crm,1,,",
            "e2,HARD_BOUNCE ,2026-02-01,,,jan2@wp.pl,",
            "e3,PURCHASE,2026-02-01,crm,2,,5",
            "e4,login,2026-02-01,crm,2,,",
            "e5,Login,2026-02-02,crm,2,,",
            "e6,store_visit,2026-02-03,crm,2,,",
        ],
    );
    let permitted = "SELECT g.code, p.allowed FROM permissions p JOIN golden g ON p.golden_id = g.golden_id \
                     WHERE p.channel = 'email' ORDER BY 1";
    assert_eq!(night.lines(permitted), ["k1 | false", "k2 | true"]);
    assert_eq!(night.told("k2", "email"), ["jan2@wp.pl | suspect | invalidated_by_event | only"]);
    assert_eq!(night.golden("k2", "purchases, last_activity"), "1 | 2026-02-03T00:00:00");
    let said = "events of kinds that no rule names only count as activity: 3 ";
    assert!(night.summary.warnings.iter().any(|w| w.starts_with(said)), "{:?}", night.summary.warnings);
}
