//! Values that too many people share to be evidence. Enter: for one value of a field, what each record with it says of
//! its person; for a date, the same of every date. Leave: how many people and families share it, and its class.
//! Never here: which fields are looked at, reading or changing records.

use crate::contacts::phonetic;
use crate::rules::matching::Hygiene;
use chrono::{Datelike, Duration, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// Reason of a value that wins only where there is no other.
pub const USED_BY_MANY: &str = "used_by_many";

/// Classes of a shared value with their meaning.
pub const CLASSES: &[(&str, &str)] = &[
    ("household", "A few people share the value, or one family; it stays evidence."),
    ("shared", "So many people or families share the value that it tells nobody from anybody: an office, a clerk."),
    ("junk", "A stand-in for nothing, by the rules or because so many unrelated people have it."),
    ("placeholder", "A date that far more people have than the days and years around it allow."),
    (USED_BY_MANY, "So many people have the value that it wins only where there is no other."),
];

/// What a value is to the people who share it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Household,
    Shared,
    Junk,
    Placeholder,
}

impl Class {
    /// Code of [`CLASSES`].
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Household => "household",
            Self::Shared => "shared",
            Self::Junk => "junk",
            Self::Placeholder => "placeholder",
        }
    }
}

/// How many share a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Records with the value, those without a whole name too.
    pub records: u64,
    pub people: u64,
    pub families: u64,
    /// People of the largest family.
    pub largest_family: u64,
}

impl Share {
    /// Class of an e-mail address, number or id; none for a value of one person.
    ///
    /// None of the limits grows with the data: a household, an office, the mailbox of a clerk have the size they
    /// have, however many customers there are.
    pub fn class(&self, rules: &Hygiene) -> Option<Class> {
        match self.people {
            0 | 1 => None,
            n if n >= *rules.junk_people.get_ref() => Some(Class::Junk),
            n if n >= *rules.shared_people.get_ref() => Some(Class::Shared),
            n if n <= *rules.household_people.get_ref() => Some(Class::Household),
            n if 2 * self.largest_family >= n => Some(Class::Household),
            _ => Some(Class::Shared),
        }
    }
}

/// Up to so many records, two different names may be one person's. More are never one person's, and in a large crowd
/// chains of agreeing initials and birth dates would join everybody.
const LINKED: usize = 64;

/// Counts the people behind the records of one value, so that the spelling variants of one person count once.
///
/// A person is an initial and the sound of a family name (Daitch-Mokotoff): typing mistakes inside names, other
/// scripts, gender endings, short forms and given names that were shortened to an initial do not make a second
/// person. Among at most 64 records, two such names are also one person's when
/// - given and family name stand in each other's place, or
/// - birth date and initial agree: a name changed by marriage, or a family name that was mistyped beyond its sound.
///
/// Families are counted by the sound of the family name; both names of a person are one family. So the count errs
/// towards fewer people: a father and a son of one initial, or twins of one initial, are one.
/// Records that lack one of the names count as records only.
#[derive(Debug, Default)]
pub struct Tally {
    records: u64,
    few: Vec<Person>,
    /// Family by name, once there are more than [`LINKED`] records.
    many: BTreeMap<String, String>,
}

#[derive(Debug)]
struct Person {
    name: String,
    /// What the name would be with given and family name exchanged.
    exchanged: Option<String>,
    birth: Option<String>,
    family: String,
}

impl Tally {
    /// Adds a record: folded given and family name, sound of the family name, birth date.
    pub fn add(&mut self, given: Option<&str>, family: Option<&str>, sound: Option<&str>, birth: Option<&str>) {
        self.records += 1;
        let (Some(initial), Some(sound)) = (given.and_then(|g| g.chars().next()), sound) else { return };
        let name = format!("{initial}{sound}");
        if !self.many.is_empty() {
            self.many.entry(name).or_insert_with(|| sound.into());
            return;
        }
        let other = family.and_then(|f| f.chars().next()).zip(given.and_then(phonetic));
        self.few.push(Person {
            exchanged: other.map(|(initial, sound)| format!("{initial}{sound}")),
            birth: birth.map(|date| format!("{initial}{date}")),
            family: sound.into(),
            name,
        });
        if self.few.len() > LINKED {
            self.many = self.few.drain(..).map(|p| (p.name, p.family)).collect();
        }
    }

    pub fn is_empty(&self) -> bool {
        self.records == 0
    }

