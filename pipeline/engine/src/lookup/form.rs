//! A form, as a call centre fills it in: field names with texts. Leaves: the row of `features` that a run would make of
//! it, and what each value became. Never here: finding anyone; the values never reach an error text.

use super::Form;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::stages::columns::{text_column, value};
use crate::stages::contacts::{Worker, mail_domains, mapped};
use crate::stages::dedupe::features::Features;
use crate::stages::dedupe::hygiene;
use crate::stages::memo::Memos;
use crate::stages::{addresses, parts};
use crate::{match_view, tables};
use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, SchemaRef};
use serde::Serialize;
use std::sync::Arc;
use zlato_core::contacts::Contacts;
use zlato_core::rules::sources::FieldKind;
use zlato_core::rules::vocabulary;

/// What became of a value, as `zlato try` would say it.
#[derive(Debug, Clone, Serialize)]
pub struct Value {
    /// A field, or `name` and `address` for what is judged as a whole.
    pub field: String,
    pub standard: Option<String>,
    pub verdict: String,
    pub reason: Option<String>,
    pub suggestion: Option<String>,
}

/// A form that was read.
pub struct Read {
    /// One row.
    pub features: RecordBatch,
    pub values: Vec<Value>,
    pub ignored: Vec<String>,
}

/// Reads forms by the rules of a run.
pub struct Forms {
    fields: Vec<(String, FieldKind)>,
    accepted: Vec<String>,
    records: SchemaRef,
    contacts: SchemaRef,
    addresses: SchemaRef,
    worker: Worker,
    context_addresses: Arc<zlato_core::addresses::Addresses>,
    memos: Memos,
    features: Features,
}

impl Forms {
    pub fn new(context: &Context) -> Result<Self> {
        let rules = &context.rules.rules;
        let fields = mapped(context, tables::RECORDS)?;
        // Names and addresses may come in other parts than the sources have them.
        let in_parts = vocabulary::FIELDS.iter().filter(|f| {
            let judged = |kind| fields.iter().any(|(_, k)| *k == kind);
            matches!(f.kind, FieldKind::PersonName | FieldKind::Address) && judged(f.kind)
        });
        let mut accepted: Vec<String> = fields.iter().map(|(name, _)| name.clone()).collect();
        accepted.extend(in_parts.map(|f| f.name.to_string()).filter(|name| !fields.iter().any(|(f, _)| f == name)));
        Ok(Self {
            records: tables::record_columns(accepted.iter().cloned()),
            contacts: match_view::contacts(&fields),
            addresses: match_view::addresses(&rules.mapped_fields()),
            worker: Worker::new(
                context,
                Arc::new(Contacts::new(&rules.contacts)),
                mail_domains(context)?,
                fields.len(),
            ),
            context_addresses: context.rules.addresses.clone(),
            memos: addresses::memos(context),
            features: Features::new(rules, hygiene::kept(context)?)?,
            fields,
            accepted,
        })
    }

    pub fn read(&self, form: &Form, country: Option<&str>) -> Result<Read> {
        let ignored = self.ignored(form)?;
        let record = self.record(form, country)?;
        let contacts = self.worker.normalise(&record, &self.fields, &self.contacts)?;
        let address = self
            .memos
            .with(|memos| addresses::standardise(&self.context_addresses, &record, &self.addresses, memos))?;
        let both = parts::side_by_side_batches(&[contacts, address])?;
        Ok(Read { features: self.features.of(&both)?, values: self.values(form, &both), ignored })
    }

    /// Fields that no source has. A name that is no field at all is an error.
    fn ignored(&self, form: &Form) -> Result<Vec<String>> {
        let mut ignored = Vec::new();
        for name in form.keys().filter(|name| !self.accepted.contains(name)) {
            if vocabulary::find(name).is_none() {
                let error = Error::input("the form has a field that is not known");
                let near = vocabulary::suggest_field(name, self.accepted.iter().map(String::as_str));
                let fields = || format!("fields: {}", self.accepted.join(", "));
                return Err(error.hint(near.map_or_else(fields, |near| format!("did you mean `{near}`?"))));
            }
            ignored.push(name.clone());
        }
        if form.keys().all(|name| ignored.contains(name)) {
            let hint = format!("fields: {}", self.accepted.join(", "));
            return Err(Error::input("the form has no field that the run's sources have").hint(hint));
        }
        Ok(ignored)
    }

    /// The form as a row of `records`.
    fn record(&self, form: &Form, country: Option<&str>) -> Result<RecordBatch> {
        let columns = self.records.fields().iter().map(|field| -> ArrayRef {
            if field.data_type() == &DataType::Int64 {
                return Arc::new(Int64Array::from(vec![0]));
            }
            let text = match field.name().as_str() {
                "default_country" => country,
                name => form.get(name).map(String::as_str).filter(|text| !text.trim().is_empty()),
            };
            match field.is_nullable() {
                true => Arc::new(StringArray::from(vec![text])),
                false => Arc::new(StringArray::from(vec![if field.name() == "kind" { "customer" } else { "" }])),
            }
        });
        Ok(RecordBatch::try_new(self.records.clone(), columns.collect())?)
    }

    fn values(&self, form: &Form, row: &RecordBatch) -> Vec<Value> {
        let text = |name: &str| value(text_column(row, name), 0).map(String::from);
        let judged = |name: &str, standard: Option<String>| {
            let verdict = text(&format!("{name}_verdict"))?;
            let [reason, suggestion] = ["reason", "suggestion"].map(|part| text(&format!("{name}_{part}")));
            Some(Value { field: name.into(), standard, verdict, reason, suggestion })
        };
        let mut values = Vec::new();
        let given = |kind| form.keys().any(|f| vocabulary::find(f).is_some_and(|f| f.kind == kind));
        if given(FieldKind::PersonName) {
            let parts = match_view::NAME_PARTS.iter().filter(|part| **part != "birth_name").filter_map(|p| text(p));
            let name = parts.collect::<Vec<_>>().join(" ");
            values.extend(judged("name", Some(name).filter(|n| !n.is_empty())));
        }
        for (field, _) in self.fields.iter().filter(|(field, _)| form.contains_key(field)) {
            values.extend(judged(field, text(field)));
        }
        if given(FieldKind::Address) && !values.iter().any(|v| v.field == "address") {
            values.extend(judged("address", text("address")));
        }
        values
    }
}
