//! What was said by rows and events, and what the suppression list holds against them, decided for every channel and
//! purpose. Enter: a person. Leave: rows of `permissions`. Never here: the policy; it is in zlato-core.

use super::members;
use super::person::Person;
use super::rules::Dated;
use super::writer::{GoldenRow, PermissionColumns, PermissionRow};
use std::collections::BTreeSet;
use zlato_core::day;
use zlato_core::permission::{self, Choice, Speaks, Suppression};
use zlato_core::suppression::Entry;

impl Person<'_> {
    pub(super) fn permissions(&self, golden: &GoldenRow<'_>, built: &mut PermissionColumns) {
        let policy = &self.rules.policy;
        // Evidence, then what it says: choices borrow their evidence.
        let mut said: Vec<(String, bool, Option<i32>, Speaks)> = Vec::new();
        let mut drawn: BTreeSet<&str> = BTreeSet::new();
        let suppressed = members::suppressed_column(self.rules);
        for member in &self.rows {
            let Some(row) = member.row else { continue };
            for (column, place) in policy.columns().iter().zip(&self.rules.choices) {
                let Some(place) = place else { continue };
                let allowed = match self.members.get(place.word, row) {
                    Some("true") => true,
                    Some("false") => false,
                    _ => continue,
                };
                let day = match place.dated {
                    Dated::ByRecord => member.updated_at.and_then(day::parse),
                    Dated::By(column) => self.members.get(column, row).and_then(day::parse),
                    Dated::Never => None,
                };
                for speaks in &column.speaks {
                    let evidence = format!("{}:{} {}={allowed}", member.source, member.source_key, column.name);
                    said.push((evidence, allowed, day, *speaks));
                }
            }
            drawn.extend(self.members.get(suppressed, row).into_iter().flat_map(|ids| ids.split(' ')));
        }
        let own = self.events.iter().map(|event| (event, true));
        for (event, is_own) in own.chain(self.reached.iter().map(|event| (event, false))) {
            for (allowed, speaks) in policy.event(event.kind).filter(|(allowed, _)| is_own || !allowed) {
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
                day: day::parse(&entry.day).unwrap_or(self.rules.as_of),
                evidence,
            })
            .collect();
        let is_customer = golden.kind == "customer";
        for (channel, purpose, decision) in policy.decide_all(&choices, &suppressed, is_customer, self.rules.as_of) {
            built.push(&PermissionRow {
                golden_id: &golden.golden_id,
                cluster_id: golden.cluster_id,
                channel,
                purpose,
                allowed: decision.allowed,
                since: decision.since.and_then(day::text),
                evidence: Some(decision.evidence).filter(|e| !e.is_empty()),
                reason: decision.reason,
            });
        }
    }
}
