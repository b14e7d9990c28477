//! Every table of a run: its name, who writes it, who reads it, what a row is.
//! Tables are folders of Parquet parts under `tables/`; columns that depend on the rules are built here.

use crate::run::Stage;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::sync::Arc;

pub const RECORDS: &str = "records";
pub const PROFILE_RECORDS: &str = "profile_records";
pub const EVENTS: &str = "events";
pub const QUARANTINE: &str = "quarantine";
pub const CONTACTS: &str = "contacts";
pub const PROFILE_CONTACTS: &str = "profile_contacts";
pub const EVENT_CONTACTS: &str = "event_contacts";
pub const ADDRESSES: &str = "addresses";
pub const CONTACT_PROFILES: &str = "contact_profiles";
pub const FEATURES: &str = "features";
pub const PAIRS: &str = "pairs";
pub const BLOCKS: &str = "blocks";
pub const SCORES: &str = "scores";
pub const CLUSTERS: &str = "clusters";
pub const REVIEW: &str = "review";
pub const JUDGED: &str = "judged";
pub const PROFILE_LINKS: &str = "profile_links";
pub const PROFILES: &str = "profiles";
pub const EVENT_LINKS: &str = "event_links";
pub const EVENT_REACH: &str = "event_reach";
pub const GOLDEN: &str = "golden";
pub const GOLDEN_FIELDS: &str = "golden_fields";
pub const CROSSWALK: &str = "crosswalk";
pub const PERMISSIONS: &str = "permissions";
pub const HOUSEHOLDS: &str = "households";
pub const VENDORS: &str = "vendors";
pub const LEDGER: &str = "ledger";
pub const REDIRECTS: &str = "redirects";
pub const FORMER_KEYS: &str = "former_keys";
pub const FRESHNESS: &str = "freshness";
pub const CONTACT_PROMPTS: &str = "contact_prompts";
pub const ATTRIBUTES: &str = "attributes";
pub const SCORECARD: &str = "scorecard";
pub const GATE: &str = "gate";
pub const SEGMENTATION_READY: &str = "segmentation_ready";

/// One line of the table catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    pub name: &'static str,
    pub writer: Stage,
    pub readers: &'static [Stage],
    /// What one row is, and in which order rows stand.
    pub row: &'static str,
}

use Stage::{Addresses, Contacts, Dedupe, Enrich, Freshness, Gate, Ingest, Report, Survivorship};

