//! A form finds the customer whose record it repeats, with the weights that the run gave.

use crate::harness::{Job, limits, lines, runtime};
use std::collections::BTreeMap;
use zlato_engine::lookup::{Candidate, Form, Lookup};
use zlato_engine::run::Stage;

const FIELDS: [&str; 16] = [
    "full_name",
    "honorific_prefix",
    "given_name",
    "family_name",
    "birth_name",
    "birth_date",
    "national_id",
    "email",
    "phone",
    "phone_other",
    "address",
    "street_address",
    "postal_code",
    "locality",
    "region",
    "country",
];

/// A record as a form, with the country its source speaks of.
fn form(out: &std::path::Path, run: &str, record: &str) -> (Form, Option<String>) {
    let known = lines(out, run, "SELECT column_name FROM information_schema.columns WHERE table_name = 'records'");
    let columns = FIELDS.iter().filter(|f| known.iter().any(|k| k == *f)).copied().collect::<Vec<_>>();
    let shown: Vec<String> = columns.iter().map(|f| format!("coalesce({f}, '')")).collect();
    let sql =
        format!("SELECT coalesce(default_country, ''), {} FROM records WHERE record_id = {record}", shown.join(", "));
    let row = lines(out, run, &sql).remove(0);
    let mut cells = row.split(" | ");
    let country = cells.next().filter(|c| !c.is_empty()).map(String::from);
    let form = columns.iter().zip(cells).filter(|(_, v)| !v.is_empty()).map(|(f, v)| (f.to_string(), v.to_owned()));
    (form.collect(), country)
}

#[test]
fn a_form_is_weighed_as_the_run_weighed_its_record() {
    let out = tempfile::tempdir().unwrap();
    let run = Job::sample(out.path()).until(Stage::Survivorship).go().unwrap().run;
    let lookup = runtime().block_on(Lookup::open(out.path(), Some(&run), limits(2))).unwrap();
    assert!(lookup.records() > 2_000);
    // Every 97th pair, whatever its band; named by both records and the customer of the second.
    let pairs = lines(
        out.path(),
        &run,
        "SELECT l.record_id, l.source || ':' || l.source_key, r.source || ':' || r.source_key, p.weight, p.band,
           x.golden_id, y.golden_id FROM pairs p
         JOIN contacts l ON l.record_id = p.record_id_l JOIN contacts r ON r.record_id = p.record_id_r
         JOIN crosswalk x ON x.record_id = l.record_id JOIN crosswalk y ON y.record_id = r.record_id
         WHERE (p.record_id_l * 31 + p.record_id_r) % 97 = 0 ORDER BY 1, 3",
    );
    assert!(pairs.len() > 20, "{}", pairs.len());
    for pair in pairs {
        let cells: Vec<&str> = pair.split(" | ").collect();
        let [record, left, right, weight, band, golden_left, golden_right] = cells[..] else { panic!("{pair}") };
        let (form, country) = form(out.path(), &run, record);
        let answer = lookup.find(&form, country.as_deref(), usize::MAX, Some(f64::NEG_INFINITY)).unwrap();
        let by_id: BTreeMap<&str, &Candidate> = answer.candidates.iter().map(|c| (c.golden_id.as_str(), c)).collect();
        let itself = by_id[golden_left].records.iter().find(|r| r.record == left).expect("the record itself");
        assert!(itself.weight > 0.0, "{left}: {}", itself.weight);
        let found = by_id[golden_right].records.iter().find(|r| r.record == right).expect("the other record");
        assert!(
            (found.weight - weight.parse::<f64>().unwrap()).abs() < 1e-9,
            "{left} {right}: {} {weight}",
            found.weight
        );
        assert_eq!(found.band, band, "{left} {right}");
    }
}

#[test]
fn forms_that_say_nothing_or_too_much_are_told_so() {
    let out = tempfile::tempdir().unwrap();
    let run = Job::sample(out.path()).until(Stage::Survivorship).go().unwrap().run;
    let lookup = runtime().block_on(Lookup::open(out.path(), Some(&run), limits(2))).unwrap();
    let find = |pairs: &[(&str, &str)]| {
        let form = pairs.iter().map(|(f, v)| (f.to_string(), v.to_string())).collect();
        lookup.find(&form, Some("PL"), 5, None)
    };
    let nobody = find(&[("given_name", "Zyxel"), ("family_name", "Qwrtpsdf"), ("phone", "600 000 123")]).unwrap();
    assert_eq!((nobody.verdict, nobody.candidates.len()), ("new", 0));
    let phone = nobody.values.iter().find(|v| v.field == "phone").unwrap();
    assert_eq!((phone.standard.as_deref(), phone.verdict.as_str()), (Some("+48600000123"), "valid"));
    let wrong = find(&[("surname", "Nowak")]).unwrap_err();
    assert_eq!(wrong.help(), Some("did you mean `family_name`?"));
    assert!(!wrong.to_string().contains("Nowak"));
    assert!(find(&[("interests", "chess")]).is_err());
    assert!(find(&[]).is_err());
    let ignored = find(&[("family_name", "Nowak"), ("interests", "chess")]).unwrap();
    assert_eq!(ignored.ignored, ["interests"]);
}
