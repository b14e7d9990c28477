//! Enters: one value. Leaves: the value as a field of a CSV or NDJSON row: dates, numbers, quoting, postal codes.
//! Never here: which values a row has.

use super::draw::Draw;
use super::mistakes::typo;
use chrono::{Datelike, NaiveDate};
use std::fmt::Write as _;

/// A postal code as typed: the country's habits and a few wrong digits.
pub fn postal_code(code: &str, country: &str, draw: &mut Draw) -> String {
    let mut out = match (country, draw.below(20)) {
        ("PL", 0..=1) => code.replace('-', ""),
        ("LV", 0..=3) => code.replace("LV-", ""),
        ("SI", 0..=1) => format!("SI-{code}"),
        ("RS", 0) => format!("RS-{code}"),
        _ => code.to_owned(),
    };
    if draw.chance(0.008) {
        out = typo(&out, 0.0, draw);
    } else if draw.chance(0.02) {
        out.clear();
    }
    out
}

/// `dd.mm.yyyy`, or without leading noughts.
pub fn dotted(day: NaiveDate, short: bool) -> String {
    let mut out = String::with_capacity(10);
    let width = if short { 1 } else { 2 };
    pad(&mut out, day.day().into(), width);
    out.push('.');
    pad(&mut out, day.month().into(), width);
    out.push('.');
    pad(&mut out, day.year().max(0) as u64, 4);
    out
}

/// `YYYY-MM-DD`.
pub fn iso(day: NaiveDate) -> String {
    let mut out = String::with_capacity(10);
    pad(&mut out, day.year().max(0) as u64, 4);
    out.push('-');
    pad(&mut out, day.month().into(), 2);
    out.push('-');
    pad(&mut out, day.day().into(), 2);
    out
}

/// Appends a number with leading noughts; faster than `format!`, which the profile showed on top.
pub fn pad(out: &mut String, number: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let (mut rest, mut used) = (number, 0);
    for digit in digits.iter_mut().rev() {
        if rest == 0 && used >= width.max(1) {
            break;
        }
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        used += 1;
    }
    out.extend(digits.iter().skip(digits.len() - used).map(|d| char::from(*d)));
}

/// Appends a CSV field, quoted where it must be.
pub fn csv(line: &mut String, field: &str, delimiter: char) {
    if field.bytes().any(|b| b == delimiter as u8 || matches!(b, b'"' | b'\n' | b'\r')) {
        line.push('"');
        line.push_str(&field.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(field);
    }
}

/// Appends `"name":"value",`; the empty value becomes null.
pub fn json(line: &mut String, name: &str, value: &str) {
    line.push('"');
    line.push_str(name);
    line.push_str("\":");
    if value.is_empty() {
        line.push_str("null,");
        return;
    }
    line.push('"');
    if !value.bytes().any(|b| b < b' ' || matches!(b, b'"' | b'\\')) {
        line.push_str(value);
        line.push_str("\",");
        return;
    }
    for letter in value.chars() {
        match letter {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            c if c < ' ' => {
                let _ = write!(line, "\\u{:04x}", u32::from(c));
            }
            c => line.push(c),
        }
    }
    line.push_str("\",");
}
