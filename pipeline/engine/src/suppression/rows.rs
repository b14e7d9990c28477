//! Rows of a table of contacts as a suppression list is asked about them. Enters: a batch of `contacts`,
//! `profile_contacts` or `event_contacts`, with address columns where they stand beside. Never here: a decision.

use crate::match_view::column;
use crate::stages::columns::{text_column, value};
use arrow::array::{RecordBatch, StringArray};
use zlato_core::rules::Rules;
use zlato_core::rules::sources::{FieldKind, KeyMapping};
use zlato_core::suppression::{Name, Row};

/// Fields that say who somebody is, by kind; prepared once a rules folder.
#[derive(Debug, Clone)]
pub struct Identity {
    emails: Vec<String>,
    phones: Vec<String>,
    national_ids: Vec<String>,
    /// Sources whose keys are line numbers, which name another row tomorrow.
    line_keyed: Vec<String>,
}

impl Identity {
    pub fn new(rules: &Rules) -> Self {
        let built_in = zlato_core::rules::vocabulary::FIELDS.iter().map(|f| (f.name.to_string(), f.kind));
        let custom = rules.sources.field.iter().map(|f| (f.name.get_ref().clone(), f.kind));
        let fields: Vec<(String, FieldKind)> = built_in.chain(custom).collect();
        let of = |kind: FieldKind| fields.iter().filter(|(_, k)| *k == kind).map(|(n, _)| n.clone()).collect();
        let line = |key: &KeyMapping| matches!(key, KeyMapping::Line(_));
        let sources = rules.sources.source.iter().filter(|s| line(s.key.get_ref()));
        Self {
            emails: of(FieldKind::Email),
            phones: of(FieldKind::Phone),
            national_ids: of(FieldKind::NationalId),
            line_keyed: sources.map(|s| s.name.get_ref().clone()).collect(),
        }
    }

    pub fn is_line_keyed(&self, source: &str) -> bool {
        self.line_keyed.iter().any(|s| s == source)
    }

    /// The columns of a batch.
    pub fn columns<'a>(&'a self, batch: &'a RecordBatch) -> IdentityColumns<'a> {
        let text = |name: &str| text_column(batch, name);
        let keys = |fields: &[String]| fields.iter().filter_map(|f| text(&column(f, "key"))).collect();
        IdentityColumns {
            identity: self,
            emails: keys(&self.emails),
            phones: keys(&self.phones),
            national_ids: self.national_ids.iter().filter_map(|f| text(f)).collect(),
            named: ["given_name_key", "given_name_root", "family_name_key", "family_name_root"].map(text),
            birth_date: text("birth_date"),
            postal_code: text("postal_code"),
            hashes: ["email_sha256", "phone_sha256"].map(text),
            source: text("source"),
            source_key: text("source_key"),
            customer: ["customer_source", "customer_key"].map(text),
        }
    }
}

/// The columns of one batch.
pub struct IdentityColumns<'a> {
    identity: &'a Identity,
    emails: Vec<&'a StringArray>,
    phones: Vec<&'a StringArray>,
    national_ids: Vec<&'a StringArray>,
    named: [Option<&'a StringArray>; 4],
    birth_date: Option<&'a StringArray>,
    postal_code: Option<&'a StringArray>,
    hashes: [Option<&'a StringArray>; 2],
    source: Option<&'a StringArray>,
    source_key: Option<&'a StringArray>,
    customer: [Option<&'a StringArray>; 2],
}

impl<'a> IdentityColumns<'a> {
    /// What row `at` says of its person; `content` is its content hash, where the caller has it.
    pub fn row(&self, at: usize, content: Option<i64>) -> Row<'a> {
        let all = |columns: &[&'a StringArray]| columns.iter().filter_map(|c| value(Some(c), at)).collect();
        let [given, given_root, family, family_root] = self.named.map(|c| value(c, at));
        let source = value(self.source, at);
        let lines = source.is_some_and(|s| self.identity.is_line_keyed(s));
        let [email_hashes, phone_hashes] = self.hashes.map(|c| value(c, at).into_iter().collect());
        let [customer_source, customer_key] = self.customer.map(|c| value(c, at));
        Row {
            emails: all(&self.emails),
            phones: all(&self.phones),
            email_hashes,
            phone_hashes,
            national_ids: all(&self.national_ids),
            name: Name { given, given_root, family, family_root },
            birth_date: value(self.birth_date, at),
            postal_code: value(self.postal_code, at),
            key: source.zip(value(self.source_key, at)).filter(|_| !lines),
            customer: customer_key.map(|key| (customer_source, key)),
            content: source.zip(content).filter(|_| lines),
        }
    }
}
