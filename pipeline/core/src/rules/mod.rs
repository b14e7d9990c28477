//! Typed rule files. Enter: texts of a rules folder. Leave: [`Rules`] or every diagnostic at once.
//! Never here: reading files, planning SQL (the engine checks expressions against real schemas).

pub mod addresses;
mod check;
mod codes;
pub mod contacts;
pub mod diagnostics;
pub mod freshness;
pub mod gate;
pub mod known;
pub mod matching;
pub mod permissions;
pub mod profiles;
mod reference;
mod shape;
pub mod sources;
pub mod survivorship;
pub mod vocabulary;

pub use diagnostics::suggest;
use diagnostics::{Diagnostic, Severity};
pub use reference::{country_packs_reference, reference};
use serde_json::Value as Json;
use sources::{FieldKind, SourceKind};
use std::collections::{BTreeMap, BTreeSet};

/// The rule files, in the order in which findings are reported.
pub const FILES: &[&str] = &[
    "sources.toml",
    "contacts.toml",
    "addresses.toml",
    "matching.toml",
    "profiles.toml",
    "survivorship.toml",
    "freshness.toml",
    "permissions.toml",
    "gate.toml",
];

/// A whole rules folder.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    pub sources: sources::Sources,
    pub contacts: contacts::Contacts,
    pub addresses: addresses::Addresses,
    pub matching: matching::Matching,
    pub profiles: profiles::Profiles,
    pub survivorship: survivorship::Survivorship,
    pub freshness: freshness::Freshness,
    pub permissions: permissions::Permissions,
    pub gate: gate::Gate,
}

impl Rules {
    /// Kind of a field of the vocabulary or of `sources.toml`; none for a name that is neither.
    pub fn field_kind(&self, name: &str) -> Option<FieldKind> {
        let built_in = vocabulary::find(name).map(|f| f.kind);
        built_in.or_else(|| self.sources.field.iter().find(|f| f.name.get_ref() == name).map(|f| f.kind))
    }

    /// Fields that a customer or prospect source maps: built-in ones in the order of the
    /// vocabulary, then custom ones in the order of `sources.toml`.
    pub fn mapped_fields(&self) -> Vec<(String, FieldKind)> {
        let people = |kind| matches!(kind, SourceKind::Customer | SourceKind::Prospect);
        let mapped: BTreeSet<&str> = (self.sources.source.iter())
            .filter(|s| people(s.kind))
            .flat_map(|s| s.columns.keys().map(|k| k.get_ref().as_str()))
            .collect();
        let built_in = vocabulary::FIELDS.iter().map(|f| (f.name, f.kind));
        let custom = self.sources.field.iter().map(|f| (f.name.get_ref().as_str(), f.kind));
        built_in.chain(custom).filter(|(n, _)| mapped.contains(n)).map(|(n, k)| (n.to_string(), k)).collect()
    }
}

/// What [`load`] found.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The rules, unless a diagnostic is an error.
    pub rules: Option<Rules>,
    /// Errors and warnings by file in the order of [`FILES`], then by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a rules folder given as texts by name relative to it (`sources.toml`). Files in
