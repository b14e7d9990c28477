//! Phone numbers. Enters: a raw field and the country that national forms belong to. Leaves: E.164, type, region,
//! extension, further numbers of the field, and a verdict. Never dials and never asks a carrier.
//!
//! Numbering plans: Google's libphonenumber metadata through `rlibphonenumber`.

use std::borrow::Cow;
use std::collections::HashSet;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region};
use unicode_normalization::UnicodeNormalization;

use super::placeholder::Placeholders;
use super::{iban, national_id};
use crate::rules::contacts::PhoneRules;
use crate::text::{fold, is_blank};
use crate::value::{Assessment, Verdict};

/// Reason codes of phone numbers.
pub const REASONS: &[(&str, &str)] = &[
    (
        "placeholder",
        "A number that stands for \"no number\": one digit repeated, six zeros at the end, 123456789, or one of the rules' list.",
    ),
    ("several_numbers", "The field held several numbers; the first is the value, the others are kept beside it."),
    ("text_removed", "Words around the number, or a few digits behind a slash, were dropped."),
    ("international_prefix", "The number started with 00 where that is no prefix of its country; read as +."),
    ("trunk_prefix", "A leading 0 that the country no longer uses was dropped."),
    ("missing_plus", "The number starts with a country calling code but without + or 00."),
    (
        "looks_like_national_id",
        "The digits are a right national id (which one, the part `looks_like` tells), not a phone number.",
    ),
    ("looks_like_iban", "The field holds a bank account number."),
    ("looks_like_email", "The field holds an email address."),
    ("no_country", "A national form, but nothing tells which country it belongs to."),
    ("too_short", "Too few digits for the country's numbering plan."),
    ("too_long", "Too many digits for the country's numbering plan."),
    ("not_in_plan", "The country's numbering plan has no such number."),
    ("format", "Not a phone number."),
];

/// A judged phone field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// E.164 of the first usable number, without its extension.
    pub standard: Option<String>,
    /// What matching compares: the E.164 form.
    pub key: Option<String>,
    /// Further numbers of the field, E.164.
    pub others: Vec<String>,
    /// `mobile`, `fixed_line`, `fixed_line_or_mobile`, `toll_free`, `premium_rate`, `shared_cost`, `voip`,
    /// `personal_number`, `pager`, `uan`, `voicemail`.
    pub kind: Option<&'static str>,
    /// ISO 3166 alpha-2 of the number itself.
    pub region: Option<String>,
    pub extension: Option<String>,
    /// What the field holds instead of a number: a scheme of national ids (`pl-pesel`), `iban` or `email`.
    pub looks_like: Option<&'static str>,
    pub assessment: Assessment,
}

impl Phone {
    fn refused(verdict: Verdict, reason: &'static str) -> Self {
        Self::without_number(Assessment::new(verdict, reason))
    }

    fn without_number(assessment: Assessment) -> Self {
        Self {
            standard: None,
            key: None,
            others: Vec::new(),
            kind: None,
            region: None,
            extension: None,
            looks_like: None,
            assessment,
        }
    }

    fn something_else(what: &'static str, reason: &'static str) -> Self {
        Self { looks_like: Some(what), ..Self::refused(Verdict::Invalid, reason) }
    }
}

/// What the numbering plans say about one number, right or wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneParts {
    pub e164: String,
    /// National form, for display.
    pub national: String,
    pub kind: Option<&'static str>,
    pub region: Option<String>,
    pub extension: Option<String>,
    /// The length fits the plan.
    pub possible: bool,
    /// The plan has the number.
    pub valid: bool,
}

/// Reads one number just as libphonenumber does: no placeholders, no splitting, no repair.
/// None when the text cannot be read as a number at all.
pub fn phone_parts(raw: &str, country: Option<&str>) -> Option<PhoneParts> {
    let number = PHONE_NUMBER_UTIL.parse(raw, country.and_then(region)).ok()?;
    Some(PhoneParts {
        e164: e164(&number),
        national: number.format_as(PhoneNumberFormat::National).into_owned(),
        kind: kind_name(number.get_type()),
        region: number.get_region_code().map(|r| r.as_region_str().as_ref().to_owned()),
        possible: number.is_possible_with_reason().is_ok(),
        valid: number.is_valid(),
        extension: number.extension,
    })
}

/// Settings of `[phone]`, prepared.
#[derive(Debug, Clone)]
pub(super) struct Phones {
    placeholders: HashSet<String>,
    /// The same without leading zeros.
    without_zero: HashSet<String>,
}

