//! The bytes of a file as a sliding window of UTF-8 text.
//! In: plain bytes in some encoding. Out: the text not yet consumed, and where decoding failed.
//! Never here: rows; and never more of the file in memory than the sample or one long row.

use super::bytes::{Bytes, Compression, Failure};
use super::encoding::{self, Found, SAMPLE};
use super::error::{Note, ReadError};
use super::{Format, ReadOptions};
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};
use std::collections::VecDeque;
use std::io::{self, Read};
use std::path::Path;

/// How the raw bytes become text.
enum Mode {
    /// Undeclared, and nothing but ASCII until now.
    Ascii,
    /// Passed on as they are; the rows check that they are well-formed.
    Utf8,
    /// Decoded as a stream.
    Other(Box<Decoder>),
    /// The decoder has been told that nothing follows.
    Finished,
}

/// A window over the text of the file: `rest()` is what has not been consumed.
pub(super) struct Text {
    reader: Box<dyn Read + Send>,
    compression: Option<Compression>,
    chunk: usize,
    scratch: Vec<u8>,
    /// Raw bytes that were read ahead and not decoded: all from `raw_at`.
    raw: Vec<u8>,
    raw_at: usize,
    raw_end: bool,
    failure: Option<Failure>,
    mode: Mode,
    pub encoding: &'static Encoding,
    data: Vec<u8>,
    at: usize,
    /// Number of text bytes before `data`.
    before: u64,
    ended: bool,
    /// Positions in the text at which undecodable bytes were replaced by U+FFFD.
    broken: VecDeque<u64>,
}

impl Text {
    /// Reads the sample and settles the encoding as far as it matters.
    pub fn new(
        file: &Path,
        bytes: Bytes,
        options: &ReadOptions,
        chunk: usize,
        notes: &mut Vec<Note>,
    ) -> Result<Self, ReadError> {
        let mut text = Self {
            reader: bytes.reader,
            compression: bytes.compression,
            chunk: chunk.max(1),
            scratch: vec![0; chunk.max(1)],
            raw: Vec::new(),
            raw_at: 0,
            raw_end: false,
            failure: None,
            mode: Mode::Ascii,
            encoding: UTF_8,
            data: Vec::new(),
            at: 0,
            before: 0,
            ended: false,
            broken: VecDeque::new(),
        };
        text.read_raw_up_to(SAMPLE);
        let (declared, json) = (options.encoding.as_deref(), options.format == Format::Ndjson);
        let sample = text.raw.get(..SAMPLE).unwrap_or(&text.raw);
        let (found, mark) = encoding::at_start(file, sample, declared, json, notes)?;
        text.raw_at = mark;
        if let Found::Known(encoding) = found {
            text.decode_as(encoding);
        }
        Ok(text)
    }

    /// The text not yet consumed, as far as it is in memory.
    pub fn rest(&self) -> &[u8] {
        self.data.get(self.at..).unwrap_or_default()
    }

    /// Whether `rest()` reaches the end of the file (or of what can be read of it).
    pub fn at_end(&self) -> bool {
        self.ended
    }

