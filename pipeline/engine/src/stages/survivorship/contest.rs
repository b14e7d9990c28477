//! The contest of a field, or of fields that survive together: every claim to it in, the winner and a line for every
//! value that took part out. Never here: which claim is better; zlato-core chooses.

use super::members;
use super::person::{Origin, Person};
use super::rules::Unit;
use super::writer::{GoldenRow, LineageRow};
use std::borrow::Cow;
use std::collections::HashMap;
use zlato_core::matching::hygiene::USED_BY_MANY;
use zlato_core::survivorship::{Candidate, FILLED, choose};
use zlato_core::value::Verdict;

/// One claim to a field.
struct Claim<'a> {
    text: Cow<'a, str>,
    verdict: Verdict,
    reason: Option<&'a str>,
    from: Origin<'a>,
    /// Characters of the value, or parts of the group that are present.
    completeness: u32,
}

fn usable(claim: &Claim<'_>) -> bool {
    !matches!(claim.verdict, Verdict::Invalid | Verdict::Missing)
}

impl<'a> Person<'a> {
    /// Chooses the values of a unit and records every value that took part.
    pub(super) fn contest(&self, unit: &Unit, golden: &mut GoldenRow<'a>, lines: &mut Vec<LineageRow<'a>>) {
        let claims = self.claims(unit);
        if claims.is_empty() {
            return;
        }
        let frequency = frequencies(&claims);
        let own = |c: &Claim<'_>| c.reason != Some(USED_BY_MANY);
        let any_own = claims.iter().any(|c| own(c) && usable(c));
        let candidates: Vec<Candidate<'_>> = claims
            .iter()
            .zip(frequency)
            .map(|(claim, frequency)| Candidate {
                value: &claim.text,
                // What many have stands back where there is anything else.
                verdict: if any_own && !own(claim) { Verdict::Invalid } else { claim.verdict },
                trust: claim.from.trust,
                updated_day: claim.from.updated,
                frequency,
                completeness: claim.completeness,
                tie: claim.from.hash,
            })
            .collect();
        let choice = choose(&candidates, &unit.chain);
        let winner = choice.as_ref().and_then(|c| claims.get(c.winner));
        if let Some(winner) = winner {
            for (part, place) in unit.fields.iter().enumerate() {
                if let Some(slot) = golden.values.get_mut(*place) {
                    *slot = self.part(unit, part, winner);
                }
            }
            self.keys(unit, winner, golden);
        }
        // One line a field and distinct value: the winner, or the best supported of equals.
        for (part, place) in unit.fields.iter().enumerate() {
            let Some(field) = self.rules.fields.get(*place) else { continue };
            let rank = |claim: &Claim<'_>| {
                let won = winner.is_some_and(|w| w.from.record_id == claim.from.record_id);
                (won, std::cmp::Reverse((claim.verdict, claim.from.hash)))
            };
            let mut told: Vec<(&'a str, &Claim<'a>, i64)> = Vec::new();
            for claim in &claims {
                let Some(value) = self.part(unit, part, claim) else { continue };
                match told.iter_mut().find(|(known, ..)| *known == value) {
                    Some((_, best, count)) => {
                        *count += 1;
                        if rank(claim) > rank(best) {
                            *best = claim;
                        }
                    }
                    None => told.push((value, claim, 1)),
                }
            }
            told.sort_unstable_by_key(|(value, ..)| *value);
            let winning = winner.and_then(|w| self.part(unit, part, w));
            lines.extend(told.into_iter().map(|(value, claim, supporters)| {
                let chosen = choice.as_ref().filter(|_| winning == Some(value));
                LineageRow {
                    verdict: claim.verdict.as_str(),
                    reason: claim.reason,
                    winner: chosen.is_some(),
                    strategy: chosen.map(|c| c.decided_by.as_str()),
                    confidence: chosen.map(|c| c.confidence),
                    supporters,
                    ..LineageRow::from(&claim.from, &field.name, value)
                }
            }));
        }
    }

    /// The value that a claim makes for one field of its unit.
    fn part(&self, unit: &Unit, part: usize, claim: &Claim<'a>) -> Option<&'a str> {
        match claim.from.row {
            Some(row) => self.members.get(members::value_column(*unit.fields.get(part)?), row),
            None => match &claim.text {
                Cow::Borrowed(text) => Some(text),
                Cow::Owned(_) => None,
            },
        }
    }

    /// Keys that travel with a winning record: of the address, and of address and surname together.
    fn keys(&self, unit: &Unit, winner: &Claim<'_>, golden: &mut GoldenRow<'a>) {
        let Some(row) = winner.from.row else { return };
        if unit.is_address {
            golden.address = self.members.get(members::ADDRESS, row);
            golden.address_key = self.members.get(members::ADDRESS_KEY, row);
        }
        if unit.has_surname {
            golden.surname_key = self.members.get(members::SURNAME_ROOT, row);
        }
    }

    fn claims(&self, unit: &Unit) -> Vec<Claim<'a>> {
        let mut claims = Vec::new();
        let value = |field: usize, row: usize| self.members.get(members::value_column(field), row);
        for member in &self.rows {
            let Some(row) = member.row else { continue };
            // In a group the verdict is that of the field with one: its parts were judged as a whole.
            let Some(judged) = unit.fields.iter().copied().find(|field| value(*field, row).is_some()) else { continue };
            let mut verdict = verdict_of(self.members.get(members::verdict_column(judged), row));
            let mut reason = self.members.get(members::reason_column(judged), row);
            if verdict != Verdict::Invalid && self.invalidated(unit, row, member.updated) {
                verdict = Verdict::Suspect;
                reason = Some("invalidated_by_event");
            }
            let (text, completeness) = match unit.fields.as_slice() {
                [one] => {
                    let text = value(*one, row).unwrap_or("");
                    (Cow::Borrowed(text), text.chars().count())
                }
                parts => {
                    let mut text = String::new();
                    for field in parts {
                        text.push_str(value(*field, row).unwrap_or(""));
                        text.push('\u{1f}');
                    }
                    (Cow::Owned(text), parts.iter().filter(|field| value(**field, row).is_some()).count())
                }
            };
            let completeness = u32::try_from(completeness).unwrap_or(u32::MAX);
            claims.push(Claim { text, verdict, reason, from: *member, completeness });
        }
        // A profile may fill what no record says; it never contests a first-party value.
        if let [field] = unit.fields.as_slice()
            && !self.profile_rows.is_empty()
            && !claims.iter().any(usable)
            && let Some(field) = self.rules.fields.get(*field)
        {
            claims.extend(self.fills(&field.name).map(|(from, text)| Claim {
                text: Cow::Borrowed(text),
                verdict: Verdict::Valid,
                reason: Some(FILLED),
                from,
                completeness: u32::try_from(text.chars().count()).unwrap_or(u32::MAX),
            }));
        }
        claims
    }

    /// Whether an event since the value was last changed says that it is dead.
    fn invalidated(&self, unit: &Unit, row: usize, updated: Option<i32>) -> bool {
        if unit.deadly.is_empty() {
            return false;
        }
        self.events.iter().chain(&self.reached).any(|event| {
            let Some(effect) = unit.deadly.iter().find(|e| e.kind.get_ref() == event.kind) else { return false };
            let later = match (event.day, updated) {
                (Some(event), Some(updated)) => event >= updated && event <= self.rules.as_of,
                (Some(event), None) => event <= self.rules.as_of,
                (None, _) => false,
            };
            // An event that names an address is about that address alone.
            let field = effect.field.get_ref();
            let named = if field.starts_with("email") { event.email } else { event.phone };
            let by_contact = field.starts_with("email") || field.starts_with("phone");
            let has = |named: &str| {
                unit.fields.iter().any(|f| self.members.get(members::value_column(*f), row) == Some(named))
            };
            later && (!by_contact || named.is_none_or(has))
        })
    }
}

/// For each claim the number of claims of the same text.
fn frequencies(claims: &[Claim<'_>]) -> Vec<u32> {
    if let [_] = claims {
        return vec![1];
    }
    let mut supporters: HashMap<&str, u32> = HashMap::new();
    for claim in claims {
        *supporters.entry(&claim.text).or_default() += 1;
    }
    claims.iter().map(|claim| supporters.get(claim.text.as_ref()).copied().unwrap_or(1)).collect()
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
