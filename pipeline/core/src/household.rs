//! Which golden records are one household. Enter: where people live and what they are called, links between them by kind
//! of evidence, yesterday's households. Leave: households with what joins each member, and their ids.
//! Never here: merging anybody, tables, the order in which anything arrived: it decides nothing.

mod ids;
mod people;

pub use ids::{HouseholdId, names};
pub use people::{Home, People, number};

use crate::rules::survivorship::HouseholdEvidence as Evidence;

/// Words of the table `households` with their meaning.
pub const EVIDENCE: &[(&str, &str)] = &[
    ("declared", "A source says so: by its own number of the household, or by a row that names another person."),
    ("address_surname", "One address and one surname, in whatever form: Kowalski, Kowalska, Nowak-Kowalska."),
    (
        "shared_contact",
        "A phone or e-mail that few people have, at one address, or with one surname and no two addresses.",
    ),
    ("same_address", "One flat, or one house without flats, whatever the surnames."),
];

/// Two people, by their numbers.
pub type Link = (u32, u32);

/// Disjoint sets of people, for some evidence.
struct Sets(Vec<u32>);

impl Sets {
    fn new(people: u32) -> Self {
        Self((0..people).collect())
    }

    fn find(&mut self, mut person: u32) -> u32 {
        loop {
            let above = self.0.get(person as usize).copied().unwrap_or(person);
            if above == person {
                return person;
            }
            let next = self.0.get(above as usize).copied().unwrap_or(above);
            if let Some(cell) = self.0.get_mut(person as usize) {
                *cell = next;
            }
            person = above;
        }
    }

    /// The smaller root stays: a set is known by its first person, whatever the order of links.
    fn join(&mut self, (a, b): Link) {
        let (a, b) = (self.find(a), self.find(b));
        if let Some(cell) = self.0.get_mut(a.max(b) as usize) {
            *cell = a.min(b);
        }
    }
}

/// Households that links have made.
pub struct Households {
    sets: Sets,
    best: Vec<Option<Evidence>>,
}

impl Households {
    /// Nobody lives with anybody yet.
    pub fn new(people: u32) -> Self {
        Self { sets: Sets::new(people), best: vec![None; people as usize] }
    }

    /// Joins people by one kind of evidence; kinds come from the strongest to the weakest. Where all links of the kind
    /// together would make a household of more than `largest` people, none of them counts there: a block of flats under
    /// one number, a number that many leave. What stronger evidence has made stays.
    pub fn join(&mut self, evidence: Evidence, links: &[Link], largest: usize) {
        let people = self.best.len();
        let inside = |link: &&Link| link.0 != link.1 && link.0.max(link.1) as usize <= people.saturating_sub(1);
        let mut tried = Sets(self.sets.0.clone());
        links.iter().filter(inside).for_each(|link| tried.join(*link));
        let mut sizes = vec![0u32; people];
        for person in (0..).take(people) {
            if let Some(size) = sizes.get_mut(tried.find(person) as usize) {
                *size += 1;
            }
        }
        for link in links.iter().filter(inside) {
            let size = sizes.get(tried.find(link.0) as usize).map_or(0, |n| *n as usize);
            if size > largest {
                continue;
            }
            self.sets.join(*link);
            for person in [link.0, link.1] {
                if let Some(best) = self.best.get_mut(person as usize) {
                    *best = Some(best.map_or(evidence, |b| b.min(evidence)));
                }
            }
        }
    }

    /// Whether two people are of one household.
    pub fn are_one(&mut self, (a, b): Link) -> bool {
        self.sets.find(a) == self.sets.find(b)
    }

    /// The strongest evidence that joins a person to another one.
    pub fn evidence(&self, person: u32) -> Option<Evidence> {
        self.best.get(person as usize).copied().flatten()
    }

    /// Households of two or more, each as its people in order; by their first person.
    pub fn all(&mut self) -> Vec<Vec<u32>> {
        let people = u32::try_from(self.best.len()).unwrap_or(u32::MAX);
        let members = (0..people).filter(|p| self.best.get(*p as usize).is_some_and(Option::is_some));
        let members: Vec<u32> = members.collect();
        let mut rooted: Vec<(u32, u32)> = members.into_iter().map(|person| (self.sets.find(person), person)).collect();
        rooted.sort_unstable();
        rooted.chunk_by(|a, b| a.0 == b.0).map(|set| set.iter().map(|(_, person)| *person).collect()).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
