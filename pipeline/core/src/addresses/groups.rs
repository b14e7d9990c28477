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
    /// A bracket that belongs to the name.
    with_bracket: Option<(usize, usize)>,
}

impl Parser<'_, '_> {
    pub(super) fn places(&mut self, locality_known: bool) {
        let mut groups = self.groups();
        self.region_alone(&mut groups);
        let last = groups.len().saturating_sub(1);
        for (n, group) in groups.iter_mut().enumerate() {
            self.region_after(group, n == last);
        }
        self.brackets(&mut groups);
        let chosen = if locality_known || self.parts.locality.is_some() { None } else { self.choose(&groups) };
        if let Some(group) = chosen {
            let (from, to) = (group.from, group.to);
            let split =
                (from + 1..to).find(|at| self.token(*at).is_some_and(|t| matches!(t.glue, Glue::Dash | Glue::Slash)));
            let whole_known = self.pack.places.get(self.folded(from, to)).is_some();
            let addition = |at: &usize| {
                self.pack.locality.brackets_in_name && self.token(*at).is_some_and(|t| t.glue == Glue::Slash)
            };
            let split = split
                .filter(|at| !addition(at) && !whole_known && self.pack.places.get(self.folded(from, *at)).is_some());
            match self.part_before_town(from, to) {
                Some((town, part)) => {
                    self.parts.locality = Some(self.text(town.0, town.1));
                    self.parts.district = Some(self.text(part.0, part.1));
                }
                None => {
                    self.parts.locality = Some(self.text(from, split.unwrap_or(to)));
                    if let Some(at) = split {
                        self.parts.district = Some(self.text(at, to));
                    }
                }
            }
            if let Some((from, to)) = group.with_bracket {
                let bracket = self.text(from, to);
                self.parts.locality = self.parts.locality.take().map(|town| format!("{town} ({bracket})"));
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

    /// A segment that is a region and nothing else: "Stamford, CT 06902".
    fn region_alone(&mut self, groups: &mut Vec<Group>) {
        let region = |g: &Group| self.pack.regions.get(self.folded(g.from, g.to));
        if groups.len() < 2 || self.parts.region.is_some() {
            return;
        }
        if let Some(at) = groups.iter().rposition(|g| region(g).is_some()) {
            let group = groups.remove(at);
            let standard = region(&group).and_then(Clone::clone);
            if let Some(before) = groups.last_mut().filter(|b| group.before_code && b.to <= group.from) {
                before.before_code = true; // the code stands after both
            }
            self.parts.region = Some(standard.unwrap_or_else(|| self.text(group.from, group.to)));
        }
    }

    /// A region with a standard writing at the end of a segment: "Miami FL 33182".
    fn region_after(&mut self, group: &mut Group, last: bool) {
        if !last || self.parts.region.is_some() {
            return;
        }
        let words = group.to - group.from;
        let found = (1..words.min(4)).rev().find_map(|n| {
            let standard = self.pack.regions.get(self.folded(group.to - n, group.to))?.clone()?;
            Some((n, standard))
        });
        if let Some((n, standard)) = found {
            group.to -= n;
            self.parts.region = Some(standard);
        }
    }

    /// "Winsen (Luhe)": the bracket goes with the words before it.
    fn brackets(&self, groups: &mut Vec<Group>) {
        if !self.pack.locality.brackets_in_name {
            return;
        }
        let mut at = 1;
        while at < groups.len() {
            let Some(bracket) = groups.get(at).copied().filter(|g| g.bracketed) else {
                at += 1;
                continue;
            };
            match groups.get_mut(at - 1).filter(|g| g.to == bracket.from && !g.bracketed) {
                Some(group) => {
                    group.with_bracket = Some((bracket.from, bracket.to));
                    groups.remove(at);
                }
                None => at += 1,
            }
        }
    }

    /// "Dudweiler Saarbrücken", or "Bedburg Kaster": the longest town at the end, else at the start, and the rest.
    /// A town is a name that is listed, with what tells it from its namesakes ("am Rhein", "Bad", "Lutherstadt").
    fn part_before_town(&self, from: usize, to: usize) -> Option<((usize, usize), (usize, usize))> {
        let known = |from: usize, to: usize| self.pack.places.get(self.folded(from, to)).is_some();
        let small = |at: usize| {
            self.token(at)
                .is_some_and(|t| self.pack.small.contains(t.fold) || t.fold.len() == 1 && t.text.ends_with('.'))
        };
        let first = |at: usize| self.token(at).is_some_and(|t| self.pack.place_first.contains(t.fold));
        let town = |from: usize, to: usize| {
            known(from, to)
                || first(from) && to - from > 1
                || (from + 1..to).any(|k| k + 1 < to && small(k) && known(from, k))
        };
        let slash = (from + 1..to).any(|at| self.token(at).is_some_and(|t| t.glue == Glue::Slash));
        if !self.pack.locality.part_before_town || to - from < 2 || slash || town(from, to) {
            return None;
        }
        let half = from + (to - from) / 2;
        if (to - from).is_multiple_of(2) && self.folded(from, half) == self.folded(half, to) {
            return Some(((from, half), (half, to))); // "Pukanec Pukanec": the town, and its part of the same name
        }
        if (from..to).all(|at| self.pack.places.is_empty() || small(at)) {
            return None;
        }
        let apart = |at: usize| !small(at) && !small(at - 1) && !first(at - 1);
        let end = (from + 1..to).find(|at| apart(*at) && town(*at, to)).map(|at| ((at, to), (from, at)));
        let start = || (from + 1..to).rev().find(|at| apart(*at) && town(from, *at)).map(|at| ((from, at), (at, to)));
        // Two names that no list has: the part stands before the town.
        let last = || (to - from == 2 && apart(to - 1)).then(|| ((to - 1, to), (from, to - 1)));
        end.or_else(start).or_else(last)
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
                    self.parts.level.get_or_insert(token.bare().to_string());
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
                with_bracket: None,
            });
        }
        out
    }

    fn choose(&self, groups: &[Group]) -> Option<Group> {
        let known = |g: &Group| self.pack.places.get(self.folded(g.from, g.to)).is_some();
        let open = || groups.iter().filter(|g| !g.bracketed);
        let marked = groups.iter().find(|g| self.locality_marked.is_some_and(|m| (g.from..g.to).contains(&m)));
        let town_first = self.pack.locality.first;
        marked
            .or_else(|| open().find(|g| town_first && !g.after_house))
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
