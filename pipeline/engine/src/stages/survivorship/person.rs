//! One person at a time: all records, profiles and events of a cluster in, golden values with their
//! contests out. Pure computing on batches; never reads or writes a table.

use super::super::columns::value;
use super::golden_ids::GoldenIds;
use super::members;
use super::pinned::Pins;
use super::used_by_many;
use super::writer::{Built, GoldenRow, LineageRow, PermissionRow};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::match_view::{self, ADDRESS_PARTS, NAME_PARTS, suffixes};
use arrow::array::{AsArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Int64Type;
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use zlato_core::permission::{self, Choice, Policy, Speaks, Suppression};
use zlato_core::rules::freshness::{Effect, EventEffect};
use zlato_core::rules::survivorship::Strategy;
use zlato_core::suppression::{Entry, List};
use zlato_core::survivorship::{Candidate, choose, decay};
use zlato_core::value::Verdict;

/// A golden field and where its value, verdict and reason come from.
#[derive(Debug, Clone)]
pub struct GoldenField {
    pub name: String,
    pub raw_column: Option<String>,
    pub verdict_column: String,
    pub reason_column: String,
}

/// Fields that survive together (or one field alone), with their chain.
#[derive(Debug, Clone)]
struct Unit {
    /// Places in [`PersonRules::fields`].
    fields: Vec<usize>,
    chain: Vec<Strategy>,
    /// Names under which events may speak of it: its fields, its group.
    names: Vec<String>,
}

/// The rules of survivorship, prepared.
pub struct PersonRules {
    pub fields: Vec<GoldenField>,
    /// Mapped columns that only speak of permissions.
    pub opt_ins: Vec<String>,
    /// Who may be reached.
    pub policy: Policy,
    suppression: Arc<List>,
    units: Vec<Unit>,
    trust: HashMap<String, f64>,
    half_life: Option<u32>,
    effects: Vec<EventEffect>,
    as_of: i32,
}

impl PersonRules {
    pub fn new(context: &Context) -> Result<Self> {
        let rules = &context.rules.rules;
        let mapped = rules.mapped_fields();
        let names = match_view::golden_fields(rules);
        let fields: Vec<GoldenField> = names
            .into_iter()
            .map(|name| {
                let own = rules.field_kind(&name).is_some_and(|k| !suffixes(k).is_empty());
                let base = if own {
                    name.clone()
                } else if NAME_PARTS.contains(&name.as_str()) {
                    "name".into()
                } else {
                    "address".into()
                };
                GoldenField {
                    raw_column: own.then(|| format!("{name}_raw")),
                    verdict_column: format!("{base}_verdict"),
                    reason_column: format!("{base}_reason"),
                    name,
                }
            })
            .collect();
        let opt_ins = mapped.iter().filter(|(name, _)| name.starts_with("opt_in_")).map(|(name, _)| name.clone());
        let trust = rules.sources.source.iter().map(|s| (s.name.get_ref().clone(), *s.trust.get_ref()));
        Ok(Self {
            opt_ins: opt_ins.collect(),
            policy: Policy::new(rules),
            suppression: context.inputs.suppression.clone(),
            units: units(&fields, &rules.survivorship),
            fields,
            trust: trust.collect(),
            half_life: rules.survivorship.trust_half_life_days.as_ref().map(|h| *h.get_ref()),
            effects: rules.freshness.event.clone(),
            as_of: day_number(context.options.as_of),
        })
    }

    fn trust(&self, source: &str, updated: Option<i32>) -> f64 {
        let trust = self.trust.get(source).copied().unwrap_or(0.5);
        updated.map_or(trust, |day| decay(trust, self.as_of - day, self.half_life))
    }
}

/// Groups first, then every other field alone. Address parts belong together even without a rule.
fn units(fields: &[GoldenField], rules: &zlato_core::rules::survivorship::Survivorship) -> Vec<Unit> {
    let place = |name: &str| fields.iter().position(|f| f.name == name);
    let mut units: Vec<Unit> = Vec::new();
    for group in &rules.group {
        let mut names: Vec<String> = group.fields.iter().map(|f| f.get_ref().clone()).collect();
        let places: Vec<usize> = names.iter().filter_map(|n| place(n)).collect();
        names.push(group.name.get_ref().clone());
        if !places.is_empty() {
            units.push(Unit { fields: places, chain: group.strategy.get_ref().clone(), names });
        }
    }
    let grouped = |units: &[Unit], place: usize| units.iter().any(|u| u.fields.contains(&place));
    let address: Vec<usize> = ADDRESS_PARTS.iter().filter_map(|p| place(p)).filter(|p| !grouped(&units, *p)).collect();
    if !address.is_empty() {
        let mut names: Vec<String> = ADDRESS_PARTS.map(String::from).to_vec();
        names.push("address".into());
        units.push(Unit { fields: address, chain: rules.default.clone(), names });
    }
    for (at, field) in fields.iter().enumerate() {
        if !grouped(&units, at) {
            let own = rules.field.iter().find(|r| *r.name.get_ref() == field.name);
            let chain = own.map_or_else(|| rules.default.clone(), |r| r.strategy.get_ref().clone());
            units.push(Unit { fields: vec![at], chain, names: vec![field.name.clone()] });
        }
    }
    units
}

/// Whole clusters, with their profiles and events.
pub struct Chunk {
    pub members: RecordBatch,
    pub profiles: RecordBatch,
    pub events: RecordBatch,
}

struct Member<'a> {
    row: usize,
    source: &'a str,
    updated: Option<i32>,
    hash: u64,
}

