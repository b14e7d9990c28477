//! One text into parts. Enters: tokens and a country pack. Leaves: [`Parts`], undecorated.
//! Never here: columns, keys, verdicts, country-specific code: every convention comes from the pack.
//!
//! Order: what is marked by a word or shape of its own is taken first (care-of, postal code, PO box, areas);
//! then the house number and what follows it; then the street before it; what remains is places.

use super::number::glued_marker;
use super::pack::{CountryPack, Phrase, Role};
use super::schema::Place;
use super::token::{Glue, Token, folded};

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
    /// The word for the street was misspelt.
    pub(super) mistyped: bool,
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
    /// The postal code comes from a column: only an unmistakable one is looked for.
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
        self.mistyped |= other.mistyped;
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

/// A phrase that stands in the text: the index after it, and what it means.
#[derive(Debug, Clone, Copy)]
struct Hit {
    end: usize,
    role: Role,
}

/// What is known of one token: whether a part took it, and which of the hits begin with it.
#[derive(Debug, Clone, Copy)]
struct Mark {
    used: bool,
    hits: (usize, usize),
}

pub(super) struct Parser<'p, 't> {
    /// The pack's phrases that stand in the text, by their first token and longest first: looked up once.
    hits: Vec<Hit>,
    marks: Vec<Mark>,
    pub(super) pack: &'p CountryPack,
    pub(super) tokens: &'t [Token<'t>],
    pub(super) parts: Parts,
    pub(super) expect: Expect,
    pub(super) postal_at: Option<(usize, usize)>,
    pub(super) locality_marked: Option<usize>,
}

