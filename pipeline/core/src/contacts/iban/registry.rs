//! SWIFT's IBAN registry as data: for each country, which characters stand where behind the four first, and which of
//! them name bank and branch. Facts only; of countries that use IBANs without being in the registry, the length.

use std::ops::Range;

/// What stands behind country and check digits.
pub(super) struct Structure {
    pub country: &'static str,
    runs: &'static [(usize, Kind)],
    /// Positions behind the four first; empty where the registry names none.
    pub bank: Range<usize>,
    pub branch: Range<usize>,
}

/// The registry's `n`, `a` and `c`.
#[derive(Clone, Copy)]
enum Kind {
    Digits,
    Capitals,
    Both,
}
use Kind::{Both as C, Capitals as A, Digits as N};

impl Structure {
    pub(super) fn length(&self) -> usize {
        self.runs.iter().map(|(n, _)| n).sum()
    }

    /// Whether characters of the right number are of the right kinds.
    pub(super) fn fits(&self, bban: &[u8]) -> bool {
        let mut rest = bban;
        self.runs.iter().all(|(n, kind)| {
            let Some((run, behind)) = rest.split_at_checked(*n) else { return false };
            rest = behind;
            run.iter().all(|b| match kind {
                N => b.is_ascii_digit(),
                A => b.is_ascii_uppercase(),
                C => b.is_ascii_digit() || b.is_ascii_uppercase(),
            })
        })
    }
}

/// The structure of a country's IBANs.
pub(super) fn find(country: [u8; 2]) -> Option<&'static Structure> {
    let at = COUNTRIES.binary_search_by(|s| s.country.as_bytes().cmp(&country)).ok()?;
    COUNTRIES.get(at)
}

/// Countries whose banks write IBANs though the registry lacks them, with the length of the whole.
pub(super) fn length_outside(country: [u8; 2]) -> Option<usize> {
    Some(match &country {
        b"AO" | b"CV" | b"GW" | b"MZ" => 25,
        b"DZ" | b"IR" => 26,
        b"CF" | b"CG" | b"CM" | b"GA" | b"GQ" | b"KM" | b"MG" | b"TD" => 27,
        b"BF" | b"BJ" | b"CI" | b"MA" | b"ML" | b"NE" | b"SN" | b"TG" => 28,
        _ => return None,
    })
}

const fn is(
    country: &'static str,
    runs: &'static [(usize, Kind)],
    bank: Range<usize>,
    branch: Range<usize>,
) -> Structure {
    Structure { country, runs, bank, branch }
}

