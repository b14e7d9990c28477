//! A pinned value wins until its last day, follows its customer through a merge, and leaves the losing values in place.

use crate::harness::{Job, limits, lines, root, runtime};
use crate::ledger::Nights;
use std::path::Path;
use zlato_core::judgement::{Judgement, RecordName, Verdict};
use zlato_core::pin::Pin;
use zlato_engine::inspect::Inspection;
use zlato_engine::person::{Who, find};
use zlato_engine::{judgements, pins};

fn night(out: &Path, day: &str) -> String {
    let case = root().join("fixtures/cases/household");
    let mut job =
        Job::new(&case.join("rules"), Some(&case.join("input")), out).at(&format!("{day}T02:00:00.000+00:00"));
    job.options.as_of = day.parse().unwrap();
    job.go().unwrap().run
}

/// What `zlato pin` would write for a value of a customer.
fn decide(out: &Path, golden_id: &str, field: &str, raw: Option<&str>, until: Option<&str>) -> Vec<Pin> {
    runtime().block_on(async {
        let run = Inspection::open(out, None, limits(1)).await.unwrap();
        let customer = run.customer(golden_id).await.unwrap();
        let judged = run.golden_value(field, raw, Some("PL")).unwrap();
        assert!(judged.usable(), "{:?}", judged.assessment);
        let pin = |(field, value): (String, Option<String>)| Pin {
            golden_id: customer.golden_id.clone(),
            records: customer.records.clone(),
            field,
            value,
            released: false,
            decided_on: "2026-11-01".parse().unwrap(),
            until: until.map(|d| d.parse().unwrap()),
            steward: Some("Żaneta".into()),
            note: None,
        };
        judged.values.into_iter().map(pin).collect()
    })
}

fn one(out: &Path, run: &str, sql: &str) -> String {
    let mut found = lines(out, run, sql);
    assert_eq!(found.len(), 1, "{sql}: {found:?}");
    found.remove(0)
}

#[test]
fn a_pin_holds_until_its_day_and_losing_values_stay() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    let first = night(out, "2026-11-01");
    let sql = "SELECT golden_id, email FROM golden WHERE email IS NOT NULL ORDER BY golden_id LIMIT 1";
    let row = one(out, &first, sql);
    let (id, email) = row.split_once(" | ").unwrap();
    let mut all = decide(out, id, "email", Some("Pinned.One@Poczta.pl"), Some("2026-11-03"));
    assert_eq!(all[0].value.as_deref(), Some("pinned.one@poczta.pl"));
    all.extend(decide(out, id, "address", Some("ul. Długa 5 m. 2, 00-238 Warszawa"), None));
    pins::append(out, &all).unwrap();

    let second = night(out, "2026-11-02");
    let golden = |run: &str| {
        one(out, run, &format!("SELECT email, street, unit, postal_code, address FROM golden WHERE golden_id = '{id}'"))
    };
    let address = "Długa | 2 | 00-238 | ul. Długa 5 m. 2, 00-238 Warszawa";
    assert_eq!(golden(&second), format!("pinned.one@poczta.pl | {address}"));
    let contest = |run: &str, value: &str| {
        one(
            out,
            run,
            &format!(
                "SELECT winner, coalesce(strategy, '-'), coalesce(reason, '-') FROM golden_fields
                 WHERE golden_id = '{id}' AND field = 'email' AND value = '{value}'"
            ),
        )
    };
    assert_eq!(contest(&second, "pinned.one@poczta.pl"), "true | pin | pinned");
    assert!(contest(&second, email).starts_with("false | - | "), "{}", contest(&second, email));
    let source =
        format!("SELECT source, source_key FROM golden_fields WHERE golden_id = '{id}' AND field = 'email' AND winner");
    assert_eq!(one(out, &second, &source), "steward | Żaneta");

    // The pin of the e-mail has ended, that of the address has not.
    let fourth = night(out, "2026-11-04");
    assert_eq!(golden(&fourth), format!("{email} | {address}"));

    let released: Vec<Pin> = decide(out, id, "address", None, None);
    pins::append(out, &released.into_iter().map(|pin| Pin { released: true, ..pin }).collect::<Vec<_>>()).unwrap();
    let fifth = night(out, "2026-11-05");
    assert_eq!(golden(&fifth), golden(&first));
}