impl Phones {
    pub(super) fn new(rules: &PhoneRules) -> Self {
        let placeholders: HashSet<String> =
            rules.placeholders.iter().map(|p| digits_of(p)).filter(|d| !d.is_empty()).collect();
        let without_zero = placeholders.iter().map(|p| p.trim_start_matches('0').to_owned());
        Self { without_zero: without_zero.filter(|p| p.len() >= 5).collect(), placeholders }
    }

    pub(super) fn phone(&self, raw: &str, country: Option<&str>, placeholders: &Placeholders) -> Phone {
        let text = raw.trim_matches(|c| is_blank(c) || c == '\'');
        if text.is_empty() {
            return Phone::without_number(Assessment::MISSING);
        }
        if text.len() > MAX_LENGTH {
            return Phone::refused(Verdict::Invalid, "format");
        }
        let plain = plain(text);
        let digits = digits_of(&plain);
        if self.stands_for_nothing(&digits) || (digits.len() < 5 && placeholders.contains(text)) {
            return Phone::refused(Verdict::Missing, "placeholder");
        }
        let region = country.and_then(region);
        if let Some(mut number) = read(text, region) {
            // After `;` or `,,` the library takes what follows for an extension, even a whole number.
            let second = number.extension.as_deref().filter(|e| e.len() >= 7).and_then(|e| read(e, region));
            if let Some(second) = second {
                number.extension = None;
                let others = vec![e164(&second)];
                return self.right(&number, others, Assessment::new(Verdict::Corrected, "several_numbers"));
            }
            return self.right(&number, Vec::new(), Assessment::VALID);
        }
        self.repaired(&plain, &digits, region)
    }

    /// The field is no right number as it stands: several numbers, words around it, another prefix, or wrong.
    fn repaired(&self, text: &str, digits: &str, region: Option<Region>) -> Phone {
        if text.contains('@') {
            return Phone::something_else("email", "looks_like_email");
        }
        if matches!(digits.len(), 11 | 13)
            && let Some(scheme) = national_id::person_id(text)
        {
            return Phone::something_else(scheme, "looks_like_national_id");
        }
        if iban::looks_like_iban(text) {
            return Phone::something_else("iban", "looks_like_iban");
        }
        let national = PHONE_NUMBER_UTIL.parse(text, region).map(|n| n.get_national_significant_number());
        if national.is_ok_and(|n| self.stands_for_nothing(&n)) {
            return Phone::refused(Verdict::Missing, "placeholder");
        }
        let mut numbers = several(text, region);
        if numbers.len() > 1 {
            let first = numbers.remove(0);
            let mut others: Vec<String> = Vec::with_capacity(numbers.len());
            for other in numbers.iter().map(e164) {
                // "060 1234567 / 1234567" repeats the number without its area code.
                let repeats = |o: &str| e164(&first).ends_with(o.get(4..).unwrap_or(o));
                if !repeats(&other)
                    && !others.contains(&other)
                    && !self.stands_for_nothing(other.trim_start_matches('+'))
                {
                    others.push(other);
                }
            }
            return self.right(&first, others, Assessment::new(Verdict::Corrected, "several_numbers"));
        }
        if let Some(number) = without_words(text).and_then(|(bare, extension)| {
            let mut number = read(&bare, region)?;
            number.extension = extension.or(number.extension);
            Some(number)
        }) {
            return self.right(&number, Vec::new(), Assessment::new(Verdict::Corrected, "text_removed"));
        }
        // "+48 (0) 601 222 333": what to dial at home, in a number for callers from abroad.
        if let Some((before, after)) = text.split_once("(0)")
            && (before.starts_with('+') || before.starts_with("00"))
            && let Some(number) = read(&format!("{before}{after}"), region)
        {
            return self.right(&number, Vec::new(), Assessment::new(Verdict::Corrected, "trunk_prefix"));
        }
        // "601 222 333 / 12", "61 8123456/57": behind the number stands an extension, or the end of the next line's number.
        if let Some((before, after)) = text.rsplit_once('/')
            && matches!(digits_of(after).len(), 1..=4)
            && after.chars().all(|c| c.is_ascii_digit() || c == ' ')
            && let Some(number) = read(before.trim_end(), region)
        {
            return self.right(&number, Vec::new(), Assessment::new(Verdict::Corrected, "text_removed"));
        }
        // Only where every digit surely belongs to the number.
        if !text.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '\u{A0}' | '-' | '.' | '/' | '(' | ')')) {
            return Phone::refused(Verdict::Invalid, why_wrong(text, digits, region));
        }
        if let Some(rest) = digits.strip_prefix("00")
            && let Some(number) = read(&format!("+{rest}"), None)
        {
            let assessment = match region {
                None => Assessment::VALID,
                Some(_) => Assessment::new(Verdict::Corrected, "international_prefix"),
            };
            return self.right(&number, Vec::new(), assessment);
        }
        if let Some(rest) = digits.strip_prefix('0')
            && !rest.starts_with('0')
            && let Some(number) = read(rest, region)
        {
            return self.right(&number, Vec::new(), Assessment::new(Verdict::Corrected, "trunk_prefix"));
        }
        if (11..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && let Some(number) = read(&format!("+{digits}"), None)
        {
            return self.right(&number, Vec::new(), Assessment::new(Verdict::Corrected, "missing_plus"));
        }
        Phone::refused(Verdict::Invalid, why_wrong(text, digits, region))
    }

    fn right(&self, number: &PhoneNumber, others: Vec<String>, assessment: Assessment) -> Phone {
        let standard = e164(number);
        if self.stands_for_nothing(&number.get_national_significant_number())
            || self.placeholders.contains(standard.trim_start_matches('+'))
        {
            return Phone::refused(Verdict::Missing, "placeholder");
        }
        Phone {
            key: Some(standard.clone()),
            standard: Some(standard),
            others,
            kind: kind_name(number.get_type()),
            region: number.get_region_code().map(|r| r.as_region_str().as_ref().to_owned()),
            extension: number.extension.clone().filter(|e| !e.is_empty()),
            looks_like: None,
            assessment,
        }
    }

    /// One digit over and over, six zeros at the end, the digits in a row, or a number of the rules' list, with or
    /// without the leading zero of its country.
    fn stands_for_nothing(&self, digits: &str) -> bool {
        let national = digits.trim_start_matches('0');
        let repeated = |d: &str| d.len() >= 5 && d.bytes().all(|b| Some(b) == d.bytes().next());
        let row = |d: &str| d.len() >= 6 && ("01234567890".contains(d) || "9876543210".contains(d));
        (national.is_empty() && !digits.is_empty())
            || repeated(digits)
            || row(digits)
            || (national.len() >= 7 && repeated(national))
            || row(national)
            || national.ends_with("000000")
            || self.placeholders.contains(digits)
            || (!national.is_empty() && self.without_zero.contains(national))
    }
}

