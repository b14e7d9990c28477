//! What has changed about the columns of a source since the last published run. Enter: the inputs of both runs.
//! Leave: changes by source, in words. Never here: whether a run stops for it; that a mapped column is gone from a file
//! with a header is an error before the run begins.

use crate::manifest::InputRecord;
use crate::suppression;
use zlato_core::rules::Rules;
use zlato_core::rules::sources::{Format, KeyMapping, Mapping, Source};

/// How the columns of a source are different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Columns that were not there.
    New,
    /// Columns that are no longer there.
    Gone,
    /// Columns with other names in the same places.
    Renamed,
    /// The same columns in another order.
    Moved,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "columns_new",
            Self::Gone => "columns_gone",
            Self::Renamed => "columns_renamed",
            Self::Moved => "columns_moved",
        }
    }
}

/// One change of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub source: String,
    pub kind: Kind,
    /// Columns by name; a renamed one as `old -> new`.
    pub columns: Vec<String>,
}

impl Change {
    pub fn in_words(&self) -> String {
        let what = match self.kind {
            Kind::New => "new columns since the published run",
            Kind::Gone => "columns gone since the published run",
            Kind::Renamed => "columns renamed since the published run",
            Kind::Moved => "columns in another order than in the published run",
        };
        format!("source {}: {what}: {}", self.source, self.columns.join(", "))
    }
}

/// Changes of the sources that both runs have read, in rule order. Objects need not have every key, so of NDJSON only new
/// keys in place of mapped ones that are gone are told.
pub fn changes(before: &[InputRecord], now: &[InputRecord], rules: &Rules) -> Vec<Change> {
    let mut found = Vec::new();
    for source in &rules.sources.source {
        let name = source.name.get_ref();
        let columns = |inputs: &[InputRecord]| {
            let mut all: Vec<String> = Vec::new();
            for column in inputs.iter().filter(|i| &i.source == name).flat_map(|i| &i.columns) {
                if !all.contains(column) {
                    all.push(column.clone());
                }
            }
            all
        };
        let (old, new) = (columns(before), columns(now));
        if !old.is_empty() && !new.is_empty() {
            found.extend(of_source(source, is_ndjson(source, now), &old, &new));
        }
    }
    found
}

/// Sources of the published run that the rules do not have any more, in words. Rows are known by source and key: to give a
/// source another name is to deliver other rows.
pub fn gone(before: &[InputRecord], now: &[InputRecord], rules: &Rules) -> Vec<String> {
    let sources = &rules.sources.source;
    let mut told: Vec<String> = Vec::new();
    for old in before
        .iter()
        .filter(|i| i.source != suppression::FILE && !sources.iter().any(|s| s.name.get_ref() == &i.source))
    {
        let heir = now.iter().find(|i| i.file == old.file).map(|i| &i.source);
        let text = match heir {
            Some(heir) => format!(
                "source {heir} reads {}, as {} did in the published run: under another name its rows are other rows, without \
                 their golden ids, judgements and pins; give it its old name back",
                old.file, old.source
            ),
            None => format!("source {} of the published run is not in the rules any more: its rows leave", old.source),
        };
        if !told.contains(&text) {
            told.push(text);
        }
    }
    told
}

fn is_ndjson(source: &Source, inputs: &[InputRecord]) -> bool {
    let named = |file: &str| {
        let file = file.to_ascii_lowercase();
        let file = file.strip_suffix(".gz").or_else(|| file.strip_suffix(".zst")).unwrap_or(&file).to_string();
        [".ndjson", ".jsonl", ".json"].iter().any(|ending| file.ends_with(ending))
    };
    source.format.map_or_else(
        || inputs.iter().any(|i| &i.source == source.name.get_ref() && named(&i.file)),
        |format| format == Format::Ndjson,
    )
}

fn of_source(source: &Source, ndjson: bool, old: &[String], new: &[String]) -> Vec<Change> {
    let change = |kind, columns: Vec<String>| {
        (!columns.is_empty()).then(|| Change { source: source.name.get_ref().clone(), kind, columns })
    };
    let mut gone: Vec<String> = old.iter().filter(|c| !new.contains(c)).cloned().collect();
    let mut come: Vec<String> = new.iter().filter(|c| !old.contains(c)).cloned().collect();
    if ndjson {
        gone.retain(|key| mapped(source, key));
        if gone.is_empty() {
            return vec![];
        }
        return change(Kind::Gone, gone).into_iter().chain(change(Kind::New, come)).collect();
    }
    let same_place = |o: &String, n: &String| old.iter().position(|c| c == o) == new.iter().position(|c| c == n);
    let renamed: Vec<(String, String)> = if old.len() == new.len() {
        let pairs = gone.iter().flat_map(|o| come.iter().filter(|n| same_place(o, n)).map(|n| (o.clone(), n.clone())));
        pairs.collect()
    } else {
        vec![]
    };
    gone.retain(|c| !renamed.iter().any(|(old, _)| old == c));
    come.retain(|c| !renamed.iter().any(|(_, new)| new == c));
    let kept = |all: &[String], other: &[String]| -> Vec<String> {
        all.iter().filter(|c| other.contains(c)).cloned().collect()
    };
    let (before, after) = (kept(old, new), kept(new, old));
    let moved = before.iter().zip(&after).filter(|(a, b)| a != b).map(|(_, b)| b.clone()).collect();
    let renamed = renamed.into_iter().map(|(old, new)| format!("{old} -> {new}")).collect();
    [change(Kind::Renamed, renamed), change(Kind::Gone, gone), change(Kind::New, come), change(Kind::Moved, moved)]
        .into_iter()
        .flatten()
        .collect()
}

