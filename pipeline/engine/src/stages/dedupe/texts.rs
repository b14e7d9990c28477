//! The distinct values of one comparison, numbered from 1; 0 stands for none. Enter: columns of `features`.
//! Leave: codes, how often each occurs, and the text of a code. Texts beyond a budget lie in a spill file.
//! Never here: what values mean; two records share a code exactly when they share the value.

use crate::error::{Error, Result};
use crate::files;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int32Type;
use std::collections::HashMap;
use std::fs::File;
use std::hash::{BuildHasherDefault, Hasher};
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Mutex;

/// A hasher for numbers that are hashes already.
#[derive(Default)]
pub struct Plain(u64);

impl Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = mix(self.0 ^ number);
    }
}

pub type Numbers<V> = HashMap<u64, V, BuildHasherDefault<Plain>>;

/// SplitMix64's finaliser: spreads a number over all bits.
pub fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Texts by code.
pub struct Texts {
    /// The first texts, end to end, as far as the budget goes.
    held: String,
    /// Where the text of each code ends; codes beyond `held` count on in the file.
    ends: Vec<u64>,
    file: Option<Mutex<File>>,
}

impl Texts {
    /// Number of distinct texts; the highest code.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    fn range(&self, code: u32) -> Option<(u64, u64)> {
        let place = (code as usize).checked_sub(1)?;
        let start = place.checked_sub(1).map_or(0, |before| self.ends.get(before).copied().unwrap_or(0));
        Some((start, *self.ends.get(place)?))
    }

    /// The text of a code; `buffer` is where it lies if it comes from the file. None for 0.
    pub fn get<'a>(&'a self, code: u32, buffer: &'a mut String) -> Result<Option<&'a str>> {
        let Some((start, end)) = self.range(code) else { return Ok(None) };
        if let Some(text) = self.held.get(start as usize..end as usize) {
            return Ok(Some(text));
        }
        let file = self.file.as_ref().ok_or_else(|| Error::Internal("a value without its text".into()))?;
        let mut bytes = vec![0; (end - start) as usize];
        {
            let mut file = file.lock().map_err(|_| Error::Internal("a reader of values stopped".into()))?;
            let start = start - self.held.len() as u64;
            let read = file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut bytes));
            read.map_err(|e| Error::environment(format!("spilled values cannot be read: {e}")))?;
        }
        *buffer = String::from_utf8(bytes).map_err(|_| Error::Internal("a spilled value is damaged".into()))?;
        Ok(Some(buffer))
    }
}

/// Gives codes to texts, in the order of their first appearance.
pub struct Interner<'a> {
    texts: Texts,
    known: Numbers<u32>,
    /// Occurrences per code; the first entry is for none.
    pub counts: Vec<u32>,
    budget: usize,
    path: &'a Path,
    writer: Option<BufWriter<File>>,
}

impl<'a> Interner<'a> {
    /// `budget`: bytes of text to hold; what is beyond goes to the file `path`.
    pub fn new(budget: usize, path: &'a Path) -> Self {
        let texts = Texts { held: String::new(), ends: Vec::new(), file: None };
        Self { texts, known: Numbers::default(), counts: vec![0], budget, path, writer: None }
    }

    /// Codes of a column read by `store::read_coded`.
    pub fn codes(&mut self, batch: &RecordBatch, column: usize) -> Result<Vec<u32>> {
        let column = batch.column(column).as_dictionary_opt::<Int32Type>();
        let column = column.ok_or_else(|| Error::Internal("a compared value is no text".into()))?;
        let values = column.values().as_string::<i32>();
        let mut codes: Vec<Option<u32>> = vec![None; values.len()];
        let mut out = Vec::with_capacity(column.len());
        for key in column.keys() {
            let key = key.and_then(|k| usize::try_from(k).ok()).filter(|k| values.is_valid(*k));
            out.push(match key {
                None => 0,
                Some(key) => match codes.get(key).copied().flatten() {
                    Some(code) => code,
                    None => {
                        let code = self.code(values.value(key))?;
                        if let Some(slot) = codes.get_mut(key) {
                            *slot = Some(code);
                        }
                        code
                    }
                },
            });
        }
        Ok(out)
    }

    fn code(&mut self, text: &str) -> Result<u32> {
        if text.is_empty() {
            return Ok(0);
        }
        let mut hasher = std::hash::DefaultHasher::new();
        hasher.write(text.as_bytes());
        let mut hash = hasher.finish();
        let mut buffer = String::new();
        // Texts of the same hash are told apart: the second of them is known under the next number.
        while let Some(code) = self.known.get(&hash).copied() {
            let spilled = self.texts.range(code).is_some_and(|(_, end)| end > self.texts.held.len() as u64);
            if let (true, Some(writer)) = (spilled, &mut self.writer) {
                writer.flush().map_err(|e| Error::io("write", self.path, &e))?;
            }
            if self.texts.get(code, &mut buffer)? == Some(text) {
                return Ok(code);
            }
            hash = hash.wrapping_add(1);
        }
        let end = self.texts.ends.last().copied().unwrap_or(0) + text.len() as u64;
        if self.writer.is_none() && self.texts.held.len() + text.len() <= self.budget {
            self.texts.held.push_str(text);
        } else {
            self.spill(text)?;
        }
        self.texts.ends.push(end);
        self.counts.push(0);
        let code = u32::try_from(self.texts.len()).map_err(|_| Error::input("more than four billion values"))?;
        self.known.insert(hash, code);
        Ok(code)
    }

    fn spill(&mut self, text: &str) -> Result<()> {
        let failed = |e: std::io::Error| Error::io("write", self.path, &e);
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => {
                let writer = self.writer.insert(BufWriter::new(files::create_private(self.path)?));
                self.texts.file = Some(Mutex::new(File::open(self.path).map_err(failed)?));
                writer
            }
        };
        writer.write_all(text.as_bytes()).map_err(failed)
    }

    /// The texts, and how often each code was counted.
    pub fn finish(mut self) -> Result<(Texts, Vec<u32>)> {
        if let Some(mut writer) = self.writer.take() {
            writer.flush().map_err(|e| Error::io("write", self.path, &e))?;
        }
        self.texts.held.shrink_to_fit();
        Ok((self.texts, self.counts))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_code_whether_held_or_spilled() {
        let folder = tempfile::tempdir().unwrap();
        for budget in [0, 10, 1_000] {
            let path = folder.path().join(format!("texts{budget}"));
            let mut interner = Interner::new(budget, &path);
            let names: Vec<String> = (0..50).map(|n| format!("název {}", n % 20)).collect();
            let codes: Vec<u32> = names.iter().map(|n| interner.code(n).unwrap()).collect();
            assert_eq!(interner.code("").unwrap(), 0);
            let (texts, _) = interner.finish().unwrap();
            assert_eq!(texts.len(), 20);
            let mut buffer = String::new();
            for (name, code) in names.iter().zip(codes) {
                assert_eq!(texts.get(code, &mut buffer).unwrap(), Some(name.as_str()), "budget {budget}");
            }
            assert_eq!(texts.get(0, &mut buffer).unwrap(), None);
            assert_eq!(path.exists(), budget < 200);
        }
    }
}
