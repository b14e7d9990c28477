//! What a word or a shape of its own gives away: care-of lines, directions, postal codes, PO boxes, areas.
//! Enters: the tokens. Leaves: parts taken, tokens marked as used. Never here: streets, houses, places.

use super::pack::Role;
use super::parse::Parser;
use super::schema::{AreaPart, Place};
use super::token::Token;
use std::borrow::Cow;

impl<'t> Parser<'_, 't> {
    pub(super) fn care_of(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() {
            if !self.opens(at) {
                at += 1;
                continue;
            }
            if let Some((_, end)) = self.phrase(at, |r| r == Role::CareOf) {
                let mut to = end;
                while self.continues(to) && self.street_type(to).is_none() {
                    to += 1;
                }
                if to > end {
                    self.take(at, to);
                }
            }
            at += 1;
        }
    }

    /// Directions and telephones: "(kod pošte)", "tel. 600 123 456".
    pub(super) fn noise(&mut self) {
        for at in 0..self.tokens.len() {
            if !self.opens(at) {
                continue;
            }
            let Some((_, end)) = self.phrase(at, |r| r == Role::Noise) else {
                continue;
            };
            let mut to = end;
            while self.continues(to) {
                to += 1;
            }
            let numbers = |t: &Token<'_>| t.starts_with_digit();
            let bracket = self.token(at).is_some_and(|t| t.bracketed);
            let run = self.tokens.get(end..to).unwrap_or(&[]);
            let telephone =
                !run.is_empty() && run.iter().all(numbers) && run.iter().map(|t| t.fold.len()).sum::<usize>() > 5;
            if at > 0 && (bracket || telephone || (!run.is_empty() && !run.iter().any(numbers))) {
                self.take(at, to);
            }
        }
    }

    pub(super) fn postal_code(&mut self) {
        let mut best: Option<(i32, usize, usize, String)> = None;
        let least = if self.expect.postal_code_known { 4 } else { 1 };
        let numbers = self.tokens.iter().filter(|t| t.starts_with_digit()).count();
        let typed = || (0..self.tokens.len()).any(|at| self.street_type(at).is_some());
        for at in 0..self.tokens.len() {
            for len in [2, 1] {
                let Some((text, code)) = self.postal_candidate(at, len) else {
                    continue;
                };
                let token = self.token(at);
                let letters = text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
                let digits = code.bytes().filter(u8::is_ascii_digit).count();
                let opens = self.opens(at);
                let ends = at + len >= self.tokens.len();
                let before_word = !self.opens(at + len) && self.is_word(at + len);
                let after_number = at > 0 && self.token(at - 1).is_some_and(Token::starts_with_digit);
                let mut score = 0;
                score += if letters || self.pack.postal.is_distinctive(&text) { 4 } else { 0 };
                score += i32::from(opens) + i32::from(ends) + i32::from(before_word) + i32::from(after_number);
                score += if digits >= 5 { 2 } else { 0 };
                let own = opens && self.opens(at + len);
                score += i32::from(own && at > 0);
                if numbers == 1 && !letters && !own && digits < 5 && !before_word && typed() {
                    score = 0; // "Slovenska cesta 1000": the only number is the house's
                }
                if token.is_some_and(Token::digits_and_dot) && before_word {
                    score = 0;
                }
                if self.pack.number.first && opens && before_word && !letters {
                    score = 0; // "12524 Oak Lane, Miami 33182": the first is the house's
                }
                // "Celje 3000, Mariborska cesta 7": after a town, with a house told later.
                let house_later =
                    || (at + len..self.tokens.len()).any(|i| self.token(i).is_some_and(Token::starts_with_digit));
                score += i32::from(!opens && self.opens(at + len) && self.town_before(at) && house_later());
                if score >= least && best.as_ref().is_none_or(|b| score >= b.0) {
                    best = Some((score, at, len, code));
                }
                break;
            }
        }
        if let Some((_, at, len, code)) = best {
            self.take(at, at + len);
            self.postal_at = Some((at, at + len));
            self.parts.postal_code = Some(code);
        }
    }

    /// Whether the segment up to here is a town.
    fn town_before(&self, at: usize) -> bool {
        let from = (0..at).rev().find(|i| self.opens(*i)).unwrap_or(0);
        self.pack.places.get(self.folded(from, at)).is_some()
    }

    /// The words and the canonical form, if one or two tokens have the postal code's shape.
    fn postal_candidate(&self, at: usize, len: usize) -> Option<(Cow<'t, str>, String)> {
        let token = self.token(at).filter(|_| self.free(at))?;
        let text = if len == 1 {
            if !token.digits {
                return None;
            }
            Cow::Borrowed(token.bare())
        } else {
            let next = self.token(at + 1).filter(|_| self.continues(at + 1))?;
            let digits = || token.text.bytes().chain(next.bare().bytes()).filter(u8::is_ascii_digit).count();
            if !next.starts_with_digit() || token.text.len() > 3 || !self.pack.postal.may_have(digits()) {
                return None;
            }
            Cow::Owned(format!("{} {}", token.text, next.bare()))
        };
        self.pack.postal.canonical(&text).map(|code| (text, code))
    }

    /// Digits that stand where the postal code belongs: before a place at the start of a later segment,
    /// or after the country's letters.
    pub(super) fn misshapen_postal_code(&mut self) {
        if self.pack.code.is_empty() {
            return;
        }
        let found = (0..self.tokens.len()).find(|at| {
            let Some(token) = self.token(*at).filter(|_| self.free(*at)) else {
                return false;
            };
            let digits = token.text.bytes().filter(u8::is_ascii_digit).count();
            let numeric =
                digits > 2 && token.starts_with_digit() && token.text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
            let placed = *at > 0
                && self.opens(*at)
                && self.continues(at + 1)
                && self.is_word(at + 1)
                && self.street_type(at + 1).is_none();
            let lettered = token.text.get(..2).is_some_and(|p| p.eq_ignore_ascii_case(&self.pack.code))
                && token
                    .text
                    .get(2..)
                    .is_some_and(|r| digits > 1 && r.bytes().all(|b| b.is_ascii_digit() || b == b'-'));
            lettered || (numeric && placed && !self.name_follows(*at))
        });
        if let Some(at) = found {
            self.parts.postal_code = self.token(at).map(|t| t.text.to_ascii_uppercase());
            self.parts.bad_postal_code = true;
            self.postal_at = Some((at, at + 1));
            self.take(at, at + 1);
        }
    }

    /// A second code of the postal service, such as Serbia's PAK: recognised and left out.
    pub(super) fn local_code(&mut self) {
        let digits = self.pack.number.local_code_digits;
        for at in 0..self.tokens.len() {
            if let Some((_, end)) = self.phrase(at, |r| r == Role::LocalCode) {
                let value = self.free(end) && self.token(end).is_some_and(Token::starts_with_digit);
                self.take(at, end + usize::from(value));
            } else if digits > 0
                && self.free(at)
                && self.token(at).is_some_and(|t| t.all_digits() && t.text.len() == digits)
            {
                self.take(at, at + 1);
            }
        }
    }

    /// "Brwinów k. Warszawy": where a town lies is no part of its name.
    pub(super) fn near(&mut self) {
        for at in 1..self.tokens.len() {
            let Some((_, end)) =
                self.phrase(at, |r| r == Role::Near).filter(|_| !self.opens(at) && self.is_word(at - 1))
            else {
                continue;
            };
            let mut to = end;
            while self.continues(to) {
                to += 1;
            }
            let numbers = (end..to).any(|i| self.token(i).is_some_and(Token::starts_with_digit));
            if to > end && !numbers && self.free(at - 1) {
                self.take(at, to);
            }
        }
    }

    pub(super) fn po_box(&mut self) {
        for at in 0..self.tokens.len() {
            let Some((_, mut end)) = self.phrase(at, |r| r == Role::PoBox) else {
                continue;
            };
            if let Some((_, after)) = self.phrase(end, |r| r == Role::Number) {
                end = after;
            }
            let value = self.token(end).filter(|t| self.free(end) && t.starts_with_digit());
            if let Some(value) = value {
                self.parts.po_box = Some(value.bare().to_string());
                self.take(at, end + 1);
                return;
            }
        }
    }

    fn is_initial(&self, at: usize) -> bool {
        self.token(at).is_some_and(|t| t.fold.len() == 1)
    }

    /// "s. Trnava", "c. Zaķumuiža": a letter that stands for "village" is an initial too, so the segment it opens has to be
    /// the only one without a number.
    pub(super) fn village(&mut self) {
        let numbered =
            |p: &Self, (from, to): (usize, usize)| p.tokens.iter().take(to).skip(from).any(Token::starts_with_digit);
        let locality = |p: &Self, role: Role| match role {
            Role::Area(index) => p.pack.areas.get(index).is_some_and(|a| a.part == AreaPart::Locality),
            _ => false,
        };
        for at in 0..self.tokens.len() {
            let dotted = self.is_initial(at) && self.token(at).is_some_and(|t| t.text.ends_with('.'));
            let Some((_, end)) = self.phrase(at, |r| locality(self, r)).filter(|_| dotted && self.opens(at)) else {
                continue;
            };
            let run = self.run(at);
            let alone = (0..self.tokens.len())
                .filter(|i| self.free(*i) && !(run.0..run.1).contains(i))
                .all(|i| numbered(self, self.run(i)));
            if alone && !numbered(self, run) && self.continues(end) && self.is_word(end) {
                self.take(at, end);
                self.locality_marked.get_or_insert(end);
            }
        }
    }

    pub(super) fn areas(&mut self) {
        for at in 0..self.tokens.len() {
            let Some((Role::Area(index), end)) = self.phrase(at, |r| matches!(r, Role::Area(_))) else {
                continue;
            };
            let Some(area) = self.pack.areas.get(index) else {
                continue;
            };
            let (part, place) = (area.part, area.place);
            if self.is_initial(at) && part == AreaPart::Locality && place != Place::After {
                continue; // see `village`
            }
            let suffix = if area.name.is_empty() { None } else { Some(area.name.clone()) };
            let found = match place {
                Place::Before | Place::Both => {
                    let mut to = end;
                    while to < end + 3 && self.continues(to) && self.is_word(to) {
                        to += 1;
                    }
                    if to == end || (part == AreaPart::Locality && !self.opens(at) && self.free(at.wrapping_sub(1))) {
                        continue;
                    }
                    if part == AreaPart::Locality {
                        self.take(at, end);
                        self.locality_marked.get_or_insert(end);
                        continue;
                    }
                    let text = self.text(end, to);
                    self.take(at, to);
                    text
                }
                Place::After => {
                    let Some(from) =
                        at.checked_sub(1).filter(|b| self.free(*b) && self.continues(at) && self.is_word(*b))
                    else {
                        continue;
                    };
                    let mut text = self.text(from, at);
                    if let Some(suffix) = &suffix {
                        text.push(' ');
                        text.push_str(suffix);
                    }
                    self.take(from, end);
                    text
                }
            };
            let slot = match part {
                AreaPart::Region => &mut self.parts.region,
                AreaPart::District => &mut self.parts.district,
                AreaPart::Locality => &mut self.parts.locality,
            };
            slot.get_or_insert(found);
        }
    }
}
