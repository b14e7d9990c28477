//! Addresses whose house number stands before the street: "660 Nostrand Ave Apt 5, Brooklyn". Enters: free tokens.
//! Leaves: number, street and flat; what follows stays for the places. Never here: countries; a pack asks for it.

use super::pack::Role;
use super::parse::Parser;
use super::schema::Place;
use super::token::{Glue, Token};

impl Parser<'_, '_> {
    /// The first number that words follow, and the street behind it. False when there is none.
    pub(super) fn number_before_street(&mut self) -> bool {
        let Some(at) = (0..self.tokens.len()).find(|at| self.opens_street(*at)) else {
            return false;
        };
        if let Some(token) = self.token(at) {
            self.set_number(token.text);
        }
        self.take(at, at + 1);
        let from = self.rest_of_number(at + 1);
        let from = self.letter_of_number(from);
        let mut run = from;
        while self.continues(run) {
            run += 1;
        }
        let (street, end) = self.street_end(from, run);
        let (name, sure) = self.street_name(from, street);
        self.take(from, end);
        // What stands before the number names the house or its owner.
        let before = (0..at).rev().find(|i| self.opens(*i)).unwrap_or(at);
        self.take(before, at);
        self.parts.street = Some(name).filter(|n| !n.is_empty());
        self.parts.street_sure |= sure;
        self.details(end);
        true
    }

    fn opens_street(&self, at: usize) -> bool {
        // "W6875 Deppeler Road": a number of a grid, with its direction.
        let grid = |t: &Token<'_>| {
            let digits = t.text.get(1..).unwrap_or("");
            let direction = self.pack.phrases(t.fold.get(..1).unwrap_or("")).iter().any(|p| p.rest.is_empty());
            self.opens(at) && direction && digits.len() > 1 && digits.bytes().all(|b| b.is_ascii_digit())
        };
        let number = self.free(at)
            && self.token(at).is_some_and(|t| t.house && !t.digits_and_dot() || grid(t))
            && !self.name_before(at);
        let marked = at > 0
            && !self.opens(at)
            && self.has_role(at - 1, |r| matches!(r, Role::Unit | Role::Level | Role::Building | Role::Staircase));
        let word = |i: usize| self.continues(i) && self.is_word(i) && !self.is_marker(i);
        number && !marked && (word(at + 1) || self.continues(at + 1) && word(at + 2))
    }

    /// `82 1/2 East Boulevard`, `586 - 592 Crane Lane`.
    fn rest_of_number(&mut self, at: usize) -> usize {
        let Some(token) = self.token(at).filter(|_| self.continues(at)) else {
            return at;
        };
        let joint = match token.glue {
            Glue::Dash if token.house => "-",
            Glue::Space if matches!(token.text, "1/2" | "1/3" | "1/4" | "2/3" | "3/4") => " ",
            _ => return at,
        };
        if let Some(number) = &mut self.parts.number {
            number.push_str(joint);
            number.push_str(token.text);
        }
        self.take(at, at + 1);
        at + 1
    }

    /// `215 a patapsco avenue`: a letter before a name of its own.
    fn letter_of_number(&mut self, at: usize) -> usize {
        let letter = self.token(at).filter(|t| t.fold.len() == 1 && self.street_type(at).is_none());
        let named = self.is_word(at + 1) && self.continues(at + 1) && self.street_type(at + 1).is_none();
        match (letter, &mut self.parts.number) {
            (Some(letter), Some(number)) if named && number.ends_with(|c: char| c.is_ascii_digit()) => {
                number.push_str(letter.text);
                self.take(at, at + 1);
                at + 1
            }
            _ => at,
        }
    }

    fn is_type(&self, at: usize, place: Place) -> bool {
        self.street_type(at).is_some_and(|(kind, _)| self.place_of(kind) == place)
    }

    /// Where the street's name ends, and where what was taken with it ends.
    fn street_end(&mut self, from: usize, run: usize) -> (usize, usize) {
        if let Some(at) = (from + 1..run).find(|at| self.starts_details(*at)) {
            return (at, self.details(at).max(at));
        }
        let unit = (from + 1..run).find(|at| self.is_flat(*at, run));
        if let Some(at) = unit
            && let Some(token) = self.token(at)
        {
            self.parts.unit = Some(token.bare().to_string());
            return (at, at + 1);
        }
        let region = |from: usize, to: usize| self.pack.regions.contains_key(self.folded(from, to));
        let elsewhere = (0..self.tokens.len()).any(|i| {
            self.free(i) && (i < from || i >= run) && self.is_word(i) && {
                let (start, end) = self.run(i);
                !region(start, end)
            }
        });
        if elsewhere || self.expect.locality_known {
            return (run, run);
        }
        // No comma before the town: the street ends with its type, and a direction after that.
        let typed = (from + 1..run)
            .find(|at| self.is_type(*at, Place::After) && !self.is_type(at - 1, Place::Both))
            .or_else(|| (from + 2..run).find(|at| self.is_type(*at, Place::After)));
        let mut end = typed.map_or(run, |at| at + 1);
        while end < run && self.street_type(end).is_some() {
            end += 1;
        }
        (end, end)
    }

    /// A word for a flat or floor with its value.
    fn starts_details(&self, at: usize) -> bool {
        let marker = |r: Role| matches!(r, Role::Unit | Role::Level | Role::Staircase | Role::Building);
        let Some((_, end)) = self.phrase(at, marker) else {
            return false;
        };
        self.street_type(at).is_none() && self.continues(end) && self.value(end).is_some()
    }

    /// A number behind the name: at the end of the run, or with a sign of its own.
    fn is_flat(&self, at: usize, run: usize) -> bool {
        let Some(token) = self.token(at) else {
            return false;
        };
        let typed = self.street_type(at - 1).is_some() || self.name_before(at - 1);
        let number = token.house && !token.digits_and_dot() && !self.name_before(at);
        let lettered = !token.starts_with_digit() && self.value(at).is_some() && !self.name_before(at);
        let length = if token.fold.bytes().any(|b| b.is_ascii_digit()) { 6 } else { 2 };
        let short = token.fold.len() <= length && typed && lettered && self.street_type(at).is_none();
        let last = at + 1 == run && !self.pack.regions.contains_key(token.fold);
        token.glue != Glue::Dash && (number && (last || typed) || short && last) && !Token::digits_and_dot(token)
    }
}