/// subfolders and `model.toml` have their own readers and are passed over.
pub fn load(files: &BTreeMap<String, String>) -> Loaded {
    let mut out = Vec::new();
    let text = |name: &str| files.get(name).map_or("", String::as_str);
    macro_rules! read {
        ($file:literal, $type:ty) => {
            shape::read::<$type>($file, text($file), &schema_of::<$type>(), &mut out)
        };
    }
    let mut folder = check::Folder {
        sources: read!("sources.toml", sources::Sources),
        contacts: read!("contacts.toml", contacts::Contacts),
        addresses: read!("addresses.toml", addresses::Addresses),
        matching: read!("matching.toml", matching::Matching),
        profiles: read!("profiles.toml", profiles::Profiles),
        survivorship: read!("survivorship.toml", survivorship::Survivorship),
        freshness: read!("freshness.toml", freshness::Freshness),
        permissions: read!("permissions.toml", permissions::Permissions),
        gate: read!("gate.toml", gate::Gate),
    };
    if !files.contains_key("sources.toml") {
        folder.sources = folder.sources.missing();
    }
    check::all(&folder, files, &mut out);
    names(files, &mut out);

    let order = |d: &Diagnostic| FILES.iter().position(|f| *f == d.file).unwrap_or(FILES.len());
    out.sort_by(|a, b| {
        (order(a), &a.file, a.span.start, a.code, &a.message).cmp(&(
            order(b),
            &b.file,
            b.span.start,
            b.code,
            &b.message,
        ))
    });
    let failed = out.iter().any(|d| d.severity == Severity::Error);
    let rules = Rules {
        sources: folder.sources.typed,
        contacts: folder.contacts.typed,
        addresses: folder.addresses.typed,
        matching: folder.matching.typed,
        profiles: folder.profiles.typed,
        survivorship: folder.survivorship.typed,
        freshness: folder.freshness.typed,
        permissions: folder.permissions.typed,
        gate: folder.gate.typed,
    };
    Loaded { rules: (!failed).then_some(rules), diagnostics: out }
}

/// The rules that judge single values: `contacts.toml` and `addresses.toml` alone, each with its defaults where the
/// folder has none, and the findings about them. What the other files say is neither read nor judged.
pub fn load_values(files: &BTreeMap<String, String>) -> (contacts::Contacts, addresses::Addresses, Vec<Diagnostic>) {
    let values = ["contacts.toml", "addresses.toml"];
    let alone: BTreeMap<String, String> =
        files.iter().filter(|(name, _)| values.contains(&name.as_str())).map(|(n, t)| (n.clone(), t.clone())).collect();
    let mut found = Vec::new();
    let text = |name: &str| alone.get(name).map_or("", String::as_str);
    let contacts = shape::read("contacts.toml", text("contacts.toml"), &schema_of::<contacts::Contacts>(), &mut found);
    let addresses =
        shape::read("addresses.toml", text("addresses.toml"), &schema_of::<addresses::Addresses>(), &mut found);
    check::values(&contacts, &addresses, &alone, &mut found);
    (contacts.typed, addresses.typed, found)
}

/// Files that must be there, and files that nothing reads.
fn names(files: &BTreeMap<String, String>, out: &mut Vec<Diagnostic>) {
    for required in ["sources.toml", "matching.toml"] {
        if !files.contains_key(required) {
            out.push(Diagnostic::about(required, "rules::missing_file", format!("there is no `{required}`"), None));
        }
    }
    for name in files.keys() {
        let read = FILES.contains(&name.as_str()) || name == "model.toml";
        if name.ends_with(".toml") && !name.contains('/') && !read {
            let help = diagnostics::did_you_mean(name, FILES.iter().copied());
            let message = format!("nothing reads `{name}`");
            out.push(Diagnostic::about(name, "rules::unknown_file", message, help).warning());
        }
    }
}

/// JSON Schema of a rule file (`sources.toml`); none for a name that is not one.
pub fn schema(file: &str) -> Option<Json> {
    let mut schema = match file {
        "sources.toml" => schema_of::<sources::Sources>(),
        "contacts.toml" => schema_of::<contacts::Contacts>(),
        "addresses.toml" => schema_of::<addresses::Addresses>(),
        "matching.toml" => schema_of::<matching::Matching>(),
        "profiles.toml" => schema_of::<profiles::Profiles>(),
        "survivorship.toml" => schema_of::<survivorship::Survivorship>(),
        "freshness.toml" => schema_of::<freshness::Freshness>(),
        "permissions.toml" => schema_of::<permissions::Permissions>(),
        "gate.toml" => schema_of::<gate::Gate>(),
        _ => return None,
    };
    schema.as_object_mut()?.insert("title".into(), Json::from(file));
    Some(schema)
}

fn schema_of<T: schemars::JsonSchema>() -> Json {
    schemars::schema_for!(T).to_value()
}
