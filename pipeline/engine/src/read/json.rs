//! One NDJSON line at a time: the wanted keys of an object as text.
//! In: one line. Out: for each wanted column its text or null; or why the line is refused.
//! Never here: reading or decoding; numbers are never parsed, so none loses a digit.
//!
//! `serde_json` says whether the line is JSON; only then are its values cut out.

use serde::de::IgnoredAny;
use std::collections::HashMap;

/// The wanted columns.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    names: Vec<String>,
    index: HashMap<String, usize>,
    seen: Vec<bool>,
}

impl Wanted {
    pub fn new(names: &[String]) -> Self {
        let index = names.iter().enumerate().map(|(at, n)| (n.clone(), at)).collect();
        Self { names: names.to_vec(), index, seen: vec![false; names.len()] }
    }

    /// The keys that no object had so far.
    pub fn unseen(&self) -> impl Iterator<Item = &str> {
        let pairs = self.names.iter().zip(&self.seen);
        pairs.filter(|(_, seen)| !**seen).map(|(name, _)| name.as_str())
    }

    /// `guess`: keys mostly come in the order of the columns.
    fn find(&self, key: &str, guess: usize) -> Option<usize> {
        if self.names.get(guess).is_some_and(|n| n == key) {
            return Some(guess);
        }
        self.index.get(key).copied()
    }
}

/// The values of one object; kept between lines so that little is allocated.
#[derive(Debug, Default)]
pub(super) struct Object {
    text: Vec<u8>,
    /// Per column: not seen, null, or a stretch of `text`.
    slots: Vec<Option<Option<(usize, usize)>>>,
    key: Vec<u8>,
    /// Values under keys that are not wanted.
    pub ignored: u64,
    /// Wanted keys that occurred more than once.
    pub duplicates: u64,
}

impl Object {
    pub fn get(&self, column: usize) -> Option<&[u8]> {
        let (start, end) = (*self.slots.get(column)?)??;
        self.text.get(start..end)
    }

    /// Length of all texts together.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }
}

/// A line that is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub reason: &'static str,
    /// Character of the line, from 1.
    pub character: u64,
    pub detail: &'static str,
}

/// Cuts the wanted values out of a line that is not empty.
pub(super) fn object(line: &str, wanted: &mut Wanted, out: &mut Object) -> Result<(), Refused> {
    out.text.clear();
    out.slots.clear();
    out.slots.resize(wanted.names.len(), None);
    out.ignored = 0;
    out.duplicates = 0;
    serde_json::from_str::<IgnoredAny>(line).map_err(|e| invalid(line, &e))?;
    let mut cursor = Cursor { bytes: line.as_bytes(), at: 0 };
    cursor.white();
    if cursor.peek() != b'{' {
        let character = character(line, cursor.at);
        let detail = "the line is JSON, but not an object in braces";
        return Err(Refused { reason: "not_an_object", character, detail });
    }
    cursor.at += 1;
    let mut guess = 0;
    loop {
        cursor.white();
        match cursor.peek() {
            b'"' => {}
            b',' => {
                cursor.at += 1;
                continue;
            }
            _ => return Ok(()),
        }
        out.key.clear();
        let mut key = std::mem::take(&mut out.key);
        let start = cursor.at;
        let whole = cursor.string(&mut key);
        let column = std::str::from_utf8(&key).ok().and_then(|k| wanted.find(k, guess));
        out.key = key;
        whole.map_err(|()| surrogate(line, start))?;
        cursor.white();
        cursor.at += 1; // the colon
        cursor.white();
        let start = cursor.at;
        let Some(column) = column else {
            cursor.skip();
            out.ignored += 1;
            continue;
        };
        if let Some(seen) = wanted.seen.get_mut(column) {
            *seen = true;
        }
        guess = column + 1;
        let from = out.text.len();
        let value = match cursor.peek() {
            b'"' => {
                cursor.string(&mut out.text).map_err(|()| surrogate(line, start))?;
                Some((from, out.text.len()))
            }
            first => {
                cursor.skip();
                let raw = line.as_bytes().get(start..cursor.at).unwrap_or_default();
                out.text.extend_from_slice(raw.trim_ascii_end());
                (first != b'n').then_some((from, out.text.len()))
            }
        };
        if let Some(slot) = out.slots.get_mut(column) {
            out.duplicates += u64::from(slot.is_some());
            *slot = Some(value);
        }
    }
}

