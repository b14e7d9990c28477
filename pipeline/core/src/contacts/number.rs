//! Decimal numbers as people of these countries write them. Enters: a raw text. Leaves: a finite number or nothing.
//! Never rounds and never reads a word.

/// Reads `1234.5`, `1234,5`, `1 234,50`, `1.234,50`, `1,234.50`, `-7`, with blanks (also no-break ones) between thousands.
/// Of `.` and `,` the last one that appears is the decimal sign; one that appears several times parts thousands.
/// A single sign is a decimal sign, also before three digits. A trailing `%`, `zł`, `€` is no number.
pub fn number(raw: &str) -> Option<f64> {
    let mut digits = String::with_capacity(raw.len());
    for c in raw.trim().chars() {
        match c {
            '0'..='9' | '.' | ',' | '-' | '+' => digits.push(c),
            '\u{2212}' => digits.push('-'),
            ' ' | '\u{00A0}' | '\u{202F}' | '\u{2009}' | '\'' => {}
            _ => return None,
        }
    }
    let decimal = digits.rfind(['.', ',']).filter(|&at| {
        let sign = digits.as_bytes().get(at).copied();
        digits.bytes().filter(|b| Some(*b) == sign).count() == 1
    });
    let plain: String = digits
        .char_indices()
        .filter_map(|(at, c)| match c {
            '.' | ',' if Some(at) == decimal => Some('.'),
            '.' | ',' => None,
            other => Some(other),
        })
        .collect();
    if !plain.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    plain.parse::<f64>().ok().filter(|n| n.is_finite())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decimal_comma_and_thousands() {
        assert_eq!(number("1 234,50"), Some(1234.5));
        assert_eq!(number("1.234,50"), Some(1234.5));
        assert_eq!(number("1,234.50"), Some(1234.5));
        assert_eq!(number("1.234.567"), Some(1_234_567.0));
        assert_eq!(number("0,75"), Some(0.75));
        assert_eq!(number("-3"), Some(-3.0));
        for bad in ["", "-", ".", "1-2", "12 zł", "1e5", "NaN", "inf"] {
            assert_eq!(number(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn reads_back_what_it_prints(n in -1.0e9..1.0e9f64) {
            prop_assert_eq!(number(&n.to_string()), Some(n));
            prop_assert_eq!(number(&n.to_string().replace('.', ",")), Some(n));
        }

        #[test]
        fn never_panics(text in ".*") {
            prop_assert!(number(&text).is_none_or(f64::is_finite));
        }
    }
}