struct Event<'a> {
    kind: &'a str,
    at: Option<&'a str>,
    day: Option<i32>,
    amount: Option<f64>,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    source: &'a str,
    key: &'a str,
}

/// One claim to a field: of a record, or of a profile.
struct Claim<'a> {
    values: Vec<Option<&'a str>>,
    text: String,
    verdict: Verdict,
    reason: Option<&'a str>,
    source: &'a str,
    source_key: &'a str,
    record_id: i64,
    updated_at: Option<&'a str>,
    updated: Option<i32>,
    trust: f64,
    tie: u64,
    row: Option<usize>,
}

fn usable(claim: &Claim<'_>) -> bool {
    !matches!(claim.verdict, Verdict::Invalid | Verdict::Missing)
}

/// Days since 1970-01-01.
pub fn day_number(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - 719_163
}

fn parse_day(text: Option<&str>) -> Option<i32> {
    text?.get(..10)?.parse::<NaiveDate>().ok().map(day_number)
}

/// Columns of the members table by place.
struct View<'a> {
    text: HashMap<String, &'a StringArray>,
    cluster: &'a Int64Array,
    record: &'a Int64Array,
}

impl<'a> View<'a> {
    fn new(batch: &'a RecordBatch) -> Result<Self> {
        let schema = batch.schema();
        let columns = schema.fields().iter().zip(batch.columns());
        let text = columns.filter_map(|(f, c)| Some((f.name().clone(), c.as_string_opt::<i32>()?))).collect();
        let integer = |name: &str| batch.column_by_name(name).and_then(|c| c.as_primitive_opt::<Int64Type>());
        let (Some(cluster), Some(record)) = (integer("cluster_id"), integer("record_id")) else {
            return Err(Error::Internal("rows without cluster or record".into()));
        };
        Ok(Self { text, cluster, record })
    }

    fn get(&self, column: &str, row: usize) -> Option<&'a str> {
        value(self.text.get(column).copied(), row)
    }

    /// Rows of a cluster, from `start` on; rows are ordered by cluster.
    fn rows_of(&self, cluster: i64, start: usize) -> std::ops::Range<usize> {
        let rest = self.cluster.values().get(start..).unwrap_or(&[]);
        let from = start + rest.partition_point(|c| *c < cluster);
        let to = start + rest.partition_point(|c| *c <= cluster);
        from..to
    }
}