/// Every table, in the order in which a run writes them.
pub const ALL: &[Table] = &[
    table(
        RECORDS,
        Ingest,
        &[Contacts, Addresses],
        "a kept row of a customer or prospect source, as mapped; by record_id",
    ),
    table(PROFILE_RECORDS, Ingest, &[Contacts], "a kept row of a profile source; by record_id"),
    table(EVENTS, Ingest, &[Contacts], "a kept row of an event source; by record_id"),
    table(QUARANTINE, Ingest, &[Gate, Report], "a rejected row as it was, with file, line, column and reason"),
    table(
        CONTACTS,
        Contacts,
        &[Dedupe, Enrich, Survivorship, Gate],
        "standard forms, match keys and verdicts of a record; by record_id",
    ),
    table(PROFILE_CONTACTS, Contacts, &[Enrich, Survivorship], "the same for a profile row"),
    table(EVENT_CONTACTS, Contacts, &[Enrich], "the same for an event row"),
    table(ADDRESSES, Addresses, &[Dedupe, Survivorship, Gate], "postal address of a record in parts; by record_id"),
    table(
        CONTACT_PROFILES,
        Dedupe,
        &[Enrich, Survivorship, Report],
        "a value that several people share: how many, and whether it still is evidence; by value within its field",
    ),
    table(
        FEATURES,
        Dedupe,
        &[Dedupe],
        "what matching compares: hashed block keys and compared values of a record; by record_id",
    ),
    table(PAIRS, Dedupe, &[Report], "a candidate pair at or above the review threshold; by both record ids"),
    table(BLOCKS, Dedupe, &[Report, Gate], "a blocking rule: blocks, candidate pairs, blocks over the limit"),
    table(SCORES, Dedupe, &[Report], "number of candidate pairs per bit of match weight"),
    table(CLUSTERS, Dedupe, &[Enrich, Survivorship], "the cluster of a record; by record_id"),
    table(REVIEW, Dedupe, &[Report], "a pair that waits for a steward, and why"),
    table(JUDGED, Dedupe, &[Gate], "a steward's verdict on two records that are there, and whether it holds tonight"),
    table(
        PROFILE_LINKS,
        Enrich,
        &[Survivorship, Report],
        "what became of a profile row: linked to a cluster, or why not",
    ),
    table(PROFILES, Enrich, &[Survivorship, Freshness, Report], "a field offered by a linked profile: fill or suggest"),
    table(EVENT_LINKS, Enrich, &[Survivorship, Freshness], "an event of a cluster; by cluster_id, event_at, record_id"),
    table(
        EVENT_REACH,
        Enrich,
        &[Survivorship, Freshness],
        "a further cluster that has the contact of an event that takes something away; by cluster_id, event_at, record_id",
    ),
    table(
        GOLDEN,
        Survivorship,
        &[Freshness, Gate, Report],
        "the golden record of a customer or prospect; by cluster_id",
    ),
    table(
        GOLDEN_FIELDS,
        Survivorship,
        &[Freshness, Gate, Report],
        "a value of a field of a golden record: the winner or a losing one",
    ),
    table(CROSSWALK, Survivorship, &[Gate, Report], "an input row and the golden record it belongs to; by record_id"),
    table(
        PERMISSIONS,
        Survivorship,
        &[Freshness, Gate],
        "whether a golden record may be reached by a channel for a purpose, and why; by cluster_id, channel, purpose",
    ),
    table(
        HOUSEHOLDS,
        Survivorship,
        &[Survivorship, Report],
        "a member of a household of two or more golden records, and why; by household_id, golden_id",
    ),
    table(
        VENDORS,
        Survivorship,
        &[Report],
        "what a profile source is worth: its reach, and per field what it offered, filled, confirmed and contradicted",
    ),
    table(
        LEDGER,
        Survivorship,
        &[Gate, Report],
        "what happened to a golden id, in this run and in every published one before it; by night, golden_id, event",
    ),
    table(
        REDIRECTS,
        Survivorship,
        &[Gate],
        "what an id that was merged, split or retired resolves to now; by golden_id",
    ),
    table(
        FORMER_KEYS,
        Survivorship,
        &[Survivorship],
        "a source row that once belonged to a golden id and does not now; by golden_id, source, source_key",
    ),
    table(FRESHNESS, Freshness, &[Gate, Report], "state of a golden field: fresh, ageing, stale or unknown"),
    table(
        CONTACT_PROMPTS,
        Freshness,
        &[Report],
        "a question worth asking a customer at the next contact, what the answer is worth, and by which channel; by cluster_id, rank",
    ),
    table(
        ATTRIBUTES,
        Freshness,
        &[Report],
        "a value or figure of the view of a golden record in groups, whence it is and how old; by cluster_id, group, field",
    ),
    table(
        SCORECARD,
        Gate,
        &[Report],
        "a data quality measure of a field (ISO/IEC 25012): per source, of all sources, of the golden records",
    ),
    table(GATE, Gate, &[Report], "a check, or a number unlike those of earlier nights, with its verdict"),
    table(
        SEGMENTATION_READY,
        Gate,
        &[Report],
        "whether a golden record may enter segmentation for a purpose, by which channels, and why not; by golden_id, purpose",
    ),
];

const fn table(name: &'static str, writer: Stage, readers: &'static [Stage], row: &'static str) -> Table {
    Table { name, writer, readers, row }
}

/// A nullable text column.
pub fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true)
}

/// A text column that every row has.
pub fn required_text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, false)
}

pub fn integer(name: &str) -> Field {
    Field::new(name, DataType::Int64, true)
}

pub fn required_integer(name: &str) -> Field {
    Field::new(name, DataType::Int64, false)
}

pub fn number(name: &str) -> Field {
    Field::new(name, DataType::Float64, true)
}

pub fn flag(name: &str) -> Field {
    Field::new(name, DataType::Boolean, false)
}

pub fn schema(fields: Vec<Field>) -> SchemaRef {
    Arc::new(Schema::new(fields))
}

/// `records`, `profile_records` and `events`: identity, origin, then one text column a mapped field.
pub fn record_columns(fields: impl IntoIterator<Item = String>) -> SchemaRef {
    let mut columns = vec![
        required_integer("record_id"),
        required_text("source"),
        required_text("source_key"),
        required_text("kind"),
        required_text("file"),
        required_integer("line"),
        text("updated_at"),
        required_integer("content_hash"),
        text("default_country"),
    ];
    columns.extend(fields.into_iter().map(|f| text(&f)));
    schema(columns)
}

