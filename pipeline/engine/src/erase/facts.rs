//! What a person's rows say of them, and which of their contacts are somebody else's too. Enters: the rows of stored runs
//! that are the person's. Leaves: the entry of the suppression list, and the values to look for. Never here: a change.

use super::plan::{NORMALISED, Named, pairs, scan, scan_rows};
use crate::error::Result;
use crate::person::{StoredRun, integers};
use crate::stages::columns::{text_column, value};
use crate::suppression::rows::Identity;
use crate::tables;
use arrow::array::RecordBatch;
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use zlato_core::rules::sources::FieldKind;
use zlato_core::suppression::{Entry, Key, Row, Scope, What};

/// What the person's rows say.
#[derive(Default)]
pub struct Person {
    hashes: BTreeSet<(What, u128)>,
    emails: BTreeSet<String>,
    phones: BTreeSet<String>,
    pub shared_emails: BTreeSet<String>,
    pub shared_phones: BTreeSet<String>,
    /// Forms in which a contact or id is stored, by its key.
    forms: BTreeMap<String, BTreeSet<String>>,
    /// Contacts that could not be understood, as they were typed: the person's where nobody else has typed the same.
    unread: BTreeSet<String>,
}

impl Person {
    /// Reads the person's rows of a run, and the profiles and events that the run linked to them. Returns the record ids
    /// of those.
    pub fn collect(&mut self, run: &StoredRun, names: &Named, key: &Key) -> Result<BTreeSet<i64>> {
        let rules = run.rules()?;
        let identity = Identity::new(&rules.rules);
        let mut members = BTreeSet::new();
        self.read(run, &identity, NORMALISED[0], key, |name, _| names.contains(name), Some(&mut members))?;
        let mut own_clusters = BTreeSet::new();
        scan(&run.store, tables::CLUSTERS, |batch| {
            for (record, cluster) in pairs(batch, "record_id", "cluster_id") {
                if members.contains(&record) {
                    own_clusters.insert(cluster);
                }
            }
            Ok(())
        })?;
        let mut linked = BTreeSet::new();
        for table in [tables::PROFILE_LINKS, tables::EVENT_LINKS] {
            scan(&run.store, table, |batch| {
                linked.extend(
                    pairs(batch, "record_id", "cluster_id").filter(|(_, c)| own_clusters.contains(c)).map(|p| p.0),
                );
                Ok(())
            })?;
        }
        for tables in NORMALISED.into_iter().skip(1) {
            self.read(run, &identity, tables, key, |_, id| linked.contains(&id), None)?;
        }
        Ok(linked)
    }

    fn read(
        &mut self,
        run: &StoredRun,
        identity: &Identity,
        tables: (&'static str, &'static str),
        key: &Key,
        wanted: impl Fn(&(String, String), i64) -> bool,
        mut found: Option<&mut BTreeSet<i64>>,
    ) -> Result<()> {
        let rules = run.rules()?;
        scan_rows(&run.store, tables, |batch| {
            let columns = identity.columns(batch);
            let content = integers(batch, "content_hash");
            for at in 0..batch.num_rows() {
                let Some(record) = integers(batch, "record_id").and_then(|c| c.values().get(at)).copied() else {
                    continue;
                };
                let text = |name: &str| value(text_column(batch, name), at).unwrap_or("").to_string();
                if !wanted(&(text("source"), text("source_key")), record) {
                    continue;
                }
                if let Some(found) = found.as_deref_mut() {
                    found.insert(record);
                }
                let row = columns.row(at, content.and_then(|c| c.values().get(at)).copied());
                self.emails.extend(row.emails.iter().map(ToString::to_string));
                self.phones.extend(row.phones.iter().map(ToString::to_string));
                // Contacts are added when it is known which of them are shared.
                let plain = Row { emails: vec![], phones: vec![], ..row.clone() };
                self.hashes.extend(plain.hashes(key));
                if let Some((_, customer)) = row.key.filter(|_| tables == NORMALISED[0]) {
                    self.hashes.insert((What::Customer, key.hash(What::Customer, customer)));
                }
                self.forms(&rules.rules, batch, at);
            }
            Ok(())
        })
    }

    /// Raw, standard form and key of contacts and ids belong together.
    fn forms(&mut self, rules: &zlato_core::rules::Rules, batch: &RecordBatch, at: usize) {
        let schema = batch.schema();
        for field in schema.fields() {
            let name = field.name();
            let kind = rules.field_kind(name);
            let key = match kind {
                Some(FieldKind::Email | FieldKind::Phone) => format!("{name}_key"),
                Some(FieldKind::NationalId | FieldKind::Iban) => name.clone(),
                _ => continue,
            };
            let get = |column: &str| value(text_column(batch, column), at);
            let raw = get(&format!("{name}_raw"));
            let Some(key) = get(&key) else {
                self.unread.extend(raw.map(|r| r.trim().to_string()).filter(|r| !r.is_empty()));
                continue;
            };
            let forms = self.forms.entry(key.to_string()).or_default();
            forms.insert(key.to_string());
            for form in [get(name), raw].into_iter().flatten() {
                forms.insert(form.trim().to_string());
            }
            if let Some(standard) = get(name) {
                forms.insert(sha256_hex(standard));
            }
        }
    }

