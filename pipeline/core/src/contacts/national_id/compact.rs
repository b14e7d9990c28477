//! The characters of an id without what parts them. Enters: a raw text. Leaves: values of digits and letters, and where
//! blanks and marks stood. Never decides whether they may stand there: schemes do.

use crate::text::is_blank;

/// No id we know is longer, with its label.
const LONGEST: usize = 32;

/// Values of the characters (0-9, and 10-35 for `A` to `Z`), and the places of separators.
#[derive(Clone, Copy)]
pub(super) struct Compact {
    values: [u8; LONGEST],
    len: usize,
    letters: usize,
    /// Bit n: a dash, slash or dot stands before character n.
    marks: u32,
    /// The same of blanks.
    blanks: u32,
}

impl Compact {
    /// None when the text holds anything else than ASCII letters and digits (full-width ones count), blanks and marks.
    pub(super) fn of(text: &str) -> Option<Self> {
        let mut out = Self { values: [0; LONGEST], len: 0, letters: 0, marks: 0, blanks: 0 };
        for c in text.chars() {
            match c {
                '0'..='9' => out.push(u32::from(c) - u32::from('0'))?,
                'A'..='Z' => out.push(u32::from(c) - u32::from('A') + 10)?,
                'a'..='z' => out.push(u32::from(c) - u32::from('a') + 10)?,
                '-' | '/' | '.' | ':' | '+' | '\u{2010}'..='\u{2014}' => out.marks |= out.here()?,
                '\u{FF10}'..='\u{FF19}' => out.push(u32::from(c) - 0xFF10)?,
                c if is_blank(c) => out.blanks |= out.here()?,
                _ => return None,
            }
        }
        Some(out)
    }

    fn here(&self) -> Option<u32> {
        1u32.checked_shl(u32::try_from(self.len).ok()?)
    }

    fn push(&mut self, value: u32) -> Option<()> {
        *self.values.get_mut(self.len)? = u8::try_from(value).ok()?;
        self.letters += usize::from(value > 9);
        self.len += 1;
        Some(())
    }

    pub(super) fn values(&self) -> &[u8] {
        self.values.get(..self.len).unwrap_or(&[])
    }

    /// Nothing but digits.
    pub(super) fn is_number(&self) -> bool {
        self.letters == 0
    }

    /// Whether dashes, slashes or dots stand anywhere but at these places.
    pub(super) fn marks_but_at(&self, places: &[usize]) -> bool {
        self.marks & !mask(places) != 0
    }

    /// The same of blanks.
    pub(super) fn blanks_but_at(&self, places: &[usize]) -> bool {
        self.blanks & !mask(places) != 0
    }

    /// Without these capitals in front, if it starts with them and more follows.
    pub(super) fn without(&self, front: &str) -> Option<Self> {
        let n = front.len();
        let same = front.bytes().eq(self.values().get(..n)?.iter().map(|v| character(*v)));
        if !same || n == 0 || self.len == n {
            return None;
        }
        let mut out = *self;
        out.values.copy_within(n.., 0);
        out.len -= n;
        out.letters = out.values().iter().filter(|v| **v > 9).count();
        // What parts the front from the rest is no part of the id.
        out.marks = (self.marks >> n) & !1;
        out.blanks = (self.blanks >> n) & !1;
        Some(out)
    }

    pub(super) fn text(&self) -> String {
        self.values().iter().map(|v| char::from(character(*v))).collect()
    }
}

fn character(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'A' + value - 10 }
}

fn mask(places: &[usize]) -> u32 {
    places.iter().fold(0, |mask, at| mask | 1 << (at & 31))
}
