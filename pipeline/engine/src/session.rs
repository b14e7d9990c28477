//! The DataFusion session of a run: memory pool, spill folder, partitions, registered functions.

use crate::error::Result;
use crate::functions;
use crate::store::{BATCH_ROWS, Store};
use datafusion::execution::context::SQLOptions;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{DataFrame, ParquetReadOptions, SessionConfig, SessionContext};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

/// Limits of a session.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes the whole process should stay within.
    pub memory: u64,
    pub threads: usize,
}

/// Share of the memory limit that sorts, joins and aggregations may reserve; the rest is headroom
/// for what the pool does not see (Parquet buffers, batches in flight, the allocator).
const POOL_SHARE: f64 = 0.5;

/// What a row of a run takes in a join, with room to spare: keys, and the columns that go along.
const JOINED_ROW_BYTES: u64 = 512;

/// A session over the tables of one run.
pub struct Session {
    context: SessionContext,
    pub limits: Limits,
}

impl Session {
    pub fn new(limits: Limits, spill: &Path) -> Result<Self> {
        let pool = (limits.memory as f64 * POOL_SHARE) as usize;
        let pool = TrackConsumersPool::new(FairSpillPool::new(pool), NonZeroUsize::MIN);
        let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Directories(vec![spill.to_path_buf()]));
        let runtime =
            RuntimeEnvBuilder::new().with_memory_pool(Arc::new(pool)).with_disk_manager_builder(disk).build_arc()?;
        let mut config = SessionConfig::new()
            .with_batch_size(BATCH_ROWS)
            .with_target_partitions(limits.threads)
            .with_sort_spill_reservation_bytes((limits.memory as usize / 64).clamp(1 << 20, 10 << 20))
            .with_information_schema(true);
        // A merge join spills; see `join_in_memory`.
        config.options_mut().optimizer.prefer_hash_join = false;
        // One text type everywhere: our operators read plain string arrays.
        config.options_mut().execution.parquet.schema_force_view_types = false;
        config.options_mut().sql_parser.enable_ident_normalization = true;
        let context = SessionContext::new_with_config_rt(config, runtime);
        functions::register(&context);
        Ok(Self { context, limits })
    }

    /// Has later queries join in memory, where that is sure to hold the tables of a run with so many rows. A hash join is
    /// two to three times as fast as a merge join, but holds one side and fails beyond the pool. Returns whether it is so.
    /// Results do not depend on it: queries order their rows by something unique, or count them.
    pub fn join_in_memory(&self, rows: u64) -> bool {
        let pool = (self.limits.memory as f64 * POOL_SHARE) as u64;
        let hold = rows.saturating_mul(JOINED_ROW_BYTES) <= pool / 2;
        let state = self.context.state_ref();
        state.write().config_mut().options_mut().optimizer.prefer_hash_join = hold;
        hold
    }

    /// Whether joins are made in memory.
    pub fn joins_in_memory(&self) -> bool {
        self.context.state_ref().read().config().options().optimizer.prefer_hash_join
    }

    pub fn context(&self) -> &SessionContext {
        &self.context
    }

    /// Makes a finished table of a run visible to SQL under `name`.
    pub async fn register(&self, store: &Store, table: &str, name: &str) -> Result<()> {
        let path = store.path(table);
        let _ = self.context.deregister_table(name)?;
        let location = format!("{}/", path.display());
        self.context.register_parquet(name, location, ParquetReadOptions::default()).await?;
        Ok(())
    }

    /// A query of a rule author or user: it reads, and does nothing else.
    pub async fn reading(&self, sql: &str) -> datafusion::error::Result<DataFrame> {
        reading(&self.context, sql).await
    }

    pub async fn sql(&self, sql: &str) -> Result<DataFrame> {
        Ok(self.context.sql(sql).await?)
    }
}

/// Plans SQL that may only read: no table is made, filled or dropped, nothing is copied to a file or set.
pub(crate) async fn reading(context: &SessionContext, sql: &str) -> datafusion::error::Result<DataFrame> {
    let none = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    context.sql_with_options(sql, none).await
}