/// Survivorship of every cluster of a chunk, in order.
pub fn survive(chunk: &Chunk, rules: &PersonRules, ids: &GoldenIds, pins: &Pins) -> Result<Built> {
    let members = View::new(&chunk.members)?;
    let profiles = View::new(&chunk.profiles)?;
    let events = View::new(&chunk.events)?;
    let mut built = Built::new(rules.fields.len());
    let (mut at, mut profile_at, mut event_at) = (0, 0, 0);
    while at < members.cluster.len() {
        let cluster = members.cluster.value(at);
        let rows = members.rows_of(cluster, at);
        let profile_rows = profiles.rows_of(cluster, profile_at);
        let event_rows = events.rows_of(cluster, event_at);
        (at, profile_at, event_at) = (rows.end, profile_rows.end, event_rows.end);
        let person = Person {
            rules,
            members: &members,
            rows: rows.clone().map(|row| member(&members, row)).collect(),
            profiles: &profiles,
            profile_rows,
            events: event_rows.map(|row| event(&events, row)).collect(),
            pins,
        };
        person.survive(cluster, ids, &mut built);
        built.rows += rows.len() as u64;
    }
    Ok(built)
}

fn member<'a>(view: &View<'a>, row: usize) -> Member<'a> {
    let source = view.get("source", row).unwrap_or("");
    let key = view.get("source_key", row).unwrap_or("");
    Member { row, source, updated: parse_day(view.get("updated_at", row)), hash: record_hash(source, key) }
}

/// A number for a record that depends on its source and key alone.
pub fn record_hash(source: &str, key: &str) -> u64 {
    let hash = blake3::hash(format!("{source}\0{key}").as_bytes());
    hash.as_bytes().first_chunk::<8>().map_or(0, |b| u64::from_le_bytes(*b))
}

fn event<'a>(view: &View<'a>, row: usize) -> Event<'a> {
    let at = view.get("event_at", row);
    Event {
        kind: view.get("event_kind", row).unwrap_or(""),
        at,
        day: parse_day(at),
        amount: view.get("amount", row).and_then(|a| a.parse().ok()),
        email: view.get("email", row),
        phone: view.get("phone", row),
        source: view.get("source", row).unwrap_or(""),
        key: view.get("source_key", row).unwrap_or(""),
    }
}

struct Person<'a> {
    rules: &'a PersonRules,
    members: &'a View<'a>,
    rows: Vec<Member<'a>>,
    profiles: &'a View<'a>,
    profile_rows: std::ops::Range<usize>,
    events: Vec<Event<'a>>,
    pins: &'a Pins,
}

impl<'a> Person<'a> {
    fn survive(&self, cluster: i64, ids: &GoldenIds, built: &mut Built) {
        let smallest = self.rows.iter().map(|m| m.hash).min().unwrap_or(0);
        let golden_id = ids.of(cluster, smallest);
        let kinds = |m: &Member<'_>| self.members.get("kind", m.row) == Some("customer");
        let kind = if self.rows.iter().any(kinds) { "customer" } else { "prospect" };
        let mut sources: Vec<&str> = self.rows.iter().map(|m| m.source).collect();
        sources.sort_unstable();
        sources.dedup();
        let mut golden = GoldenRow {
            golden_id: golden_id.clone(),
            cluster_id: cluster,
            kind,
            records: self.rows.len() as i64,
            sources: sources.len() as i64,
            values: vec![None; self.rules.fields.len()],
            ..GoldenRow::default()
        };
        let first_line = built.lineage.len();
        for unit in &self.rules.units {
            self.contest(unit, &golden_id, cluster, &mut golden, built);
        }
        let fields: Vec<&str> = self.rules.fields.iter().map(|f| f.name.as_str()).collect();
        let records = self.rows.iter().map(|m| m.hash);
        self.pins.apply(records, &fields, &mut golden, &mut built.lineage, first_line);
        self.activity(&mut golden);
        self.permissions(built.golden.len(), kind == "customer", built);
        built.golden.push(golden);
    }