    /// Contacts that a row of somebody else has, too. Somebody else is who is told apart by name, birth date or id.
    pub fn find_shared(&mut self, runs: &[StoredRun], names: &Named, key: &Key) -> Result<()> {
        for run in runs {
            let rules = run.rules()?;
            let identity = Identity::new(&rules.rules);
            scan_rows(&run.store, NORMALISED[0], |batch| {
                let columns = identity.columns(batch);
                let raws: Vec<_> = raw_columns(&rules.rules, batch);
                for at in 0..batch.num_rows() {
                    let row = columns.row(at, None);
                    let name = row.key.map(|(s, k)| (s.to_string(), k.to_string()));
                    if name.as_ref().is_some_and(|n| names.contains(n)) {
                        continue;
                    }
                    if !self.unread.is_empty() {
                        for raw in raws.iter().filter_map(|c| value(Some(*c), at)) {
                            self.unread.remove(raw.trim());
                        }
                    }
                    let emails: Vec<&str> = row.emails.iter().copied().filter(|e| self.emails.contains(*e)).collect();
                    let phones: Vec<&str> = row.phones.iter().copied().filter(|p| self.phones.contains(*p)).collect();
                    if emails.is_empty() && phones.is_empty() {
                        continue;
                    }
                    if !self.told_apart(&row, key) {
                        continue;
                    }
                    self.shared_emails.extend(emails.into_iter().map(String::from));
                    self.shared_phones.extend(phones.into_iter().map(String::from));
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn told_apart(&self, row: &Row<'_>, key: &Key) -> bool {
        let hashes = row.hashes(key);
        let differs = |what: What| {
            let mut own = hashes.range((what, 0)..=(what, u128::MAX)).peekable();
            let known = self.hashes.range((what, 0)..=(what, u128::MAX)).next().is_some();
            own.peek().is_some() && known && !own.any(|h| self.hashes.contains(h))
        };
        differs(What::NationalId) || differs(What::Given) || differs(What::Birth)
    }

    pub fn entry(&self, day: NaiveDate, key: &Key) -> Entry {
        let mut hashes = self.hashes.clone();
        let mut add = |values: &BTreeSet<String>, shared: &BTreeSet<String>, own: What, with_others: What| {
            for value in values {
                let what = if shared.contains(value) { with_others } else { own };
                hashes.insert((what, key.hash(what, value)));
            }
        };
        add(&self.emails, &self.shared_emails, What::Email, What::SharedEmail);
        add(&self.phones, &self.shared_phones, What::Phone, What::SharedPhone);
        for (contacts, shared, what) in [
            (&self.emails, &self.shared_emails, What::EmailSha256),
            (&self.phones, &self.shared_phones, What::PhoneSha256),
        ] {
            for contact in contacts.difference(shared) {
                let forms = self.forms.get(contact).into_iter().flatten().filter(|f| f.len() == 64);
                hashes.extend(forms.map(|form| (what, key.hash(what, form))));
            }
            // A vendor's hash of a contact that others have as well speaks of nobody alone.
            for contact in shared {
                let forms = self.forms.get(contact).into_iter().flatten().filter(|f| f.len() == 64);
                for form in forms {
                    hashes.remove(&(what, key.hash(what, form)));
                }
            }
        }
        Entry::new(Scope::Erased, vec![], day, &hashes)
    }

    /// Every stored form of contacts and ids that are nobody else's.
    pub fn values(&self) -> BTreeSet<String> {
        let shared = |key: &String| self.shared_emails.contains(key) || self.shared_phones.contains(key);
        let own = self.forms.iter().filter(|(key, _)| !shared(key));
        own.flat_map(|(_, forms)| forms).chain(&self.unread).filter(|f| !f.is_empty()).cloned().collect()
    }
}

/// The columns of contacts and ids as they were typed.
fn raw_columns<'b>(rules: &zlato_core::rules::Rules, batch: &'b RecordBatch) -> Vec<&'b arrow::array::StringArray> {
    use FieldKind::{Email, Iban, NationalId, Phone};
    let schema = batch.schema();
    let fields = schema
        .fields()
        .iter()
        .filter(|f| rules.field_kind(f.name()).is_some_and(|kind| matches!(kind, Email | Phone | NationalId | Iban)));
    fields.filter_map(|f| text_column(batch, &format!("{}_raw", f.name()))).collect()
}

fn sha256_hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