    /// Why the end came early, if it did.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref().filter(|_| self.ended)
    }

    /// Position of `rest()` in the whole text.
    pub fn position(&self) -> u64 {
        self.before + self.at as u64
    }

    /// Bytes of the file that are in memory.
    #[cfg(test)]
    pub fn held(&self) -> usize {
        self.data.capacity() + self.raw.capacity() + self.scratch.capacity()
    }

    pub fn consume(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.data.len());
    }

    /// The first undecodable place among the next `length` bytes, as an offset in `rest()`.
    pub fn first_broken(&mut self, length: usize) -> Option<usize> {
        if self.broken.is_empty() {
            return None;
        }
        let from = self.position();
        while self.broken.front().is_some_and(|p| *p < from) {
            self.broken.pop_front();
        }
        let offset = usize::try_from(self.broken.front()? - from).ok()?;
        (offset < length).then_some(offset)
    }

    /// Lengthens `rest()` until it is `wanted` bytes long or reaches the end.
    pub fn fill_up_to(&mut self, wanted: usize, notes: &mut Vec<Note>) {
        while self.rest().len() < wanted && !self.ended {
            self.fill(notes);
        }
    }

    /// Lengthens `rest()` by some bytes, or notices the end.
    pub fn fill(&mut self, notes: &mut Vec<Note>) {
        if self.at > 0 {
            self.data.drain(..self.at);
            self.before += self.at as u64;
            self.at = 0;
        }
        let length = self.data.len();
        while self.data.len() == length && !self.ended {
            if self.raw_at == self.raw.len() && !self.raw_end {
                self.read_raw();
            }
            self.decode(notes);
        }
    }

    fn decode(&mut self, notes: &mut Vec<Note>) {
        let upto = (self.raw_at + self.chunk.max(64 * 1024)).min(self.raw.len());
        let raw = self.raw.get(self.raw_at..upto).unwrap_or_default();
        let last = self.raw_end && upto == self.raw.len();
        match &mut self.mode {
            Mode::Finished => self.ended = true,
            Mode::Utf8 => {
                self.data.extend_from_slice(raw);
                self.raw_at = upto;
                self.ended = last;
            }
            Mode::Ascii => {
                let ascii = Encoding::ascii_valid_up_to(raw);
                self.data.extend_from_slice(raw.get(..ascii).unwrap_or_default());
                let decided_now = ascii < raw.len();
                self.raw_at += ascii;
                if decided_now {
                    self.read_raw_up_to(SAMPLE);
                    let sample = self.raw.get(self.raw_at..).unwrap_or_default();
                    let encoding = encoding::detect(sample, notes);
                    self.decode_as(encoding);
                } else {
                    self.ended = last;
                }
            }
            Mode::Other(decoder) => {
                decode_into(decoder, raw, last, &mut self.data, self.before, &mut self.broken);
                self.raw_at = upto;
                if last {
                    self.mode = Mode::Finished;
                }
            }
        }
    }

    fn decode_as(&mut self, encoding: &'static Encoding) {
        self.encoding = encoding;
        self.mode = if encoding == UTF_8 {
            Mode::Utf8
        } else {
            Mode::Other(Box::new(encoding.new_decoder_without_bom_handling()))
        };
    }

    fn read_raw_up_to(&mut self, wanted: usize) {
        while self.raw.len() - self.raw_at < wanted && !self.raw_end {
            self.read_raw();
        }
    }

    fn read_raw(&mut self) {
        if self.raw_at > 0 {
            self.raw.drain(..self.raw_at);
            self.raw_at = 0;
        }
        loop {
            match self.reader.read(&mut self.scratch) {
                Ok(0) => self.raw_end = true,
                Ok(n) => self.raw.extend_from_slice(self.scratch.get(..n).unwrap_or_default()),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => {
                    self.failure = Some(Failure::new(&e, self.compression));
                    self.raw_end = true;
                }
            }
            return;
        }
    }
}

/// Decodes all of `raw` to the end of `out`; `before + index in out` are positions in the text.
fn decode_into(
    decoder: &mut Decoder,
    raw: &[u8],
    last: bool,
    out: &mut Vec<u8>,
    before: u64,
    broken: &mut VecDeque<u64>,
) {
    let mut rest = raw;
    loop {
        let start = out.len();
        let room = decoder
            .max_utf8_buffer_length_without_replacement(rest.len())
            .unwrap_or(rest.len().saturating_mul(3))
            .saturating_add(16);
        out.resize(start + room, 0);
        let target = out.get_mut(start..).unwrap_or_default();
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(rest, target, last);
        out.truncate(start + written);
        rest = rest.get(read..).unwrap_or_default();
        match result {
            DecoderResult::InputEmpty => return,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                broken.push_back(before + out.len() as u64);
                out.extend_from_slice("\u{FFFD}".as_bytes());
            }
        }
    }
}
