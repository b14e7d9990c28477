//! One text into parts. Enters: tokens and a country pack. Leaves: [`Parts`], undecorated.
//! Never here: columns, keys, verdicts, country-specific code: every convention comes from the pack.
//!
//! Order: what is marked by a word or shape of its own is taken first (care-of, postal code, PO box, areas);
//! then the house number and what follows it; then the street before it; what remains is places.

use super::number::{glued_marker, is_house_number};
use super::pack::{CountryPack, Role};
use super::schema::{AreaPart, Place};
use super::token::{Glue, Token, is_roman};

/// What a text said, before columns are merged in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) street: Option<String>,
    /// The text itself proves that this is a street (a type word) rather than a settlement.
    pub(super) street_sure: bool,
    pub(super) number: Option<String>,
    pub(super) unit: Option<String>,
    /// The unit came from a slash.
    pub(super) slashed: bool,
    pub(super) level: Option<String>,
    pub(super) staircase: Option<String>,
    pub(super) po_box: Option<String>,
    pub(super) postal_code: Option<String>,
    pub(super) locality: Option<String>,
    pub(super) district: Option<String>,
    pub(super) region: Option<String>,
    pub(super) number_first: bool,
    /// What stands in the postal code's place does not have its shape.
    pub(super) bad_postal_code: bool,
    /// Some words or numbers found no place.
    pub(super) left_over: bool,
}

/// What the caller knows of the text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Expect {
    /// The locality comes from a column: words after the street are not it.
    pub(super) locality_known: bool,
    /// The postal code comes from a column.
    pub(super) postal_code_known: bool,
    /// The text is a place, not a street.
    pub(super) place_only: bool,
}

impl Parts {
    /// Takes what a column says over what was known.
    pub(super) fn override_with(&mut self, other: Self) {
        fn set(old: &mut Option<String>, new: Option<String>) {
            if new.is_some() {
                *old = new;
            }
        }
        set(&mut self.street, other.street);
        set(&mut self.number, other.number);
        set(&mut self.unit, other.unit);
        set(&mut self.level, other.level);
        set(&mut self.staircase, other.staircase);
        set(&mut self.po_box, other.po_box);
        set(&mut self.postal_code, other.postal_code);
        set(&mut self.locality, other.locality);
        set(&mut self.district, other.district);
        set(&mut self.region, other.region);
        self.street_sure |= other.street_sure;
        self.slashed |= other.slashed;
        self.number_first |= other.number_first;
        self.bad_postal_code |= other.bad_postal_code;
        self.left_over |= other.left_over;
    }
}

