//! The contest of a field, or of fields that survive together: every claim to it in, the winner and a line for every
//! value that took part out. Never here: which claim is better; zlato-core chooses.

use super::members;
use super::person::{Origin, Person};
use super::rules::Unit;
use super::writer::{GoldenRow, LineageRow};
use std::borrow::Cow;
use std::collections::HashMap;
use zlato_core::freshness::{dead_since, is_about};
use zlato_core::matching::hygiene::USED_BY_MANY;
use zlato_core::rules::freshness::{Effect, same_kind};
use zlato_core::survivorship::{Candidate, FILLED, choose};
use zlato_core::value::Verdict;

/// One claim to a field, or to all fields of a unit.
struct Claim<'a> {
    text: Cow<'a, str>,
    verdict: Verdict,
    reason: Option<&'a str>,
    /// Whether many people have it, or a value of it.
    many: bool,
    from: Origin<'a>,
    /// Characters of the value, or parts of the group that can be used.
    completeness: u32,
}

/// What a claim says of one field.
#[derive(Clone, Copy)]
struct Part<'a> {
    value: &'a str,
    verdict: Verdict,
    reason: Option<&'a str>,
}

fn usable(verdict: Verdict) -> bool {
    !matches!(verdict, Verdict::Invalid | Verdict::Missing)
}

