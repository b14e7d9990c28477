//! Which of the numbers is the house's. Enters: tokens that are still free. Leaves: the house read from its number on
//! (through `zone`), and the street before it (through `street`). Never here: places; words that are left are for `groups`.

use super::pack::Role;
use super::parse::Parser;
use super::token::{Glue, Token, is_roman};

impl Parser<'_, '_> {
    /// The house number, the street before it, and what follows.
    pub(super) fn house(&mut self) {
        if self.pack.number.first && self.number_before_street() {
            return;
        }
        let Some(at) = self.house_number_at() else {
            self.number_first();
            return;
        };
        // The run of words before the number, over a break when the number stands alone ("Polna, 12, Warszawa").
        let mut from = at;
        while from > 0 && self.free(from - 1) && (from == at || !self.opens(from)) {
            if from == at && self.opens(at) {
                let marked = self.has_role(at, |r| matches!(r, Role::Number | Role::NoNumber));
                if !marked && self.name_words_before(at, true) == 0 {
                    break;
                }
            }
            from -= 1;
        }
        let after = self.number_zone(at);
        self.take(at, after);
        self.street(from, at);
        self.village_after_code();
    }

    /// `34-511 Kościelisko 33`: the only name, and it follows the postal code.
    fn village_after_code(&mut self) {
        let follows =
            self.postal_at.is_some_and(|(_, end)| !self.opens(end) && !self.free(end) && end < self.tokens.len());
        let alone = !(0..self.tokens.len()).any(|i| self.free(i) && self.is_word(i));
        if follows && alone && !self.expect.locality_known && !self.parts.street_sure && self.parts.locality.is_none() {
            self.parts.locality = self.parts.street.take();
        }
    }

    /// Number of name words in the run that ends before a token.
    fn name_words_before(&self, at: usize, over_break: bool) -> usize {
        let mut count = 0;
        let mut i = at;
        while i > 0 && self.free(i - 1) && (!self.opens(i) || (over_break && i == at)) {
            i -= 1;
            let marker = self.has_role(i, |r| matches!(r, Role::Number));
            if !marker && (self.is_word(i) || self.token(i).is_some_and(Token::digits_and_dot)) {
                count += 1;
            }
        }
        count
    }

    fn house_number_at(&self) -> Option<usize> {
        let mut alone = None;
        for at in 0..self.tokens.len() {
            if !self.free(at) {
                continue;
            }
            let marker = self.phrase(at, |r| matches!(r, Role::Number | Role::Numbering));
            if let Some((_, end)) = marker {
                let value = self.free(end) && self.token(end).is_some_and(|t| t.house);
                if value
                    && !self.name_follows(end)
                    && (self.opens(at) || self.name_words_before(at, false) > 0)
                    && at > 0
                {
                    return Some(at);
                }
                let no_number = self.has_role(end, |r| r == Role::NoNumber);
                if no_number && at > 0 {
                    return Some(at);
                }
            }
            if self.has_role(at, |r| r == Role::NoNumber) && at > 0 && self.name_words_before(at, true) > 0 {
                return Some(at);
            }
            let named_house = self.pack.format.quote_house_names;
            let Some(token) = self.token(at).filter(|t| t.house && !(t.quoted && named_house)) else {
                continue;
            };
            if self.name_follows(at)
                || self.name_before(at)
                || (token.digits_and_dot()
                    && self.continues(at + 1)
                    && self.is_word(at + 1)
                    && !self.is_marker(at + 1)
                    && self.value_role(at + 1).is_none())
            {
                continue;
            }
            if self.opens(at) {
                if alone.is_none() && self.opens(at + 1) && at > 0 && self.name_words_before(at, true) > 0 {
                    alone = Some(at);
                }
                continue;
            }
            if self.is_post_office_number(at) || self.is_flat_of_named_house(at) {
                continue;
            }
            let words = self.name_words_before(at, false);
            if words == 0 || (words == 1 && self.marker_before(at)) {
                continue;
            }
            if !self.later_number(at) {
                return Some(at);
            }
        }
        alone
    }

