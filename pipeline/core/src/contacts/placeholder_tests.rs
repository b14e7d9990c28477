//! What people and systems write for "nothing" in the four languages of the first markets: never a value, with the
//! built-in lists as with the shipped ones.

use super::*;

/// The built-in lists, then the shipped ones.
fn both() -> [Contacts; 2] {
    let shipped = toml::from_str(include_str!("../../../../rules/contacts.toml")).unwrap();
    [Contacts::new(&rules::contacts::Contacts::default()), Contacts::new(&shipped)]
}

fn placeholder(assessment: &Assessment, raw: &str) {
    assert_eq!((assessment.verdict, assessment.reason), (Verdict::Missing, Some("placeholder")), "{raw}");
}

#[test]
fn words() {
    let words = [
        "n/a",
        "N/A",
        "none",
        "not provided",
        "-",
        ".",
        "---",
        "?",
        "xxx",
        "brak",
        "BRAK",
        "Brak danych",
        "b/d",
        "n/d",
        "nie podano",
        "nie dotyczy",
        "nieznany",
        "nieznana",
        "nie ma",
        "nema",
        "НЕМА",
        "нема података",
        "nepoznato",
        "непознато",
        "nije poznato",
        "bez",
        "ni",
        "ni podatka",
        "ni podatkov",
        "brez",
        "neznano",
        "ni znano",
        "nav",
        "NAV",
        "nezināms",
        "nav zināms",
        "nav datu",
        "nav norādīts",
        "nezinu",
    ];
    for contacts in both() {
        for raw in words {
            placeholder(&contacts.text(raw).assessment, raw);
            placeholder(&contacts.email(raw).assessment, raw);
            for country in ["PL", "RS", "SI", "LV"] {
                placeholder(&contacts.phone(raw, Some(country)).assessment, raw);
                assert!(!contacts.national_id(raw, Some(country)).assessment.usable(), "{raw}");
            }
            placeholder(&contacts.date(raw).assessment, raw);
            let name = NameInput { family_name: Some(raw), given_name: Some(raw), ..NameInput::default() };
            assert!(!contacts.person_name(&name).assessment.usable(), "{raw}");
        }
    }
}

#[test]
fn mailboxes_of_nobody() {
    let addresses = [
        "test@test.com",
        "test@test.pl",
        "TEST@TEST.RS",
        "test@test.si",
        "test@test.lv",
        "mail@mail.com",
        "a@a.pl",
        "noemail@noemail.com",
        "no-email@firma.pl",
        "no.mail@gmail.com",
        "x@example.com",
        "brak@brak.pl",
        "brak@mail.pl",
        "brak.maila@wp.pl",
        "nie_ma_maila@o2.pl",
        "niemamaila@gmail.com",
        "nema@nema.rs",
        "nema@mail.rs",
        "nema.mejl@gmail.com",
        "bez_mejla@eunet.rs",
        "ni@ni.si",
        "nima.maila@gmail.com",
        "brez@brez.si",
        "brez-maila@siol.net",
        "nav@nav.lv",
        "nav@mail.lv",
        "nav.epasta@inbox.lv",
        "nav_epasts@gmail.com",
    ];
    for contacts in both() {
        for raw in addresses {
            placeholder(&contacts.email(raw).assessment, raw);
        }
        for raw in
            ["bezan@gmail.com", "brak.jan@wp.pl", "ni@mail.si", "testa@test.lv", "nina@mail.si", "nema@gmail.com"]
        {
            assert!(contacts.email(raw).assessment.usable(), "{raw}");
        }
    }
}

#[test]
fn numbers_of_nobody() {
    let everywhere = [
        "000-000-000",
        "000 000 000",
        "000000000",
        "0000",
        "00000000",
        "999999999",
        "111 111 111",
        "123456789",
        "1234567890",
        "12345678",
        "(000) 000-00-00",
    ];
    let own = [
        ("PL", "+48 000 000 000"),
        ("PL", "+48 600 000 000"),
        ("PL", "500000000"),
        ("RS", "060/000-0000"),
        ("RS", "+381 60 0000000"),
        ("RS", "060 000 000"),
        ("RS", "011/000-000"),
        ("SI", "040 000 000"),
        ("SI", "+386 40 000 000"),
        ("SI", "01 000 00 00"),
        ("LV", "20000000"),
        ("LV", "+371 20000000"),
        ("LV", "+371 00000000"),
    ];
    let countries = ["PL", "RS", "SI", "LV"];
    for contacts in both() {
        for (country, raw) in countries.iter().flat_map(|c| everywhere.map(|raw| (*c, raw))).chain(own) {
            placeholder(&contacts.phone(raw, Some(country)).assessment, raw);
        }
        for (country, raw) in [("PL", "600 100 200"), ("RS", "064/100-2000"), ("SI", "040 100 000"), ("LV", "20001000")]
        {
            assert!(contacts.phone(raw, Some(country)).assessment.usable(), "{raw}");
        }
    }
    let [_, shipped] = both();
    for (country, raw) in [("SI", "+386 31 111 111"), ("SI", "031111111"), ("LV", "29999999"), ("RS", "011/111-111")] {
        placeholder(&shipped.phone(raw, Some(country)).assessment, raw);
    }
}

#[test]
fn days_of_nobody() {
    let days = [
        "1900-01-01",
        "01-01-1900",
        "01.01.1900",
        "1.1.1900.",
        "01/01/1900",
        "1901-01-01",
        "1970-01-01",
        "01.01.1970",
        "1970-01-01T00:00:00",
        "0000-00-00",
        "00.00.0000",
        "9999-12-31",
        "31.12.9999",
        "0001-01-01",
        "1753-01-01",
        "30.12.1899",
    ];
    let as_of = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
    for contacts in both() {
        for raw in days {
            placeholder(&contacts.birth_date(raw, as_of).assessment, raw);
        }
        assert!(contacts.birth_date("1971-01-01", as_of).assessment.usable());
    }
}

#[test]
fn ids_of_nobody() {
    let ids = [
        ("PL", "00000000000"),
        ("PL", "11111111111"),
        ("PL", "12345678901"),
        ("RS", "0000000000000"),
        ("RS", "1111111111111"),
        ("SI", "0000000000000"),
        ("LV", "000000-00000"),
        ("LV", "00000000000"),
    ];
    for contacts in both() {
        for (country, raw) in ids {
            assert!(!contacts.national_id(raw, Some(country)).assessment.usable(), "{raw}");
        }
    }
}
