//! Stage addresses. Enter: `records`. Leave: `addresses`: parts, standard line, keys and verdict of
//! each record's postal address, same rows and order. Never here: a country's conventions (data).

use super::again::{Made, map_again};
use super::columns::{TextColumns, text_column, value};
use super::memo::{Memo, Memos};
use crate::context::Context;
use crate::error::Result;
use crate::match_view::{self, ADDRESS_COLUMNS};
use crate::run::{Outcome, Stage};
use crate::tables;
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::SchemaRef;
use std::sync::Arc;
use zlato_core::addresses::{AddressInput, Addresses};

/// Fields of a record that an address is read from.
const INPUTS: [&str; 9] =
    ["address", "street_address", "street", "house_number", "unit", "postal_code", "locality", "region", "country"];

pub async fn run(context: &Context) -> Result<Outcome> {
    let schema = match_view::addresses(&context.rules.rules.mapped_fields());
    let (addresses, target) = (context.rules.addresses.clone(), schema.clone());
    let memos = memos(context);
    let wanted = |name: &str| INPUTS.contains(&name) || name == "default_country";
    let work = move |batch: &RecordBatch| memos.with(|memos| standardise(&addresses, batch, &target, memos));
    // An address is judged by itself: what does not change stands.
    let same = |_: &RecordBatch, old: &RecordBatch| Ok(vec![true; old.num_rows()]);
    let made = Made { work, same, looks_at: vec![] };
    let (rows, again) =
        map_again(context, Stage::Addresses, tables::RECORDS, wanted, tables::ADDRESSES, schema, made).await?;
    Ok(Outcome { rows, again, tables: vec![(tables::ADDRESSES.into(), rows)], warnings: vec![] })
}

/// What [`standardise`] remembers.
pub(crate) fn memos(context: &Context) -> Memos {
    Memos::new(context.options.limits, 1)
}

/// Rows of `addresses` for rows as sources wrote them.
pub(crate) fn standardise(
    addresses: &Addresses,
    batch: &RecordBatch,
    schema: &SchemaRef,
    memos: &mut [Memo],
) -> Result<RecordBatch> {
    let mut columns: Vec<ArrayRef> = vec![batch.column(0).clone()];
    if let (Some(memo), true) = (memos.first_mut(), schema.fields().len() > 1) {
        let inputs = INPUTS.map(|name| text_column(batch, name));
        let default = text_column(batch, "default_country");
        let mut out = TextColumns::new(ADDRESS_COLUMNS.len(), batch.num_rows());
        for row in 0..batch.num_rows() {
            let [address, street_address, street, house_number, unit, postal_code, locality, region, country] =
                inputs.map(|column| value(column, row));
            let default = value(default, row);
            let known =
                [address, street_address, street, house_number, unit, postal_code, locality, region, country, default];
            memo.row(&known, out.row(), |out| {
                let raw: Vec<&str> =
                    [address, street_address, street, house_number, unit, postal_code, locality, region]
                        .into_iter()
                        .flatten()
                        .collect();
                let input = AddressInput {
                    address,
                    street_address,
                    street,
                    house_number,
                    unit,
                    postal_code,
                    locality,
                    region,
                    country,
                };
                let parsed = addresses.address(&input, default);
                let used = parsed.assessment.usable();
                out.push(Some(raw.join(", ")).filter(|r| !r.is_empty()));
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
                ];
                for part in parts {
                    out.push(part.filter(|_| used));
                }
                out.push(parsed.country);
                for key in [parsed.standard, parsed.street_key, parsed.locality_key, parsed.address_key] {
                    out.push(key.filter(|_| used));
                }
                out.assess(&parsed.assessment);
            });
        }
        columns.extend(out.finish());
    }
    Ok(RecordBatch::try_new(Arc::new(schema.as_ref().clone()), columns)?)
}
