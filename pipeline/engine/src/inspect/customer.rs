//! A golden record by its id, and what a value given by a person becomes for it. Enter: a golden id, a field, a text.
//! Leave: the records and values of the customer; the golden values that the text stands for. Never here: writing.

use super::{Inspection, text};
use crate::error::{Error, Result};
use crate::match_view::{self, ADDRESS_PARTS};
use crate::tables;
use datafusion::prelude::{col, lit};
use std::collections::BTreeMap;
use zlato_core::addresses::AddressInput;
use zlato_core::contacts::Contacts;
use zlato_core::judgement::RecordName;
use zlato_core::rules::sources::FieldKind;
use zlato_core::rules::suggest;
use zlato_core::value::{Assessment, Verdict};

/// A customer or prospect of a run.
pub struct Customer {
    pub golden_id: String,
    pub records: Vec<RecordName>,
    /// Golden values by field, and `address`.
    pub values: BTreeMap<String, String>,
}

/// Golden values that a text stands for.
pub struct Judged {
    /// By field; a whole address gives all its parts, `address` and `address_key`.
    pub values: Vec<(String, Option<String>)>,
    pub assessment: Assessment,
}

impl Inspection {
    /// The golden record of an id.
    pub async fn customer(&self, golden_id: &str) -> Result<Customer> {
        let session = &self.context.session;
        for table in [tables::GOLDEN, tables::CROSSWALK] {
            if !self.context.store.exists(table) {
                return Err(Error::input(format!("the run {} has no golden records", self.context.manifest.run))
                    .hint("continue it with `zlato run --resume`, or name another run with --run"));
            }
            session.register(&self.context.store, table, table).await?;
        }
        let golden = session.context().table(tables::GOLDEN).await?;
        let golden = golden.filter(col("golden_id").eq(lit(golden_id)))?.collect().await?;
        let Some(golden) = golden.into_iter().find(|b| b.num_rows() > 0) else {
            return Err(Error::input(format!(
                "there is no golden record {golden_id} in run {}",
                self.context.manifest.run
            ))
            .hint("`zlato history` says what became of an id; `zlato match` finds a customer"));
        };
        let fields = match_view::golden_fields(&self.context.rules.rules);
        let named = fields.iter().map(String::as_str).chain(["address"]);
        let values = named.filter_map(|f| Some((f.to_string(), text(&golden, f, 0)?))).collect();
        let members = session.context().table(tables::CROSSWALK).await?;
        let members = members.filter(col("golden_id").eq(lit(golden_id)).and(col("status").eq(lit("member"))))?;
        let mut records = Vec::new();
        for batch in members.collect().await? {
            for row in 0..batch.num_rows() {
                let part = |column| text(&batch, column, row).unwrap_or_default();
                records.push(RecordName { source: part("source"), source_key: part("source_key") });
            }
        }
        records.sort();
        Ok(Customer { golden_id: golden_id.into(), records, values })
    }

    /// What a text becomes as the golden value of a field; nothing stands for "no value". `country`: ISO 3166 alpha-2,
    /// for values that do not tell theirs. The text is not quoted in errors.
    pub fn golden_value(&self, field: &str, raw: Option<&str>, country: Option<&str>) -> Result<Judged> {
        let rules = &self.context.rules.rules;
        let fields = match_view::golden_fields(rules);
        let has_address = match_view::has_address(&rules.mapped_fields());
        if field == "address" && has_address {
            return Ok(self.golden_address(raw, country));
        }
        if !fields.iter().any(|f| f == field) {
            let near = suggest(field, fields.iter().map(String::as_str));
            let hint = near.map_or_else(
                || format!("golden fields: {}{}", if has_address { "address, " } else { "" }, fields.join(", ")),
                |n| format!("did you mean `{n}`?"),
            );
            return Err(Error::input(format!("there is no golden field `{field}`")).hint(hint));
        }
        if ADDRESS_PARTS.contains(&field) {
            return Err(Error::input(format!("`{field}` is part of an address"))
                .hint("give the whole address in one line as address=..., so that its parts agree"));
        }
        let Some(raw) = raw else {
            return Ok(Judged { values: vec![(field.into(), None)], assessment: Assessment::VALID });
        };
        let contacts = Contacts::new(&rules.contacts);
        let as_of = self.context.options.as_of;
        let (value, assessment) = match rules.field_kind(field).unwrap_or_default() {
            FieldKind::Email => contacts.email(raw).pair(),
            FieldKind::Phone => contacts.phone(raw, country).pair(),
            FieldKind::NationalId => contacts.national_id(raw, country).pair(),
            FieldKind::Iban => contacts.iban(raw, country).pair(),
            FieldKind::Date if field == "birth_date" => contacts.birth_date(raw, as_of).pair(),
            FieldKind::Date => contacts.date(raw).pair(),
            _ => contacts.text(raw).pair(),
        };
        Ok(Judged { values: vec![(field.into(), value.filter(|_| assessment.usable()))], assessment })
    }

    fn golden_address(&self, raw: Option<&str>, country: Option<&str>) -> Judged {
        let parsed = raw.map(|raw| {
            let input = AddressInput { address: Some(raw), country, ..AddressInput::default() };
            self.context.rules.addresses.address(&input, country)
        });
        let Some(parsed) = parsed else {
            let names = ADDRESS_PARTS.iter().chain(&["address", "address_key"]);
            let values = names.map(|name| ((*name).to_string(), None)).collect();
            return Judged { values, assessment: Assessment::VALID };
        };
        let parts = [
            parsed.street,
            parsed.house_number,
            parsed.unit,
            parsed.level,
            parsed.staircase,
            parsed.po_box,
            parsed.postal_code,
            parsed.locality,
            parsed.district,
            parsed.region,
            parsed.country,
        ];
        let mut values: Vec<(String, Option<String>)> =
            ADDRESS_PARTS.iter().map(|name| (*name).to_string()).zip(parts).collect();
        values.push(("address".into(), parsed.standard));
        values.push(("address_key".into(), parsed.address_key));
        Judged { values, assessment: parsed.assessment }
    }
}

/// Standard form and verdict of a judged value.
trait Pair {
    fn pair(self) -> (Option<String>, Assessment);
}

macro_rules! pair {
    ($($type:ty),*) => {
        $(impl Pair for $type {
            fn pair(self) -> (Option<String>, Assessment) {
                (self.standard, self.assessment)
            }
        })*
    };
}

pair!(
    zlato_core::contacts::Email,
    zlato_core::contacts::Phone,
    zlato_core::contacts::NationalId,
    zlato_core::contacts::Iban,
    zlato_core::contacts::Date,
    zlato_core::contacts::Text
);

impl Judged {
    /// Whether the value may be used.
    pub fn usable(&self) -> bool {
        !matches!(self.assessment.verdict, Verdict::Invalid | Verdict::Missing)
    }
}
