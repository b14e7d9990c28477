//! The street's name. Enters: a run of free words, or an address without a number. Leaves: the street in its standard
//! writing, and whether a word proves it one. Never here: places; words before the street are left for `groups`.

use super::finish::add_word;
use super::pack::Role;
use super::parse::Parser;
use super::schema::Place;

impl Parser<'_, '_> {
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
                    self.is_word(*at) && (others || self.pack.places.get(self.folded(from, to)).is_none())
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
    pub(super) fn street(&mut self, from: usize, to: usize) {
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
                Place::Both => end < to && self.pack.places.get(self.folded(from, *at)).is_some(),
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
            (1..=4.min(to - from - 1)).rev().find(|n| self.pack.places.get(self.folded(from, from + n)).is_some());
        match longest {
            Some(n) if self.can_be_street(from + n, to) => from + n,
            _ if after_code && to - from > 1 && self.street_type(from).is_none() && !self.town_of_code_after(to) => {
                let whole = self.token(from).is_some_and(|t| self.pack.place_first.contains(t.fold));
                let town = if whole { from + 2 } else { from + 1 };
                if self.can_be_street(town, to) { town } else { from }
            }
            _ => from,
        }
    }

    /// "80-114 Jacka Malczewskiego 138, Gdańsk": the postal code's town stands behind the street.
    fn town_of_code_after(&self, to: usize) -> bool {
        let code = self.parts.postal_code.as_deref().unwrap_or("");
        let town = |at: usize| {
            let (from, to) = self.run(at);
            self.pack.places.get(self.folded(from, to)).is_some_and(|town| town.owns(code))
        };
        (to..self.tokens.len()).any(|at| self.free(at) && self.opens(at) && town(at))
    }

    /// Not merely the type word that made a town's name a street's ("Rīgas iela", "Novi trg").
    fn can_be_street(&self, from: usize, to: usize) -> bool {
        from < to && !(from..to).all(|at| self.street_type(at).is_some())
    }

    /// Appends the tokens' text behind a blank.
    fn add_text(&self, name: &mut String, from: usize, to: usize) {
        if !name.is_empty() {
            name.push(' ');
        }
        self.text_onto(from, to, name);
    }

    /// The street's name in its standard writing, and whether a type word proves it a street.
    pub(super) fn street_name(&mut self, from: usize, to: usize) -> (String, bool) {
        let mut name = String::with_capacity(24);
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
                        self.add_text(&mut name, at, end);
                        at = end;
                        continue;
                    }
                    if first || last || single {
                        sure = true;
                        self.parts.mistyped |= self.token(at).is_some_and(|t| self.pack.is_mistyped(t.fold));
                        let full = kind.key == self.folded(at, end);
                        if kind.in_name {
                            match (full, at == from) {
                                (true, _) => self.add_text(&mut name, at, end),
                                (false, true) => add_word(&mut name, &capital(&kind.name)),
                                (false, false) => add_word(&mut name, &kind.name),
                            }
                        }
                        at = end;
                        continue;
                    }
                    add_word(&mut name, token);
                }
                _ => match self.glued_type(at) {
                    Some(word) => {
                        sure = true;
                        add_word(&mut name, &word);
                    }
                    None => add_word(&mut name, token),
                },
            }
            at += 1;
        }
        (name, sure)
    }

    /// "Hauptstr." with its type written out, if a word ends in one.
    fn glued_type(&self, at: usize) -> Option<String> {
        let token = self.token(at)?;
        let (kind, length) = self.pack.suffix(token.fold)?;
        let bare = token.bare();
        if self.pack.format.keep_street_types || token.fold.ends_with(&kind.key) {
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