/// `record_id` = number of the source in the rules times this, plus the row's number in its source.
pub const RECORDS_PER_SOURCE: i64 = 1 << 40;

/// Parts reserved for one source, so that sources can be read in parallel and stay in rule order.
pub const PARTS_PER_SOURCE: usize = 10_000;

/// Number of the columns of [`record_columns`] that stand before the mapped fields.
pub const RECORD_BASE_COLUMNS: usize = 9;

pub fn quarantine() -> SchemaRef {
    schema(vec![
        required_text("source"),
        required_text("kind"),
        required_text("file"),
        required_integer("line"),
        integer("column"),
        required_text("reason"),
        text("detail"),
        text("raw"),
    ])
}

pub fn crosswalk() -> SchemaRef {
    schema(vec![
        required_text("source"),
        required_text("source_key"),
        required_text("kind"),
        text("golden_id"),
        required_integer("record_id"),
        integer("cluster_id"),
        required_text("status"),
    ])
}

pub fn golden_fields() -> SchemaRef {
    schema(vec![
        required_text("golden_id"),
        required_integer("cluster_id"),
        required_text("field"),
        required_text("value"),
        required_text("verdict"),
        text("reason"),
        flag("winner"),
        text("strategy"),
        number("confidence"),
        required_text("source"),
        required_text("source_key"),
        required_integer("record_id"),
        text("updated_at"),
        integer("supporters"),
    ])
}

pub fn contact_profiles() -> SchemaRef {
    schema(vec![
        required_text("field"),
        required_text("value"),
        required_integer("records"),
        required_integer("people"),
        required_integer("families"),
        required_text("class"),
        flag("evidence"),
    ])
}

pub fn pairs() -> SchemaRef {
    schema(vec![
        required_integer("record_id_l"),
        required_integer("record_id_r"),
        required_text("rule"),
        required_integer("vector"),
        number("tf_adjustment"),
        number("weight"),
        number("probability"),
        required_text("band"),
    ])
}

pub fn blocks() -> SchemaRef {
    schema(vec![
        required_text("rule"),
        required_integer("blocks"),
        required_integer("largest_block"),
        required_integer("pairs"),
        required_integer("split_blocks"),
        required_integer("skipped_blocks"),
        required_integer("skipped_pairs"),
    ])
}

pub fn scores() -> SchemaRef {
    schema(vec![required_integer("weight"), required_integer("pairs")])
}

pub fn clusters() -> SchemaRef {
    schema(vec![required_integer("record_id"), required_integer("cluster_id")])
}

pub fn review() -> SchemaRef {
    schema(vec![
        required_integer("record_id_l"),
        required_integer("record_id_r"),
        required_text("reason"),
        number("weight"),
        number("probability"),
        integer("records"),
    ])
}

/// `holds`: the records are in one cluster (`same`), or in two (`different`).
pub fn judged() -> SchemaRef {
    schema(vec![
        required_integer("record_id_l"),
        required_integer("record_id_r"),
        required_text("verdict"),
        flag("holds"),
    ])
}

pub fn profile_links() -> SchemaRef {
    schema(vec![
        required_integer("record_id"),
        required_text("source"),
        required_text("source_key"),
        integer("cluster_id"),
        text("linked_on"),
        required_text("status"),
        text("updated_at"),
    ])
}

pub fn profiles() -> SchemaRef {
    schema(vec![
        required_integer("cluster_id"),
        required_integer("record_id"),
        required_text("source"),
        required_text("source_key"),
        required_text("field"),
        required_text("value"),
        required_text("use"),
        text("updated_at"),
    ])
}

/// `linked_on` says by what an event names its cluster; without a cluster, by what it names several.
pub fn event_links() -> SchemaRef {
    schema(vec![
        required_integer("record_id"),
        integer("cluster_id"),
        text("linked_on"),
        text("event_kind"),
        text("event_at"),
        text("channel"),
        text("amount"),
        text("email"),
        text("phone"),
        required_text("source"),
        required_text("source_key"),
    ])
}

