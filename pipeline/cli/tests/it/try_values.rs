//! `zlato try`: an answer for every line, whatever it holds.

use crate::harness::{err, out, say, zlato};
use std::io::Write;
use std::process::{Output, Stdio};

fn piped(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = zlato(arguments);
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || pipe.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    output
}

#[test]
fn each_line_has_one_object() {
    let lines = b"44051401359\r\n\n\xff\xfe\nabc\t\"x\"\n  \n\x00\n44051401358";
    let output = piped(&["try", "national-id", "-", "--country", "PL"], lines);
    assert!(output.status.success(), "{}", err(&output));
    let answers: Vec<serde_json::Value> =
        out(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let verdicts: Vec<&str> = answers.iter().map(|a| a["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["valid", "missing", "invalid", "invalid", "missing", "missing", "invalid"]);
    assert_eq!(answers[0]["raw"], "44051401359");
    assert_eq!(answers[2]["reason"], "encoding");
    for answer in &answers {
        let names: Vec<&String> = answer.as_object().unwrap().keys().collect();
        assert_eq!(names, ["raw", "standard", "verdict", "reason", "suggestion", "keys", "parts"]);
    }
}

#[test]
fn values_are_drawn_and_options_stand_anywhere() {
    let table = say(&["try", "phone", "064/123-4567 ili 011/3345-678", "--country", "Serbia"]);
    assert!(table.status.success(), "{}", err(&table));
    for part in ["+381641234567", "several_numbers: ", "others: +381113345678"] {
        assert!(out(&table).contains(part), "{}", out(&table));
    }
    let one = say(&["try", "iban", "--format", "ndjson", "PL61 1090 1014 0000 0712 1981 2874"]);
    assert_eq!(out(&one).lines().count(), 1);
    let limited = say(&["try", "national-id", "--scheme", "cz-rc", "--format", "ndjson", "710319/2745"]);
    assert!(out(&limited).contains("cz-rodne-cislo"), "{}", out(&limited));
    let seen = say(&["try", "birth-date", "--as-of", "2000-01-01", "--format", "ndjson", "2001-05-05"]);
    assert!(out(&seen).contains("in_future"), "{}", out(&seen));
}

#[test]
fn mistakes_have_hints() {
    for (arguments, hint) in [
        (&["try", "national-id", "--scheme", "pl-pesl", "1"][..], "did you mean `pl-pesel`"),
        (&["try", "email", "--scheme", "pl-pesel", "1"], "leave --scheme out"),
        (&["try", "phone", "--country", "Atlantis", "1"], "ISO 3166"),
        (&["try", "phone", "--rules", "nowhere", "1"], "--rules"),
    ] {
        let output = say(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(err(&output).contains(hint), "{}", err(&output));
    }
}

/// Only what judges values is read: a folder without sources serves.
#[test]
fn a_folder_without_sources_serves() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("contacts.toml"), "placeholders = [\"keine\"]\n").unwrap();
    let rules = folder.path().to_str().unwrap();
    let output = say(&["try", "email", "--rules", rules, "--format", "ndjson", "keine"]);
    assert!(out(&output).contains("placeholder"), "{} {}", out(&output), err(&output));
    std::fs::write(folder.path().join("contacts.toml"), "placeholder = []\n").unwrap();
    let output = say(&["try", "email", "--rules", rules, "x"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("placeholders"), "{}", err(&output));
}
