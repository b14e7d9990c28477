//! Places in what the street left over. Enters: the unused tokens. Leaves: locality and district.
//! Never here: correction of names; that is `finish`.

use super::parse::Parser;
use super::token::{Glue, Token};

/// A run of unused words between commas or used tokens.
#[derive(Debug, Clone, Copy)]
struct Group {
    from: usize,
    to: usize,
    after_code: bool,
    before_code: bool,
    bracketed: bool,
    after_house: bool,
}

impl Parser<'_, '_> {
    pub(super) fn places(&mut self, locality_known: bool) {
        let groups = self.groups();
        let chosen = if locality_known || self.parts.locality.is_some() { None } else { self.choose(&groups) };
        if let Some(group) = chosen {
            let (from, to) = (group.from, group.to);
            let split =
                (from + 1..to).find(|at| self.token(*at).is_some_and(|t| matches!(t.glue, Glue::Dash | Glue::Slash)));
            let whole_known = self.pack.places.get(&self.folded(from, to)).is_some();
            let split = split.filter(|at| !whole_known && self.pack.places.get(&self.folded(from, *at)).is_some());
            self.parts.locality = Some(self.text(from, split.unwrap_or(to)));
            if let Some(at) = split {
                self.parts.district = Some(self.text(at, to));
            }
        }
        for group in groups.iter().filter(|g| chosen.is_none_or(|c| c.from != g.from)) {
            let text = self.text(group.from, group.to);
            if self.parts.district.is_none() && (group.after_house || locality_known || self.parts.street.is_none()) {
                self.parts.district = Some(text);
            } else {
                self.parts.left_over = true;
            }
        }
    }

    fn groups(&mut self) -> Vec<Group> {
        let mut out = Vec::with_capacity(3);
        let mut at = 0;
        let mut house_seen = false;
        while at < self.tokens.len() {
            if !self.free(at) {
                house_seen |= self.postal_at.is_none_or(|(s, e)| at < s || at >= e);
                at += 1;
                continue;
            }
            let (mut from, mut to) = self.run(at);
            at = to;
            let last = to;
            while from < to && !self.is_word(from) {
                if let Some(token) = self.token(from).filter(|t| t.starts_with_digit()) {
                    self.parts.level.get_or_insert(token.text.to_string());
                    self.parts.left_over = true;
                }
                from += 1;
            }
            while to > from && !self.is_word(to - 1) {
                to -= 1;
            }
            if from == to {
                continue;
            }
            let digits = (to..last).any(|i| self.token(i).is_some_and(|t| !Token::all_digits(t) || t.text.len() > 2));
            self.parts.left_over |= digits;
            out.push(Group {
                from,
                to,
                after_code: self.postal_at.is_some_and(|(_, end)| end <= from && (end..from).all(|i| self.free(i))),
                before_code: self.postal_at.is_some_and(|(start, _)| start == last && !self.opens(start)),
                bracketed: self.token(from).is_some_and(|t| t.bracketed),
                after_house: house_seen,
            });
        }
        out
    }

    fn choose(&self, groups: &[Group]) -> Option<Group> {
        let known = |g: &Group| self.pack.places.get(&self.folded(g.from, g.to)).is_some();
        let open = || groups.iter().filter(|g| !g.bracketed);
        let marked = groups.iter().find(|g| self.locality_marked.is_some_and(|m| (g.from..g.to).contains(&m)));
        marked
            .or_else(|| open().find(|g| g.after_code))
            .or_else(|| open().find(|g| g.before_code))
            .or_else(|| open().rfind(|g| g.after_house && known(g)))
            .or_else(|| open().rfind(|g| known(g)))
            .or_else(|| open().rfind(|g| g.after_house))
            .or_else(|| open().next_back())
            .or_else(|| groups.last())
            .copied()
    }
}