    /// Chooses the values of a unit and records every value that took part.
    fn contest(&self, unit: &Unit, golden_id: &str, cluster: i64, golden: &mut GoldenRow, built: &mut Built) {
        let claims = self.claims(unit);
        if claims.is_empty() {
            return;
        }
        let mut supporters: BTreeMap<&str, u32> = BTreeMap::new();
        for claim in &claims {
            *supporters.entry(&claim.text).or_default() += 1;
        }
        let own = |c: &Claim<'_>| c.reason != Some(used_by_many::REASON);
        let any_own = claims.iter().any(|c| own(c) && usable(c));
        let candidates: Vec<Candidate<'_>> = claims
            .iter()
            .map(|claim| Candidate {
                value: &claim.text,
                // What many have stands back where there is anything else.
                verdict: if any_own && !own(claim) { Verdict::Invalid } else { claim.verdict },
                trust: claim.trust,
                updated_day: claim.updated,
                frequency: supporters.get(claim.text.as_str()).copied().unwrap_or(1),
                completeness: match claim.values.as_slice() {
                    [one] => one.map_or(0, |v| v.chars().count() as u32),
                    parts => parts.iter().flatten().count() as u32,
                },
                tie: claim.tie,
            })
            .collect();
        let choice = choose(&candidates, &unit.chain);
        let winner = choice.as_ref().and_then(|c| claims.get(c.winner));
        if let Some(winner) = winner {
            for (place, value) in unit.fields.iter().zip(&winner.values) {
                if let Some(slot) = golden.values.get_mut(*place) {
                    *slot = value.map(String::from);
                }
            }
            self.keys(unit, winner, golden);
        }
        // One line a field and distinct value: the winner, or the best supported of equals.
        for (index, place) in unit.fields.iter().enumerate() {
            let Some(field) = self.rules.fields.get(*place) else { continue };
            let mut lines: BTreeMap<&str, (&Claim<'_>, i64)> = BTreeMap::new();
            for claim in &claims {
                let Some(value) = claim.values.get(index).copied().flatten() else { continue };
                let line = lines.entry(value).or_insert((claim, 0));
                line.1 += 1;
                let is_winner = |c: &Claim<'_>| winner.is_some_and(|w| w.record_id == c.record_id);
                let better = (is_winner(claim), std::cmp::Reverse((claim.verdict, claim.tie)))
                    > (is_winner(line.0), std::cmp::Reverse((line.0.verdict, line.0.tie)));
                if better {
                    line.0 = claim;
                }
            }
            for (value, (claim, count)) in lines {
                let won = winner.is_some_and(|w| w.values.get(index).copied().flatten() == Some(value));
                built.lineage.push(LineageRow {
                    golden_id: golden_id.to_string(),
                    cluster_id: cluster,
                    field: field.name.clone(),
                    value: value.to_string(),
                    verdict: claim.verdict.as_str(),
                    reason: claim.reason.map(String::from),
                    winner: won,
                    strategy: choice.as_ref().filter(|_| won).map(|c| c.decided_by.as_str()),
                    confidence: choice.as_ref().filter(|_| won).map(|c| c.confidence),
                    source: claim.source.to_string(),
                    source_key: claim.source_key.to_string(),
                    record_id: claim.record_id,
                    updated_at: claim.updated_at.map(String::from),
                    supporters: count,
                });
            }
        }
    }

    /// Keys that travel with a winning record: of the address, and of address and surname together.
    fn keys(&self, unit: &Unit, winner: &Claim<'_>, golden: &mut GoldenRow) {
        let Some(row) = winner.row else { return };
        let has = |name: &str| unit.fields.iter().any(|p| self.rules.fields.get(*p).is_some_and(|f| f.name == name));
        if has("locality") || has("street") {
            golden.address = self.members.get("address", row).map(String::from);
            golden.address_key = self.members.get("address_key", row).map(String::from);
        }
        if has("family_name") {
            golden.surname_key = self.members.get("family_name_root", row).map(String::from);
        }
    }

    fn claims(&self, unit: &Unit) -> Vec<Claim<'a>> {
        let mut claims = Vec::with_capacity(self.rows.len());
        let fields: Vec<_> = unit.fields.iter().filter_map(|p| self.rules.fields.get(*p)).collect();
        let Some(first) = fields.first() else { return claims };
        for member in &self.rows {
            let row = member.row;
            let values: Vec<Option<&'a str>> = fields.iter().map(|f| self.members.get(&f.name, row)).collect();
            if values.iter().all(Option::is_none) {
                continue;
            }
            // In a group the verdict is that of the field with one: its parts were judged as a whole.
            let judged = fields.iter().find(|f| self.members.get(&f.name, row).is_some()).unwrap_or(first);
            let mut verdict = verdict_of(self.members.get(&format!("{}.verdict", judged.name), row));
            let mut reason = self.members.get(&format!("{}.reason", judged.name), row);
            if verdict != Verdict::Invalid && self.invalidated(unit, &values, member.updated) {
                verdict = Verdict::Suspect;
                reason = Some("invalidated_by_event");
            }
            claims.push(Claim {
                text: values.iter().map(|v| v.unwrap_or("")).collect::<Vec<_>>().join("\u{1f}"),
                values,
                verdict,
                reason,
                source: member.source,
                source_key: self.members.get("source_key", row).unwrap_or(""),
                record_id: self.members.record.value(row),
                updated_at: self.members.get("updated_at", row),
                updated: member.updated,
                trust: self.rules.trust(member.source, member.updated),
                tie: member.hash,
                row: Some(row),
            });
        }
        // A profile may fill what no record says; it never contests a first-party value.
        if let [field] = fields.as_slice()
            && !claims.iter().any(usable)
        {
            claims.extend(self.profile_claims(&field.name));
        }
        claims
    }