/// By country.
const COUNTRIES: &[Structure] = &[
    is("AD", &[(8, N), (12, C)], 0..4, 4..8),
    is("AE", &[(19, N)], 0..3, 0..0),
    is("AL", &[(8, N), (16, C)], 0..3, 3..8),
    is("AT", &[(16, N)], 0..5, 0..0),
    is("AZ", &[(4, A), (20, C)], 0..4, 0..0),
    is("BA", &[(16, N)], 0..3, 3..6),
    is("BE", &[(12, N)], 0..3, 0..0),
    is("BG", &[(4, A), (6, N), (8, C)], 0..4, 4..8),
    is("BH", &[(4, A), (14, C)], 0..4, 0..0),
    is("BI", &[(23, N)], 0..5, 5..10),
    is("BR", &[(8, C), (15, N), (2, C)], 0..8, 8..13),
    is("BY", &[(4, C), (4, N), (16, C)], 0..4, 0..0),
    is("CH", &[(5, N), (12, C)], 0..5, 0..0),
    is("CR", &[(18, N)], 0..4, 0..0),
    is("CY", &[(8, N), (16, C)], 0..3, 3..8),
    is("CZ", &[(20, N)], 0..4, 0..0),
    is("DE", &[(18, N)], 0..8, 0..0),
    is("DJ", &[(23, N)], 0..5, 5..10),
    is("DK", &[(14, N)], 0..4, 0..0),
    is("DO", &[(4, C), (20, N)], 0..4, 0..0),
    is("EE", &[(16, N)], 0..2, 0..0),
    is("EG", &[(25, N)], 0..4, 4..8),
    is("ES", &[(20, N)], 0..4, 4..8),
    is("FI", &[(14, N)], 0..3, 0..0),
    is("FK", &[(2, A), (12, N)], 0..2, 0..0),
    is("FO", &[(14, N)], 0..4, 0..0),
    is("FR", &[(10, N), (11, C), (2, N)], 0..5, 5..10),
    is("GB", &[(4, A), (14, N)], 0..4, 4..10),
    is("GE", &[(2, A), (16, N)], 0..2, 0..0),
    is("GI", &[(4, A), (15, C)], 0..4, 0..0),
    is("GL", &[(14, N)], 0..4, 0..0),
    is("GR", &[(7, N), (16, C)], 0..3, 3..7),
    is("GT", &[(24, C)], 0..4, 0..0),
    is("HN", &[(4, A), (20, N)], 0..4, 0..0),
    is("HR", &[(17, N)], 0..7, 0..0),
    is("HU", &[(24, N)], 0..3, 3..7),
    is("IE", &[(4, A), (14, N)], 0..4, 4..10),
    is("IL", &[(19, N)], 0..3, 3..6),
    is("IQ", &[(4, A), (15, N)], 0..4, 4..7),
    is("IS", &[(22, N)], 0..2, 2..4),
    is("IT", &[(1, A), (10, N), (12, C)], 1..6, 6..11),
    is("JO", &[(4, A), (4, N), (18, C)], 0..4, 4..8),
    is("KW", &[(4, A), (22, C)], 0..4, 0..0),
    is("KZ", &[(3, N), (13, C)], 0..3, 0..0),
    is("LB", &[(4, N), (20, C)], 0..4, 0..0),
    is("LC", &[(4, A), (24, C)], 0..4, 0..0),
    is("LI", &[(5, N), (12, C)], 0..5, 0..0),
    is("LT", &[(16, N)], 0..5, 0..0),
    is("LU", &[(3, N), (13, C)], 0..3, 0..0),
    is("LV", &[(4, A), (13, C)], 0..4, 0..0),
    is("LY", &[(21, N)], 0..3, 3..6),
    is("MC", &[(10, N), (11, C), (2, N)], 0..5, 5..10),
    is("MD", &[(20, C)], 0..2, 0..0),
    is("ME", &[(18, N)], 0..3, 0..0),
    is("MK", &[(3, N), (10, C), (2, N)], 0..3, 0..0),
    is("MN", &[(16, N)], 0..4, 0..0),
    is("MR", &[(23, N)], 0..5, 5..10),
    is("MT", &[(4, A), (5, N), (18, C)], 0..4, 4..9),
    is("MU", &[(4, A), (19, N), (3, A)], 0..6, 6..8),
    is("NI", &[(4, A), (20, N)], 0..4, 0..0),
    is("NL", &[(4, A), (10, N)], 0..4, 0..0),
    is("NO", &[(11, N)], 0..4, 0..0),
    is("OM", &[(3, N), (16, C)], 0..3, 0..0),
    is("PK", &[(4, A), (16, C)], 0..4, 0..0),
    is("PL", &[(24, N)], 0..8, 0..0),
    is("PS", &[(4, A), (21, C)], 0..4, 0..0),
    is("PT", &[(21, N)], 0..4, 4..8),
    is("QA", &[(4, A), (21, C)], 0..4, 0..0),
    is("RO", &[(4, A), (16, C)], 0..4, 0..0),
    is("RS", &[(18, N)], 0..3, 0..0),
    is("RU", &[(14, N), (15, C)], 0..9, 9..14),
    is("SA", &[(2, N), (18, C)], 0..2, 0..0),
    is("SC", &[(4, A), (20, N), (3, A)], 0..6, 6..8),
    is("SD", &[(14, N)], 0..2, 0..0),
    is("SE", &[(20, N)], 0..3, 0..0),
    is("SI", &[(15, N)], 0..2, 2..5),
    is("SK", &[(20, N)], 0..4, 0..0),
    is("SM", &[(1, A), (10, N), (12, C)], 1..6, 6..11),
    is("SO", &[(19, N)], 0..4, 4..7),
    is("ST", &[(21, N)], 0..4, 4..8),
    is("SV", &[(4, A), (20, N)], 0..4, 0..0),
    is("TL", &[(19, N)], 0..3, 0..0),
    is("TN", &[(20, N)], 0..2, 2..5),
    is("TR", &[(6, N), (16, C)], 0..5, 0..0),
    is("UA", &[(6, N), (19, C)], 0..6, 0..0),
    is("VA", &[(18, N)], 0..3, 0..0),
    is("VG", &[(4, A), (16, N)], 0..4, 0..0),
    is("XK", &[(16, N)], 0..2, 2..4),
    is("YE", &[(4, A), (4, N), (18, C)], 0..4, 4..8),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_in_order_and_lengths_within_the_norm() {
        assert!(COUNTRIES.windows(2).all(|w| matches!(w, [a, b] if a.country < b.country)));
        assert!(COUNTRIES.iter().all(|s| s.length() <= 30 && s.bank.end <= s.length() && s.branch.end <= s.length()));
    }
}
