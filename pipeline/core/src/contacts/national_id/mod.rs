//! National and tax ids. Enters: a raw id and perhaps a country. Leaves: the compact form, its scheme,
//! birth date and sex where the id encodes them, and a verdict. Never checks against a register.
//! A file for each scheme names the law or standard that it follows.

mod at_uid;
mod be_vat;
mod bg_egn;
mod checks;
mod compact;
mod conflicts;
mod cz_dic;
mod cz_rodne_cislo;
mod de_idnr;
mod de_ustid;
mod ee_isikukood;
mod ee_kmkr;
mod fr_nir;
mod gb_vat;
mod hr_oib;
mod hu_adoazonosito;
mod hu_adoszam;
mod hu_szemelyi;
mod it_iva;
mod jmbg;
mod lt_asmens_kodas;
mod lt_pvm;
mod lv_personas_kods;
mod lv_pvn;
mod me_pib;
mod mk_edb;
mod nl_bsn;
mod pl_nip;
mod pl_pesel;
mod pl_regon;
mod pt_nif;
mod ro_cnp;
mod ro_cui;
mod rs_maticni_broj;
mod rs_pib;
mod scheme;
mod se_personnummer;
mod se_vat;
mod si_davcna;
mod sk_ic_dph;
mod sk_rodne_cislo;
mod us_ein;
mod us_ssn;

use std::collections::HashMap;

use super::date::iso;
use super::placeholder::Placeholders;
use crate::rules::contacts::NationalIdRules;
use crate::text::is_blank;
use crate::value::{Assessment, Verdict};
use compact::Compact;
pub use conflicts::{Told, conflicts};
use scheme::{Content, Marks, SCHEMES, Scheme, fits};
pub use scheme::{country_of, scheme_named, scheme_names, schemes};

/// Reason codes of national ids.
pub const REASONS: &[(&str, &str)] = &[
    ("placeholder", "A value that stands for \"no id\": one digit repeated, or a word from the rules' list."),
    ("format", "Characters, or digits at the front, that no id of this kind has."),
    ("length", "The number of digits fits no id scheme we know for the country."),
    ("birth_date", "The birth date inside the id does not exist."),
    ("checksum", "The check digit does not fit the other digits."),
    (
        "checksum_advisory",
        "The check digit does not fit, but ids of this series need not have one (Latvia since July 2017).",
    ),
    ("no_check_digit", "Fits a scheme without check digits: any number of that length would."),
    ("label_removed", "The name of the id before it, such as PESEL or NIP, was dropped."),
    ("other_country", "Not an id of the record's country, but a right one of another country."),
    (
        "country_unknown",
        "Fits an id scheme, but without a country the fit may be chance, or several countries' ids look so.",
    ),
    ("birth_date_conflict", "The birth date inside the id is not the record's own."),
    ("gender_conflict", "The sex inside the id is not the record's own."),
    ("unchecked", "We know no id scheme for the record's country: kept as written."),
];

/// A judged id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NationalId {
    /// Digits only, but for schemes with letters of their own.
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

/// Settings of `[national_id]`, prepared: positions in [`SCHEMES`], in the order to try.
#[derive(Debug, Clone)]
pub(super) struct NationalIds {
    all: Vec<usize>,
    homes: HashMap<&'static str, Vec<usize>>,
    /// Those tried in records of other countries.
    abroad: Vec<usize>,
    /// Named by the rules, not merely all we have.
    chosen: bool,
}

impl NationalIds {
    pub(super) fn new(rules: &NationalIdRules) -> Self {
        let named =
            rules.schemes.iter().filter_map(|name| SCHEMES.iter().position(|s| s.name == name.get_ref().as_str()));
        let chosen = !rules.schemes.is_empty();
        let all: Vec<usize> = if chosen { named.collect() } else { (0..SCHEMES.len()).collect() };
        let mut homes: HashMap<&'static str, Vec<usize>> = HashMap::new();
        for (at, scheme) in at(&all) {
            homes.entry(scheme.country).or_default().push(at);
        }
        let abroad = at(&all).filter(|(_, s)| chosen || s.abroad).map(|(at, _)| at).collect();
        Self { all, homes, abroad, chosen }
    }

    pub(super) fn national_id(&self, raw: &str, country: Option<&str>, placeholders: &Placeholders) -> NationalId {
        let text = raw.trim_matches(is_blank);
        if text.is_empty() {
            return NationalId::refused(Assessment::MISSING);
        }
        if one_digit_repeated(text) || placeholders.contains(text) {
            return NationalId::refused(Assessment::new(Verdict::Missing, "placeholder"));
        }
        let home_known = country.is_some_and(|c| self.homes.contains_key(c));
        let Some(compact) = Compact::of(text) else {
            let known = country.is_none() || home_known;
            return if known {
                NationalId::refused(Assessment::new(Verdict::Invalid, "format"))
            } else {
                unchecked(text)
            };
        };
        if let Some(id) = self.search(&compact, country, None).or_else(|| self.labelled(&compact, country)) {
            // A label or a prefix before it makes no number of it.
            let nothing = id.standard.as_deref().is_some_and(one_digit_repeated);
            return if nothing { NationalId::refused(Assessment::new(Verdict::Missing, "placeholder")) } else { id };
        }
        if !home_known && country.is_some() {
            return unchecked(text);
        }
        let refusal = self.refusal(&compact, country);
        NationalId::refused(match self.probably_meant(text, country) {
            Some(meant) if refusal.suggestion.is_none() => refusal.suggesting(meant),
            _ => refusal,
        })
    }

