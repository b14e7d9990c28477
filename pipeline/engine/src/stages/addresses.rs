//! Stage addresses. Enter: `records`. Leave: `addresses`: parts, standard line, keys and verdict of
//! each record's postal address, same rows and order. Never here: a country's conventions (data).

use super::columns::{TextColumns, text_column, value};
use super::parts::map_parts;
use crate::context::Context;
use crate::error::Result;
use crate::match_view::{self, ADDRESS_COLUMNS};
use crate::run::{Outcome, Stage};
use crate::tables;
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::SchemaRef;
use std::sync::Arc;
use zlato_core::addresses::{AddressInput, Addresses};

pub async fn run(context: &Context) -> Result<Outcome> {
    let schema = match_view::addresses(&context.rules.rules.mapped_fields());
    let (addresses, target) = (context.rules.addresses.clone(), schema.clone());
    let rows = map_parts(context, Stage::Addresses, &[tables::RECORDS], tables::ADDRESSES, schema, move |batch| {
        standardise(&addresses, batch, &target)
    })
    .await?;
    Ok(Outcome { rows, tables: vec![(tables::ADDRESSES.into(), rows)], warnings: vec![] })
}

fn standardise(addresses: &Addresses, batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let mut columns: Vec<ArrayRef> = vec![batch.column(0).clone()];
    if schema.fields().len() > 1 {
        let inputs = [
            "address",
            "street_address",
            "street",
            "house_number",
            "unit",
            "postal_code",
            "locality",
            "region",
            "country",
        ]
        .map(|name| text_column(batch, name));
        let default = text_column(batch, "default_country");
        let mut out = TextColumns::new(ADDRESS_COLUMNS.len(), batch.num_rows());
        for row in 0..batch.num_rows() {
            let [address, street_address, street, house_number, unit, postal_code, locality, region, country] =
                inputs.map(|column| value(column, row));
            let raw: Vec<&str> = [address, street_address, street, house_number, unit, postal_code, locality, region]
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
            let parsed = addresses.address(&input, value(default, row));
            let used = parsed.assessment.usable();
            let mut out = out.row();
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
        }
        columns.extend(out.finish());
    }
    Ok(RecordBatch::try_new(Arc::new(schema.as_ref().clone()), columns)?)
}