/// Longer texts are no phone field.
const MAX_LENGTH: usize = 250;

/// A number the plans have.
fn read(text: &str, region: Option<Region>) -> Option<PhoneNumber> {
    let text = if region.is_none() && text.starts_with("00") {
        format!("+{}", text.get(2..)?).into()
    } else {
        Cow::Borrowed(text)
    };
    PHONE_NUMBER_UTIL.parse(&text, region).ok().filter(PhoneNumber::is_valid)
}

fn region(country: &str) -> Option<Region> {
    let two_letters = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
    if two_letters { Region::from_code(country).ok() } else { None }
}

fn e164(number: &PhoneNumber) -> String {
    number.format_as(PhoneNumberFormat::E164).into_owned()
}

/// Full-width signs and digits of other scripts (Arabic, Persian, Devanagari) as ASCII has them.
fn plain(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let ascii = |c: char| {
        let digit = |zero: u32| u32::from(c).checked_sub(zero).and_then(|d| char::from_digit(d, 10));
        digit(0x0660).or_else(|| digit(0x06F0)).or_else(|| digit(0x0966)).unwrap_or(c)
    };
    Cow::Owned(text.nfkc().map(ascii).collect())
}

/// ASCII digits.
fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// All numbers of a field, if every part of it that could be a number is one. Parts are tried at strong separators first
/// (`;`, `,`, `|`, "lub", "ili", line ends), then at ` / `, `/` and before a further `+` or `00`, which also occur inside
/// numbers.
fn several(text: &str, region: Option<Region>) -> Vec<PhoneNumber> {
    const STRONG: [char; 6] = [';', ',', '|', '\\', '\n', '\r'];
    let strong = text.replace(STRONG, "\n");
    let attempts = [
        strong.clone(),
        strong.replace(" / ", "\n"),
        strong.replace('/', "\n"),
        strong.replace('+', "\n+").replace(" 00", "\n00"),
    ];
    for attempt in attempts {
        let parts: Vec<String> =
            attempt.lines().flat_map(at_conjunctions).filter(|p| digits_of(p).len() >= 4).collect();
        if parts.len() < 2 {
            continue;
        }
        let number = |part: &String| read(part, region).or_else(|| read(&without_words(part)?.0, region));
        if let Some(numbers) = parts.iter().map(number).collect() {
            return numbers;
        }
    }
    Vec::new()
}

