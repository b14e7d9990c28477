//! The house number and the street before it. Enters: tokens that are still free. Leaves: street, number and
//! (through `zone`) what follows. Never here: places; words before the street are left for `groups`.

use super::number::is_house_number;
use super::pack::Role;
use super::parse::Parser;
use super::schema::Place;
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
                let value = self.free(end) && self.token(end).is_some_and(|t| is_house_number(t.text));
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
            let Some(token) = self.token(at).filter(|t| is_house_number(t.text) && !(t.quoted && named_house)) else {
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
        digits && told && from < at && self.pack.places.get(&self.folded(from, at)).is_some()
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

    /// `k-1`, `k-1-12`.
    pub(super) fn is_building(&self, at: usize) -> bool {
        let Some((word, value)) = self.token(at).filter(|_| self.free(at)).and_then(|t| t.text.split_once('-')) else {
            return false;
        };
        let known =
            self.pack.phrases(&word.to_lowercase()).iter().any(|p| p.role == Role::Building && p.rest.is_empty());
        known && value.starts_with(|c: char| c.is_ascii_digit())
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
        let number = |t: &Token<'_>| t.glue == Glue::Space && is_house_number(t.text);
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
            if self.token(i).is_some_and(|t| is_house_number(t.text)) {
                return true;
            }
            i += 1;
        }
        false
    }

    /// `12 Polna, Warszawa`.
    fn number_first(&mut self) {
        for at in 0..self.tokens.len() {
            let number = self.free(at)
                && self.opens(at)
                && self.token(at).is_some_and(|t| is_house_number(t.text) && !t.digits_and_dot());
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

    /// A street that only its type word or its place in the text gives away.
    pub(super) fn street_without_number(&mut self) {
        let typed = (0..self.tokens.len()).find(|at| self.free(*at) && self.street_type(*at).is_some());
        if let Some((from, to)) = typed.map(|at| self.run(at)) {
            let alone = self.street_type(from).is_some_and(|(_, end)| end == to);
            let placed = (from..to).any(|at| {
                self.street_type(at).is_some_and(|(k, end)| match self.place_of(k) {
                    Place::Before => end < to,
                    Place::After => at > from && end == to,
                    Place::Both => (at == from && end < to) || (at > from && end == to),
                })
            });
            if !alone && placed {
                self.street(from, to);
                return;
            }
        }
        if self.pack.format.quote_house_names {
            let quoted = (0..self.tokens.len()).find(|at| self.free(*at) && self.token(*at).is_some_and(|t| t.quoted));
            let rural = self.parts.district.is_some() || self.parts.region.is_some();
            let first = (0..self.tokens.len()).find(|at| self.free(*at)).filter(|at| {
                rural && {
                    let (from, to) = self.run(*at);
                    let others = (to..self.tokens.len()).any(|i| self.free(i));
                    self.is_word(*at) && (others || self.pack.places.get(&self.folded(from, to)).is_none())
                }
            });
            if let Some(at) = quoted.or(first) {
                let (from, mut to) = self.run(at);
                if quoted.is_some() {
                    to = (at..to).find(|i| self.token(*i).is_some_and(|t| !t.quoted)).unwrap_or(to);
                }
                let named = self.phrase(from, |r| r == Role::HouseName).map_or(from, |(_, end)| end);
                let name = if named < to { named } else { from };
                self.parts.street = Some(self.text(name, to));
                self.take(from, to);
                self.details(to); // "Kalnāji"-5, "Kalnāji" dz. 5
            }
        }
    }

    /// Takes the street out of a run of words; words before it are left for the places.
    fn street(&mut self, from: usize, to: usize) {
        let from = (from..to).find(|at| self.free(*at)).unwrap_or(to);
        let to = (from..to).find(|at| !self.free(*at)).unwrap_or(to);
        if from >= to {
            return;
        }
        let start = self.street_start(from, to);
        let (name, sure) = self.street_name(start, to);
        self.take(start, to);
        if !name.is_empty() {
            self.parts.street = Some(name);
        }
        self.parts.street_sure |= sure;
    }

    fn street_start(&self, from: usize, to: usize) -> usize {
        let typed = (from + 1..to).find(|at| {
            self.street_type(*at).is_some_and(|(k, end)| match self.place_of(k) {
                Place::Before => end < to,
                Place::After => false,
                Place::Both => end < to && self.pack.places.get(&self.folded(from, *at)).is_some(),
            })
        });
        if let Some(at) = typed {
            return at;
        }
        let after_code = self.postal_at.is_some_and(|(_, end)| end == from) && !self.opens(from);
        let elsewhere = self.expect.locality_known
            || (!after_code
                && (0..self.tokens.len())
                    .any(|i| self.free(i) && (i < from || i >= to) && self.is_word(i) && !self.is_marker(i)));
        if elsewhere && !after_code {
            return from;
        }
        let longest =
            (1..=4.min(to - from - 1)).rev().find(|n| self.pack.places.get(&self.folded(from, from + n)).is_some());
        match longest {
            Some(n) if self.can_be_street(from + n, to) => from + n,
            _ if after_code && to - from > 1 && self.street_type(from).is_none() => {
                let whole = self.token(from).is_some_and(|t| self.pack.place_first.contains(&t.fold));
                let town = if whole { from + 2 } else { from + 1 };
                if town < to { town } else { from }
            }
            _ => from,
        }
    }

    /// Not merely the type word that made a town's name a street's ("Rīgas iela", "Novi trg").
    fn can_be_street(&self, from: usize, to: usize) -> bool {
        from < to && !(from..to).all(|at| self.street_type(at).is_some())
    }

    /// The street's name in its standard writing, and whether a type word proves it a street.
    pub(super) fn street_name(&mut self, from: usize, to: usize) -> (String, bool) {
        let mut words: Vec<String> = Vec::with_capacity(to - from);
        let mut sure = false;
        let mut at = from;
        while at < to {
            let kind = self.street_type(at).and_then(|(k, end)| self.pack.street_types.get(k).map(|kind| (kind, end)));
            let token = self.token(at).map_or("", |t| t.text);
            match kind {
                Some((kind, end)) if end <= to && (to - from) > (end - at) => {
                    let first = at == from && matches!(kind.place, Place::Before | Place::Both);
                    let last = end == to && matches!(kind.place, Place::After | Place::Both);
                    let single = !first && !last && kind.place == Place::Both && token.ends_with('.') && kind.in_name;
                    if self.pack.format.keep_street_types {
                        sure = true;
                        words.push(self.text(at, end));
                        at = end;
                        continue;
                    }
                    if first || last || single {
                        sure = true;
                        self.parts.mistyped |= self.token(at).is_some_and(|t| self.pack.is_mistyped(&t.fold));
                        let full = crate::text::fold(&kind.name) == self.folded(at, end);
                        if kind.in_name {
                            words.push(match (full, at == from) {
                                (true, _) => self.text(at, end),
                                (false, true) => capital(&kind.name),
                                (false, false) => kind.name.clone(),
                            });
                        }
                        at = end;
                        continue;
                    }
                    words.push(token.to_string());
                }
                _ => match self.glued_type(at) {
                    Some(word) => {
                        sure = true;
                        words.push(word);
                    }
                    None => words.push(token.to_string()),
                },
            }
            at += 1;
        }
        (words.join(" "), sure)
    }

    /// "Hauptstr." with its type written out, if a word ends in one.
    fn glued_type(&self, at: usize) -> Option<String> {
        let token = self.token(at)?;
        let (kind, length) = self.pack.suffix(&token.fold)?;
        let bare = token.bare();
        let folded = crate::text::fold(&kind.name);
        if self.pack.format.keep_street_types || token.fold.ends_with(&folded) {
            return Some(token.text.to_string());
        }
        // The writing is ASCII, so its letters are as many in the word as in its folded form.
        let cut = bare.char_indices().rev().nth(length.checked_sub(1)?)?.0;
        let name = if bare.get(..cut)?.ends_with('-') { capital(&kind.name) } else { kind.name.clone() };
        let upper = bare.chars().all(|c| !c.is_lowercase());
        Some(format!("{}{}", bare.get(..cut)?, if upper { name.to_uppercase() } else { name }))
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