/// Parses a column that holds a house number and what follows it.
pub(super) fn house(pack: &CountryPack, tokens: &[Token<'_>]) -> Parts {
    let mut p = Parser::new(pack, tokens, Expect::default());
    let end = p.number_zone(0);
    p.parts.left_over = end < tokens.len();
    if p.parts.number.is_none() && !tokens.is_empty() {
        p.parts.number = Some(p.text(0, tokens.len()));
    }
    p.parts
}

/// Parses a column that holds a flat, with or without the word for it.
pub(super) fn unit(pack: &CountryPack, tokens: &[Token<'_>]) -> Parts {
    let mut p = Parser::new(pack, tokens, Expect::default());
    p.details(0);
    if p.parts == Parts::default() && !tokens.is_empty() {
        p.parts.unit = Some(p.text(0, tokens.len()));
    }
    p.parts
}

pub(super) struct Parser<'p, 't> {
    pub(super) pack: &'p CountryPack,
    pub(super) tokens: &'t [Token<'t>],
    pub(super) used: Vec<bool>,
    pub(super) parts: Parts,
    expect: Expect,
    pub(super) postal_at: Option<(usize, usize)>,
    pub(super) locality_marked: Option<usize>,
}

/// Parses the tokens of one text.
pub(super) fn parse<'t>(pack: &CountryPack, tokens: &'t [Token<'t>], expect: Expect) -> Parts {
    let mut p = Parser::new(pack, tokens, expect);
    p.care_of();
    p.noise();
    if !expect.postal_code_known {
        p.postal_code();
    }
    p.local_code();
    if !expect.postal_code_known && p.parts.postal_code.is_none() {
        p.misshapen_postal_code();
    }
    p.po_box();
    p.areas();
    if !expect.place_only {
        p.house();
    }
    if !expect.place_only && p.parts.street.is_none() && p.parts.number.is_none() {
        p.street_without_number();
    }
    p.places(expect.locality_known);
    p.parts
}

impl<'p, 't> Parser<'p, 't> {
    fn new(pack: &'p CountryPack, tokens: &'t [Token<'t>], expect: Expect) -> Self {
        let used = vec![false; tokens.len()];
        Self {
            pack,
            tokens,
            used,
            parts: Parts::default(),
            expect,
            postal_at: None,
            locality_marked: None,
        }
    }

    pub(super) fn token(&self, at: usize) -> Option<&'t Token<'t>> {
        self.tokens.get(at)
    }

    pub(super) fn free(&self, at: usize) -> bool {
        self.used.get(at).is_some_and(|u| !u)
    }

    pub(super) fn take(&mut self, from: usize, to: usize) {
        for used in self.used.iter_mut().take(to).skip(from) {
            *used = true;
        }
    }

    /// Whether the token opens a comma-separated segment (or there is none).
    pub(super) fn opens(&self, at: usize) -> bool {
        self.token(at).is_none_or(|t| t.glue == Glue::Break)
    }

    /// Whether a token belongs to the run that the one before it is in.
    pub(super) fn continues(&self, at: usize) -> bool {
        self.free(at) && !self.opens(at)
    }

    /// The longest phrase starting here that plays a role, with the index after it.
    pub(super) fn phrase(&self, at: usize, wanted: impl Fn(Role) -> bool) -> Option<(Role, usize)> {
        let token = self.token(at).filter(|_| self.free(at))?;
        let mut words = token.fold.split(' ');
        let first = words.next()?;
        let inner = words.clone().count();
        self.pack
            .phrases(first)
            .iter()
            .filter(|p| wanted(p.role))
            .find_map(|p| {
                // A phrase may begin inside one token ("c/o") or run over several ("skr. poczt.").
                let own = p.rest.len().min(inner);
                if own < inner
                    || !p
                        .rest
                        .iter()
                        .take(own)
                        .map(String::as_str)
                        .eq(words.clone())
                {
                    return None;
                }
                let following = p.rest.get(own..).unwrap_or(&[]);
                let fits = following.iter().enumerate().all(|(n, w)| {
                    let at = at + 1 + n;
                    self.continues(at) && self.token(at).is_some_and(|t| t.fold == *w)
                });
                fits.then_some((p.role, at + 1 + following.len()))
            })
    }

    pub(super) fn has_role(&self, at: usize, wanted: impl Fn(Role) -> bool) -> bool {
        self.phrase(at, wanted).is_some()
    }

    /// The street type starting at a token, heeding conditional abbreviations ("al." before "Jerozolimskie").
    pub(super) fn street_type(&self, at: usize) -> Option<(usize, usize)> {
        let (role, end) = self.phrase(at, |r| match r {
            Role::StreetType {
                index,
                conditional: true,
            } => {
                let ends = self
                    .pack
                    .street_types
                    .get(index)
                    .map_or(&[][..], |k| k.when_next_ends.as_slice());
                self.token(at + 1)
                    .is_some_and(|n| ends.iter().any(|e| n.fold.ends_with(e.as_str())))
            }
            Role::StreetType { .. } => true,
            _ => false,
        })?;
        match role {
            Role::StreetType { index, .. } => Some((index, end)),
            _ => None,
        }
    }

    fn place_of(&self, street_type: usize) -> Place {
        self.pack
            .street_types
            .get(street_type)
            .map_or(Place::Both, |k| k.place)
    }

    pub(super) fn is_word(&self, at: usize) -> bool {
        self.token(at).is_some_and(|t| {
            t.fold.bytes().any(|b| b.is_ascii_alphabetic()) && !is_house_number(t.text)
        })
    }

    fn care_of(&mut self) {
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
    fn noise(&mut self) {
        for at in (0..self.tokens.len())
            .filter(|at| self.opens(*at))
            .collect::<Vec<_>>()
        {
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
            let telephone = !run.is_empty()
                && run.iter().all(numbers)
                && run.iter().map(|t| t.fold.len()).sum::<usize>() > 5;
            if at > 0 && (bracket || telephone || (!run.is_empty() && !run.iter().any(numbers))) {
                self.take(at, to);
            }
        }
    }

    fn postal_code(&mut self) {
        let mut best: Option<(i32, usize, usize, String)> = None;
        let numbers = self.tokens.iter().filter(|t| t.starts_with_digit()).count();
        let typed = (0..self.tokens.len()).any(|at| self.street_type(at).is_some());
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
                let after_number =
                    at > 0 && self.token(at - 1).is_some_and(Token::starts_with_digit);
                let mut score = 0;
                score += if letters || self.pack.postal.is_distinctive(&text) {
                    4
                } else {
                    0
                };
                score += i32::from(opens)
                    + i32::from(ends)
                    + i32::from(before_word)
                    + i32::from(after_number);
                score += if digits >= 5 { 2 } else { 0 };
                let own = opens && self.opens(at + len);
                score += i32::from(own && at > 0);
                if numbers == 1 && typed && !letters && !own && digits < 5 && !before_word {
                    score = 0; // "Slovenska cesta 1000": the only number is the house's
                }
                if token.is_some_and(Token::digits_and_dot) && before_word {
                    score = 0;
                }
                if score > 0 && best.as_ref().is_none_or(|b| score >= b.0) {
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

    /// The words and the canonical form, if one or two tokens have the postal code's shape.
    fn postal_candidate(&self, at: usize, len: usize) -> Option<(String, String)> {
        let token = self.token(at).filter(|_| self.free(at))?;
        let text = if len == 1 {
            if !token.text.bytes().any(|b| b.is_ascii_digit()) {
                return None;
            }
            token.bare().to_string()
        } else {
            let next = self.token(at + 1).filter(|_| self.continues(at + 1))?;
            if !next.starts_with_digit() || token.text.len() > 3 {
                return None;
            }
            format!("{} {}", token.text, next.bare())
        };
        self.pack.postal.canonical(&text).map(|code| (text, code))
    }

    /// Digits that stand where the postal code belongs: before a place at the start of a later segment,
    /// or after the country's letters.
    fn misshapen_postal_code(&mut self) {
        if self.pack.code.is_empty() {
            return;
        }
        let found = (0..self.tokens.len()).find(|at| {
            let Some(token) = self.token(*at).filter(|_| self.free(*at)) else {
                return false;
            };
            let digits = token.text.bytes().filter(u8::is_ascii_digit).count();
            let numeric = digits > 2
                && token.starts_with_digit()
                && token.text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
            let placed = *at > 0
                && self.opens(*at)
                && self.continues(at + 1)
                && self.is_word(at + 1)
                && self.street_type(at + 1).is_none();
            let lettered = token
                .text
                .get(..2)
                .is_some_and(|p| p.eq_ignore_ascii_case(&self.pack.code))
                && token.text.get(2..).is_some_and(|r| {
                    digits > 1 && r.bytes().all(|b| b.is_ascii_digit() || b == b'-')
                });
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
    fn local_code(&mut self) {
        let digits = self.pack.number.local_code_digits;
        for at in 0..self.tokens.len() {
            if let Some((_, end)) = self.phrase(at, |r| r == Role::LocalCode) {
                let value = self.free(end) && self.token(end).is_some_and(Token::starts_with_digit);
                self.take(at, end + usize::from(value));
            } else if digits > 0
                && self.free(at)
                && self
                    .token(at)
                    .is_some_and(|t| t.all_digits() && t.text.len() == digits)
            {
                self.take(at, at + 1);
            }
        }
    }

    fn po_box(&mut self) {
        for at in 0..self.tokens.len() {
            let Some((_, mut end)) = self.phrase(at, |r| r == Role::PoBox) else {
                continue;
            };
            if let Some((_, after)) = self.phrase(end, |r| r == Role::Number) {
                end = after;
            }
            let value = self
                .token(end)
                .filter(|t| self.free(end) && t.starts_with_digit());
            if let Some(value) = value {
                self.parts.po_box = Some(value.bare().to_string());
                self.take(at, end + 1);
                return;
            }
        }
    }

    fn areas(&mut self) {
        for at in 0..self.tokens.len() {
            let Some((Role::Area(index), end)) = self.phrase(at, |r| matches!(r, Role::Area(_)))
            else {
                continue;
            };
            let Some(area) = self.pack.areas.get(index) else {
                continue;
            };
            let (part, place) = (area.part, area.place);
            let suffix = if area.name.is_empty() {
                None
            } else {
                Some(area.name.clone())
            };
            let found = match place {
                Place::Before | Place::Both => {
                    let mut to = end;
                    while to < end + 3 && self.continues(to) && self.is_word(to) {
                        to += 1;
                    }
                    if to == end
                        || (part == AreaPart::Locality
                            && !self.opens(at)
                            && self.used.get(at.wrapping_sub(1)) == Some(&false))
                    {
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
                    let Some(from) = at
                        .checked_sub(1)
                        .filter(|b| self.free(*b) && self.continues(at) && self.is_word(*b))
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

    /// The tokens' text with what stood between them.
    pub(super) fn text(&self, from: usize, to: usize) -> String {
        let mut out = String::new();
        for token in self.tokens.iter().take(to).skip(from) {
            if !out.is_empty() {
                out.push_str(match token.glue {
                    Glue::Dash | Glue::Slash => " - ",
                    _ => " ",
                });
            }
            out.push_str(token.text);
        }
        out
    }

    /// The house number, the street before it, and what follows.
    fn house(&mut self) {
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
            let marker = self.phrase(at, |r| r == Role::Number);
            if let Some((_, end)) = marker {
                let value =
                    self.free(end) && self.token(end).is_some_and(|t| is_house_number(t.text));
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
            if self.has_role(at, |r| r == Role::NoNumber)
                && at > 0
                && self.name_words_before(at, true) > 0
            {
                return Some(at);
            }
            let named_house = self.pack.format.quote_house_names;
            let Some(token) = self
                .token(at)
                .filter(|t| is_house_number(t.text) && !(t.quoted && named_house))
            else {
                continue;
            };
            if self.name_follows(at)
                || (token.digits_and_dot()
                    && self.continues(at + 1)
                    && self.is_word(at + 1)
                    && !self.is_marker(at + 1))
            {
                continue;
            }
            if self.opens(at) {
                if alone.is_none()
                    && self.opens(at + 1)
                    && at > 0
                    && self.name_words_before(at, true) > 0
                {
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
        let digits = self
            .token(at)
            .is_some_and(|t| t.all_digits() && t.text.len() < 3);
        let told = self.parts.po_box.is_some()
            || (0..self.tokens.len()).any(|i| self.free(i) && (i < from || i > at));
        digits && told && from < at && self.pack.places.get(&self.folded(from, at)).is_some()
    }

    /// `"Kalnāji"-5`, `"Kalnāji" dz. 5`.
    fn is_flat_of_named_house(&self, at: usize) -> bool {
        let quoted = |back: usize| {
            at.checked_sub(back)
                .and_then(|i| self.token(i))
                .is_some_and(|t| t.quoted)
        };
        let dash = self.token(at).is_some_and(|t| t.glue == Glue::Dash) && quoted(1);
        let word = at > 0 && self.has_role(at - 1, |r| r == Role::Unit) && quoted(2);
        self.pack.format.quote_house_names && (dash || word)
    }

    /// A unit, floor or entrance word right before a number at the start of a run.
    fn marker_before(&self, at: usize) -> bool {
        at > 0
            && self.opens(at - 1)
            && self.has_role(at - 1, |r| {
                matches!(r, Role::Unit | Role::Level | Role::Staircase)
            })
            && self.street_type(at - 1).is_none()
    }

    fn is_marker(&self, at: usize) -> bool {
        let word = |r: Role| {
            matches!(
                r,
                Role::Unit
                    | Role::Level
                    | Role::Staircase
                    | Role::Building
                    | Role::Ground
                    | Role::Number
            )
        };
        self.has_role(at, word) || self.glued(at).is_some() || self.is_building(at)
    }

    /// `k-1`, `k-1-12`.
    fn is_building(&self, at: usize) -> bool {
        let Some((word, value)) = self
            .token(at)
            .filter(|_| self.free(at))
            .and_then(|t| t.text.split_once('-'))
        else {
            return false;
        };
        let known = self
            .pack
            .phrases(&word.to_lowercase())
            .iter()
            .any(|p| p.role == Role::Building && p.rest.is_empty());
        known && value.starts_with(|c: char| c.is_ascii_digit())
    }

    /// "11 Listopada": the number begins a name.
    fn name_follows(&self, at: usize) -> bool {
        self.continues(at + 1)
            && self.has_role(at + 1, |r| r == Role::AfterNumberName)
            && self.token(at).is_some_and(|t| !t.text.contains('/'))
    }

    /// Name words and then another number in the same run: this one belongs to the name.
    fn later_number(&self, at: usize) -> bool {
        let mut i = at + 1;
        if !self.is_word(i)
            || self.is_marker(i)
            || self
                .token(i)
                .is_some_and(|t| t.fold.len() < 2 || is_roman(t.text))
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
                && self
                    .token(at)
                    .is_some_and(|t| is_house_number(t.text) && !t.digits_and_dot());
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
    fn street_without_number(&mut self) {
        let typed =
            (0..self.tokens.len()).find(|at| self.free(*at) && self.street_type(*at).is_some());
        if let Some((from, to)) = typed.map(|at| self.run(at)) {
            let alone = self.street_type(from).is_some_and(|(_, end)| end == to);
            let placed = (from..to).any(|at| {
                self.street_type(at)
                    .is_some_and(|(k, end)| match self.place_of(k) {
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
            let quoted = (0..self.tokens.len())
                .find(|at| self.free(*at) && self.token(*at).is_some_and(|t| t.quoted));
            let rural = self.parts.district.is_some() || self.parts.region.is_some();
            let first = (0..self.tokens.len())
                .find(|at| self.free(*at))
                .filter(|at| {
                    rural && {
                        let (from, to) = self.run(*at);
                        let others = (to..self.tokens.len()).any(|i| self.free(i));
                        self.is_word(*at)
                            && (others || self.pack.places.get(&self.folded(from, to)).is_none())
                    }
                });
            if let Some(at) = quoted.or(first) {
                let (from, mut to) = self.run(at);
                if quoted.is_some() {
                    to = (at..to)
                        .find(|i| self.token(*i).is_some_and(|t| !t.quoted))
                        .unwrap_or(to);
                }
                self.parts.street = Some(self.text(from, to));
                self.take(from, to);
                self.details(to); // "Kalnāji"-5, "Kalnāji" dz. 5
            }
        }
    }

    /// The run of free tokens around one.
    pub(super) fn run(&self, at: usize) -> (usize, usize) {
        let (mut from, mut to) = (at, at + 1);
        while from > 0 && !self.opens(from) && self.free(from - 1) {
            from -= 1;
        }
        while self.continues(to) {
            to += 1;
        }
        (from, to)
    }

    pub(super) fn folded(&self, from: usize, to: usize) -> String {
        let mut out = String::new();
        for token in self.tokens.iter().take(to).skip(from) {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(&token.fold);
        }
        out
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
            self.street_type(*at)
                .is_some_and(|(k, end)| match self.place_of(k) {
                    Place::Before => end < to,
                    Place::After => false,
                    Place::Both => {
                        end < to && self.pack.places.get(&self.folded(from, *at)).is_some()
                    }
                })
        });
        if let Some(at) = typed {
            return at;
        }
        let after_code = self.postal_at.is_some_and(|(_, end)| end == from) && !self.opens(from);
        let before_code = self.postal_at.is_some_and(|(start, _)| start == to);
        let elsewhere = self.expect.locality_known
            || (!after_code
                && (0..self.tokens.len()).any(|i| {
                    self.free(i) && (i < from || i >= to) && self.is_word(i) && !self.is_marker(i)
                }));
        if elsewhere && !after_code || before_code && !after_code && elsewhere {
            return from;
        }
        let longest = (1..=4.min(to - from - 1))
            .rev()
            .find(|n| self.pack.places.get(&self.folded(from, from + n)).is_some());
        match longest {
            Some(n) if self.can_be_street(from + n, to) => from + n,
            _ if after_code && to - from > 1 && self.street_type(from).is_none() => from + 1,
            _ => from,
        }
    }

    /// Not merely the type word that made a town's name a street's ("Rīgas iela", "Novi trg").
    fn can_be_street(&self, from: usize, to: usize) -> bool {
        from < to && !(from..to).all(|at| self.street_type(at).is_some())
    }

    /// The street's name in its standard writing, and whether a type word proves it a street.
    pub(super) fn street_name(&self, from: usize, to: usize) -> (String, bool) {
        let mut words: Vec<String> = Vec::with_capacity(to - from);
        let mut sure = false;
        let mut at = from;
        while at < to {
            let kind = self
                .street_type(at)
                .and_then(|(k, end)| self.pack.street_types.get(k).map(|kind| (kind, end)));
            let token = self.token(at).map_or("", |t| t.text);
            match kind {
                Some((kind, end)) if end <= to && (to - from) > (end - at) => {
                    let first = at == from && matches!(kind.place, Place::Before | Place::Both);
                    let last = end == to && matches!(kind.place, Place::After | Place::Both);
                    let single = !first
                        && !last
                        && kind.place == Place::Both
                        && token.ends_with('.')
                        && kind.in_name;
                    if first || last || single {
                        sure = true;
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
                _ => words.push(token.to_string()),
            }
            at += 1;
        }
        (words.join(" "), sure)
    }

    pub(super) fn set_number(&mut self, text: &str) {
        let house = super::number::split(self.pack, text);
        self.parts.number = Some(house.number);
        if house.unit.is_some() {
            self.parts.unit = house.unit;
            self.parts.slashed = house.slashed;
        }
        if house.level.is_some() {
            self.parts.level = house.level;
        }
    }

    /// Whether a marker is glued to its value: `m5`, `st12`.
    pub(super) fn glued(&self, at: usize) -> Option<(Role, &'t str)> {
        let token = self.token(at).filter(|_| self.free(at))?;
        glued_marker(self.pack, token.bare())
            .filter(|(n, _, v)| n.is_empty() && !v.is_empty())
            .map(|(_, role, value)| (role, value))
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
