//! A table made from records row by row, without making again what the published run has made. Enter: a table of
//! records, how a row is made from one, and when an old row may stand. Leave: the table, the same as if every row had
//! been made anew. Parts of which every row stands are linked, not written; in others old and new rows are mixed.
//! Never here: which rows are the same (reuse).

use super::parts::{finish, parallel};
use super::reuse;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::run::Stage;
use crate::store::{part_rows, read_some};
use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How a stage makes rows, and when rows that the published run made may stand.
pub struct Made<W, S> {
    pub work: W,
    /// Of rows whose content is what it was: whether the old row is what `work` would make today. Asked for rows of the
    /// input beside the old rows of the output.
    pub same: S,
    /// The columns of both that `same` looks at; it need not be given others.
    pub looks_at: Vec<String>,
}

impl<W, S: Fn(&RecordBatch, &RecordBatch) -> Result<Vec<bool>>> Made<W, S> {
    fn looks_at(&self, name: &str) -> bool {
        self.looks_at.iter().any(|column| column == name)
    }

    /// Whether every row of an old part stands, under the record ids that the rows have today.
    fn stands_whole(&self, records: &Path, old: &Path) -> Result<bool> {
        let mut then = read_some(old, |name| self.looks_at(name))?;
        for now in read_some(records, |name| self.looks_at(name))? {
            let (now, Some(then)) = (now?, then.next().transpose()?) else { return Ok(false) };
            let ids = now.columns().first().zip(then.columns().first());
            if !ids.is_some_and(|(now, then)| now == then) || (self.same)(&now, &then)?.contains(&false) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// As [`super::parts::map_columns`] of one table of records, taking rows that the published run has made already from
/// there. Returns the rows, and how many of them were taken.
pub async fn map_again(
    context: &Context,
    stage: Stage,
    input: &str,
    wanted: impl Fn(&str) -> bool + Send + Sync + 'static,
    output: &str,
    schema: SchemaRef,
    made: Made<
        impl Fn(&RecordBatch) -> Result<RecordBatch> + Send + Sync + 'static,
        impl Fn(&RecordBatch, &RecordBatch) -> Result<Vec<bool>> + Send + Sync + 'static,
    >,
) -> Result<(u64, u64)> {
    let table = Arc::new(context.store.begin(output, schema)?);
    let alignment = reuse::align(context, input)?;
    let moved = match &alignment {
        Some(alignment) => alignment.bring(context, output).await?,
        None => None,
    };
    let shared = Arc::new((made, wanted, alignment.map(|alignment| (alignment, moved)), AtomicU64::new(0)));
    let parts = context.store.parts(input)?;
    let (into, state, progress, output) = (table.clone(), shared.clone(), context.progress.clone(), output.to_string());
    let work = move |(number, path): (usize, PathBuf)| {
        let (made, wanted, alignment, taken) = state.as_ref();
        let alignment = alignment.as_ref();
        if let Some(old) = alignment.map(|(a, _)| a.whole(number, &output)).transpose()?.flatten()
            && made.stands_whole(&path, &old)?
        {
            let rows = part_rows(&old)?;
            into.link(number, &old)?;
            taken.fetch_add(rows, Ordering::Relaxed);
            progress.advanced(stage, rows);
            return Ok(());
        }
        let repeats = alignment.map(|(a, moved)| a.repeats(number, &output, moved.as_ref()));
        let mut repeats = repeats.transpose()?.flatten();
        let mut part = into.part(number)?;
        for batch in read_some(&path, wanted)? {
            let batch = batch?;
            let old = match &mut repeats {
                Some(repeats) => repeats.next(batch.num_rows())?,
                None => None,
            };
            let (rows, again) = match old {
                Some(old) => again(&batch, old, made)?,
                None => ((made.work)(&batch)?, 0),
            };
            part.write(&rows)?;
            taken.fetch_add(again, Ordering::Relaxed);
            progress.advanced(stage, batch.num_rows() as u64);
        }
        part.finish()?;
        Ok(())
    };
    parallel(context.options.limits.threads, parts.into_iter().enumerate().collect(), work).await?;
    Ok((finish(table)?, shared.3.load(Ordering::Relaxed)))
}

/// A batch of the output from old rows and, where these do not stand, from new work; and the number of old rows.
fn again(
    batch: &RecordBatch,
    (mut repeats, mut old): (BooleanArray, RecordBatch),
    made: &Made<impl Fn(&RecordBatch) -> Result<RecordBatch>, impl Fn(&RecordBatch, &RecordBatch) -> Result<Vec<bool>>>,
) -> Result<(RecordBatch, u64)> {
    let names = batch.schema_ref().fields().iter().enumerate();
    let places: Vec<usize> = names.filter(|(i, f)| *i == 0 || made.looks_at(f.name())).map(|(i, _)| i).collect();
    let stands = (made.same)(&filter_record_batch(&batch.project(&places)?, &repeats)?, &old)?;
    if stands.contains(&false) {
        old = filter_record_batch(&old, &BooleanArray::from(stands.clone()))?;
        let mut stands = stands.into_iter();
        repeats = repeats.values().iter().map(|repeated| Some(repeated && stands.next() == Some(true))).collect();
    }
    let fresh = reuse::fresh(batch, &repeats)?;
    let ids = batch.columns().first().ok_or_else(|| Error::Internal("records without numbers".into()))?;
    Ok((reuse::merged(ids, &repeats, &old, &(made.work)(&fresh)?)?, old.num_rows() as u64))
}
