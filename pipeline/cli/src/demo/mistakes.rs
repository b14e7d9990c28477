//! Enters: a correct text. Leaves: the text as a hurried or misread hand leaves it.
//! Never here: how often that happens (rates are the caller's).

use super::draw::Draw;
use super::letters::plain;
use super::rates::{BySource, Mistakes};

/// Keys beside each other on a keyboard (QWERTY; QWERTZ for y and z in Serbia and Slovenia is close enough).
const NEIGHBOURS: [(char, &str); 26] = [
    ('a', "qsz"),
    ('b', "vgn"),
    ('c', "xdv"),
    ('d', "sfec"),
    ('e', "wrd"),
    ('f', "dgrv"),
    ('g', "fhtb"),
    ('h', "gjyn"),
    ('i', "uok"),
    ('j', "hkum"),
    ('k', "jli"),
    ('l', "ko"),
    ('m', "nj"),
    ('n', "bmh"),
    ('o', "ipl"),
    ('p', "ol"),
    ('q', "wa"),
    ('r', "etf"),
    ('s', "adwx"),
    ('t', "ryg"),
    ('u', "yij"),
    ('v', "cbf"),
    ('w', "qes"),
    ('x', "zsc"),
    ('y', "tuh"),
    ('z', "xas"),
];
/// Shapes that scanned forms confuse.
const SHAPES: [(&str, &str); 12] = [
    ("rn", "m"),
    ("m", "rn"),
    ("l", "1"),
    ("O", "0"),
    ("S", "5"),
    ("0", "O"),
    ("1", "l"),
    ("5", "S"),
    ("cl", "d"),
    ("B", "8"),
    ("8", "B"),
    ("6", "b"),
];

/// One typing mistake: drop, double, swap, neighbouring key; or a misread shape.
pub fn typo(text: &str, ocr: f64, draw: &mut Draw) -> String {
    if draw.chance(ocr) {
        let fitting: Vec<_> = SHAPES.iter().filter(|(from, _)| text.contains(from)).collect();
        if let Some((from, to)) = fitting.get(draw.index(fitting.len())) {
            return text.replacen(from, to, 1);
        }
    }
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 3 {
        return text.to_owned();
    }
    // The first letter is rarely wrong.
    let at = if draw.chance(0.08) { 0 } else { 1 + draw.index(letters.len() - 1) };
    match draw.below(10) {
        0..=2 => {
            letters.remove(at);
        }
        3..=4 => {
            if let Some(letter) = letters.get(at).copied() {
                letters.insert(at, letter);
            }
        }
        5..=6 => {
            let other = if at + 1 < letters.len() { at + 1 } else { at - 1 };
            letters.swap(at, other);
        }
        _ => {
            if let Some(letter) = letters.get_mut(at) {
                *letter = neighbour(*letter, draw);
            }
        }
    }
    letters.into_iter().collect()
}

fn neighbour(letter: char, draw: &mut Draw) -> char {
    if let Some(digit) = letter.to_digit(10) {
        let other = if digit == 0 || draw.chance(0.5) && digit < 9 { digit + 1 } else { digit - 1 };
        return char::from_digit(other, 10).unwrap_or(letter);
    }
    let lower = letter.to_ascii_lowercase();
    let Some((_, keys)) = NEIGHBOURS.iter().find(|(key, _)| *key == lower) else {
        return letter;
    };
    let key = keys.chars().nth(draw.index(keys.len())).unwrap_or(lower);
    if letter.is_uppercase() { key.to_ascii_uppercase() } else { key }
}

/// How one source spoils texts.
#[derive(Clone, Copy)]
pub struct Hand<'r> {
    pub rates: &'r Mistakes,
    pub source: fn(&BySource) -> f64,
}

/// How one row is written throughout.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Case {
    AsIs,
    Upper,
    Lower,
}

impl Hand<'_> {
    pub fn case(&self, draw: &mut Draw) -> Case {
        let at = draw.unit();
        let upper = (self.source)(&self.rates.upper_case);
        if at < upper {
            Case::Upper
        } else if at < upper + (self.source)(&self.rates.lower_case) {
            Case::Lower
        } else {
            Case::AsIs
        }
    }

    pub fn drops_diacritics(&self, draw: &mut Draw) -> bool {
        draw.chance((self.source)(&self.rates.no_diacritics))
    }

    /// A text as this source's typists leave it.
    pub fn write(&self, text: &str, case: Case, drop_diacritics: bool, draw: &mut Draw) -> String {
        let mut out = if drop_diacritics { plain(text) } else { text.to_owned() };
        if draw.chance((self.source)(&self.rates.typo)) {
            out = typo(&out, self.rates.ocr, draw);
        }
        match case {
            Case::AsIs => {}
            Case::Upper => out = out.to_uppercase(),
            Case::Lower => out = out.to_lowercase(),
        }
        if draw.chance(self.rates.double_space) {
            out = if draw.chance(0.5) { format!("{out} ") } else { out.replacen(' ', "  ", 1) };
        }
        out
    }

    /// An e-mail address, rarely with a mistake in its domain or name.
    pub fn email(&self, email: &str, draw: &mut Draw) -> String {
        let mut out = email.to_owned();
        if draw.chance(self.rates.email_domain) {
            out = match draw.below(4) {
                0 => out.replace("gmail.com", "gmial.com"),
                1 => out.replace(".com", ".con"),
                2 => out.replace('@', " @"),
                _ => out.replace("gmail.com", "gmai.com").replace("wp.pl", "wp,pl"),
            };
        } else if draw.chance((self.source)(&self.rates.typo) * 0.6)
            && let Some((name, domain)) = email.split_once('@')
        {
            out = format!("{}@{domain}", typo(name, 0.0, draw));
        }
        match draw.below(20) {
            0 => out.to_uppercase(),
            1 => {
                let mut letters = out.chars();
                letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
            }
            _ => out,
        }
    }
}