/// Parses the tokens of one text.
pub(super) fn parse<'t>(pack: &CountryPack, tokens: &'t [Token<'t>], expect: Expect) -> Parts {
    let mut p = Parser::new(pack, tokens, expect);
    p.care_of();
    p.noise();
    p.postal_code();
    p.local_code();
    if !expect.postal_code_known && p.parts.postal_code.is_none() {
        p.misshapen_postal_code();
    }
    p.own_country();
    p.po_box();
    p.areas();
    p.village();
    p.near();
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
        let mut hits = Vec::with_capacity(8);
        let mut marks = Vec::with_capacity(tokens.len());
        for (at, token) in tokens.iter().enumerate() {
            let from = hits.len();
            let first = token.fold.split(' ').next().unwrap_or("");
            hits.extend(
                pack.phrases(first).iter().filter_map(|p| Some(Hit { end: hit(tokens, at, p)?, role: p.role })),
            );
            marks.push(Mark { used: false, hits: (from, hits.len()) });
        }
        Self { hits, marks, pack, tokens, parts: Parts::default(), expect, postal_at: None, locality_marked: None }
    }

    #[inline]
    pub(super) fn token(&self, at: usize) -> Option<&'t Token<'t>> {
        self.tokens.get(at)
    }

    #[inline]
    pub(super) fn free(&self, at: usize) -> bool {
        self.marks.get(at).is_some_and(|m| !m.used)
    }

    pub(super) fn take(&mut self, from: usize, to: usize) {
        self.marks.iter_mut().take(to).skip(from).for_each(|m| m.used = true);
    }

    /// Whether the token opens a comma-separated segment (or there is none).
    #[inline]
    pub(super) fn opens(&self, at: usize) -> bool {
        self.token(at).is_none_or(|t| t.glue == Glue::Break)
    }

    /// Whether a token belongs to the run that the one before it is in.
    #[inline]
    pub(super) fn continues(&self, at: usize) -> bool {
        self.free(at) && !self.opens(at)
    }

    /// The longest phrase starting here that plays a role, with the index after it.
    pub(super) fn phrase(&self, at: usize, wanted: impl Fn(Role) -> bool) -> Option<(Role, usize)> {
        let (from, to) = self.marks.get(at)?.hits;
        let free = |h: &&Hit| (at..h.end).all(|i| self.free(i));
        self.hits.get(from..to)?.iter().filter(|h| wanted(h.role)).find(free).map(|h| (h.role, h.end))
    }

    pub(super) fn has_role(&self, at: usize, wanted: impl Fn(Role) -> bool) -> bool {
        self.phrase(at, wanted).is_some()
    }

    /// The street type starting at a token, heeding conditional abbreviations ("al." before "Jerozolimskie").
    pub(super) fn street_type(&self, at: usize) -> Option<(usize, usize)> {
        let (role, end) = self.phrase(at, |r| match r {
            Role::StreetType { index, conditional: true } => {
                let ends = self.pack.street_types.get(index).map_or(&[][..], |k| k.when_next_ends.as_slice());
                self.token(at + 1).is_some_and(|n| ends.iter().any(|e| n.fold.ends_with(e.as_str())))
            }
            Role::StreetType { .. } => true,
            _ => false,
        })?;
        match role {
            Role::StreetType { index, .. } => Some((index, end)),
            _ => None,
        }
    }

    pub(super) fn place_of(&self, street_type: usize) -> Place {
        self.pack.street_types.get(street_type).map_or(Place::Both, |k| k.place)
    }

    #[inline]
    pub(super) fn is_word(&self, at: usize) -> bool {
        self.token(at).is_some_and(|t| t.word)
    }

    /// The tokens' text with what stood between them.
    pub(super) fn text(&self, from: usize, to: usize) -> String {
        let tokens = self.tokens.get(from..to.min(self.tokens.len())).unwrap_or(&[]);
        let mut out = String::with_capacity(tokens.iter().map(|t| t.text.len() + 3).sum());
        self.text_onto(from, to, &mut out);
        out
    }

    /// The same, behind what stands there.
    pub(super) fn text_onto(&self, from: usize, to: usize, out: &mut String) {
        let before = out.len();
        for token in self.tokens.get(from..to.min(self.tokens.len())).unwrap_or(&[]) {
            if out.len() > before {
                out.push_str(match token.glue {
                    Glue::Slash if self.pack.locality.brackets_in_name => "/",
                    Glue::Dash | Glue::Slash => " - ",
                    _ => " ",
                });
            }
            out.push_str(token.text);
        }
    }

    pub(super) fn is_marker(&self, at: usize) -> bool {
        let word = |r: Role| {
            matches!(
                r,
                Role::Unit
                    | Role::Level
                    | Role::Staircase
                    | Role::Building
                    | Role::Ground
                    | Role::Number
                    | Role::Numbering
            )
        };
        self.has_role(at, word) || self.glued(at).is_some() || self.is_building(at) || self.floor_in_words(at).is_some()
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

    /// The folded words of some tokens, one blank between two.
    #[inline]
    pub(super) fn folded(&self, from: usize, to: usize) -> &'t str {
        folded(self.tokens.get(from..to.min(self.tokens.len())).unwrap_or(&[]))
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
        let token = self.token(at).filter(|t| t.digits && !t.starts_with_digit() && self.free(at))?;
        glued_marker(self.pack, token.bare())
            .filter(|(n, _, v)| n.is_empty() && !v.is_empty())
            .map(|(_, role, value)| (role, value))
    }
}

/// The index after a phrase that begins at a token, if its words stand there and no comma parts them.
fn hit(tokens: &[Token<'_>], at: usize, phrase: &Phrase) -> Option<usize> {
    let mut words = tokens.get(at)?.fold.split(' ');
    words.next()?;
    // A phrase may begin inside one token ("c/o") or run over several ("skr. poczt.").
    let mut rest = phrase.rest.iter().map(String::as_str);
    if !words.all(|word| rest.next() == Some(word)) {
        return None;
    }
    let mut end = at + 1;
    for word in rest {
        tokens.get(end).filter(|t| t.glue != Glue::Break && t.fold == word)?;
        end += 1;
    }
    Some(end)
}
