//! Numbers and customers' values as a reader sees them. Enter: numbers, any text at all.
//! Leave: short texts, control and direction characters made visible, long values cut.
//! Never here: HTML; escaping is the templates' work.

/// Characters of a value that the page shows; the rest is counted, not shown.
pub const SHOWN: usize = 160;

/// `1,234,567`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share as percent: `97.3%`; shares next to 0 and 1 never round to them.
pub fn percent(share: f64) -> String {
    let p = share * 100.0;
    if !p.is_finite() {
        "–".into()
    } else if p > 0.0 && p < 0.1 {
        "<0.1%".into()
    } else if p < 100.0 && p > 99.9 {
        ">99.9%".into()
    } else {
        format!("{p:.1}%")
    }
}

/// The share of a part in a whole; none of nothing.
pub fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A weight in bits with its sign: `+4.2`, `−13.0`.
pub fn signed(weight: f64) -> String {
    if !weight.is_finite() {
        return "–".into();
    }
    let size = format!("{:.1}", weight.abs());
    if size == "0.0" {
        size
    } else if weight < 0.0 {
        format!("−{size}")
    } else {
        format!("+{size}")
    }
}

/// A match probability with as many digits as set it apart from 1.
pub fn probability(weight: f64) -> String {
    let p = zlato_core::matching::model::probability(weight);
    let rest = zlato_core::matching::model::non_match_probability(weight);
    if !weight.is_finite() {
        "–".into()
    } else if rest < 1e-9 {
        ">99.9999999%".into()
    } else if rest < 0.01 {
        let digits = (-rest.log10()).ceil().clamp(2.0, 9.0) as usize;
        format!("{:.*}%", digits.saturating_sub(1), p * 100.0)
    } else {
        percent(p)
    }
}

/// A number of a gate check: at most three digits after the point, none that say nothing.
pub fn plain(n: f64) -> String {
    if !n.is_finite() {
        return "–".into();
    }
    let text = format!("{:.3}", n.abs());
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.parse().map_or_else(|_| whole.to_string(), thousands);
    let sign = if n < 0.0 { "−" } else { "" };
    match part.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        part => format!("{sign}{whole}.{part}"),
    }
}

/// Bytes as `12 MB`.
pub fn bytes(n: u64) -> String {
    match n {
        0 => "–".into(),
        1..1_000_000 => format!("{} kB", n.div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{:.0} MB", n as f64 / 1e6),
        _ => format!("{:.2} GB", n as f64 / 1e9),
    }
}

/// Seconds as `0.42 s` or `3 min 05 s`.
pub fn seconds(s: f64) -> String {
    if s < 10.0 {
        format!("{s:.2} s")
    } else if s < 60.0 {
        format!("{s:.1} s")
    } else {
        let whole = s.round() as u64;
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

/// A code of the rules as words: `two_numbers` becomes `two numbers`.
pub fn words(code: &str) -> String {
    code.replace('_', " ")
}

/// A value as it can be shown: at most `limit` characters, with nothing in it that is invisible or
/// turns the direction of the text around it.
pub fn visible(value: &str, limit: usize) -> String {
    let mut out = String::new();
    for (i, c) in value.chars().enumerate() {
        if i == limit {
            out.push_str(&format!("… [{} characters]", thousands(value.chars().count() as u64)));
            break;
        }
        match c {
            '\t' => out.push('⇥'),
            '\n' => out.push('↵'),
            '\u{0}'..='\u{1f}' => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('�')),
            '\u{7f}' => out.push('␡'),
            '\u{80}'..='\u{9f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' => {
                out.push_str(&format!("⟨U+{:04X}⟩", c as u32));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(percent(0.0), "0.0%");
        assert_eq!(percent(0.999_99), ">99.9%");
        assert_eq!(percent(1.0), "100.0%");
        assert_eq!(percent(f64::NAN), "–");
        assert_eq!(signed(-13.04), "−13.0");
        assert_eq!(signed(0.01), "0.0");
        assert_eq!(probability(0.0), "50.0%");
        assert_eq!(probability(20.0), "99.999905%");
        assert_eq!(probability(200.0), ">99.9999999%");
        assert_eq!(plain(1.5), "1.5");
        assert_eq!(plain(20.0), "20");
        assert_eq!(plain(-1509.25), "−1,509.25");
        assert_eq!(seconds(185.2), "3 min 05 s");
        assert_eq!(bytes(1_600_000_000), "1.60 GB");
    }

    #[test]
    fn values_cannot_hide_or_turn_text() {
        assert_eq!(visible("a\0b\u{202e}c\tz", 99), "a␀b⟨U+202E⟩c⇥z");
        assert_eq!(visible("Živa Šarić", 99), "Živa Šarić");
        assert_eq!(visible(&"ž".repeat(10_000), 3), "žžž… [10,000 characters]");
        assert_eq!(visible("", 0), "");
    }
}
