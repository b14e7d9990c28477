//! National and tax ids. Enters: a raw id and perhaps a country. Leaves: the compact form, its scheme,
//! birth date and sex where the id encodes them, and a verdict. Never checks against a register.

mod lv_personas_kods;
mod lv_pvn;
mod pl_nip;
mod pl_pesel;
mod pl_regon;
mod rs_jmbg;
mod rs_pib;
mod si_davcna;
mod si_emso;

use chrono::NaiveDate;

use super::date::iso;
use super::placeholder::Placeholders;
use crate::rules::contacts::NationalIdRules;
use crate::text::is_blank;
use crate::value::{Assessment, Verdict};

/// Reason codes of national ids.
pub const REASONS: &[(&str, &str)] = &[
    ("placeholder", "A value that stands for \"no id\": one digit repeated, or a word from the rules' list."),
    ("format", "Characters that no id of this kind has."),
    ("length", "The number of digits fits no id scheme we know for the country."),
    ("birth_date", "The birth date inside the id does not exist."),
    ("checksum", "The check digit does not fit the other digits."),
    (
        "checksum_advisory",
        "The check digit does not fit, but ids of this series need not have one (Latvia since July 2017).",
    ),
    ("other_country", "Not an id of the record's country, but a right one of another country."),
    ("country_unknown", "Fits an id scheme, but without a country the fit may be chance."),
    ("unchecked", "We know no id scheme for the record's country: kept as written."),
];

/// A judged id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NationalId {
    /// Digits only.
    pub standard: Option<String>,
    /// Name of the scheme, country first: `pl-pesel`, `rs-jmbg`, `si-emso`, `lv-personas-kods`, `pl-nip`, ...
    pub scheme: Option<&'static str>,
    /// `YYYY-MM-DD`, where the id encodes it.
    pub birth_date: Option<String>,
    /// `female` or `male`, where the id encodes it.
    pub sex: Option<&'static str>,
    pub assessment: Assessment,
}

impl NationalId {
    fn refused(assessment: Assessment) -> Self {
        Self { standard: None, scheme: None, birth_date: None, sex: None, assessment }
    }
}

/// What a scheme reads out of right digits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Content {
    birth_date: Option<NaiveDate>,
    sex: Option<&'static str>,
    doubt: Option<&'static str>,
}

/// One id scheme: `check` gets exactly `lengths` many digits (values 0-9) and returns a reason code when they are wrong.
struct Scheme {
    name: &'static str,
    country: &'static str,
    lengths: &'static [usize],
    /// Letters that may precede the digits (VAT prefix).
    prefix: Option<&'static str>,
    /// Whether `-` is written between digits.
    dashes: bool,
    check: fn(&[u8]) -> Result<Content, &'static str>,
}

/// Persons first, then organisations: an id that fits several schemes is taken for the first.
const SCHEMES: &[Scheme] = &[
    pl_pesel::SCHEME,
    si_emso::SCHEME,
    rs_jmbg::SCHEME,
    lv_personas_kods::SCHEME,
    pl_nip::SCHEME,
    rs_pib::SCHEME,
    si_davcna::SCHEME,
    lv_pvn::SCHEME,
    pl_regon::SCHEME,
];

/// Names of all schemes, for checking rule files.
pub fn scheme_names() -> impl Iterator<Item = &'static str> {
    SCHEMES.iter().map(|s| s.name)
}

/// The scheme of that name, or with its abbreviation of other libraries.
pub fn scheme_named(name: &str) -> Option<&'static str> {
    let name = name.trim().to_ascii_lowercase().replace(['/', '_', ' '], "-");
    SCHEMES.iter().map(|s| s.name).find(|s| *s == name)
}

/// The country of a scheme, ISO 3166 alpha-2.
pub fn country_of(scheme: &str) -> Option<&'static str> {
    SCHEMES.iter().find(|s| s.name == scheme).map(|s| s.country)
}

/// Settings of `[national_id]`, prepared.
#[derive(Debug, Clone)]
pub(super) struct NationalIds {
    /// Positions in [`SCHEMES`], in the order to try.
    order: Vec<usize>,
    /// Named by the rules, not merely all we have.
    chosen: bool,
}

impl NationalIds {
    pub(super) fn new(rules: &NationalIdRules) -> Self {
        let named =
            rules.schemes.iter().filter_map(|name| SCHEMES.iter().position(|s| s.name == name.get_ref().as_str()));
        let order = if rules.schemes.is_empty() { (0..SCHEMES.len()).collect() } else { named.collect() };
        Self { order, chosen: !rules.schemes.is_empty() }
    }

