//! Households without a person. Enters: a part of the table, and the golden ids that go. Leaves: the part with the heads
//! counted again; a household of one is none. A household speaks of others too, so its rows stay.

use super::plan::scan;
use crate::error::{Error, Result};
use crate::person::integers;
use crate::stages::columns::{text_column, value};
use crate::store::Store;
use crate::tables;
use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow::compute::filter_record_batch;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Who is left of a household, each with the group of age.
type Rest = BTreeMap<String, Option<String>>;

/// The households of a run that lose somebody, with who is left.
#[derive(Default)]
pub struct Households(HashMap<String, Rest>);

impl Households {
    /// Looks through all parts of the table, before any of them is changed. A household that has other rows than heads was
    /// left so by an erasure that was interrupted.
    pub fn find(store: &Store, gone: &BTreeSet<String>) -> Result<Self> {
        if !store.exists(tables::HOUSEHOLDS) {
            return Ok(Self::default());
        }
        // Rows, and the least and most heads that they tell.
        let mut heads: HashMap<String, (i64, i64, i64)> = HashMap::new();
        let mut left: HashMap<String, Rest> = HashMap::new();
        scan(store, tables::HOUSEHOLDS, |batch| {
            let (household, golden) = (text_column(batch, "household_id"), text_column(batch, "golden_id"));
            let members = integers(batch, "members");
            for row in 0..batch.num_rows() {
                let (Some(home), Some(person)) = (value(household, row), value(golden, row)) else { continue };
                if gone.contains(person) || gone.contains(home) {
                    left.entry(home.into()).or_default();
                }
                let Some(told) = members.and_then(|c| c.values().get(row)).copied() else { continue };
                match heads.get_mut(home) {
                    Some((rows, least, most)) => {
                        (*rows, *least, *most) = (*rows + 1, told.min(*least), told.max(*most))
                    }
                    None => {
                        heads.insert(home.into(), (1, told, told));
                    }
                }
            }
            Ok(())
        })?;
        let wrong = heads.into_iter().filter(|(_, (rows, least, most))| rows != least || rows != most);
        left.extend(wrong.map(|(home, _)| (home, Rest::new())));
        if left.is_empty() {
            return Ok(Self::default());
        }
        scan(store, tables::HOUSEHOLDS, |batch| {
            let [household, golden, age] =
                ["household_id", "golden_id", "age_group"].map(|name| text_column(batch, name));
            for row in 0..batch.num_rows() {
                let (Some(home), Some(person)) = (value(household, row), value(golden, row)) else { continue };
                if let Some(rest) = left.get_mut(home).filter(|_| !gone.contains(person)) {
                    rest.insert(person.into(), value(age, row).map(String::from));
                }
            }
            Ok(())
        })?;
        Ok(Self(left))
    }

    /// A batch without who goes, and with the heads of their households counted again; none where nothing is changed.
    pub fn without(&self, batch: &RecordBatch, gone: &BTreeSet<String>) -> Result<Option<RecordBatch>> {
        let (household, golden) = (text_column(batch, "household_id"), text_column(batch, "golden_id"));
        let rest = |row: usize| value(household, row).and_then(|home| self.0.get(home));
        if self.0.is_empty() || !(0..batch.num_rows()).any(|row| rest(row).is_some()) {
            return Ok(None);
        }
        let stays = |row: usize| {
            !value(golden, row).is_some_and(|id| gone.contains(id)) && rest(row).is_none_or(|rest| rest.len() > 1)
        };
        let keep: BooleanArray = (0..batch.num_rows()).map(|row| Some(stays(row))).collect();
        let counted = |name: &str, counts: &dyn Fn(&Option<String>) -> bool| -> Result<ArrayRef> {
            let before = integers(batch, name).ok_or_else(|| Error::Internal(format!("households without {name}")))?;
            let count = |row: usize| match rest(row) {
                Some(rest) => i64::try_from(rest.values().filter(|age| counts(age)).count()).ok(),
                None => before.values().get(row).copied(),
            };
            Ok(Arc::new((0..batch.num_rows()).map(count).collect::<Int64Array>()))
        };
        let mut columns = Vec::with_capacity(batch.num_columns());
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            columns.push(match field.name().as_str() {
                // Of a version that named households after golden ids.
                "household_id" => {
                    let named = |row: usize| {
                        let id = value(household, row)?;
                        let first = || rest(row)?.keys().next().map(String::as_str);
                        if gone.contains(id) { first().or(Some(id)) } else { Some(id) }
                    };
                    Arc::new((0..batch.num_rows()).map(named).collect::<StringArray>())
                }
                "members" => counted("members", &|_| true)?,
                "adults" => counted("adults", &|age| age.as_deref() == Some("adult"))?,
                "children" => counted("children", &|age| age.as_deref() == Some("child"))?,
                _ => column.clone(),
            });
        }
        let changed = RecordBatch::try_new(batch.schema(), columns)?;
        Ok(Some(filter_record_batch(&changed, &keep)?))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use arrow::array::new_null_array;
    use arrow::datatypes::DataType;

    /// Rows of one household: golden id and heads told.
    fn rows(people: &[(&str, i64)]) -> RecordBatch {
        let schema = tables::households();
        let column = |name: &str| -> Option<ArrayRef> {
            Some(match name {
                "household_id" => Arc::new(people.iter().map(|_| Some("H1")).collect::<StringArray>()),
                "golden_id" => Arc::new(people.iter().map(|(id, _)| Some(*id)).collect::<StringArray>()),
                "members" => Arc::new(people.iter().map(|(_, heads)| *heads).collect::<Int64Array>()),
                _ => return None,
            })
        };
        let columns = schema.fields().iter().map(|field| {
            let empty = || match field.data_type() {
                DataType::Utf8 if !field.is_nullable() => {
                    Arc::new(people.iter().map(|_| Some("")).collect::<StringArray>()) as ArrayRef
                }
                DataType::Int64 if !field.is_nullable() => Arc::new(people.iter().map(|_| 0).collect::<Int64Array>()),
                other => new_null_array(other, people.len()),
            };
            column(field.name()).unwrap_or_else(empty)
        });
        RecordBatch::try_new(schema.clone(), columns.collect()).unwrap()
    }

    fn told(batch: Option<RecordBatch>) -> Vec<(String, i64)> {
        let batch = batch.unwrap();
        let (people, heads) = (text_column(&batch, "golden_id").unwrap(), integers(&batch, "members").unwrap());
        people.iter().zip(heads.values()).map(|(id, n)| (id.unwrap().to_string(), *n)).collect()
    }

    /// A household whose rows stand in two parts of the table; the second time after a crash between the two.
    #[test]
    fn heads_are_right_in_every_part_and_after_an_interruption() {
        let gone = BTreeSet::from(["A".to_string()]);
        let (first, second) = (rows(&[("A", 3), ("B", 3)]), rows(&[("C", 3)]));
        let swept = rows(&[("B", 2)]);
        for parts in [[&first, &second], [&swept, &second]] {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::new(folder.path(), Arc::default());
            let table = store.begin(tables::HOUSEHOLDS, tables::households()).unwrap();
            for (number, batch) in parts.iter().enumerate() {
                let mut part = table.part(number).unwrap();
                part.write(batch).unwrap();
                part.finish().unwrap();
            }
            table.finish().unwrap();
            let households = Households::find(&store, &gone).unwrap();
            assert_eq!(told(households.without(parts[0], &gone).unwrap()), [("B".to_string(), 2)]);
            assert_eq!(told(households.without(parts[1], &gone).unwrap()), [("C".to_string(), 2)]);
        }
    }
}