/// `linked_on` is the contact that the event names. The line that the event itself is, is in `event_links`.
pub fn event_reach() -> SchemaRef {
    schema(vec![
        required_integer("cluster_id"),
        required_integer("record_id"),
        text("linked_on"),
        text("event_kind"),
        text("event_at"),
        text("email"),
        text("phone"),
        required_text("source"),
        required_text("source_key"),
    ])
}

pub fn permissions() -> SchemaRef {
    schema(vec![
        required_text("golden_id"),
        required_integer("cluster_id"),
        required_text("channel"),
        required_text("purpose"),
        flag("allowed"),
        text("since"),
        text("evidence"),
        required_text("reason"),
    ])
}

/// `members`, `adults` and `children` are of the whole household; whose birth date is unknown is neither of the two.
pub fn households() -> SchemaRef {
    schema(vec![
        required_text("household_id"),
        required_text("golden_id"),
        required_text("kind"),
        required_integer("members"),
        required_integer("adults"),
        required_integer("children"),
        text("age_group"),
        text("role"),
        required_text("evidence"),
        text("surname"),
        text("address"),
    ])
}

pub fn vendors() -> SchemaRef {
    schema(vec![
        required_text("source"),
        text("field"),
        text("use"),
        required_text("licence"),
        required_text("legal_basis"),
        integer("rows"),
        integer("linked"),
        integer("customers"),
        required_integer("offered"),
        required_integer("filled"),
        required_integer("agrees"),
        required_integer("conflicts"),
        required_integer("others_agree"),
        required_integer("others_differ"),
        number("coverage"),
        number("cost"),
        number("cost_per_filled"),
    ])
}

/// `night` counts the published runs in which something happened to an id.
pub fn ledger() -> SchemaRef {
    schema(vec![
        required_integer("night"),
        required_text("golden_id"),
        required_text("event"),
        text("other_golden_id"),
        required_integer("rows"),
        required_integer("records_before"),
        required_integer("records_after"),
        required_text("as_of"),
        required_text("run"),
    ])
}

/// An id that is simply itself has no row; `now` is null for a retired one.
pub fn redirects() -> SchemaRef {
    schema(vec![
        required_text("golden_id"),
        text("now"),
        required_text("reason"),
        required_text("since"),
        required_text("last_golden_id"),
    ])
}

/// `now` is the golden id that the row belongs to in this run; null where no source delivers it. `told_apart`: it was in
/// another golden record while `golden_id` had one, and is no row of its own any more.
pub fn former_keys() -> SchemaRef {
    schema(vec![
        required_text("golden_id"),
        required_text("source"),
        required_text("source_key"),
        required_integer("night"),
        required_text("until"),
        text("now"),
        flag("told_apart"),
    ])
}

pub fn freshness() -> SchemaRef {
    schema(vec![
        required_text("golden_id"),
        required_integer("cluster_id"),
        required_text("field"),
        required_text("state"),
        number("currentness"),
        required_text("reason"),
        text("since"),
    ])
}

pub fn contact_prompts() -> SchemaRef {
    schema(vec![
        required_text("golden_id"),
        required_integer("cluster_id"),
        required_integer("rank"),
        required_text("field"),
        required_text("question"),
        required_text("reason"),
        number("value"),
        required_text("channel"),
        text("channels"),
    ])
}

/// `value` is null where its group's shelf life withholds it; `origin` is told, filled, suggested or counted.
pub fn attributes() -> SchemaRef {
    schema(vec![
        required_text("golden_id"),
        required_integer("cluster_id"),
        required_text("kind"),
        required_text("group_name"),
        required_text("field"),
        text("value"),
        required_text("origin"),
        text("source"),
        integer("record_id"),
        text("updated_at"),
        text("until"),
        text("state"),
    ])
}

pub fn scorecard() -> SchemaRef {
    schema(vec![
        required_text("stage"),
        text("source"),
        required_text("field"),
        required_text("dimension"),
        number("value"),
        required_integer("measured"),
    ])
}

pub fn gate() -> SchemaRef {
    schema(vec![
        required_text("check"),
        required_text("result"),
        number("value"),
        text("warn"),
        text("stop"),
        text("description"),
        text("source"),
        text("field"),
        text("usual"),
    ])
}

pub fn segmentation_ready() -> SchemaRef {
    schema(vec![
        required_text("golden_id"),
        required_text("kind"),
        required_text("purpose"),
        flag("ready"),
        text("channels"),
        text("reasons"),
    ])
}