/// Walks over text that is known to be JSON.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    /// The next byte; 0 at the end.
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn white(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
    }

    /// Appends the text of the string that starts here; `Err` for half a surrogate pair.
    fn string(&mut self, out: &mut Vec<u8>) -> Result<(), ()> {
        self.at += 1;
        let mut whole = Ok(());
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(run) = memchr::memchr2(b'"', b'\\', rest) else {
                self.at = self.bytes.len();
                return whole;
            };
            out.extend_from_slice(rest.get(..run).unwrap_or_default());
            self.at += run + 1;
            if rest.get(run) == Some(&b'"') {
                return whole;
            }
            let letter = self.peek();
            self.at += 1;
            let plain = match letter {
                b'n' => b'\n',
                b't' => b'\t',
                b'r' => b'\r',
                b'b' => 8,
                b'f' => 12,
                b'u' => {
                    match self.unicode() {
                        Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                        None => whole = Err(()),
                    }
                    continue;
                }
                other => other,
            };
            out.push(plain);
        }
    }

    /// What `\u` stands for, its second half included.
    fn unicode(&mut self) -> Option<char> {
        let high = self.hex()?;
        if !(0xD800..0xDC00).contains(&high) {
            return char::from_u32(high);
        }
        if self.bytes.get(self.at..self.at + 2) != Some(b"\\u".as_slice()) {
            return None;
        }
        self.at += 2;
        let low = self.hex()?;
        if !(0xDC00..0xE000).contains(&low) {
            self.at -= 6; // an escape of its own
            return None;
        }
        char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.bytes.get(self.at..self.at + 4)?;
        self.at += 4;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    }

    /// Steps over one value of any kind.
    fn skip(&mut self) {
        let mut depth = 0usize;
        loop {
            match self.peek() {
                b'"' => self.skip_string(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' if depth == 0 => return,
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' if depth == 0 => return,
                0 if self.at >= self.bytes.len() => return,
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn skip_string(&mut self) {
        self.at += 1;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            match memchr::memchr2(b'"', b'\\', rest) {
                Some(run) if rest.get(run) == Some(&b'\\') => self.at += run + 2,
                Some(run) => {
                    self.at += run + 1;
                    return;
                }
                None => {
                    self.at = self.bytes.len();
                    return;
                }
            }
        }
    }
}

fn surrogate(line: &str, at: usize) -> Refused {
    Refused {
        reason: "invalid_json",
        character: character(line, at),
        detail: "a \\u escape stands for half a character (a lone surrogate)",
    }
}

fn invalid(line: &str, error: &serde_json::Error) -> Refused {
    let at = error.column().saturating_sub(1);
    let end = line.trim_end().len();
    let (at, detail) = if error.is_eof() || at >= end {
        (end, "the line ends inside a value")
    } else {
        (at, "not JSON from this character on")
    };
    Refused { reason: "invalid_json", character: character(line, at), detail }
}

/// Character, from 1, at a byte offset.
fn character(line: &str, at: usize) -> u64 {
    line.char_indices().take_while(|(i, _)| *i < at).count() as u64 + 1
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn values(line: &str, columns: &[&str]) -> Result<Vec<Option<String>>, Refused> {
        let mut wanted = Wanted::new(&columns.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>());
        let mut out = Object::default();
        object(line, &mut wanted, &mut out)?;
        let text = |at| out.get(at).map(|t| String::from_utf8(t.to_vec()).unwrap());
        Ok((0..columns.len()).map(text).collect())
    }

    #[test]
    fn values_keep_their_text() {
        let line = r#" {"id": 00 , "x":1}"#;
        assert_eq!(values(line, &["id"]).unwrap_err().reason, "invalid_json");
        let line = r#"{"b":true,"n":1.10,"big":123456789012345678901234567890,"z":null,"o":{"a":[1,"}"]} ,"s":"q\"\u017e\ud83d\ude00\n","e":"","x":[ ]}"#;
        let found = values(line, &["s", "n", "big", "z", "o", "b", "missing", "e"]).unwrap();
        let expected = [
            Some("q\"ž😀\n"),
            Some("1.10"),
            Some("123456789012345678901234567890"),
            None,
            Some(r#"{"a":[1,"}"]}"#),
            Some("true"),
            None,
            Some(""),
        ];
        assert_eq!(found, expected.map(|e| e.map(str::to_owned)));
    }

    #[test]
    fn the_last_of_two_equal_keys_wins() {
        let mut wanted = Wanted::new(&["a".to_owned()]);
        let mut out = Object::default();
        object(r#"{"a":1,"\u0061":null,"c":3}"#, &mut wanted, &mut out).unwrap();
        assert_eq!(out.get(0), None);
        assert_eq!((out.duplicates, out.ignored), (1, 1));
    }

    #[test]
    fn refused_lines_say_where() {
        let refused = |line: &str| values(line, &["a"]).unwrap_err();
        assert_eq!((refused("[1]").reason, refused("[1]").character), ("not_an_object", 1));
        assert_eq!(refused("\"a\"").reason, "not_an_object");
        assert_eq!(refused(r#"{"ž":x}"#).character, 6);
        assert_eq!(refused(r#"{"a":"x"#).detail, "the line ends inside a value");
        assert_eq!(refused(r#"{"a":1} {"a":2}"#).reason, "invalid_json");
        assert_eq!(refused(r#"{"a":"\ud800"}"#).character, 6);
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(values(&deep, &["a"]).unwrap()[0].as_ref().unwrap().len(), 400_000);
    }
}