    /// `11000 Beograd 6`: the post office of a town, when the street is told elsewhere.
    fn is_post_office_number(&self, at: usize) -> bool {
        let Some((_, from)) = self.postal_at else {
            return false;
        };
        let digits = self.token(at).is_some_and(|t| t.all_digits() && t.text.len() < 3);
        let told = self.parts.po_box.is_some() || (0..self.tokens.len()).any(|i| self.free(i) && (i < from || i > at));
        digits && told && from < at && self.pack.places.get(self.folded(from, at)).is_some()
    }

    /// `"Kalnāji"-5`, `"Kalnāji" dz. 5`.
    fn is_flat_of_named_house(&self, at: usize) -> bool {
        let quoted = |back: usize| at.checked_sub(back).and_then(|i| self.token(i)).is_some_and(|t| t.quoted);
        let dash = self.token(at).is_some_and(|t| t.glue == Glue::Dash) && quoted(1);
        let word = at > 0 && self.has_role(at - 1, |r| r == Role::Unit) && quoted(2);
        self.pack.format.quote_house_names && (dash || word)
    }

    /// A unit, floor or entrance word right before a number at the start of a run.
    fn marker_before(&self, at: usize) -> bool {
        at > 0
            && self.opens(at - 1)
            && self.has_role(at - 1, |r| matches!(r, Role::Unit | Role::Level | Role::Staircase))
            && self.street_type(at - 1).is_none()
    }

    /// "11 Listopada": the number begins a name.
    pub(super) fn name_follows(&self, at: usize) -> bool {
        self.continues(at + 1)
            && self.has_role(at + 1, |r| r == Role::AfterNumberName)
            && self.token(at).is_some_and(|t| !t.text.contains('/'))
    }

    /// "Route 9", "Blok 45 12", "30. svibnja 1990. 7": the number ends a name.
    pub(super) fn name_before(&self, at: usize) -> bool {
        let ends_here =
            |from: usize| self.phrase(from, |r| r == Role::BeforeNumberName).is_some_and(|(_, end)| end == at);
        let named = || (at.saturating_sub(3)..at).any(ends_here) || self.is_year_of_a_day(at);
        self.continues(at) && (self.pack.number.first || self.house_follows(at)) && named()
    }

    /// A year behind the month of a name.
    fn is_year_of_a_day(&self, at: usize) -> bool {
        let year = self.token(at).is_some_and(|t| (t.all_digits() || t.digits_and_dot()) && t.bare().len() == 4);
        year && at > 0 && self.has_role(at - 1, |r| r == Role::AfterNumberName)
    }

    /// A further number right behind this one, or a word for one.
    fn house_follows(&self, at: usize) -> bool {
        let number = |t: &Token<'_>| t.glue == Glue::Space && t.house;
        let told = |r: Role| matches!(r, Role::Number | Role::NoNumber);
        self.continues(at + 1) && (self.token(at + 1).is_some_and(number) || self.has_role(at + 1, told))
    }

    /// Name words and then another number in the same run: this one belongs to the name.
    fn later_number(&self, at: usize) -> bool {
        let mut i = at + 1;
        if !self.is_word(i) || self.is_marker(i) || self.token(i).is_some_and(|t| t.fold.len() < 2 || is_roman(t.text))
        {
            return false;
        }
        while self.continues(i) {
            if self.is_marker(i) {
                return self.has_role(i, |r| r == Role::Number);
            }
            if self.token(i).is_some_and(|t| t.house) {
                return true;
            }
            i += 1;
        }
        false
    }

    /// `12 Polna, Warszawa`.
    fn number_first(&mut self) {
        for at in 0..self.tokens.len() {
            let number =
                self.free(at) && self.opens(at) && self.token(at).is_some_and(|t| t.house && !t.digits_and_dot());
            if !number
                || self.name_follows(at)
                || !self.continues(at + 1)
                || !self.is_word(at + 1)
                || self.is_marker(at + 1)
            {
                continue;
            }
            let mut to = at + 1;
            while self.continues(to) {
                to += 1;
            }
            self.take(at, at + 1);
            if let Some(token) = self.token(at) {
                self.set_number(token.text);
            }
            self.parts.number_first = true;
            self.street(at + 1, to);
            return;
        }
    }
}
