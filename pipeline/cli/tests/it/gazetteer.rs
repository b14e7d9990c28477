//! `zlato gazetteer`: import, show, lookup; what `zlato check` says of a gazetteer that is not there.

use crate::harness::{copy, err, out, root, say};

#[test]
fn a_list_is_imported_shown_and_asked() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let list = "PNA;Miejscowość;Ulica;Gmina;Województwo\n05-462;Wiązowna;ul. Kościelna;Wiązowna;mazowieckie\n\
                00-590;Warszawa;Marszałkowska;;mazowieckie\n";
    std::fs::write(at("register.csv"), list).unwrap();
    let imported = say(&[
        "gazetteer",
        "import",
        "--out",
        &at(""),
        "--country",
        "PL",
        "--name",
        "Register",
        "--licence",
        "CC0",
        "--date",
        "2026-10-01",
        "--column",
        "postal_code=PNA",
        &at("register.csv"),
    ]);
    assert_eq!(imported.status.code(), Some(0), "{}", err(&imported));
    assert!(out(&imported).contains("Register") && err(&imported).contains("gazetteer.zgz"), "{}", out(&imported));

    let shown: serde_json::Value =
        serde_json::from_str(&out(&say(&["gazetteer", "show", "--json", &at("gazetteer.zgz")]))).unwrap();
    assert_eq!(shown["sources"][0]["licence"], "CC0");
    assert_eq!((&shown["countries"][0]["localities"], &shown["countries"][0]["streets"]), (&2.into(), &2.into()));

    let ask = |arguments: &[&str]| {
        let file = at("gazetteer.zgz");
        let mut all = vec!["gazetteer", "lookup", "--json", "--country", "pl", "--gazetteer", &file];
        all.extend(arguments);
        let said = say(&all);
        assert_eq!(said.status.code(), Some(0), "{}", err(&said));
        out(&said).lines().map(|l| serde_json::from_str(l).unwrap()).collect::<Vec<serde_json::Value>>()
    };
    let found = ask(&["--postal-code", "05462", "Wiazwona"]);
    assert_eq!((&found[0]["locality"], &found[0]["found"]), (&"Wiązowna".into(), &"with 1 typing mistake".into()));
    assert!(found[0]["confidence"].as_f64().unwrap() > 0.9);
    assert_eq!(ask(&["--postal-code", "00-590"])[0]["locality"], "Warszawa");
    assert_eq!(ask(&["--street", "Koscielna", "Wiązowna"])[0]["street"], "Kościelna");
    assert!(ask(&["Atlantis"]).is_empty());

    // A single value is judged with the gazetteer of the rules, as a run would.
    std::fs::write(at("addresses.toml"), "gazetteer = \"gazetteer.zgz\"\n").unwrap();
    let tried = ["try", "address", "--country", "PL", "--rules", &at(""), "--format", "ndjson", "05-462 Wiazwona 5"];
    let tried = say(&tried);
    let tried: serde_json::Value = serde_json::from_str(&out(&tried)).unwrap_or_else(|_| panic!("{}", err(&tried)));
    assert_eq!(tried["parts"]["locality"], "Wiązowna", "{tried}");

    let none = say(&["gazetteer", "show", &at("none.zgz")]);
    assert_eq!(none.status.code(), Some(2));
    assert!(err(&none).contains("zlato gazetteer import"), "{}", err(&none));
    let wrong = say(&["gazetteer", "import", "--out", &at("g.zgz"), "--column", "town", &at("register.csv")]);
    assert!(err(&wrong).contains("FIELD=NAME"), "{}", err(&wrong));
    let help = out(&say(&["gazetteer", "import", "--help"]));
    assert!(help.contains("Examples:") && help.contains("geonames"), "{help}");
}

#[test]
fn a_gazetteer_that_is_not_there_is_found_at_its_line() {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("fixtures/rules/valid/minimal"), folder.path());
    std::fs::write(folder.path().join("addresses.toml"), "gazetteer = \"lost.zgz\"\n").unwrap();
    let said = say(&["check", "--rules", folder.path().to_str().unwrap()]);
    assert_eq!(said.status.code(), Some(2));
    assert!(err(&said).contains("the gazetteer `lost.zgz` is not there"), "{}", err(&said));
}
