//! What follows a street: number, letter, building, entrance, floor, flat. Enters: the index of the house
//! number. Leaves: the index after the last token that belongs to the house. Never here: places.

use super::number::is_house_number;
use super::pack::Role;
use super::parse::Parser;
use super::schema::Dash;
use super::token::{Glue, Token, is_roman};

impl<'t> Parser<'_, 't> {
    /// Reads the house from its number (or number word) on.
    pub(super) fn number_zone(&mut self, at: usize) -> usize {
        let mut at = at;
        let marker = self.phrase(at, |r| matches!(r, Role::Number | Role::Numbering));
        if let Some((_, end)) = marker {
            at = end;
        }
        if let Some((_, end)) = self.phrase(at, |r| r == Role::NoNumber) {
            self.parts.number = Some(self.pack.no_number.clone());
            at = end;
        } else if let Some(token) = self.token(at).filter(|t| t.house) {
            self.set_number(token.text);
            if let Some((Role::Numbering, _)) = marker
                && let (Some(number), Some(template)) = (&mut self.parts.number, &self.pack.format.numbering)
            {
                *number = template.replace("{}", number);
            }
            at += 1;
            at = self.number_suffix(at);
        } else {
            return at;
        }
        self.details(at)
    }

    /// `72 A-8`: the letter of the number, glued to what follows it.
    fn glued_letter(&self, at: usize) -> Option<&'t str> {
        let token = self.token(at).filter(|t| self.continues(at) && t.glue == Glue::Space)?;
        let (letter, rest) = token.text.split_once(['-', '/'])?;
        let single = letter.chars().count() == 1 && letter.chars().all(char::is_alphabetic);
        let number = self.token(at - 1).is_some_and(Token::all_digits);
        (single && number && is_house_number(rest)).then_some(token.text)
    }

    /// `8 1/2`, `14 d`, `100 - 12`, `76 k-1-12`.
    fn number_suffix(&mut self, mut at: usize) -> usize {
        if let Some(token) = self.token(at).filter(|t| self.continues(at) && t.glue == Glue::Space)
            && matches!(token.text, "1/2" | "1/3" | "1/4" | "2/3" | "3/4")
        {
            if let Some(number) = &mut self.parts.number {
                number.push(' ');
                number.push_str(token.text);
            }
            at += 1;
        }
        if self.parts.unit.is_none()
            && !self.is_building(at)
            && let (Some(number), Some(rest)) = (self.parts.number.clone(), self.glued_letter(at))
        {
            self.set_number(&(number + rest));
            return at + 1;
        }
        if let Some(token) = self.token(at).filter(|t| self.continues(at) && t.glue != Glue::Dash) {
            let mut letters = token.text.chars();
            let letter = letters.next().filter(|c| c.is_alphabetic() && letters.next().is_none());
            let digits = self.parts.number.as_ref().is_some_and(|n| n.ends_with(|c: char| c.is_ascii_digit()));
            let marker = self.has_value_after(at) || self.value_role(at).is_some();
            let conjunction = self.continues(at + 1) && self.is_word(at + 1) && self.pack.small.contains(token.fold);
            let floor = self.pack.number.roman_is_level
                && is_roman(token.text)
                && self.continues(at + 1)
                && self.token(at + 1).is_some_and(Token::starts_with_digit);
            if letter.is_some() && digits && !marker && !conjunction && !floor && self.parts.unit.is_none() {
                if let Some(number) = &mut self.parts.number {
                    number.push_str(token.text);
                }
                at += 1;
            }
        }
        at
    }

    /// A marker word here, whose value is the next token.
    fn has_value_after(&self, at: usize) -> bool {
        self.phrase(at, |r| matches!(r, Role::Unit | Role::Level | Role::Staircase | Role::Building))
            .is_some_and(|(_, end)| self.value_after_marker(end).is_some())
    }

    /// The token as a value of a flat, floor or entrance: `5`, `2a`, `A`, `III`, `U1`.
    pub(super) fn value(&self, at: usize) -> Option<&'t str> {
        let token = self.token(at).filter(|_| self.free(at))?;
        let text = token.bare();
        let short = text.chars().count() <= 6;
        let mut chars = text.chars();
        let first = chars.next()?;
        let letter = first.is_alphabetic() && chars.all(|c| c.is_ascii_digit());
        (short && (first.is_ascii_digit() || letter || is_roman(text))).then_some(text)
    }

    fn value_after_marker(&self, at: usize) -> Option<&'t str> {
        self.value(at).filter(|_| at == 0 || !self.opens(at))
    }

    /// Role of a marker that follows its value: `II sprat`, `3. nadstropje`, `2. ieeja`.
    pub(super) fn value_role(&self, at: usize) -> Option<(Role, usize)> {
        self.value(at)?;
        if !self.continues(at + 1) {
            return None;
        }
        let (role, end) = self.phrase(at + 1, |r| matches!(r, Role::Level | Role::Staircase))?;
        // "2 p. 5" is not "second floor, 5" when the word has a value of its own.
        let own = self.token(at).is_some_and(|t| !t.text.ends_with('.') && !is_roman(t.text))
            && self.value_after_marker(end).is_some();
        (!own).then_some((role, end))
    }

    /// A floor whose number is a word: `drugi sprat`, `piętro drugie`.
    pub(super) fn floor_in_words(&self, at: usize) -> Option<(usize, usize)> {
        let ordinal = |at: usize| match self.phrase(at, |r| matches!(r, Role::Ordinal(_)))? {
            (Role::Ordinal(number), end) => Some((number, end)),
            _ => None,
        };
        let level = |at: usize| self.phrase(at, |r| r == Role::Level).map(|(_, end)| end);
        match ordinal(at) {
            Some((number, end)) => Some((number, level(end).filter(|_| !self.opens(end))?)),
            None => level(at).filter(|end| !self.opens(*end)).and_then(ordinal),
        }
    }

    /// Buildings, entrances, floors and flats in any order, with or without commas.
    pub(super) fn details(&mut self, mut at: usize) -> usize {
        while self.free(at) {
            let opens = self.opens(at);
            let Some(next) = self.detail(at, opens) else {
                return at;
            };
            if next <= at {
                return at;
            }
            self.take(at, next);
            at = next;
        }
        at
    }

    fn detail(&mut self, at: usize, opens: bool) -> Option<usize> {
        let token = self.token(at)?;
        if let Some(end) = self.building(at) {
            return Some(end);
        }
        if let Some((number, end)) = self.floor_in_words(at) {
            self.set_detail(Role::Level, &number.to_string());
            return Some(end);
        }
        if let Some((role, end)) = self.value_role(at) {
            self.set_detail(role, self.value(at).unwrap_or(""));
            return Some(end);
        }
        if token.digits_and_dot()
            && self.continues(at + 1)
            && let Some((_, end)) = self.phrase(at + 1, |r| r == Role::Unit)
            && self.value_after_marker(end).is_none()
        {
            self.parts.unit = Some(token.bare().to_string()); // "12. kab."
            return Some(end);
        }
        let marker = |r: Role| matches!(r, Role::Unit | Role::Level | Role::Staircase);
        if let Some((role, end)) = self.phrase(at, marker) {
            let end = self.phrase(end, |r| r == Role::Number).map_or(end, |(_, e)| e);
            if let Some(value) = self.value_after_marker(end) {
                self.set_detail(role, value);
                return Some(end + 1);
            }
        }
        if let Some((role, value)) = self.glued(at).filter(|(r, _)| marker(*r)) {
            self.set_detail(role, value);
            return Some(at + 1);
        }
        if let Some((_, end)) = self.phrase(at, |r| r == Role::Ground) {
            let whole = self.opens(end) || !self.free(end) || !self.is_word(end) || self.has_value_after(end);
            if whole {
                self.parts.level = Some(self.text(at, end).trim_end_matches('.').to_lowercase());
                return Some(end);
            }
        }
        if token.glue == Glue::Dash && self.pack.number.dash == Dash::Unit && token.house {
            self.parts.unit = Some(token.bare().to_string());
            return Some(at + 1);
        }
        if token.glue == Glue::Slash {
            let text = token.bare();
            if is_roman(text) && self.pack.number.roman_is_level {
                self.parts.level = Some(text.to_string());
                return Some(at + 1);
            }
        }
        if !opens
            && is_roman(token.text)
            && token.text.bytes().all(|b| b.is_ascii_uppercase())
            && self.pack.number.roman_is_level
            && self.parts.level.is_none()
        {
            self.parts.level = Some(token.text.to_string());
            return Some(at + 1);
        }
        // A second bare number: the flat.
        let bare = token.house && self.parts.unit.is_none();
        if bare && (self.opens(at + 1) || !self.free(at + 1)) && !self.before_postal_code_only(at) {
            self.parts.unit = Some(token.bare().to_string());
            return Some(at + 1);
        }
        None
    }

    /// A number alone right after the postal code is not a flat.
    fn before_postal_code_only(&self, at: usize) -> bool {
        self.postal_at.is_some_and(|(_, end)| end == at)
    }

    /// `k-1`, `k-1-12`.
    pub(super) fn is_building(&self, at: usize) -> bool {
        let token = self.token(at).filter(|t| t.digits && self.free(at));
        let Some((word, value)) = token.and_then(|t| t.text.split_once('-')) else {
            return false;
        };
        self.names_building(word) && value.starts_with(|c: char| c.is_ascii_digit())
    }

    /// Whether a word alone announces a building.
    fn names_building(&self, word: &str) -> bool {
        self.pack.phrases(&word.to_lowercase()).iter().any(|p| p.role == Role::Building && p.rest.is_empty())
    }

    /// `k-1`, `k-1-12`, `korp. 2`, `bud. A`.
    fn building(&mut self, at: usize) -> Option<usize> {
        let token = self.token(at)?;
        let (value, end) = if let Some((_, end)) = self.phrase(at, |r| r == Role::Building) {
            (
                self.value_after_marker(end).or_else(|| {
                    self.token(end)
                        .filter(|_| self.continues(end))
                        .map(Token::bare)
                        .filter(|t| t.starts_with(|c: char| c.is_ascii_digit()))
                })?,
                end + 1,
            )
        } else if let Some((word, rest)) = token.bare().split_once('-').filter(|(w, _)| !w.is_empty()) {
            if !self.names_building(word) || !rest.starts_with(|c: char| c.is_ascii_digit()) {
                return None;
            }
            (rest, at + 1)
        } else {
            let (word, value) = token.bare().split_at(token.bare().find(|c: char| c.is_ascii_digit())?);
            if !self.names_building(word) {
                return None;
            }
            (value, at + 1)
        };
        let (building, unit) = match value.split_once(['-', '/']) {
            Some((b, u)) if self.pack.number.dash == Dash::Unit => (b, Some(u)),
            _ => (value, None),
        };
        let number = self.parts.number.as_mut()?;
        number.push(' ');
        number.push_str(&self.pack.format.building.replace("{}", building));
        if let Some(unit) = unit.filter(|u| !u.is_empty()) {
            self.parts.unit = Some(unit.to_string());
        }
        Some(end)
    }

    fn set_detail(&mut self, role: Role, value: &str) {
        let value = value.to_string();
        match role {
            Role::Unit => {
                if self.parts.slashed
                    && let Some(slash) = self.parts.unit.take()
                {
                    // With a flat named, the slash meant something else: the floor where a slash is a unit, else the building.
                    if self.pack.number.roman_is_level {
                        self.parts.level.get_or_insert(slash);
                    } else if let Some(number) = &mut self.parts.number {
                        number.push('/');
                        number.push_str(&slash);
                    }
                    self.parts.slashed = false;
                }
                self.parts.unit = Some(value);
            }
            Role::Level => self.parts.level = Some(value),
            _ => self.parts.staircase = Some(value),
        }
    }
}
