//! `crosswalk`: every kept input row, whatever its kind, with the golden record it belongs to if any. Enter: `golden`, and
//! the rows of each kind of source with their clusters. Holds 16 bytes for each customer and each event.
//! Never here: rows that were rejected.

use super::super::columns::{integers, text_column};
use super::super::grouped::OrderedRows;
use super::super::parts::{blocking, finish, next_zipped, side_by_side};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ids::parse;
use crate::store::{Store, TableWriter, first_key, read_some};
use crate::tables;
use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use futures::{StreamExt, TryStreamExt, stream};
use std::path::PathBuf;
use std::sync::Arc;
use zlato_core::ledger::GoldenId;

/// Golden ids by cluster, and the clusters of events by record.
struct Owners {
    golden: Vec<(i64, GoldenId)>,
    events: Vec<(i64, i64)>,
}

impl Owners {
    fn read(store: &Store) -> Result<Self> {
        let mut golden = Vec::new();
        let mut rows = OrderedRows::open_columns(store, tables::GOLDEN, &["golden_id", "cluster_id"])?;
        while let Some(batch) = rows.next_batch()? {
            let ids = text_column(&batch, "golden_id").into_iter().flatten();
            for (cluster, id) in integers(&batch, "cluster_id")?.values().iter().zip(ids) {
                golden.push((*cluster, parse(id)?));
            }
        }
        let mut events = Vec::new();
        let mut rows = OrderedRows::open_columns(store, tables::EVENT_LINKS, &["cluster_id"])?;
        while let Some(batch) = rows.next_batch()? {
            let rows = integers(&batch, "record_id")?.values().iter().zip(integers(&batch, "cluster_id")?);
            events.extend(rows.filter_map(|(record, cluster)| Some((*record, cluster?))));
        }
        golden.sort_unstable_by_key(|(cluster, _)| *cluster);
        events.sort_unstable();
        Ok(Self { golden, events })
    }

    fn golden_id(&self, cluster: i64) -> Option<GoldenId> {
        let place = self.golden.binary_search_by_key(&cluster, |(cluster, _)| *cluster).ok()?;
        self.golden.get(place).map(|(_, id)| *id)
    }

    fn cluster_of_event(&self, record: i64) -> Option<i64> {
        let place = self.events.binary_search_by_key(&record, |(record, _)| *record).ok()?;
        self.events.get(place).map(|(_, cluster)| *cluster)
    }
}

/// Rows of customer and prospect sources, of profile sources, of event sources.
const KINDS: [&[&str]; 3] =
    [&[tables::CONTACTS, tables::CLUSTERS], &[tables::PROFILE_LINKS], &[tables::EVENT_CONTACTS]];

/// Files of the same rows, side by side.
struct Part {
    /// Record of the first row.
    first: i64,
    /// Place in [`KINDS`].
    kind: usize,
    paths: Vec<PathBuf>,
}

pub async fn write(context: &Context) -> Result<u64> {
    let owners = Arc::new(Owners::read(&context.store)?);
    // Every part holds rows of one source; the sources of all kinds stand in the order of their record ids.
    let mut parts: Vec<Part> = Vec::new();
    for (kind, tables) in KINDS.iter().enumerate() {
        for paths in side_by_side(&context.store, tables)? {
            let Some(path) = paths.first() else { continue };
            if let Some(first) = first_key(path)? {
                parts.push(Part { first, kind, paths });
            }
        }
    }
    parts.sort_unstable_by_key(|part| part.first);
    let table = Arc::new(context.store.begin(tables::CROSSWALK, tables::crosswalk())?);
    stream::iter(parts.into_iter().enumerate().map(Ok))
        .map(|part: Result<(usize, Part)>| {
            let (table, owners, cancel) = (table.clone(), owners.clone(), context.cancel.clone());
            async move {
                let (number, part) = part?;
                blocking(move || {
                    cancel.check()?;
                    write_part(&table, number, &part, &owners)
                })
                .await
            }
        })
        .buffered(context.options.limits.threads)
        .try_collect::<Vec<()>>()
        .await?;
    finish(table)
}

fn write_part(table: &TableWriter, number: usize, from: &Part, owners: &Owners) -> Result<()> {
    let wanted = ["source", "source_key", "kind", "cluster_id", "status"];
    let mut readers =
        from.paths.iter().map(|path| read_some(path, |name| wanted.contains(&name))).collect::<Result<Vec<_>>>()?;
    let mut part = table.part(number)?;
    while let Some(batch) = next_zipped(&mut readers)? {
        part.write(&rows(&batch, from.kind, owners)?)?;
    }
    part.finish()?;
    Ok(())
}

fn rows(batch: &RecordBatch, kind: usize, owners: &Owners) -> Result<RecordBatch> {
    let records = integers(batch, "record_id")?;
    let repeated = |word: &str| Arc::new(StringArray::from_iter_values(std::iter::repeat_n(word, batch.num_rows())));
    let column =
        |name: &str| batch.column_by_name(name).cloned().ok_or_else(|| Error::Internal(format!("no column {name}")));
    let clusters: Int64Array = match kind {
        2 => records.values().iter().map(|record| owners.cluster_of_event(*record)).collect(),
        _ => integers(batch, "cluster_id")?.clone(),
    };
    let (kinds, status): (ArrayRef, ArrayRef) = match kind {
        0 => (column("kind")?, repeated("member")),
        1 => (repeated("profile"), column("status")?),
        _ => {
            let status = clusters.iter().map(|c| Some(if c.is_some() { "linked" } else { "unlinked" }));
            (repeated("event"), Arc::new(status.collect::<StringArray>()))
        }
    };
    let ids = clusters.iter().map(|cluster| owners.golden_id(cluster?).map(|id| id.to_string()));
    let golden_ids = Arc::new(ids.collect::<StringArray>());
    let columns: Vec<ArrayRef> = vec![
        column("source")?,
        column("source_key")?,
        kinds,
        golden_ids,
        column("record_id")?,
        Arc::new(clusters),
        status,
    ];
    Ok(RecordBatch::try_new(tables::crosswalk(), columns)?)
}
