//! Rule files: the shipped folder, valid folders, and one folder per possible mistake.
//! `fixtures/rules/invalid/<mistake>/` is laid over `fixtures/rules/valid/minimal/` (`remove.txt`
//! names files to take away); `expected.txt` lists `file:line:column code`, one a line.
//! `UPDATE_EXPECTED=1` and `UPDATE_DOCS=1` write what the program says; read the diff.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use zlato_core::rules::diagnostics::{CODES, Severity};
use zlato_core::rules::sources::FieldKind;
use zlato_core::rules::{self, Loaded};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn folder(path: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let name = path.file_name().unwrap().to_str().unwrap().to_string();
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    files
}

fn subfolders(path: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(path).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    all.sort();
    all
}

fn listed(loaded: &Loaded) -> String {
    loaded.diagnostics.iter().map(|d| format!("{}:{}:{} {}\n", d.file, d.line, d.column, d.code)).collect()
}

/// The files of a mistake, laid over the minimal valid folder.
fn mistake(path: &Path) -> (BTreeMap<String, String>, String) {
    let mut files = folder(&root().join("fixtures/rules/valid/minimal"));
    let mut case = folder(path);
    let expected = case.remove("expected.txt").unwrap_or_default();
    for name in case.remove("remove.txt").unwrap_or_default().lines() {
        files.remove(name);
    }
    files.extend(case);
    (files, expected)
}

fn mistakes() -> Vec<PathBuf> {
    subfolders(&root().join("fixtures/rules/invalid"))
}

fn of_the_engine(path: &Path) -> bool {
    path.file_name().unwrap().to_str().unwrap().starts_with("sql_")
        || path.file_name().unwrap().to_str().unwrap().starts_with("gazetteer_")
}

#[test]
fn every_mistake_yields_its_diagnostics() {
    let mut wrong = Vec::new();
    let mut kinds = 0;
    for path in mistakes().into_iter().filter(|p| !of_the_engine(p)) {
        kinds += 1;
        let (files, expected) = mistake(&path);
        let loaded = rules::load(&files);
        let found = listed(&loaded);
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(path.join("expected.txt"), &found).unwrap();
        } else if found != expected || found.is_empty() {
            wrong.push(format!("{}\nexpected\n{expected}found\n{found}", path.display()));
        }
        let failed = loaded.diagnostics.iter().any(|d| d.severity == Severity::Error);
        assert_eq!(loaded.rules.is_none(), failed, "{}", path.display());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(kinds >= 35, "only {kinds} kinds of mistakes");
}

#[test]
fn what_the_engine_judges_passes_here() {
    for path in mistakes().into_iter().filter(|p| of_the_engine(p)) {
        let (files, expected) = mistake(&path);
        assert_eq!(rules::load(&files).diagnostics, vec![], "{}", path.display());
        assert!(expected.contains(" sql::") || expected.contains(" addresses::"), "{}", path.display());
    }
}

/// A code without a mistake that yields it is a promise nobody checked.
#[test]
fn every_code_has_a_mistake() {
    let all: String = mistakes().iter().map(|p| mistake(p).1).collect();
    let seen: BTreeSet<&str> = all.lines().filter_map(|line| line.split(' ').nth(1)).collect();
    let known: BTreeSet<&str> = CODES.iter().map(|(code, _)| *code).collect();
    // What is told of files that are not there is tested with the command that looks for them.
    let elsewhere = BTreeSet::from(["sources::no_file"]);
    let untested: Vec<_> = known.difference(&seen).filter(|code| !elsewhere.contains(**code)).collect();
    let unlisted: Vec<_> = seen.difference(&known).collect();
    assert!(untested.is_empty() && unlisted.is_empty(), "untested {untested:?}, unlisted {unlisted:?}");
}

#[test]
fn messages_name_no_rust_types() {
    for path in mistakes() {
        for found in rules::load(&mistake(&path).0).diagnostics {
            for internal in ["Spanned", "::Value", "struct", "variant", "deserialize", "invalid type"] {
                assert!(!found.message.contains(internal), "{}: {}", path.display(), found.message);
            }
        }
    }
}

#[test]
fn valid_folders_are_silent() {
    for path in subfolders(&root().join("fixtures/rules/valid")) {
        let loaded = rules::load(&folder(&path));
        assert_eq!(loaded.diagnostics, vec![], "{}", path.display());
        assert!(loaded.rules.is_some());
    }
}

fn same_or_update(path: &Path, now: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, now).unwrap();
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    assert!(committed == now, "{} is out of date: run with UPDATE_DOCS=1", path.display());
}

#[test]
fn the_reference_is_up_to_date() {
    same_or_update(&root().join("docs/reference/rules.md"), &rules::reference());
    for kind in zlato_core::tried::Kind::ALL {
        let page = root().join(format!("docs/reference/values/{}.md", kind.name()));
        same_or_update(&page, &zlato_core::tried::reference(kind));
    }
    for file in rules::FILES {
        let schema = serde_json::to_string_pretty(&rules::schema(file).unwrap()).unwrap() + "\n";
        let name = file.replace(".toml", ".json");
        same_or_update(&root().join("docs/reference/schema").join(name), &schema);
    }
}

