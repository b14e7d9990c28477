//! Row-by-row stages: tables of the same rows in, a table with these rows, order and parts out.
//! Parts are worked on in parallel and each is written on its own, so the result does not depend on
//! the number of threads.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::run::Stage;
use crate::store::{Store, TableWriter, read_some};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use futures::{StreamExt, TryStreamExt, stream};
use std::path::PathBuf;
use std::sync::Arc;

/// Applies `work` to every batch of `inputs` and writes the result as `output`. Returns its rows.
/// All inputs have the same rows in the same order and parts; `work` sees them side by side, with
/// the first column (`record_id`) of the second and later ones left out.
pub async fn map_parts(
    context: &Context,
    stage: Stage,
    inputs: &[&str],
    output: &str,
    schema: SchemaRef,
    work: impl Fn(&RecordBatch) -> Result<RecordBatch> + Send + Sync + 'static,
) -> Result<u64> {
    map_columns(context, stage, inputs, |_| true, output, schema, work).await
}

/// As [`map_parts`], reading only the columns that `wanted` names, and the first one of every table.
pub async fn map_columns(
    context: &Context,
    stage: Stage,
    inputs: &[&str],
    wanted: impl Fn(&str) -> bool + Send + Sync + 'static,
    output: &str,
    schema: SchemaRef,
    work: impl Fn(&RecordBatch) -> Result<RecordBatch> + Send + Sync + 'static,
) -> Result<u64> {
    let table = Arc::new(context.store.begin(output, schema)?);
    let work = Arc::new(work);
    let wanted = Arc::new(wanted);
    let parts = side_by_side(&context.store, inputs)?;
    stream::iter(parts.into_iter().enumerate().map(Ok))
        .map(|part: Result<(usize, Vec<PathBuf>)>| {
            let (table, work, progress) = (table.clone(), work.clone(), context.progress.clone());
            let wanted = wanted.clone();
            async move {
                let (number, paths) = part?;
                blocking(move || {
                    let mut readers = Vec::with_capacity(paths.len());
                    for path in paths {
                        readers.push(read_some(&path, wanted.as_ref())?);
                    }
                    map_part(&table, number, readers, work.as_ref(), &|rows| progress.advanced(stage, rows))
                })
                .await
            }
        })
        .buffered(context.options.limits.threads)
        .try_collect::<Vec<()>>()
        .await?;
    finish(table)
}

/// Gives `work` every batch of `inputs` side by side, parts in parallel and in no order. Of the columns only those that
/// `wanted` names are read, and the first one of every table.
pub async fn scan_parts(
    context: &Context,
    inputs: &[&str],
    wanted: impl Fn(&str) -> bool + Send + Sync + 'static,
    work: impl Fn(&RecordBatch) -> Result<()> + Send + Sync + 'static,
) -> Result<()> {
    let shared = Arc::new((wanted, work));
    stream::iter(side_by_side(&context.store, inputs)?.into_iter().map(Ok))
        .map(|paths: Result<Vec<PathBuf>>| {
            let (shared, cancel) = (shared.clone(), context.cancel.clone());
            async move {
                let paths = paths?;
                blocking(move || {
                    let (wanted, work) = shared.as_ref();
                    let mut readers = Vec::with_capacity(paths.len());
                    for path in paths {
                        readers.push(read_some(&path, wanted)?);
                    }
                    while let Some(batch) = next_zipped(&mut readers)? {
                        cancel.check()?;
                        work(&batch)?;
                    }
                    Ok(())
                })
                .await
            }
        })
        .buffered(context.options.limits.threads)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(())
}

fn map_part(
    table: &TableWriter,
    number: usize,
    mut readers: Vec<ParquetRecordBatchReader>,
    work: &(impl Fn(&RecordBatch) -> Result<RecordBatch> + Send + Sync),
    advanced: &dyn Fn(u64),
) -> Result<()> {
    let mut part = table.part(number)?;
    while let Some(batch) = next_zipped(&mut readers)? {
        part.write(&work(&batch)?)?;
        advanced(batch.num_rows() as u64);
    }
    part.finish()?;
    Ok(())
}

/// For every part number the files of all tables.
pub fn side_by_side(store: &Store, tables: &[&str]) -> Result<Vec<Vec<PathBuf>>> {
    let mut rows: Vec<Vec<PathBuf>> = Vec::new();
    for (place, table) in tables.iter().enumerate() {
        let parts = store.parts(table)?;
        if place == 0 {
            rows = parts.into_iter().map(|p| vec![p]).collect();
            continue;
        }
        if parts.len() != rows.len() {
            return Err(Error::Internal(format!("the table {table} is not cut like {}", tables.join(", "))));
        }
        for (row, part) in rows.iter_mut().zip(parts) {
            row.push(part);
        }
    }
    Ok(rows)
}

/// The next batch of every reader side by side, or none at the end of all of them.
pub fn next_zipped(readers: &mut [ParquetRecordBatchReader]) -> Result<Option<RecordBatch>> {
    let mut batches = Vec::with_capacity(readers.len());
    let count = readers.len();
    for reader in readers.iter_mut() {
        if let Some(batch) = reader.next() {
            batches.push(batch?);
        }
    }
    match batches.len() {
        n if n == count => side_by_side_batches(&batches).map(Some),
        0 => Ok(None),
        _ => Err(Error::Internal("tables that belong together have different rows".into())),
    }
}

/// Rows of several tables side by side, with the first column (`record_id`) of the second and later ones left out.
pub fn side_by_side_batches(batches: &[RecordBatch]) -> Result<RecordBatch> {
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    for (place, batch) in batches.iter().enumerate() {
        let skip = usize::from(place > 0);
        fields.extend(batch.schema().fields().iter().skip(skip).map(|f| f.as_ref().clone()));
        columns.extend(batch.columns().iter().skip(skip).cloned());
    }
    Ok(RecordBatch::try_new(crate::tables::schema(fields), columns)?)
}

/// Writes the rows of a query, in the query's order; the query orders them by something unique.
pub async fn write_query(context: &Context, table: &TableWriter, sql: &str) -> Result<()> {
    let mut writer = table.sequence();
    let mut stream = context.session.sql(sql).await?.execute_stream().await?;
    while let Some(batch) = stream.try_next().await? {
        writer.write(&batch)?;
    }
    writer.finish()?;
    Ok(())
}

/// Finishes a table that parallel tasks have shared.
pub fn finish(table: Arc<TableWriter>) -> Result<u64> {
    Arc::into_inner(table).ok_or_else(|| Error::Internal("a table is still being written".into()))?.finish()
}

/// Works on items in parallel, each on a thread of its own. What comes of them stands in their order.
pub async fn parallel<I: Send + 'static, T: Send + 'static>(
    threads: usize,
    items: Vec<I>,
    work: impl Fn(I) -> Result<T> + Send + Sync + 'static,
) -> Result<Vec<T>> {
    let work = Arc::new(work);
    stream::iter(items)
        .map(|item| {
            let work = work.clone();
            blocking(move || work(item))
        })
        .buffered(threads.max(1))
        .try_collect()
        .await
}

/// Runs computing work on a thread of its own; a panic in it is an error, never a hang.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(Error::Internal("a worker stopped unexpectedly".into())),
    }
}
