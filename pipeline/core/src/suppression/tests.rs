//! Whom an entry means: the tables of `docs/permissions.md`, and what holds for any list.

use super::*;
use proptest::prelude::*;

fn key() -> Key {
    Key::new([7; 32])
}

fn page() -> String {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/permissions.md");
    std::fs::read_to_string(page).unwrap()
}

fn table(page: &str, heading: &str) -> Vec<Vec<String>> {
    let after = page.split_once(heading).unwrap().1;
    let rows = after.lines().skip_while(|l| !l.starts_with('|')).take_while(|l| l.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(|c| c.trim().to_string()).collect()).collect()
}

/// `given Anna; family Nowak; born 1980-01-02; mail a@x.pl; phone +48600100200; id 123; postal 00-590; row crm 7`.
fn row(cell: &str) -> Row<'_> {
    let mut row = Row::default();
    for part in cell.split(';').map(str::trim).filter(|p| !p.is_empty()) {
        let (what, value) = part.split_once(' ').unwrap();
        match what {
            "given" => (row.name.given, row.name.given_root) = (Some(value), Some(value)),
            "family" => (row.name.family, row.name.family_root) = (Some(value), Some(value)),
            "born" => row.birth_date = Some(value),
            "mail" => row.emails.push(value),
            "phone" => row.phones.push(value),
            "id" => row.national_ids.push(value),
            "postal" => row.postal_code = Some(value),
            "hash" => row.email_hashes.push(value),
            "row" => row.key = value.split_once(' '),
            "customer" => row.customer = value.split_once(' ').map(|(s, k)| (Some(s), k)).or(Some((None, value))),
            other => panic!("{other}"),
        }
    }
    row
}

fn list_of(scope: Scope, hashes: BTreeSet<(What, u128)>) -> List {
    let entry = Entry::new(scope, vec![], "2026-01-01".parse().unwrap(), &hashes);
    List::parse(&(header(&key()) + &line(&entry)), key()).unwrap()
}

/// The erased person of the table: own contacts and those shared with the household.
fn erased() -> List {
    let own = row(
        "given jan; family nowak; born 1980-01-02; mail jan@x.pl; phone +48600100200; id 80010212345; hash ab12; row crm 7; customer 7",
    );
    let mut hashes = own.hashes(&key());
    hashes.retain(|(what, _)| !matches!(what, What::SharedEmail | What::SharedPhone));
    let shared = row("mail home@x.pl; phone +48221112233").hashes(&key());
    hashes.extend(shared.into_iter().filter(|(what, _)| matches!(what, What::SharedEmail | What::SharedPhone)));
    list_of(Scope::Erased, hashes)
}

#[test]
fn every_row_of_the_table_of_erased_people() {
    let rows = table(&page(), "## Rows of an erased person");
    assert!(rows.len() >= 15);
    let list = erased();
    for cells in rows {
        let [case, said, verdict] = cells.as_slice() else { panic!("{cells:?}") };
        let found = if list.erased(&row(said)) { "erased" } else { "stays" };
        assert_eq!(found, verdict, "{case}");
    }
}

#[test]
fn every_row_of_the_table_of_entries() {
    let rows = table(&page(), "## Whom an entry means");
    assert!(rows.len() >= 8);
    for cells in rows {
        let [case, entry, said, verdict] = cells.as_slice() else { panic!("{cells:?}") };
        let list = list_of(Scope::All, keys_of_entry(&row(entry), &key()));
        let found = if list.forbidding(&row(said)).is_empty() { "no" } else { "yes" };
        assert_eq!(found, verdict, "{case}");
    }
}