#[test]
fn every_key_and_word_is_described() {
    for file in rules::FILES {
        let schema = rules::schema(file).unwrap();
        let tables = schema["$defs"].as_object().into_iter().flatten().map(|(n, d)| (n.as_str(), d));
        for (table, definition) in tables.chain([(*file, &schema)]) {
            assert!(definition["description"].is_string(), "{file}: {table}");
            for (key, value) in definition["properties"].as_object().into_iter().flatten() {
                assert!(value["description"].is_string(), "{file}: {table}.{key}");
            }
            for choice in definition["oneOf"].as_array().into_iter().flatten() {
                assert!(choice["description"].is_string(), "{file}: {table} {choice}");
            }
        }
    }
}

/// The shipped files that are here, completed by the minimal ones where another part brings them.
#[test]
fn the_shipped_rules_are_silent() {
    let mut files = folder(&root().join("rules"));
    let all_here = files.contains_key("sources.toml");
    for (name, text) in folder(&root().join("fixtures/rules/valid/minimal")) {
        if !all_here {
            files.entry(name).or_insert(text);
        }
    }
    for file in rules::FILES.iter().filter(|f| !["sources.toml", "profiles.toml"].contains(f)) {
        let comment = format!("#:schema ../docs/reference/schema/{}", file.replace(".toml", ".json"));
        assert!(files[*file].starts_with(&comment), "{file} does not open with {comment}");
    }
    assert_eq!(rules::load(&files).diagnostics, vec![]);
}

#[test]
fn fields_are_listed_in_the_order_of_the_vocabulary() {
    let rules = rules::load(&folder(&root().join("fixtures/rules/valid/every_key"))).rules.unwrap();
    let fields = rules.mapped_fields();
    let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["full_name", "email", "street_address", "marital_status", "birth_place", "loyalty_points"]);
    assert_eq!(rules.field_kind("loyalty_points"), Some(FieldKind::Number));
    assert_eq!(rules.field_kind("phone_other"), Some(FieldKind::Phone));
    assert_eq!(rules.field_kind("shoe_size"), None);
}

/// Every message as a rule author reads it, so that a poor one shows in review.
#[test]
fn messages_read_well() {
    let mut out = String::from(
        "# What rule authors read\n\nOne section per mistake, printed by the test `messages_read_well` \
         (`UPDATE_DOCS=1` writes it).\nThe mistakes `sql_*` and `gazetteer_*` are found by the engine.\n",
    );
    for path in mistakes().into_iter().filter(|p| !of_the_engine(p)) {
        let name = path.file_name().unwrap().to_str().unwrap().to_string();
        out += &format!("\n## {name}\n\n");
        for d in rules::load(&mistake(&path).0).diagnostics {
            let kind = if d.severity == Severity::Warning { "warning, " } else { "" };
            out += &format!("- {kind}`{}:{}:{}` {}", d.file, d.line, d.column, d.message);
            out += &d.help.map_or("\n".to_string(), |help| format!("\n  - {help}\n"));
        }
    }
    same_or_update(&root().join("fixtures/rules/invalid/README.md"), &out);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever an editor leaves behind half-way, the answer is findings, never a panic.
    #[test]
    fn any_damage_is_reported_in_order(
        which in 0usize..18, from in 0usize..4000, length in 0usize..60, inserted in "[ -~ąЖ\n]{0,12}",
    ) {
        let mut files = folder(&root().join("fixtures/rules/valid/every_key"));
        if which >= 9 {
            files.extend(folder(&root().join("rules")));
        }
        let name = rules::FILES[which % 9];
        let text = files.get(name).cloned().unwrap_or_default();
        let letters: Vec<char> = text.chars().collect();
        let from = from.min(letters.len());
        let until = (from + length).min(letters.len());
        let damaged: String =
            letters[..from].iter().copied().chain(inserted.chars()).chain(letters[until..].iter().copied()).collect();
        files.insert(name.to_string(), damaged);

        let loaded = rules::load(&files);
        prop_assert_eq!(&loaded.diagnostics, &rules::load(&files).diagnostics);
        let mut last = (0, 0);
        for found in &loaded.diagnostics {
            prop_assert!(CODES.iter().any(|(code, _)| *code == found.code), "{}", found.code);
            let text = files.get(&found.file).map_or("", String::as_str);
            prop_assert!(text.get(found.span.clone()).is_some());
            prop_assert!(found.line >= 1 && found.line <= text.split('\n').count());
            let place = (rules::FILES.iter().position(|f| *f == found.file).unwrap_or(99), found.span.start);
            prop_assert!(place >= last);
            last = place;
        }
    }

    #[test]
    fn any_text_is_survived(text in "\\PC{0,80}", deep in 0usize..400) {
        let nested = format!("source = {}1{}", "[".repeat(deep), "]".repeat(deep));
        for text in [text, nested, "\0".repeat(deep)] {
            let files = rules::FILES.iter().map(|f| (f.to_string(), text.clone())).collect();
            prop_assert!(rules::load(&files).rules.is_none());
        }
    }
}