    pub fn share(&self) -> Share {
        let mut share = Share { records: self.records, ..Share::default() };
        let mut sizes: Vec<u64> = Vec::new();
        if self.many.is_empty() {
            let one = |name: &str| self.few.iter().all(|p| p.name == name);
            if self.few.first().is_some_and(|p| one(&p.name)) {
                return Share { people: 1, families: 1, largest_family: 1, ..share };
            }
            let names: BTreeSet<&str> = self.few.iter().map(|p| p.name.as_str()).collect();
            let people = joined(self.few.iter().map(|p| (p.links(&names), BTreeSet::from([p.family.as_str()]))));
            let families = joined(people.into_iter().map(|(_, families)| (families, 1)));
            sizes.extend(families.into_iter().map(|(_, people)| people));
        } else {
            let mut families: BTreeMap<&str, u64> = BTreeMap::new();
            for family in self.many.values() {
                *families.entry(family).or_default() += 1;
            }
            sizes.extend(families.into_values());
        }
        share.people = sizes.iter().sum();
        share.families = sizes.len() as u64;
        share.largest_family = sizes.iter().copied().max().unwrap_or(0);
        share
    }
}

impl Person {
    /// What the records of this person have in common. A name with its parts exchanged counts where somebody bears it.
    fn links(&self, names: &BTreeSet<&str>) -> BTreeSet<&str> {
        let exchanged = self.exchanged.as_deref().filter(|name| names.contains(name));
        [Some(self.name.as_str()), exchanged, self.birth.as_deref()].into_iter().flatten().collect()
    }
}

/// What is gathered when sets are joined.
trait Gather {
    fn gather(&mut self, other: Self);
}

impl Gather for BTreeSet<&str> {
    fn gather(&mut self, other: Self) {
        self.extend(other);
    }
}

impl Gather for u64 {
    fn gather(&mut self, other: Self) {
        *self += other;
    }
}

/// Joins sets that have a member in common, directly or through others.
fn joined<'a, T: Gather>(sets: impl Iterator<Item = (BTreeSet<&'a str>, T)>) -> Vec<(BTreeSet<&'a str>, T)> {
    let mut groups: Vec<(BTreeSet<&str>, T)> = Vec::new();
    for mut set in sets {
        let (touching, apart): (Vec<_>, Vec<_>) = groups.into_iter().partition(|g| !g.0.is_disjoint(&set.0));
        groups = apart;
        for (members, gathered) in touching {
            set.0.extend(members);
            set.1.gather(gathered);
        }
        groups.push(set);
    }
    groups
}

/// Neighbours of a date on each side: days, and the same day of other years.
const NEIGHBOURS: i32 = 10;

/// The dates that stand for "unknown", out of the people who have each date.
///
/// A date is one when at least `placeholder_people` have it and `placeholder_times` as many as its neighbours: the
/// largest of four medians, over the 10 days before and after it and over its day in the 10 years before and after.
/// Medians pass over other placeholders nearby. The years let sources be that know only the year and write 1 January:
/// there, that day is as frequent in the years around.
pub fn placeholders(people: &BTreeMap<NaiveDate, u64>, rules: &Hygiene) -> BTreeSet<NaiveDate> {
    let many = |date: &NaiveDate, n: u64| {
        n >= *rules.placeholder_people.get_ref()
            && n as f64 >= rules.placeholder_times.get_ref() * around(people, *date)
    };
    people.iter().filter(|(date, n)| many(date, **n)).map(|(date, _)| *date).collect()
}

fn around(people: &BTreeMap<NaiveDate, u64>, date: NaiveDate) -> f64 {
    let day = |n: i32| date.checked_add_signed(Duration::days(i64::from(n)));
    let year = |n: i32| date.with_year(date.year() + n);
    let medians = [-1, 1].into_iter().flat_map(|side| {
        let count = |d: Option<NaiveDate>| d.map(|d| people.get(&d).copied().unwrap_or(0));
        let days = (1..=NEIGHBOURS).filter_map(|n| count(day(side * n))).collect();
        let years = (1..=NEIGHBOURS).filter_map(|n| count(year(side * n))).collect();
        [median(days), median(years)]
    });
    medians.fold(0.0, f64::max)
}

fn median(mut counts: Vec<u64>) -> f64 {
    counts.sort_unstable();
    let at = |i: usize| counts.get(i).copied().unwrap_or(0) as f64;
    let half = counts.len() / 2;
    if counts.len() % 2 == 1 { at(half) } else { (at(half.saturating_sub(1)) + at(half)) / 2.0 }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
