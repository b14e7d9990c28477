//! A table written by a thread of its own. Enter: batches in table order. Leaves: the table, to be given its name by who
//! knows that all of it is there. Never here: more than a few batches that wait.

use crate::error::{Error, Result};
use crate::store::TableWriter;
use arrow::array::RecordBatch;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Batches that may wait to be written.
const WAITING: usize = 4;

pub struct Writing {
    batches: mpsc::Sender<RecordBatch>,
    table: JoinHandle<Result<TableWriter>>,
}

impl Writing {
    pub fn begin(table: TableWriter) -> Self {
        let (batches, mut waiting) = mpsc::channel::<RecordBatch>(WAITING);
        let table = tokio::task::spawn_blocking(move || {
            let mut writer = table.sequence();
            while let Some(batch) = waiting.blocking_recv() {
                writer.write(&batch)?;
            }
            writer.finish()?;
            Ok(table)
        });
        Self { batches, table }
    }

    /// Hands on a batch.
    ///
    /// # Errors
    /// Only that the table can no longer be written; why, [`Self::end`] says.
    pub async fn write(&mut self, batch: RecordBatch) -> Result<()> {
        self.batches.send(batch).await.map_err(|_| Error::Internal("a table is no longer written".into()))
    }

    /// Waits until all is on disk. The table has no name yet.
    pub async fn end(self) -> Result<TableWriter> {
        drop(self.batches);
        self.table.await.map_err(|_| Error::Internal("a worker stopped unexpectedly".into()))?
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::progress::Cancel;
    use crate::store::Store;
    use crate::tables;
    use arrow::array::Int64Array;
    use std::sync::Arc;

    fn batch(values: std::ops::Range<i64>) -> RecordBatch {
        let schema = tables::schema(vec![tables::required_integer("n")]);
        RecordBatch::try_new(schema, vec![Arc::new(Int64Array::from_iter_values(values))]).unwrap()
    }

    #[tokio::test]
    async fn the_table_has_its_name_only_when_it_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path(), Arc::new(Cancel::default()));
        std::fs::create_dir_all(store.folder()).unwrap();
        let mut writing = Writing::begin(store.begin("n", batch(0..0).schema()).unwrap());
        for start in (0..200_000).step_by(1_000) {
            writing.write(batch(start..start + 1_000)).await.unwrap();
        }
        let table = writing.end().await.unwrap();
        assert!(!store.exists("n"));
        assert_eq!(table.finish().unwrap(), 200_000);
        assert_eq!(store.parts("n").unwrap().len(), 2);
    }

    #[tokio::test]
    async fn what_went_wrong_is_told_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let cancel = Arc::new(Cancel::default());
        let store = Store::new(folder.path(), cancel.clone());
        std::fs::create_dir_all(store.folder()).unwrap();
        let mut writing = Writing::begin(store.begin("n", batch(0..0).schema()).unwrap());
        cancel.cancel();
        while writing.write(batch(0..10)).await.is_ok() {}
        assert!(matches!(writing.end().await, Err(Error::Interrupted)));
    }
}