impl<'a> Person<'a> {
    /// Chooses the values of a unit and records every value that took part.
    pub(super) fn contest(&self, unit: &Unit, golden: &mut GoldenRow<'a>, lines: &mut Vec<LineageRow<'a>>) {
        let claims = self.claims(unit);
        if claims.is_empty() {
            return;
        }
        let frequency = frequencies(&claims);
        let any_own = claims.iter().any(|c| !c.many && usable(c.verdict));
        let candidates: Vec<Candidate<'_>> = claims
            .iter()
            .zip(frequency)
            .map(|(claim, frequency)| Candidate {
                value: &claim.text,
                // What many have stands back where there is anything else.
                verdict: if any_own && claim.many { Verdict::Invalid } else { claim.verdict },
                trust: claim.from.trust,
                updated: claim.from.updated,
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
                    *slot = self.won(unit, part, winner);
                }
            }
            self.keys(unit, winner, golden);
        }
        // One line a field and distinct value: the winner, or the best supported of equals.
        for (part, place) in unit.fields.iter().enumerate() {
            let Some(field) = self.rules.fields.get(*place) else { continue };
            let rank = |claim: &Claim<'_>, part: &Part<'_>| {
                let won = winner.is_some_and(|w| w.from.record_id == claim.from.record_id);
                (won, std::cmp::Reverse((part.verdict, claim.from.hash)))
            };
            let mut told: Vec<(Part<'a>, &Claim<'a>, i64)> = Vec::new();
            for claim in &claims {
                let Some(said) = self.part(unit, part, claim) else { continue };
                match told.iter_mut().find(|(known, ..)| known.value == said.value) {
                    Some((known, best, count)) => {
                        *count += 1;
                        if rank(claim, &said) > rank(best, known) {
                            (*known, *best) = (said, claim);
                        }
                    }
                    None => told.push((said, claim, 1)),
                }
            }
            told.sort_unstable_by_key(|(said, ..)| said.value);
            let winning = winner.and_then(|w| self.won(unit, part, w));
            lines.extend(told.into_iter().map(|(said, claim, supporters)| {
                let chosen = choice.as_ref().filter(|_| winning == Some(said.value));
                LineageRow {
                    verdict: said.verdict.as_str(),
                    reason: said.reason,
                    winner: chosen.is_some(),
                    strategy: chosen.map(|c| c.decided_by.as_str()),
                    confidence: chosen.map(|c| c.confidence),
                    supporters,
                    ..LineageRow::from(&claim.from, &field.name, said.value)
                }
            }));
        }
    }

    /// What a claim says of one field of its unit.
    fn part(&self, unit: &Unit, part: usize, claim: &Claim<'a>) -> Option<Part<'a>> {
        let (verdict, reason) = (claim.verdict, claim.reason);
        match (claim.from.row, &claim.text) {
            (Some(_), _) if !unit.as_one => self.judged(unit, part, &claim.from),
            (Some(row), _) => self.value(unit, part, row).map(|value| Part { value, verdict, reason }),
            (None, Cow::Borrowed(value)) => Some(Part { value, verdict, reason }),
            (None, Cow::Owned(_)) => None,
        }
    }

    /// The golden value of a field, if the claim wins.
    fn won(&self, unit: &Unit, part: usize, winner: &Claim<'a>) -> Option<&'a str> {
        self.part(unit, part, winner).filter(|said| usable(said.verdict)).map(|said| said.value)
    }

    fn value(&self, unit: &Unit, part: usize, row: usize) -> Option<&'a str> {
        self.members.get(members::value_column(*unit.fields.get(part)?), row)
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
        let claim =
            |member| if unit.as_one { self.claim_as_one(unit, member) } else { self.claim_of_parts(unit, member) };
        let mut claims: Vec<Claim<'a>> = self.rows.iter().filter_map(claim).collect();
        // A profile may fill what no record says; it never contests a first-party value.
        if let [field] = unit.fields.as_slice()
            && !self.profile_rows.is_empty()
            && !claims.iter().any(|claim| usable(claim.verdict))
            && let Some(field) = self.rules.fields.get(*field)
        {
            claims.extend(self.fills(&field.name).map(|(from, text)| Claim {
                text: Cow::Borrowed(text),
                verdict: Verdict::Valid,
                reason: Some(FILLED),
                many: false,
                from,
                completeness: length(text),
            }));
        }
        claims
    }

    /// The claim of a record to fields that were judged as a whole: one field, an address, a name.
    fn claim_as_one(&self, unit: &Unit, member: &Origin<'a>) -> Option<Claim<'a>> {
        let row = member.row?;
        let first = (0..unit.fields.len()).find(|part| self.value(unit, *part, row).is_some())?;
        let Part { value, verdict, reason } = self.judged(unit, first, member)?;
        let (text, completeness) = match unit.fields.as_slice() {
            [_] => (Cow::Borrowed(value), length(value)),
            parts => {
                let (mut text, mut present) = (String::new(), 0);
                for part in 0..parts.len() {
                    let value = self.value(unit, part, row);
                    present += u32::from(value.is_some());
                    text.push_str(value.unwrap_or(""));
                    text.push('\u{1f}');
                }
                (Cow::Owned(text), present)
            }
        };
        Some(Claim { text, verdict, reason, many: reason == Some(USED_BY_MANY), from: *member, completeness })
    }

    /// The claim of a record to fields with verdicts of their own. It is made of the values that can be used, and as good
    /// as the worst of them; beside an invalid value they are suspect, so that a row without one comes first.
    fn claim_of_parts(&self, unit: &Unit, member: &Origin<'a>) -> Option<Claim<'a>> {
        let (mut text, mut completeness, mut many) = (String::new(), 0, false);
        let (mut worst, mut refused) = (None::<Part<'a>>, None::<Part<'a>>);
        for part in 0..unit.fields.len() {
            match self.judged(unit, part, member) {
                Some(said) if usable(said.verdict) => {
                    text.push_str(said.value);
                    completeness += 1;
                    many |= said.reason == Some(USED_BY_MANY);
                    if worst.is_none_or(|worst| worst.verdict < said.verdict) {
                        worst = Some(said);
                    }
                }
                Some(said) if refused.is_none_or(|refused| said.verdict < refused.verdict) => refused = Some(said),
                _ => {}
            }
            text.push('\u{1f}');
        }
        let (verdict, reason) = match (worst, refused) {
            (Some(worst), Some(refused)) if refused.verdict == Verdict::Invalid => {
                (worst.verdict.max(Verdict::Suspect), refused.reason)
            }
            (Some(said), _) | (None, Some(said)) => (said.verdict, said.reason),
            (None, None) => return None,
        };
        Some(Claim { text: Cow::Owned(text), verdict, reason, many, from: *member, completeness })
    }

    /// The value of a field in a record, judged by its form and by what has happened since.
    fn judged(&self, unit: &Unit, part: usize, member: &Origin<'a>) -> Option<Part<'a>> {
        let (row, field) = (member.row?, *unit.fields.get(part)?);
        let value = self.members.get(members::value_column(field), row)?;
        let verdict = verdict_of(self.members.get(members::verdict_column(field), row));
        if usable(verdict) && self.is_dead(unit, part, value, member) {
            return Some(Part { value, verdict: Verdict::Suspect, reason: Some("invalidated_by_event") });
        }
        Some(Part { value, verdict, reason: self.members.get(members::reason_column(field), row) })
    }

    /// Whether the latest event about the value since its last change says that it is dead.
    fn is_dead(&self, unit: &Unit, part: usize, value: &str, member: &Origin<'_>) -> bool {
        let effects = unit.events.get(if unit.as_one { 0 } else { part }).map_or(&[][..], Vec::as_slice);
        let field = unit.fields.get(part).and_then(|place| self.rules.fields.get(*place));
        let (false, Some(field)) = (effects.is_empty(), field) else { return false };
        let own = self.events.iter().map(|event| (event, true));
        let told = own
            .chain(self.reached.iter().map(|event| (event, false)))
            .filter(|(event, _)| is_about(&field.name, value, event.email, event.phone))
            .filter_map(|(event, is_own)| Some((event.kind, event.day?, is_own)))
            .flat_map(|(kind, day, is_own)| {
                let of_kind = effects.iter().filter(move |e| same_kind(e.kind.get_ref(), kind));
                of_kind.filter(move |e| is_own || e.effect == Effect::Invalidate).map(move |e| (day, e.effect))
            });
        dead_since(member.updated.map(|at| at.day), self.rules.as_of, told).is_some()
    }
}

fn length(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
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
