//! A night unlike the nights before it: broken feeds stop a run with the shipped rules, ordinary changes do not.

use crate::harness::{Job, copy, lines, root};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use zlato_engine::nights::{FILE, Figure, Night, read};
use zlato_engine::run::Stage;
use zlato_engine::summary::Summary;

/// The sample published, as if it had been so for some nights.
struct Published {
    folder: tempfile::TempDir,
}

impl Published {
    fn for_nights(nights: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&root().join("fixtures/sample"), &folder.path().join("input"));
        let found = Self { folder };
        let first = found.job().go().unwrap();
        assert!(first.published, "{:?}", first.warnings);
        let recorded = read(&found.out()).unwrap();
        assert_eq!(recorded.len(), 1);
        assert!(recorded[0].published && recorded[0].figures.len() > 100);
        // The first night has nothing to have changed since.
        let mut figures = recorded[0].figures.clone();
        for source in ["crm", "webshop", "contact_centre", "prospects"] {
            let Some(Figure::Count(rows)) = figures.get(&format!("rows/{source}")).cloned() else { panic!("{source}") };
            figures.insert(format!("changed/{source}"), Figure::Counts(vec![rows / 100, rows]));
        }
        let night = |day: usize| {
            let as_of = format!("2026-10-{:02}", day + 1);
            let run = format!("{as_of}-001");
            let night = Night { run, as_of, figures: figures.clone(), ..recorded[0].clone() };
            serde_json::to_string(&night).unwrap() + "\n"
        };
        let text: String = (0..nights).map(night).collect();
        assert!(!text.contains('@'), "numbers and names of fields, never values");
        std::fs::write(found.out().join(FILE), text).unwrap();
        found
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn input(&self) -> PathBuf {
        self.folder.path().join("input")
    }

    fn job(&self) -> Job {
        Job::new(&root().join("rules"), Some(&self.input()), &self.out())
    }

    /// A night with damaged inputs, up to the gate; then the inputs are whole again.
    fn night(&self, damage: impl Fn(&Path)) -> Summary {
        damage(&self.input());
        let mut job = self.job().at("2026-11-02T02:00:00.000+00:00").until(Stage::Gate);
        job.options.as_of = "2026-11-02".parse().unwrap();
        let summary = job.go().unwrap();
        std::fs::remove_dir_all(self.input()).unwrap();
        copy(&root().join("fixtures/sample"), &self.input());
        summary
    }

    /// Findings of the gate that did not pass, as `result check source field`.
    fn fired(&self, summary: &Summary) -> Vec<String> {
        let sql =
            "SELECT result, \"check\", coalesce(source, ''), coalesce(field, '') FROM gate WHERE result <> 'pass'";
        lines(&self.out(), &summary.run, sql).iter().map(|l| l.replace(" | ", " ").trim_end().to_string()).collect()
    }
}

fn edit(path: &Path, change: impl Fn(&str) -> String) {
    let packed = path.extension().is_some_and(|e| e == "gz");
    let bytes = std::fs::read(path).unwrap();
    // One character a byte, so that a code page survives.
    let plain = |bytes: &[u8]| bytes.iter().map(|b| char::from(*b)).collect::<String>();
    let text = if packed {
        let mut text = Vec::new();
        flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut text).unwrap();
        plain(&text)
    } else {
        plain(&bytes)
    };
    let changed: Vec<u8> = change(&text).chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let file = std::fs::File::create(path).unwrap();
    if packed {
        let mut file = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        file.write_all(&changed).unwrap();
        file.finish().unwrap();
    } else {
        (&file).write_all(&changed).unwrap();
    }
}

fn keep(part: usize, of: usize) -> impl Fn(&str) -> String {
    move |text| {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let wanted = 1 + (lines.len() - 1) * part / of;
        lines.into_iter().take(wanted).collect()
    }
}

#[test]
fn broken_feeds_stop_and_ordinary_nights_pass() {
    let published = Published::for_nights(9);

    // One row in a hundred of the CRM is edited, a vendor sends half of his file, events grow by a third.
    let ordinary = published.night(|input| {
        edit(&input.join("crm.csv"), |text| {
            let line = |(n, line): (usize, &str)| {
                if n > 0 && n % 100 == 0 { line.replace(";T;", ";N;").replace("Maja", "Maya") } else { line.into() }
            };
            text.split_inclusive('\n').enumerate().map(line).collect()
        });
        edit(&input.join("profiles_lifestyle.csv"), keep(1, 2));
        edit(&input.join("events.ndjson"), |text| {
            let more = keep(1, 3)(text)
                .replace("\"event_id\":\"", "\"event_id\":\"again-")
                .replace("\"event_id\": \"", "\"event_id\": \"again-");
            format!("{text}{more}")
        });
    });
    assert!(!ordinary.gate.stopped(), "{:?}", ordinary.warnings);
    let noise: Vec<String> = published.fired(&ordinary).into_iter().filter(|f| f.contains("unusual")).collect();
    assert!(noise.is_empty(), "{noise:?}");

    let truncated = published.night(|input| edit(&input.join("crm.csv"), keep(1, 3)));
    assert!(truncated.gate.stopped());
    let fired = published.fired(&truncated);
    assert!(fired.contains(&"stop unusual_rows crm".to_string()), "{fired:?}");
    assert!(
        truncated.warnings.iter().any(|w| w.contains("rows of crm: 376 tonight, usually 1127")),
        "{:?}",
        truncated.warnings
    );

    // Every value is as good as before, only not where it was.
    let names = published.night(|input| {
        edit(&input.join("crm.csv"), |text| text.replacen(";NAZWISKO;IMIE;", ";IMIE;NAZWISKO;", 1));
    });
    assert!(names.gate.stopped());
    let fired = published.fired(&names);
    assert!(fired.contains(&"stop unusual_changed crm".to_string()), "{fired:?}");
    assert!(fired.iter().any(|f| f.starts_with("warn columns_moved crm")), "{fired:?}");

    let swapped = published.night(|input| {
        edit(&input.join("crm.csv"), |text| text.replacen(";KOD;MIASTO;", ";MIASTO;KOD;", 1));
    });
    assert!(swapped.gate.stopped());
    let fired = published.fired(&swapped);
    for field in ["postal_code", "locality"] {
        assert!(fired.contains(&format!("stop unusual_shapes crm {field}")), "{fired:?}");
    }

    let mail = published.night(|input| {
        edit(&input.join("contact_centre.csv"), |text| {
            text.replacen(",phone,phone_2,email,", ",email,phone_2,phone,", 1)
        });
    });
    let fired = published.fired(&mail);
    for field in ["email", "phone"] {
        assert!(fired.contains(&format!("stop unusual_verdicts contact_centre {field}")), "{fired:?}");
    }

    let renamed = published.night(|input| {
        edit(&input.join("webshop.ndjson.gz"), |text| text.replace("\"email\":", "\"mail_address\":"));
    });
    assert!(renamed.gate.stopped());
    let fired = published.fired(&renamed);
    for found in [
        "stop mapped_columns_gone webshop email",
        "warn columns_gone webshop email",
        "stop unusual_missing webshop email",
    ] {
        assert!(fired.contains(&found.to_string()), "{found}: {fired:?}");
    }
    assert!(fired.iter().any(|f| f.starts_with("warn columns_new webshop") && f.contains("mail_address")), "{fired:?}");
}