    /// A number of the country with a birth date in it, when `O` and `I` are read as digits, or the zero at the front is put
    /// back that spreadsheets drop.
    fn probably_meant(&self, text: &str, country: Option<&str>) -> Option<String> {
        let digit = |c: char| match c {
            'O' | 'o' => '0',
            'I' | 'l' => '1',
            c => c,
        };
        let digits: String = text.chars().map(digit).collect();
        let zero = text.bytes().all(|b| b.is_ascii_digit()).then(|| format!("0{text}"));
        [Some(digits).filter(|d| d != text), zero].into_iter().flatten().find_map(|candidate| {
            let found = self.search(&Compact::of(&candidate)?, country, None)?;
            (found.assessment == Assessment::VALID && found.birth_date.is_some()).then_some(found.standard?)
        })
    }

    /// Schemes worth a look, and whether they are the record's country's: those first, then what is told abroad; all of
    /// them where no country is known.
    fn candidates(&self, country: Option<&str>) -> impl Iterator<Item = (&'static Scheme, bool)> {
        let (home, abroad) = match country {
            None => (self.all.as_slice(), &[][..]),
            Some(country) => (self.homes.get(country).map_or(&[][..], Vec::as_slice), self.abroad.as_slice()),
        };
        let abroad = at(abroad).filter(move |(_, s)| Some(s.country) != country);
        at(home).map(|(_, s)| (s, true)).chain(abroad.map(|(_, s)| (s, false)))
    }

    /// The first scheme that the id fits.
    fn search(&self, compact: &Compact, country: Option<&str>, called: Option<&str>) -> Option<NationalId> {
        let mut alike = None;
        for (scheme, home) in self.candidates(country) {
            if called.is_some_and(|word| !scheme.is_called(word)) {
                continue;
            }
            let Some((shorn, content)) = fits(scheme, compact) else { continue };
            // `PL 5252248481`: the number names its country.
            let prefixed = shorn.values().len() < compact.values().len();
            let compact = shorn;
            // A number of another country without a birth date, or half a proof, fits by chance too often.
            if !home && !self.chosen && (content.birth_date.is_none() || content.doubt.is_some()) {
                continue;
            }
            let judged = || {
                let named = self.chosen || prefixed || called.is_some();
                let reason = content
                    .doubt
                    .or((!home).then_some("other_country"))
                    .or((scheme.weak && !named).then_some("no_check_digit"))
                    .or((country.is_none() && !named && self.ambiguous(scheme, &compact, content))
                        .then_some("country_unknown"));
                NationalId {
                    standard: Some(compact.text()),
                    scheme: Some(scheme.name),
                    birth_date: content.birth_date.map(iso),
                    sex: content.sex,
                    assessment: reason.map_or(Assessment::VALID, |r| Assessment::new(Verdict::Suspect, r)),
                }
            };
            if country == Some(scheme.country) || (scheme.own)(compact.values()) {
                return Some(judged());
            }
            alike = alike.or_else(|| Some(judged()));
        }
        alike
    }

    /// Without a country: nothing tells a number of one country from one of another.
    fn ambiguous(&self, scheme: &Scheme, compact: &Compact, content: Content) -> bool {
        content.birth_date.is_none()
            || (!scheme.abroad
                && at(&self.all).any(|(_, other)| {
                    other.country != scheme.country
                        && fits(other, compact).is_some_and(|(_, content)| content.birth_date.is_some())
                }))
    }

    /// `PESEL: 44051401359`: the word decides which scheme it is.
    fn labelled(&self, compact: &Compact, country: Option<&str>) -> Option<NationalId> {
        let word: String = compact.text().chars().take_while(char::is_ascii_alphabetic).collect();
        let rest = compact.without(&word)?;
        let mut id = self.search(&rest, country, Some(&word))?;
        if id.assessment == Assessment::VALID {
            id.assessment = Assessment::new(Verdict::Corrected, "label_removed");
        }
        Some(id)
    }

    /// Why no scheme fits: what the nearest one says, those of the record's country above all.
    fn refusal(&self, compact: &Compact, country: Option<&str>) -> Assessment {
        let mut best = (0, Assessment::new(Verdict::Invalid, "format"));
        for (scheme, home) in self.candidates(country) {
            let shorn = scheme.prefix.and_then(|p| compact.without(p));
            let compact = shorn.as_ref().unwrap_or(compact);
            let (rank, assessment) = if !compact.is_number() && !scheme.letters {
                (1, Assessment::new(Verdict::Invalid, "format"))
            } else if !scheme.lengths.contains(&compact.values().len()) {
                (2, Assessment::new(Verdict::Invalid, "length"))
            } else {
                match (scheme.check)(compact.values()) {
                    Err(reason) => (3, Assessment::new(Verdict::Invalid, reason)),
                    Ok(_) if scheme.weak => continue,
                    Ok(_) => (4, Assessment::new(Verdict::Invalid, "format").suggesting(compact.text())),
                }
            };
            let rank = rank + if home { 4 } else { 0 };
            if rank > best.0 {
                best = (rank, assessment);
            }
        }
        best.1
    }
}

/// Schemes at these positions.
fn at(positions: &[usize]) -> impl Iterator<Item = (usize, &'static Scheme)> {
    positions.iter().filter_map(|&at| Some((at, SCHEMES.get(at)?)))
}

/// The person's id scheme of a first market that accepts the text: for finding ids in other columns.
pub(super) fn person_id(text: &str) -> Option<&'static str> {
    let compact = Compact::of(text)?;
    let told = |s: &&Scheme| {
        fits(s, &compact).is_some_and(|(compact, content)| content.doubt.is_none() && (s.own)(compact.values()))
    };
    SCHEMES.iter().filter(|s| s.abroad).find(told).map(|s| s.name)
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
    let others = text.chars().any(|c| c.is_alphanumeric() && !c.is_ascii_digit());
    !others && digits.all(|d| d == first)
}

#[cfg(test)]
mod tests;