#[test]
fn a_pin_follows_its_customer_into_a_merge() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    let first = night(out, "2026-11-01");
    let ids = lines(out, &first, "SELECT golden_id FROM golden WHERE kind = 'customer' ORDER BY records, golden_id");
    let (gone, kept) = (&ids[0], &ids[ids.len() - 1]);
    pins::append(out, &decide(out, gone, "phone", Some("+48 601 222 333"), None)).unwrap();
    let record = |id: &str| -> RecordName {
        let sql = format!(
            "SELECT source, source_key FROM crosswalk WHERE golden_id = '{id}' AND status = 'member' ORDER BY 1, 2 LIMIT 1"
        );
        let row = one(out, &first, &sql);
        let (source, key) = row.split_once(" | ").unwrap();
        RecordName { source: source.into(), source_key: key.into() }
    };
    let judgement = Judgement {
        left: record(gone),
        right: record(kept),
        verdict: Verdict::Same,
        decided_on: "2026-11-01".parse().unwrap(),
        steward: None,
        note: None,
    };
    judgements::append(out, &judgement).unwrap();
    let second = night(out, "2026-11-02");
    let left = lines(out, &second, &format!("SELECT golden_id FROM golden WHERE golden_id = '{gone}'"));
    assert_eq!(left, [""; 0], "the two are one customer now");
    let sql = format!("SELECT phone FROM golden WHERE golden_id = '{kept}'");
    assert_eq!(one(out, &second, &sql), "+48601222333");
}

#[test]
fn what_was_said_of_who_left_is_not_said_of_who_was_told_apart() {
    let mut nights = Nights::new();
    let both = [(101, 1), (5, 1), (102, 2)];
    let first = nights.night(&both);
    let id = nights.id(&first.run, "crm:K101");
    assert_eq!(nights.id(&first.run, "shop:K5"), id, "one mailbox, one customer");
    let name = |source: &str, key: &str| RecordName { source: source.into(), source_key: key.into() };
    let decided_on = "2026-11-01".parse().unwrap();
    let pin = Pin {
        golden_id: id.clone(),
        records: vec![name("crm", "K101"), name("shop", "K5")],
        field: "family_name".into(),
        value: Some("Przypięty".into()),
        released: false,
        decided_on,
        until: None,
        steward: None,
        note: None,
    };
    let misspelt = Pin { field: "famly_name".into(), ..pin.clone() };
    pins::append(&nights.out(), &[pin, misspelt]).unwrap();
    let judgement = Judgement {
        left: name("crm", "K101"),
        right: name("shop", "K5"),
        verdict: Verdict::Different,
        decided_on,
        steward: None,
        note: None,
    };
    judgements::append(&nights.out(), &judgement).unwrap();
    let pinned =
        |out: &Path, run: &str| lines(out, run, "SELECT golden_id FROM golden WHERE family_name = 'Przypięty'");
    let pins_told =
        |warnings: &[String]| warnings.iter().filter(|w| w.contains("pin is of")).cloned().collect::<Vec<_>>();

    // A judgement beats even an `always` rule; the pin stays with the id.
    let second = nights.night(&both);
    assert_eq!(pinned(&nights.out(), &second.run), std::slice::from_ref(&id));
    let told = pins_told(&second.warnings);
    assert!(told.len() == 1 && told[0].contains("`famly_name`"), "{told:?}");
    let (left, stays) = if nights.id(&second.run, "crm:K101") == id { (101, 5) } else { (5, 101) };

    let rows: Vec<(u32, usize)> = both.into_iter().filter(|(key, _)| *key != left).collect();
    for _ in 0..2 {
        let third = nights.night(&rows);
        assert_eq!(pinned(&nights.out(), &third.run), [""; 0]);
        assert_eq!(pins_told(&third.warnings).len(), 2, "{:?}", third.warnings);
        let answers = lines(&nights.out(), &third.run, "SELECT golden_id, reason, coalesce(now, '-') FROM redirects");
        assert_eq!(answers, [format!("{id} | retired | -")]);
        // Who asks for the one that left is not told of the other.
        let found = find(&nights.out(), &Who::Golden(id.clone())).unwrap();
        assert_eq!((found.golden_id, found.run == third.run), (id.clone(), false));
    }

    let back = nights.night(&both);
    assert_eq!(pinned(&nights.out(), &back.run), std::slice::from_ref(&id));
    let other = nights.id(&back.run, &format!("{}:K{stays}", if stays == 5 { "shop" } else { "crm" }));
    assert_ne!(other, id);
}
