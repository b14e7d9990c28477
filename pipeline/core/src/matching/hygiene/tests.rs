//! One person however written counts once; families, offices and stand-ins are told apart; dates by their neighbours.

use super::*;
use crate::text::fold;
use proptest::prelude::*;

/// Given name, family name, birth date; empty for none.
type Record<'a> = (&'a str, &'a str, &'a str);

fn share(records: &[Record<'_>]) -> Share {
    let mut tally = Tally::default();
    for (given, family, birth) in records {
        let (given, family) = (fold(given), fold(family));
        let some = |s: &str| (!s.is_empty()).then(|| s.to_string());
        let sound = phonetic(&family);
        tally.add(some(&given).as_deref(), some(&family).as_deref(), sound.as_deref(), some(birth).as_deref());
    }
    tally.share()
}

fn class(records: &[Record<'_>]) -> Option<Class> {
    share(records).class(&Hygiene::default())
}

/// Unrelated people, all of them different.
fn crowd(size: usize) -> Vec<(String, String, String)> {
    const SYLLABLES: [&str; 10] = ["ba", "do", "fi", "gu", "ka", "le", "mi", "no", "ru", "ze"];
    let syllable = |n: usize| SYLLABLES[n % 10];
    let name = |n: usize| {
        (
            format!("{}{}", syllable(n), syllable(n / 7)),
            format!("{}{}{}r", syllable(n / 10), syllable(n), syllable(n / 100)),
            format!("19{:02}-{:02}-{:02}", n % 90 + 10, n % 12 + 1, n % 28 + 1),
        )
    };
    (0..size).map(name).collect()
}

fn class_of_crowd(size: usize) -> Option<Class> {
    let crowd = crowd(size);
    let records: Vec<Record<'_>> = crowd.iter().map(|(g, f, b)| (g.as_str(), f.as_str(), b.as_str())).collect();
    class(&records)
}

#[test]
fn one_person_in_many_spellings() {
    let records = [
        ("Katarzyna", "Kowalska", "1980-03-04"),
        ("KATARZYNA", "Kowalsky", ""),
        ("Katażyna", "Kowalska", "1980-03-04"),
        ("Kowalska", "Katarzyna", ""),
        ("K.", "Kowalska", ""),
        // Married since, and the family name mistyped beyond its sound.
        ("Katarzyna", "Nowak", "1980-03-04"),
        ("Katarzyna", "Zowalska", "1980-03-04"),
    ];
    let found = share(&records);
    assert_eq!((found.records, found.people, found.families), (7, 1, 1), "{found:?}");
    assert_eq!(class(&records), None);
    assert_eq!(share(&[("Ђорђе", "Јовановић", ""), ("Djordje", "Jovanovic", "")]).people, 1);
    assert_eq!(share(&[("Anna", "", ""), ("", "Nowak", "")]).people, 0, "half a name tells nobody");
}

#[test]
fn families_stay_evidence_and_offices_do_not() {
    let family = [
        ("Jan", "Nowak", "1950-01-02"),
        ("Ewa", "Nowak", "1952-01-02"),
        ("Piotr", "Nowak", "1980-01-02"),
        ("Zofia", "Nowak-Lis", "1981-01-02"),
        ("Olga", "Nowak", "2005-01-02"),
        ("Tomasz", "Nowak", "2007-01-02"),
    ];
    assert_eq!(class(&family), Some(Class::Household));
    assert_eq!(class(&[("Jan", "Nowak", ""), ("Ewa", "Zielinska", "")]), Some(Class::Household), "a couple");
    let five =
        [("Jan", "Nowak", ""), ("Ewa", "Kowalska", ""), ("Ida", "Lis", ""), ("Ola", "Mazur", ""), ("Ada", "Wrona", "")];
    assert_eq!(class(&five), Some(Class::Shared));
    let mut large: Vec<Record<'_>> = family.to_vec();
    large.extend([("Adam", "Nowak", ""), ("Beata", "Nowak", ""), ("Cezary", "Nowak", ""), ("Feliks", "Nowak", "")]);
    assert_eq!(class(&large), Some(Class::Shared), "no household has ten adults");
    assert_eq!(class_of_crowd(20), Some(Class::Shared));
    assert_eq!(class_of_crowd(300), Some(Class::Junk));
}

#[test]
fn a_crowd_is_not_joined_by_chains() {
    // Names and birth dates that agree here and there.
    let crowd: Vec<(String, String)> = (0..5_000usize)
        .map(|n| (format!("{}a", char::from(b'a' + (n % 26) as u8)), format!("19{:02}-01-01", n % 97)))
        .collect();
    let families: Vec<String> = (0..5_000usize)
        .map(|n| format!("{}{}", ["kal", "nor", "mit"][n % 3], ["ber", "dus", "fag", "gol"][n / 3 % 4]))
        .collect();
    let records: Vec<Record<'_>> =
        crowd.iter().zip(&families).map(|((g, b), f)| (g.as_str(), f.as_str(), b.as_str())).collect();
    let found = share(&records);
    assert!(found.people > 100, "{found:?}");
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// People born evenly over the years, `each` a day.
fn born(years: std::ops::Range<i32>, each: u64) -> BTreeMap<NaiveDate, u64> {
    let (first, last) =
        (NaiveDate::from_ymd_opt(years.start, 1, 1).unwrap(), NaiveDate::from_ymd_opt(years.end, 1, 1).unwrap());
    first.iter_days().take_while(|d| *d < last).map(|d| (d, each + u64::from(d.day0() % 3))).collect()
}

#[test]
fn first_days_that_a_form_demanded() {
    let mut people = born(1940..2008, 2);
    for date in ["1900-01-01", "1901-01-01", "1970-01-01", "2000-01-01", "1999-12-31", "1985-06-15"] {
        *people.entry(day(date)).or_default() += 60;
    }
    let found: Vec<String> = placeholders(&people, &Hygiene::default()).iter().map(ToString::to_string).collect();
    assert_eq!(found, ["1900-01-01", "1901-01-01", "1970-01-01", "1985-06-15", "1999-12-31", "2000-01-01"]);
}

#[test]
fn dates_that_are_frequent_for_a_reason_stay() {
    let none = BTreeSet::new();
    // A third of all people with a year alone, in every year.
    let mut years_only = born(1800..1880, 1);
    for year in 1800..1880 {
        *years_only.entry(NaiveDate::from_ymd_opt(year, 1, 1).unwrap()).or_default() += 300;
    }
    assert_eq!(placeholders(&years_only, &Hygiene::default()), none);
    years_only.insert(day("1841-01-01"), 5_000);
    assert_eq!(placeholders(&years_only, &Hygiene::default()), BTreeSet::from([day("1841-01-01")]));
    // Large data, and a day that the registry prefers.
    let mut large = born(1940..2008, 400);
    large.insert(day("1975-01-01"), 1_600);
    assert_eq!(placeholders(&large, &Hygiene::default()), none);
    // Small data, a handful on one day.
    let small = BTreeMap::from([(day("1980-05-05"), 6), (day("1981-05-05"), 1)]);
    assert_eq!(placeholders(&small, &Hygiene::default()), none);
}

#[test]
fn leap_days_have_neighbours() {
    let mut people = born(1940..2008, 5);
    assert!(placeholders(&people, &Hygiene::default()).is_empty());
    people.insert(day("1980-02-29"), 90);
    assert_eq!(placeholders(&people, &Hygiene::default()).len(), 1);
}

proptest! {
    #[test]
    fn order_does_not_matter(
        records in proptest::collection::vec(("[aj]", "[a-c]{0,3}", "(19[78]0-01-01)?"), 0..12),
        turn in 0usize..12,
    ) {
        let view: Vec<Record<'_>> = records.iter().map(|(g, f, b)| (g.as_str(), f.as_str(), b.as_str())).collect();
        let mut turned = view.clone();
        turned.rotate_left(turn.min(view.len()));
        let found = share(&view);
        prop_assert_eq!(found, share(&turned));
        prop_assert!(found.people <= found.records && found.families <= found.people);
        prop_assert!(found.largest_family <= found.people);
    }
}