/// Splits at words for "or" and "and".
fn at_conjunctions(text: &str) -> Vec<String> {
    let conjunction = |word: &str| {
        let folded = fold(word);
        matches!(
            folded.as_str(),
            "lub" | "albo" | "oraz" | "ili" | "ali" | "in" | "i" | "vai" | "un" | "or" | "and" | "und" | "oder"
        )
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    words.split(|word| conjunction(word)).map(|part| part.join(" ")).collect()
}

/// The number without words before, inside or after it, and the digits after a word for "extension".
fn without_words(text: &str) -> Option<(String, Option<String>)> {
    if !text.chars().any(char::is_alphabetic) {
        return None;
    }
    let mut bare = String::with_capacity(text.len());
    let mut extension = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let end = rest.find(|d: char| d.is_alphabetic() != c.is_alphabetic()).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        // A letter between two digits stands for a digit, and which one is a guess.
        if c.is_alphabetic()
            && run.chars().count() == 1
            && bare.ends_with(|d: char| d.is_ascii_digit())
            && tail.starts_with(|d: char| d.is_ascii_digit())
            && !means_extension(run)
        {
            return None;
        }
        if c.is_alphabetic() && digits_of(&bare).len() >= 6 {
            if means_extension(run) {
                extension = Some(digits_of(tail)).filter(|d| (1..=7).contains(&d.len()));
                break;
            }
            if digits_of(tail).len() >= 3 {
                return None;
            }
            break;
        }
        if !c.is_alphabetic() {
            bare.push_str(run);
        }
        rest = tail;
    }
    let bare = bare
        .trim_matches(|c: char| !(c.is_ascii_digit() || c == '+' || c == ')' || c == '('))
        .trim_end_matches('(')
        .trim();
    (digits_of(bare).len() >= 6).then(|| (bare.trim_start_matches(')').to_owned(), extension))
}

/// Words for "extension" in the languages of the first markets and English.
fn means_extension(word: &str) -> bool {
    matches!(
        fold(word).as_str(),
        "w" | "wew"
            | "wewn"
            | "wewnetrzny"
            | "lok"
            | "vn"
            | "vnut"
            | "lokal"
            | "int"
            | "interni"
            | "interna"
            | "dod"
            | "dob"
            | "iekss"
            | "iek"
            | "ext"
            | "extension"
            | "x"
    )
}

fn why_wrong(text: &str, digits: &str, region: Option<Region>) -> &'static str {
    use rlibphonenumber::ValidationError;
    if digits.len() < 3 {
        return "format";
    }
    match PHONE_NUMBER_UTIL.parse(text, region) {
        Ok(number) => match number.is_possible_with_reason() {
            Err(ValidationError::TooShort) => "too_short",
            Err(ValidationError::TooLong) => "too_long",
            _ => "not_in_plan",
        },
        Err(_) if region.is_none() && !text.starts_with('+') => "no_country",
        Err(_) if digits.len() > 15 => "too_long",
        Err(_) => "format",
    }
}

fn kind_name(kind: PhoneNumberType) -> Option<&'static str> {
    Some(match kind {
        PhoneNumberType::FixedLine => "fixed_line",
        PhoneNumberType::Mobile => "mobile",
        PhoneNumberType::FixedLineOrMobile => "fixed_line_or_mobile",
        PhoneNumberType::TollFree => "toll_free",
        PhoneNumberType::PremiumRate => "premium_rate",
        PhoneNumberType::SharedCost => "shared_cost",
        PhoneNumberType::VoIP => "voip",
        PhoneNumberType::PersonalNumber => "personal_number",
        PhoneNumberType::Pager => "pager",
        PhoneNumberType::UAN => "uan",
        PhoneNumberType::VoiceMail => "voicemail",
        PhoneNumberType::Unknown => return None,
    })
}

#[cfg(test)]
mod tests;