/// Whether the rules read a column of a source, by its name or within an expression.
pub fn mapped(source: &Source, column: &str) -> bool {
    let in_mapping = |mapping: &Mapping| match mapping {
        Mapping::Column(name) => name == column,
        Mapping::Sql(e) => e.sql.contains(&format!("\"{}\"", column.replace('"', "\"\""))) || e.sql == column,
    };
    let key = match source.key.get_ref() {
        KeyMapping::Column(name) => name == column,
        KeyMapping::Sql(e) => in_mapping(&Mapping::Sql(e.clone())),
        KeyMapping::Line(_) => false,
    };
    key || source.columns.values().chain(&source.updated_at).any(|m| in_mapping(m.get_ref()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn rules(file: &str) -> Rules {
        let text = format!(
            "[[source]]\nname = \"crm\"\nkind = \"customer\"\npath = \"{file}\"\nkey = \"id\"\n[source.columns]\n\
             email = \"mail\"\nphone = {{ sql = \"lower(\\\"tel\\\")\" }}\n"
        );
        let sources = toml::from_str(&text).unwrap();
        Rules { sources, ..Rules::default() }
    }

    fn input(file: &str, columns: &str) -> Vec<InputRecord> {
        let columns = columns.split(' ').map(String::from).collect();
        vec![InputRecord {
            source: "crm".into(),
            file: file.into(),
            bytes: 1,
            blake3: String::new(),
            columns,
            notes: vec![],
        }]
    }

    fn found(file: &str, before: &str, now: &str) -> Vec<String> {
        let found = changes(&input(file, before), &input(file, now), &rules(file));
        found.iter().map(|c| format!("{} {}", c.kind.as_str(), c.columns.join(","))).collect()
    }

    #[test]
    fn a_source_under_another_name_is_told() {
        let before = input("crm.csv", "id mail");
        let renamed = |source: &str, file: &str| {
            let now: Vec<InputRecord> =
                before.iter().map(|i| InputRecord { source: source.into(), ..i.clone() }).collect();
            let mut rules = rules(file);
            rules.sources.source[0].name = serde_spanned::Spanned::new(0..0, source.into());
            gone(&before, &now, &rules)
        };
        assert_eq!(renamed("crm", "crm.csv"), Vec::<String>::new());
        let told = renamed("customers", "crm.csv");
        assert!(told.len() == 1 && told[0].contains("source customers reads crm.csv, as crm did"), "{told:?}");
        let told = gone(&before, &[], &Rules::default());
        assert!(told.len() == 1 && told[0].contains("source crm of the published run"), "{told:?}");
    }

    #[test]
    fn every_kind_of_change_is_named() {
        assert_eq!(found("a.csv", "id mail tel", "id mail tel"), [""; 0]);
        assert_eq!(found("a.csv", "id mail tel", "id mail tel city"), ["columns_new city"]);
        assert_eq!(found("a.csv", "id mail tel note", "id mail tel"), ["columns_gone note"]);
        assert_eq!(found("a.csv", "id mail tel note", "id mail tel remark"), ["columns_renamed note -> remark"]);
        assert_eq!(found("a.csv", "id mail tel", "id tel mail"), ["columns_moved tel,mail"]);
        assert_eq!(found("a.csv", "id mail tel note", "x id mail tel"), ["columns_gone note", "columns_new x"]);
    }

    #[test]
    fn keys_of_objects_are_told_only_in_place_of_mapped_ones() {
        assert_eq!(found("a.ndjson.gz", "id mail note", "id mail tel extra"), [""; 0]);
        assert_eq!(found("a.ndjson.gz", "id mail tel", "id e_mail tel"), ["columns_gone mail", "columns_new e_mail"]);
        assert_eq!(found("a.json", "id mail tel", "id mail phone"), ["columns_gone tel", "columns_new phone"]);
    }

    #[test]
    fn columns_in_expressions_are_mapped() {
        let rules = rules("a.csv");
        let source = rules.sources.source.first().unwrap();
        assert!(["id", "mail", "tel"].iter().all(|c| mapped(source, c)));
        assert!(!mapped(source, "note"));
    }
}