    pub(super) fn national_id(&self, raw: &str, country: Option<&str>, placeholders: &Placeholders) -> NationalId {
        let text = raw.trim_matches(is_blank);
        if text.is_empty() {
            return NationalId::refused(Assessment::MISSING);
        }
        if one_digit_repeated(text) || placeholders.contains(text) {
            return NationalId::refused(Assessment::new(Verdict::Missing, "placeholder"));
        }
        let schemes = || self.order.iter().filter_map(|&at| SCHEMES.get(at));
        let at_home = |s: &&Scheme| country.is_none_or(|c| s.country == c);
        let home_known = schemes().any(|s| at_home(&s));

        let mut best: Option<(usize, Assessment)> = None;
        let mut refusal = |rank: usize, assessment: Assessment| {
            if best.as_ref().is_none_or(|(r, _)| rank > *r) {
                best = Some((rank, assessment));
            }
        };
        for (scheme, home) in
            schemes().filter(at_home).map(|s| (s, true)).chain(schemes().filter(|s| !at_home(s)).map(|s| (s, false)))
        {
            let Some(compact) = Compact::of(text, scheme) else {
                refusal(4 * usize::from(home), Assessment::new(Verdict::Invalid, "format"));
                continue;
            };
            if !scheme.lengths.contains(&compact.len) {
                refusal(1 + 4 * usize::from(home), Assessment::new(Verdict::Invalid, "length"));
                continue;
            }
            match (scheme.check)(compact.digits()) {
                Err(reason) => refusal(2 + 4 * usize::from(home), Assessment::new(Verdict::Invalid, reason)),
                Ok(_) if compact.dashed && !scheme.dashes => {
                    refusal(
                        3 + 4 * usize::from(home),
                        Assessment::new(Verdict::Invalid, "format").suggesting(compact.text()),
                    );
                }
                // Both numbers are built alike: without the country, the region of issue tells which one it is.
                Ok(_)
                    if scheme.name == si_emso::SCHEME.name
                        && country != Some("SI")
                        && !si_emso::given_out_in_slovenia(compact.digits())
                        && schemes().any(|s| s.name == rs_jmbg::SCHEME.name) => {}
                // A company number of another country fits one wrong number in eleven by chance.
                Ok(content) if !home && !self.chosen && (content.birth_date.is_none() || content.doubt.is_some()) => {}
                Ok(content) => {
                    let unplaced = country.is_none() && !self.chosen && content.birth_date.is_none();
                    let reason =
                        content.doubt.or((!home).then_some("other_country")).or(unplaced.then_some("country_unknown"));
                    return NationalId {
                        standard: Some(compact.text()),
                        scheme: Some(scheme.name),
                        birth_date: content.birth_date.map(iso),
                        sex: content.sex,
                        assessment: reason.map_or(Assessment::VALID, |r| Assessment::new(Verdict::Suspect, r)),
                    };
                }
            }
        }
        if !home_known && country.is_some() {
            return unchecked(text);
        }
        NationalId::refused(best.map_or(Assessment::new(Verdict::Invalid, "format"), |(_, assessment)| assessment))
    }
}

/// Whether some person's id scheme accepts the text: for finding ids in other columns.
pub(super) fn looks_like_person_id(text: &str) -> bool {
    SCHEMES.iter().filter(|s| matches!(s.name, "pl-pesel" | "rs-jmbg" | "si-emso" | "lv-personas-kods")).any(|s| {
        Compact::of(text, s).is_some_and(|c| {
            s.lengths.contains(&c.len) && (s.check)(c.digits()).is_ok_and(|found| found.doubt.is_none())
        })
    })
}

/// An id of a country without a scheme of ours: letters and digits, upper case.
fn unchecked(text: &str) -> NationalId {
    let compact: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    let foreign =
        text.chars().any(|c| !(c.is_ascii_alphanumeric() || c.is_whitespace() || matches!(c, '-' | '.' | '/')));
    if foreign || !(4..=20).contains(&compact.len()) || !compact.bytes().any(|b| b.is_ascii_digit()) {
        return NationalId::refused(Assessment::new(Verdict::Invalid, "format"));
    }
    NationalId { standard: Some(compact), ..NationalId::refused(Assessment::new(Verdict::Suspect, "unchecked")) }
}

fn one_digit_repeated(text: &str) -> bool {
    let mut digits = text.bytes().filter(u8::is_ascii_digit);
    let Some(first) = digits.next() else {
        return false;
    };
    let others = text.bytes().any(|b| !(b.is_ascii_digit() || matches!(b, b' ' | b'-')));
    !others && digits.all(|d| d == first)
}

/// The digits of an id without separators and prefix.
struct Compact {
    values: [u8; 16],
    len: usize,
    dashed: bool,
}

impl Compact {
    fn of(text: &str, scheme: &Scheme) -> Option<Self> {
        let body = match scheme.prefix {
            Some(prefix) => match text.get(..prefix.len()) {
                Some(start) if start.eq_ignore_ascii_case(prefix) => text.get(prefix.len()..)?,
                _ => text,
            },
            None => text,
        };
        let mut out = Self { values: [0; 16], len: 0, dashed: false };
        for c in body.chars() {
            match c {
                '0'..='9' => {
                    *out.values.get_mut(out.len)? = u8::try_from(c.to_digit(10)?).ok()?;
                    out.len += 1;
                }
                '-' => out.dashed = true,
                ' ' | '\u{00A0}' => {}
                _ => return None,
            }
        }
        Some(out)
    }

    fn digits(&self) -> &[u8] {
        self.values.get(..self.len).unwrap_or(&[])
    }

    fn text(&self) -> String {
        self.digits().iter().map(|d| char::from(b'0' + d)).collect()
    }
}

/// Sum of digits times weights.
fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(d, w)| u32::from(*d) * w).sum()
}

/// The number a run of digits writes.
fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |n, d| n * 10 + u32::from(*d))
}

/// A birth date inside an id.
fn born(year: u32, month: u32, day: u32) -> Result<NaiveDate, &'static str> {
    i32::try_from(year).ok().and_then(|y| NaiveDate::from_ymd_opt(y, month, day)).ok_or("birth_date")
}

#[cfg(test)]
mod tests;