    fn profile_claims(&self, field: &str) -> Vec<Claim<'a>> {
        let view = self.profiles;
        let fills = |row: &usize| view.get("field", *row) == Some(field) && view.get("use", *row) == Some("fill");
        self.profile_rows
            .clone()
            .filter(fills)
            .filter_map(|row| {
                let text = view.get("value", row)?;
                let source = view.get("source", row).unwrap_or("");
                let updated_at = view.get("updated_at", row);
                let updated = parse_day(updated_at);
                Some(Claim {
                    values: vec![Some(text)],
                    text: text.to_string(),
                    verdict: Verdict::Valid,
                    reason: Some("filled_from_profile"),
                    source,
                    source_key: "",
                    record_id: view.record.value(row),
                    updated_at,
                    updated,
                    trust: self.rules.trust(source, updated),
                    tie: view.record.value(row).unsigned_abs(),
                    row: None,
                })
            })
            .collect()
    }

    /// Whether an event since the value was last changed says that it is dead.
    fn invalidated(&self, unit: &Unit, values: &[Option<&str>], updated: Option<i32>) -> bool {
        self.events.iter().any(|event| {
            let speaks = |e: &&EventEffect| {
                e.effect == Effect::Invalidate
                    && e.kind.get_ref() == event.kind
                    && unit.names.contains(e.field.get_ref())
            };
            let Some(effect) = self.rules.effects.iter().find(speaks) else { return false };
            let later = match (event.day, updated) {
                (Some(event), Some(updated)) => event >= updated && event <= self.rules.as_of,
                (Some(event), None) => event <= self.rules.as_of,
                (None, _) => false,
            };
            // An event that names an address is about that address alone.
            let named = if effect.field.get_ref().starts_with("email") { event.email } else { event.phone };
            let by_contact = effect.field.get_ref().starts_with("email") || effect.field.get_ref().starts_with("phone");
            later && (!by_contact || named.is_none_or(|n| values.contains(&Some(n))))
        })
    }

    fn activity(&self, golden: &mut GoldenRow) {
        for event in &self.events {
            match event.kind {
                "purchase" => {
                    golden.purchases += 1;
                    golden.purchase_amount += event.amount.unwrap_or(0.0);
                    golden.last_purchase = golden.last_purchase.take().max(event.at.map(String::from));
                }
                "complaint" => golden.complaints += 1,
                _ => {}
            }
            let dead =
                self.rules.effects.iter().any(|e| e.effect == Effect::Invalidate && e.kind.get_ref() == event.kind);
            if !dead {
                golden.last_activity = golden.last_activity.take().max(event.at.map(String::from));
            }
        }
    }

    /// What was said by rows and events, and what the suppression list holds against them, decided for every channel
    /// and purpose.
    fn permissions(&self, golden: usize, is_customer: bool, built: &mut Built) {
        let policy = &self.rules.policy;
        // Evidence, then what it says: choices borrow their evidence.
        let mut said: Vec<(String, bool, Option<i32>, Speaks)> = Vec::new();
        let mut drawn: BTreeSet<&str> = BTreeSet::new();
        for member in &self.rows {
            for column in policy.columns() {
                let Some(word) = self.members.get(&column.name, member.row) else { continue };
                let Some(allowed) = (match word {
                    "true" => Some(true),
                    "false" => Some(false),
                    _ => None,
                }) else {
                    continue;
                };
                let day = match &column.dated_by {
                    Some(date) => parse_day(self.members.get(date, member.row)),
                    None => member.updated,
                };
                let key = self.members.get("source_key", member.row).unwrap_or("");
                for speaks in &column.speaks {
                    said.push((format!("{}:{key} {}={word}", member.source, column.name), allowed, day, *speaks));
                }
            }
            drawn.extend(self.members.get(members::SUPPRESSED, member.row).into_iter().flat_map(|ids| ids.split(' ')));
        }
        for event in &self.events {
            for (allowed, speaks) in policy.event(event.kind) {
                said.push((format!("{}:{} {}", event.source, event.key, event.kind), allowed, event.day, speaks));
            }
        }
        let choices: Vec<Choice<'_>> = said
            .iter()
            .map(|(evidence, allowed, day, speaks)| Choice {
                channel: speaks.channel,
                purposes: speaks.purposes,
                allowed: *allowed,
                day: *day,
                evidence,
            })
            .collect();
        let entries = drawn.iter().filter_map(|id| self.rules.suppression.entry(id));
        let evidence: Vec<(&Entry, String)> = entries.map(|e| (e, format!("suppression {}", e.id))).collect();
        let suppressed: Vec<Suppression<'_>> = evidence
            .iter()
            .map(|(entry, evidence)| Suppression {
                channel: permission::channel(entry.scope.as_str()),
                purposes: policy.set(entry.purposes.iter().map(String::as_str)),
                day: parse_day(Some(&entry.day)).unwrap_or(self.rules.as_of),
                evidence,
            })
            .collect();
        let purposes = policy.purposes().count().max(1);
        let decided = policy.decide_all(&choices, &suppressed, is_customer, self.rules.as_of);
        for (place, (channel, _, decision)) in decided.enumerate() {
            built.permissions.push(PermissionRow {
                golden,
                channel,
                purpose: place % purposes,
                allowed: decision.allowed,
                since: decision.since.and_then(date_text),
                evidence: Some(decision.evidence).filter(|e| !e.is_empty()).map(String::from),
                reason: decision.reason,
            });
        }
    }
}

fn date_text(day: i32) -> Option<String> {
    NaiveDate::from_num_days_from_ce_opt(day + 719_163).map(|d| d.to_string())
}

fn verdict_of(text: Option<&str>) -> Verdict {
    match text {
        Some("valid") => Verdict::Valid,
        Some("corrected") => Verdict::Corrected,
        Some("suspect") => Verdict::Suspect,
        Some("invalid") => Verdict::Invalid,
        _ => Verdict::Missing,
    }
}
