//! Who is joined, who is not, and that no order decides it.

use super::*;
use crate::ledger::GoldenId;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Address key, house number, flat, surname, country.
type Told =
    (Option<&'static str>, Option<&'static str>, Option<&'static str>, Option<&'static str>, Option<&'static str>);

fn people(all: &[Told]) -> People {
    let mut people = People::default();
    for (address_key, house_number, unit, family_name, country) in all {
        people.push(&Home {
            address_key: *address_key,
            house_number: *house_number,
            unit: *unit,
            family_name: *family_name,
            country: *country,
            ..Home::default()
        });
    }
    people
}

fn flat(unit: &'static str, family: &'static str) -> Told {
    let key = match unit {
        "5" => "lipowa 12 5 15 427",
        "7" => "lipowa 12 7 15 427",
        _ => "lipowa 12 15 427",
    };
    (Some(key), Some("12"), Some(unit).filter(|u| !u.is_empty()), Some(family), Some("PL"))
}

/// Households of the people by the evidence of the rules' defaults, with a limit of members.
fn households(people: &People, contacts: &[&[u32]], largest: usize) -> Vec<Vec<u32>> {
    let mut all = Households::new(people.len());
    all.join(Evidence::AddressSurname, &people.by_address_and_surname(8), largest);
    let links: Vec<Link> = contacts.iter().flat_map(|sharing| people.by_contact(sharing)).collect();
    all.join(Evidence::SharedContact, &links, largest);
    all.all()
}

#[test]
fn surnames_are_one_in_every_form() {
    let inflected = people(&[flat("5", "Kowalski"), flat("5", "Kowalska"), flat("5", "Nowak-Kowalska")]);
    assert_eq!(households(&inflected, &[], 12), [[0, 1, 2]]);
    let latvian = |family| (Some("brivibas 7 1010"), None, None, Some(family), Some("LV"));
    assert_eq!(households(&people(&[latvian("Bērziņš"), latvian("Bērziņa"), latvian("Ozols")]), &[], 12), [[0, 1]]);
    let serbian = |family| (Some("kneza milosa 3 11000"), None, None, Some(family), Some("RS"));
    assert_eq!(households(&people(&[serbian("Петровић"), serbian("Petrović")]), &[], 12), [[0, 1]]);
    let particles = |family| (Some("kerkstraat 12 10115"), None, None, Some(family), Some("DE"));
    let strangers = people(&[particles("van der Berg"), particles("van der Meer")]);
    assert_eq!(households(&strangers, &[], 12), Vec::<Vec<u32>>::new(), "particles are no family");
}

#[test]
fn a_slip_of_the_pen_parts_no_family_and_a_missing_code_no_house() {
    let slips = people(&[flat("5", "Jeleczas"), flat("5", "Jeleczzas"), flat("5", "Wilk"), flat("5", "Walek")]);
    assert_eq!(households(&slips, &[], 12), [[0, 1]], "short names sound alike too easily");
    let mut all = People::default();
    let home = |key, code| Home {
        address_key: Some(key),
        house_number: Some("38"),
        postal_code: code,
        locality: Some("Köper"),
        family_name: Some("Zakobnik"),
        ..Home::default()
    };
    for (key, code) in
        [("koroska 38 6000", Some("6000")), ("koroska 38 koper", None), ("koroska 38 2000", Some("2000"))]
    {
        all.push(&home(key, code));
    }
    all.push(&Home { locality: Some("Maribor"), ..home("koroska 38 2000", Some("2000")) });
    assert!(!all.live_apart((0, 1)) && all.live_apart((0, 3)) && !all.live_apart((2, 3)));
    assert_eq!(households(&all, &[], 12), [[0, 1, 2, 3]], "a code mistyped, a town mistyped: one of the two is enough");
}

#[test]
fn a_flat_that_somebody_forgot_is_found_unless_it_could_be_another() {
    let one = people(&[flat("5", "Lis"), flat("", "Lis"), flat("7", "Kos")]);
    assert_eq!(households(&one, &[], 12), [[0, 1]]);
    let two = people(&[flat("5", "Lis"), flat("5", "Lis"), flat("", "Lis"), flat("7", "Lis")]);
    assert_eq!(households(&two, &[], 12), [[0, 1]], "which of the two flats it is, nobody knows");
    let mut block: Vec<Told> = vec![flat("", "Lis"), flat("", "Lis"), flat("5", "Lis"), flat("5", "Lis")];
    block.extend(std::iter::repeat_n(flat("7", "Kos"), 5));
    assert_eq!(households(&people(&block), &[], 12), [vec![2, 3], vec![4, 5, 6, 7, 8]], "a block needs flats");
    assert_eq!(people(&[flat("", "Lis"); 40]).by_address_and_surname(8), []);
}

#[test]
fn a_contact_alone_makes_no_household() {
    let none = (None, None, None, Some("Lis"), Some("PL"));
    let other = (None, None, None, Some("Kos"), Some("PL"));
    let nameless = (None, None, None, None, None);
    let away = (Some("polna 1 00 950"), None, None, Some("Lis"), Some("PL"));
    for (pair, wanted) in [
        ([none, none], true),
        ([none, other], false),
        ([none, nameless], false),
        ([flat("5", "Lis"), none], true),
        ([flat("5", "Lis"), away], false),
        ([flat("5", "Lis"), flat("7", "Lis")], false),
        ([flat("5", "Lis"), flat("5", "Kos")], true),
        ([flat("5", "Lis"), flat("", "Kos")], true),
    ] {
        assert_eq!(!people(&pair).by_contact(&[0, 1]).is_empty(), wanted, "{pair:?}");
    }
    // A switchboard: three people of three names and places.
    let office = people(&[flat("5", "Lis"), away, other]);
    assert_eq!(office.by_contact(&[0, 1, 2]), []);
    // An unknown country stands in nobody's way.
    let abroad = people(&[(None, None, None, Some("Ozols"), Some("LV")), (None, None, None, Some("Ozola"), None)]);
    assert_eq!(abroad.by_contact(&[0, 1]), [(0, 1)]);
}

#[test]
fn one_flat_or_a_house_without_flats_is_a_home_for_those_who_ask() {
    let home = |key: &'static str, unit: Option<&'static str>, family| (Some(key), Some("3"), unit, Some(family), None);
    let all = people(&[
        home("polna 3 1 20 001", Some("1"), "Lis"),
        home("polna 3 1 20 001", Some("1"), "Kos"),
        home("polna 3 20 001", None, "Wilk"),
        home("leśna 3 20 002", None, "Lis"),
        home("leśna 3 20 002", None, "Kos"),
    ]);
    let links: BTreeSet<Link> = all.by_address(8).into_iter().collect();
    assert_eq!(links, BTreeSet::from([(0, 1), (3, 4)]), "in a house with flats nobody without one is placed");
    let links: BTreeSet<Link> = all.by_address(1).into_iter().collect();
    assert_eq!(links, BTreeSet::from([(0, 1)]), "a crowded house needs flats");
}

#[test]
fn what_would_be_too_large_joins_nobody_and_stronger_evidence_stays() {
    let mut all = Households::new(6);
    all.join(Evidence::Declared, &[(0, 1), (2, 3)], 3);
    all.join(Evidence::SharedContact, &[(1, 2), (4, 5), (0, 0), (9, 1)], 3);
    assert_eq!(all.all(), [vec![0, 1], vec![2, 3], vec![4, 5]]);
    assert_eq!(all.evidence(1), Some(Evidence::Declared));
    assert_eq!(all.evidence(4), Some(Evidence::SharedContact));
    assert!(!all.are_one((1, 2)) && all.are_one((4, 5)));
    // A weaker word never takes the place of a stronger one.
    all.join(Evidence::SameAddress, &[(0, 1), (0, 4)], 6);
    assert_eq!((all.evidence(0), all.evidence(5)), (Some(Evidence::Declared), Some(Evidence::SharedContact)));
    assert_eq!(all.all(), [vec![0, 1, 4, 5], vec![2, 3]]);
}

fn id(n: u64) -> GoldenId {
    GoldenId::of_hash(n)
}

#[test]
fn a_household_keeps_its_id_while_most_of_it_is_together() {
    let first = names(&[vec![id(1), id(2), id(3)], vec![id(4), id(5)]], &BTreeMap::new());
    let before: BTreeMap<GoldenId, HouseholdId> =
        [1, 2, 3].map(|n| (id(n), first[0])).into_iter().chain([4, 5].map(|n| (id(n), first[1]))).collect();
    assert_eq!(first[0].to_string().len(), 13);
    assert_eq!(HouseholdId::parse(&first[0].to_string()), Some(first[0]));
    assert_eq!(HouseholdId::parse(&id(1).to_string()), None);
    // One leaves and founds another household, a stranger comes.
    let parted = names(&[vec![id(2), id(3), id(9)], vec![id(1), id(7)], vec![id(5), id(4)]], &before);
    assert_eq!((parted[0], parted[2]), (first[0], first[1]));
    assert!(!first.contains(&parted[1]));
    // Two households become one: the larger one's id.
    let joined = names(&[vec![id(1), id(2), id(3), id(4), id(5)]], &before);
    assert_eq!(joined, [first[0]]);
    // Halves: it stays with the one after whom it was named.
    let named_after = (1..=3).map(id).min().unwrap();
    let rest: Vec<GoldenId> = (1..=3).map(id).filter(|p| *p != named_after).collect();
    let halves = names(&[vec![rest[0], id(20)], vec![named_after, id(21)]], &before);
    assert_eq!(halves[1], first[0]);
    assert_ne!(halves[0], first[0]);
}

/// Everything that can link a handful of people.
fn links() -> impl Strategy<Value = Vec<(usize, Link)>> {
    proptest::collection::vec((0usize..4, (0u32..24, 0u32..24)), 0..60)
}

fn made(links: &[(usize, Link)], largest: usize) -> (Vec<Vec<u32>>, Vec<Option<Evidence>>) {
    let mut all = Households::new(24);
    for (strength, evidence) in Evidence::ALL.into_iter().enumerate() {
        let own: Vec<Link> = links.iter().filter(|(s, _)| *s == strength).map(|(_, link)| *link).collect();
        all.join(evidence, &own, largest);
    }
    let best = (0..24).map(|person| all.evidence(person)).collect();
    (all.all(), best)
}

proptest! {
    #[test]
    fn households_depend_on_no_order_and_keep_the_limit(
        (links, shuffled) in links().prop_flat_map(|l| (Just(l.clone()), Just(l).prop_shuffle())),
        turned in any::<bool>(), largest in 2usize..8,
    ) {
        let turn = |(s, (a, b)): &(usize, Link)| (*s, if turned { (*b, *a) } else { (*a, *b) });
        let other: Vec<(usize, Link)> = shuffled.iter().map(turn).collect();
        let (all, best) = made(&links, largest);
        prop_assert_eq!((&all, &best), (&made(&other, largest).0, &made(&other, largest).1));
        prop_assert!(all.iter().all(|h| (2..=largest).contains(&h.len())));
        let members: Vec<u32> = all.iter().flatten().copied().collect();
        prop_assert_eq!(members.iter().collect::<BTreeSet<_>>().len(), members.len(), "nobody lives twice");
        prop_assert!((0..24).all(|p| members.contains(&p) == best[p as usize].is_some()));
        // What declared links join stays joined whatever else is said.
        let declared: Vec<(usize, Link)> = links.iter().filter(|(s, _)| *s == 0).copied().collect();
        for home in made(&declared, largest).0 {
            prop_assert!(all.iter().any(|h| home.iter().all(|p| h.contains(p))));
        }
    }

    #[test]
    fn renumbering_people_changes_nothing_but_numbers(links in links(), largest in 2usize..8) {
        let other: Vec<(usize, Link)> = links.iter().map(|(s, (a, b))| (*s, (23 - a, 23 - b))).collect();
        let back = |all: Vec<Vec<u32>>| -> BTreeSet<BTreeSet<u32>> {
            all.into_iter().map(|h| h.into_iter().map(|p| 23 - p).collect()).collect()
        };
        let plain: BTreeSet<BTreeSet<u32>> =
            made(&links, largest).0.into_iter().map(|h| h.into_iter().collect()).collect();
        prop_assert_eq!(plain, back(made(&other, largest).0));
    }

    #[test]
    fn ids_are_given_once_and_in_no_order(
        homes in proptest::collection::vec(1u64..6, 1..8), before in proptest::collection::btree_map(0u64..30, 0u32..5, 0..20),
    ) {
        let mut next = 0;
        let households: Vec<Vec<GoldenId>> = homes.iter().map(|n| (0..*n).map(|_| { next += 1; id(next) }).collect()).collect();
        let old = names(&(100..105).map(|n| vec![id(n)]).collect::<Vec<_>>(), &BTreeMap::new());
        let before: BTreeMap<GoldenId, HouseholdId> = before.into_iter().map(|(p, h)| (id(p), old[h as usize])).collect();
        let given = names(&households, &before);
        prop_assert_eq!(given.iter().collect::<BTreeSet<_>>().len(), households.len());
        let mut turned = households.clone();
        turned.reverse();
        turned.iter_mut().for_each(|h| h.reverse());
        let mut again = names(&turned, &before);
        again.reverse();
        prop_assert_eq!(given, again);
    }
}
