//! `zlato tables`: what a run has written, table by table, and SQL over it.

use crate::args::TablesArgs;
use crate::ask;
use crate::messages::Failure;
use crate::units::count;
use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use std::io::IsTerminal;
use zlato_engine::catalog::Catalog;
use zlato_engine::error::Error;
use zlato_engine::tables::ALL;

pub fn tables(args: &TablesArgs) -> Result<u8, Failure> {
    let limits = ask::limits(None, None);
    let text = ask::runtime(limits.threads)?.block_on(async {
        let catalog = Catalog::open(&args.out, args.run.as_deref(), limits).await?;
        match (&args.table, &args.sql) {
            (_, Some(sql)) => show(&catalog.user_query(sql).await?, args.csv),
            (Some(table), None) => one(&catalog, table, args).await,
            (None, None) => list(&catalog),
        }
    })?;
    ask::say(&text)?;
    Ok(crate::DONE)
}

pub fn drawn() -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED);
    let arrangement =
        if std::io::stdout().is_terminal() { ContentArrangement::Dynamic } else { ContentArrangement::Disabled };
    table.set_content_arrangement(arrangement);
    table
}

fn list(catalog: &Catalog) -> Result<String, Error> {
    let mut table = drawn();
    table.set_header(["table", "rows", "written by", "a row is"]);
    for name in catalog.names()? {
        let known = ALL.iter().find(|t| t.name == name);
        let rows = count(catalog.store.rows(&name)?);
        table.add_row([
            name,
            rows,
            known.map_or_else(String::new, |t| t.writer.as_str().into()),
            known.map_or_else(String::new, |t| t.row.into()),
        ]);
    }
    Ok(format!("Run {}\n{table}\n", catalog.manifest.run))
}

async fn one(catalog: &Catalog, name: &str, args: &TablesArgs) -> Result<String, Error> {
    let names = catalog.names()?;
    if !names.iter().any(|n| n == name) {
        let near = zlato_core::rules::suggest(name, names.iter().map(String::as_str));
        let hint = near.map_or_else(|| format!("tables: {}", names.join(", ")), |n| format!("did you mean `{n}`?"));
        return Err(Error::input(format!("the run has no table `{name}`")).hint(hint));
    }
    let batches = catalog.user_query(&format!("SELECT * FROM \"{name}\" LIMIT {}", args.rows)).await?;
    if args.csv {
        return show(&batches, true);
    }
    let mut columns = drawn();
    columns.set_header(["column", "type", "nulls"]);
    for field in catalog.store.schema(name)?.fields() {
        columns.add_row([
            field.name().clone(),
            field.data_type().to_string(),
            if field.is_nullable() { "allowed" } else { "none" }.to_string(),
        ]);
    }
    let rows = count(catalog.store.rows(name)?);
    Ok(format!("{name}: {rows} rows\n{columns}\nFirst rows\n{}", show(&batches, false)?))
}

fn show(batches: &[RecordBatch], csv: bool) -> Result<String, Error> {
    let options = FormatOptions::default();
    let mut table = drawn();
    let mut lines = String::new();
    if let Some(first) = batches.first() {
        let names: Vec<String> = first.schema().fields().iter().map(|f| f.name().clone()).collect();
        lines.push_str(&csv_line(&names));
        table.set_header(names);
    }
    for batch in batches {
        let mut formatters = Vec::with_capacity(batch.num_columns());
        for column in batch.columns() {
            formatters.push(ArrayFormatter::try_new(column.as_ref(), &options)?);
        }
        for row in 0..batch.num_rows() {
            let cells: Vec<String> = formatters.iter().map(|f| f.value(row).to_string()).collect();
            if csv {
                lines.push_str(&csv_line(&cells));
            } else {
                table.add_row(cells);
            }
        }
    }
    Ok(if csv { lines } else { format!("{table}\n") })
}

fn csv_line(cells: &[String]) -> String {
    let quoted = cells.iter().map(|cell| {
        if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
    });
    quoted.collect::<Vec<_>>().join(",") + "\n"
}
