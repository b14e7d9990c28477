//! Whose record is it? Enter: `crosswalk`. Leave: golden id, kind and name of each row of the index. Memory: some 12
//! bytes a record beside the texts of keys and golden ids. Never here: golden values.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::stages::columns::{text_column, value};
use crate::store::read_some;
use crate::tables;
use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use std::collections::HashMap;

/// Texts end to end, by number.
#[derive(Default)]
struct Packed {
    text: String,
    ends: Vec<usize>,
}

impl Packed {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    fn get(&self, number: usize) -> &str {
        let start = number.checked_sub(1).and_then(|before| self.ends.get(before).copied()).unwrap_or(0);
        let end = self.ends.get(number).copied().unwrap_or(start);
        self.text.get(start..end).unwrap_or("")
    }
}

/// Golden ids by row of the index.
pub struct Customers {
    customer: Vec<u32>,
    ids: Packed,
    keys: Packed,
    /// Number of the row's source in `sources`.
    source: Vec<u16>,
    /// Names of sources with the kind of their rows.
    sources: Vec<(String, String)>,
}

impl Customers {
    /// `records`: the record of each row, ascending; `crosswalk` is in the same order.
    pub fn read(context: &Context, records: &[i64]) -> Result<Self> {
        let mut all = Self {
            customer: Vec::with_capacity(records.len()),
            ids: Packed::default(),
            keys: Packed::default(),
            source: Vec::with_capacity(records.len()),
            sources: Vec::new(),
        };
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut wanted = records.iter().peekable();
        let columns = ["record_id", "source", "source_key", "kind", "golden_id"];
        for part in context.store.parts(tables::CROSSWALK)? {
            for batch in read_some(&part, |name| columns.contains(&name))? {
                let batch = batch?;
                let ids = batch.column_by_name("record_id").and_then(|c| c.as_primitive_opt::<Int64Type>());
                let ids = ids.ok_or_else(|| Error::Internal("the crosswalk lacks its columns".into()))?;
                let text = |name: &str| text_column(&batch, name);
                let (golden, key, source, kind) = (text("golden_id"), text("source_key"), text("source"), text("kind"));
                for (row, id) in ids.values().iter().enumerate() {
                    if wanted.next_if_eq(&id).is_none() {
                        continue;
                    }
                    let text = |column| value(column, row).unwrap_or("");
                    let number = match numbers.get(text(golden)) {
                        Some(number) => *number,
                        None => {
                            let number = numbers.len() as u32;
                            numbers.insert(text(golden).into(), number);
                            all.ids.push(text(golden));
                            number
                        }
                    };
                    all.customer.push(number);
                    all.keys.push(text(key));
                    let named = |(name, of): &(String, String)| name == text(source) && of == text(kind);
                    let source = all.sources.iter().position(named).unwrap_or_else(|| {
                        all.sources.push((text(source).into(), text(kind).into()));
                        all.sources.len() - 1
                    });
                    all.source.push(source as u16);
                }
            }
        }
        match wanted.next() {
            None => Ok(all),
            Some(_) => Err(Error::Internal("a record is missing from the crosswalk".into())),
        }
    }

    /// Number of the row's customer.
    pub fn of(&self, row: u32) -> u32 {
        self.customer.get(row as usize).copied().unwrap_or(u32::MAX)
    }

    /// Golden id of a customer.
    pub fn id(&self, customer: u32) -> &str {
        self.ids.get(customer as usize)
    }

    /// The row as `source:key`.
    pub fn record(&self, row: u32) -> String {
        format!("{}:{}", self.source(row).0, self.keys.get(row as usize))
    }

    /// `customer` or `prospect`: what the row's source holds.
    pub fn kind(&self, row: u32) -> &str {
        self.source(row).1
    }

    fn source(&self, row: u32) -> (&str, &str) {
        let source = self.source.get(row as usize).and_then(|number| self.sources.get(usize::from(*number)));
        source.map_or(("", ""), |(name, kind)| (name, kind))
    }
}
