//! Whole runs and the rules of the house. One binary, so that DataFusion is linked once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

/// Runs a rules folder over inputs and looks at what came out.
mod harness;

/// Broken nights are stopped, ordinary ones pass.
mod anomalies;
/// Each folder of `fixtures/cases` ends in its expected tables.
mod cases;
/// Groups of fields, dates that have not come, and events that contradict one another.
mod dates_and_groups;
/// Same rows, whatever the threads, the interruptions and the order of files.
mod determinism;
/// A person is erased, suppressed, told about.
mod erasure;
/// What a broken feed, a full gate or a second run do: a clear word and never half a result.
mod failures;
/// Lists of places become a gazetteer, and a gazetteer part of the rules.
mod gazetteer;
/// The one-way rules of the architecture.
mod house;
/// Who lives with whom, over nights and erasures.
mod households;
/// What the published run knows is taken from there, and the result is that of a full run.
mod increments;
/// Evaluation and explanations agree with the tables, counted another way.
mod inspect;
/// A steward's verdict holds in every later run.
mod judgements;
/// What passes over tables find by keys is what a look at every row finds.
mod keys;
/// Golden ids over many nights: who keeps an id, what became of every other one.
mod ledger;
/// A form is weighed against the published run as a record would be.
mod lookup;
/// What was found out about domains of e-mails.
mod mail_domains;
/// What stewards have pinned.
mod pins;
/// From whom events take something.
mod reach;
/// Runs are listed, compared and removed.
mod runs;
/// SQL in rule files is checked before any data is read.
mod sql_rules;
/// A trained model, and data that move away from it.
mod training;
/// Counted on the way, and found by SQL.
mod two_ways;
/// What is asked of customers, and the view of them in groups.
mod view;