#[test]
fn a_list_needs_its_key_and_whole_lines() {
    let list = list_of(Scope::All, row("mail a@x.pl").hashes(&key()));
    let text = header(&key()) + &line(list.entries().next().unwrap());
    assert!(!text.contains("a@x.pl"));
    assert_eq!(List::parse(&text, Key::new([8; 32])).unwrap_err(), ListError::OtherKey);
    assert_eq!(List::parse("{}\n", key()).unwrap_err(), ListError::Header);
    assert_eq!(List::parse(&(header(&key()) + "{\"id\""), key()).unwrap_err(), ListError::Line(2));
    let broken = text.replace("\"day\"", "\"dya\"");
    assert_eq!(List::parse(&broken, key()).unwrap_err(), ListError::Line(2));
    assert_eq!(Key::from_hex(&format!(" {}\n", key().to_hex())).unwrap().check(), key().check());
    assert!(Key::from_hex("abc").is_none());
    assert!(List::parse("", key()).unwrap().entries().next().is_none());
}

proptest! {
    /// A row draws its own entry, under the same key only; kinds of values never meet.
    #[test]
    fn hashes_are_of_kind_key_and_value(value in ".{0,12}", other in ".{0,12}") {
        let (k, l) = (key(), Key::new([9; 32]));
        prop_assert_ne!(k.hash(What::Email, &value), k.hash(What::Phone, &value));
        prop_assert_ne!(k.hash(What::Email, &value), l.hash(What::Email, &value));
        prop_assert_eq!(k.hash(What::Email, &value) == k.hash(What::Email, &other), value == other);
        let one = Row { emails: vec![&value], ..Row::default() };
        let two = Row { emails: vec![&other], ..Row::default() };
        let list = list_of(Scope::Email, keys_of_entry(&one, &k));
        prop_assert_eq!(list.forbidding(&one).len(), 1);
        prop_assert_eq!(list.forbidding(&two).is_empty(), value != other);
        prop_assert!(!list.erased(&one));
    }
}

#[test]
fn a_withdrawn_entry_holds_no_more_until_it_is_added_again() {
    let key = Key::new([7; 32]);
    let of = |scope: Scope, email: &str| {
        let row = Row { emails: vec![email], ..Row::default() };
        Entry::new(scope, vec![], "2026-11-01".parse().unwrap(), &row.hashes(&key))
    };
    let (kept, gone, erased) = (of(Scope::All, "a@x.pl"), of(Scope::Email, "b@x.pl"), of(Scope::Erased, "c@x.pl"));
    let withdrawal = |entry: &Entry| Withdrawal {
        withdraws: entry.id.clone(),
        day: "2026-11-02".into(),
        by: "A. Nowak".into(),
        why: "request 118".into(),
    };
    let before = header(&key) + &line(&kept) + &line(&gone) + &line(&erased);
    let text = before.clone() + &withdrawal(&gone).line() + &withdrawal(&erased).line();
    let list = List::parse(&text, key.clone()).unwrap();
    let row = |email: &'static str| Row { emails: vec![email], ..Row::default() };
    assert_eq!(list.entries().map(|e| &e.id).collect::<Vec<_>>(), [&kept.id]);
    assert_eq!((list.forbidding(&row("a@x.pl")).len(), list.forbidding(&row("b@x.pl")).len()), (1, 0));
    assert!(!list.has_erased() && !list.erased(&row("c@x.pl")));
    assert_eq!(
        list.withdrawn().iter().map(|(e, w)| (&e.id, w.by.as_str())).collect::<Vec<_>>(),
        [(&gone.id, "A. Nowak"), (&erased.id, "A. Nowak")]
    );
    // Added again, it holds again; what withdraws nothing is nothing, and a half line is still no line.
    let again = text.clone() + &line(&gone) + &withdrawal(&of(Scope::All, "nobody@x.pl")).line();
    assert_eq!(List::parse(&again, key.clone()).unwrap().forbidding(&row("b@x.pl")).len(), 1);
    let half = text.clone() + "{\"withdraws\":\"x\"}\n";
    assert_eq!(List::parse(&half, key).unwrap_err(), ListError::Line(7));
}