#[test]
fn three_nights_are_enough_for_half_a_file_and_stops_are_kept_but_not_compared_with() {
    let published = Published::for_nights(3);
    edit(&published.input().join("crm.csv"), keep(1, 3));
    let job = || published.job().at("2026-11-02T02:00:00.000+00:00");
    let stopped = job().go().unwrap();
    assert!(stopped.gate.stopped(), "{:?}", stopped.warnings);
    assert!(job().resume().go().unwrap().gate.stopped(), "continuing it tells the same");
    let nights = read(&published.out()).unwrap();
    assert_eq!(nights.iter().map(|n| n.published).collect::<Vec<_>>(), [true, true, true, false]);
    let again = job().at("2026-11-02T03:00:00.000+00:00").go().unwrap();
    let kept = read(Path::new(&again.folder)).unwrap();
    assert!(again.gate.stopped() && kept.len() == 3 && kept.iter().all(|n| n.published));
}

#[test]
fn the_scorecard_speaks_of_every_source() {
    let out = tempfile::tempdir().unwrap();
    let summary = Job::sample(out.path()).until(Stage::Gate).go().unwrap();
    let card = |sql: &str| lines(out.path(), &summary.run, sql);
    let dimensions = card("SELECT DISTINCT dimension FROM scorecard WHERE source = 'crm' ORDER BY 1");
    assert_eq!(dimensions, ["accuracy", "completeness", "consistency", "currentness", "uniqueness"]);
    let wrong = card("SELECT * FROM scorecard WHERE value < 0 OR value > 1");
    assert!(wrong.is_empty(), "{wrong:?}");
    let counted = card("SELECT count(email), count(*) FROM records WHERE source = 'webshop'");
    let measured = card(
        "SELECT CAST(round(value * measured) AS BIGINT), measured FROM scorecard \
         WHERE source = 'webshop' AND field = 'email' AND dimension = 'completeness'",
    );
    assert_eq!(measured, counted, "made-up e-mail addresses are no stand-ins");
    let whole = card(
        "SELECT sum(measured) FROM scorecard WHERE source IS NOT NULL AND field = 'name' AND dimension = 'completeness' AND source NOT LIKE 'profiles%'",
    );
    let overall = card(
        "SELECT measured FROM scorecard WHERE source IS NULL AND stage = 'source' AND field = 'name' AND dimension = 'completeness'",
    );
    assert_eq!(whole, overall);
}

#[test]
fn segmentation_is_for_customers_and_for_a_purpose() {
    let out = tempfile::tempdir().unwrap();
    let summary = Job::sample(out.path()).until(Stage::Gate).go().unwrap();
    let ask = |sql: &str| lines(out.path(), &summary.run, sql);
    assert_eq!(
        ask("SELECT count(*) FROM segmentation_ready"),
        ask("SELECT count(*) * (SELECT count(DISTINCT purpose) FROM segmentation_ready) FROM golden")
    );
    assert_ne!(ask("SELECT count(*) FROM segmentation_ready WHERE ready"), ["0"]);
    for never in [
        "kind <> 'customer' AND ready",
        "ready AND reasons IS NOT NULL",
        "NOT ready AND reasons IS NULL",
        "ready AND channels IS NULL",
        "kind <> 'customer' AND reasons NOT LIKE '%prospect%'",
    ] {
        assert_eq!(ask(&format!("SELECT count(*) FROM segmentation_ready WHERE {never}")), ["0"], "{never}");
    }
    // Counted another way: an e-mail that is permitted and current.
    let email = "SELECT count(DISTINCT p.golden_id) FROM permissions p JOIN freshness f ON f.golden_id = p.golden_id \
         AND f.field = 'email' AND f.state IN ('fresh', 'ageing') WHERE p.channel = 'email' AND p.allowed";
    assert_eq!(
        ask("SELECT count(DISTINCT golden_id) FROM segmentation_ready WHERE channels LIKE '%email%'"),
        ask(email)
    );
}
