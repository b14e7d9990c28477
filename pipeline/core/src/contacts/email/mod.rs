//! Email addresses. Enters: a raw field. Leaves: the lower-case address with its domain in ASCII (punycode), a match key,
//! parts, class and verdict. Never asks the network: whether a mailbox exists is not known here.
//!
//! Syntax: RFC 5321 and 5322 without comments, blanks and address literals; UTF-8 local parts (RFC 6531);
//! domains UTS-46/IDNA; top-level domains of the Public Suffix List.

mod domains;

use std::borrow::Cow;
use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;

use super::placeholder::Placeholders;
use crate::rules::contacts::EmailRules;
use crate::text::is_blank;
use crate::value::{Assessment, Verdict};

/// Reason codes of emails.
pub const REASONS: &[(&str, &str)] = &[
    ("placeholder", "An address that stands for \"no address\", such as brak@brak.pl or one of the rules' list."),
    ("spelling", "Slips of the pen were set right: blanks, mailto:, a dot or comma at the wrong place."),
    ("several_addresses", "The field held several addresses; the first is the value, the next is the suggestion."),
    ("no_at_sign", "There is no @."),
    ("local_part", "The part before the @ breaks the rules of email syntax."),
    ("quoted_local_part", "The part before the @ is quoted: allowed, but hardly ever a real address."),
    ("domain", "The part after the @ is no domain name."),
    ("no_top_level_domain", "The domain has no dot."),
    ("unknown_top_level_domain", "The domain ends in a top-level domain that does not exist."),
    ("too_long", "More than 64 bytes before the @, or more than 254 in all."),
    ("domain_typo", "The domain looks like a misspelt mail provider; the suggestion names it."),
    ("disposable", "The domain belongs to a throw-away mail service."),
    ("domain_takes_no_mail", "The domain takes no mail, as `zlato mail-domains` recorded before the run."),
    ("domain_unknown", "There is no such domain, as `zlato mail-domains` recorded before the run."),
];

/// A domain name as e-mails have it: lower case, in ASCII (UTS-46), at least two labels; a dot at its end is dropped. None
/// for what is no domain name.
pub fn ascii_domain(text: &str) -> Option<String> {
    let lower = lower(text.trim());
    let name = lower.strip_suffix('.').unwrap_or(&lower);
    let ascii = to_ascii(name).ok()?;
    (ascii.len() <= MAX_DOMAIN && check_domain(&ascii).is_ok()).then(|| ascii.into_owned())
}

/// A domain in the letters of its language: `xn--ito-b3a.si` is `žito.si`.
pub fn unicode_domain(domain: &str) -> String {
    if domain.contains("xn--") { idna::domain_to_unicode(domain).0 } else { domain.to_owned() }
}

/// What kind of mailbox an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EmailClass {
    /// A person's address at an employer's or own domain; also the class of unusable addresses.
    Personal,
    /// At a free mail provider.
    Free,
    /// A function, not a person: `info@`, `biuro@`.
    Role,
    /// At a throw-away service.
    Disposable,
    /// At a forwarding service that hides the person's address.
    Relay,
}

impl EmailClass {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Free => "free",
            Self::Role => "role",
            Self::Disposable => "disposable",
            Self::Relay => "relay",
        }
    }
}

/// A judged email field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// Lower case, domain in ASCII.
    pub standard: Option<String>,
    /// What matching compares: the standard form, for gmail without dots and `+tag`.
    pub key: Option<String>,
    pub local: Option<String>,
    pub domain: Option<String>,
    pub class: EmailClass,
    pub assessment: Assessment,
}

impl Email {
    fn without_address(assessment: Assessment) -> Self {
        Self { standard: None, key: None, local: None, domain: None, class: EmailClass::Personal, assessment }
    }

    fn refused(verdict: Verdict, reason: &'static str) -> Self {
        Self::without_address(Assessment::new(verdict, reason))
    }
}

/// Settings of `[email]`, prepared.
#[derive(Debug, Clone)]
pub(super) struct Emails {
    placeholders: HashSet<String>,
    disposable: HashSet<String>,
}

impl Emails {
    pub(super) fn new(rules: &EmailRules) -> Self {
        let lower = |list: &[String]| list.iter().map(|entry| entry.trim().to_lowercase()).collect();
        Self { placeholders: lower(&rules.placeholders), disposable: lower(&rules.disposable_domains) }
    }

    pub(super) fn email(&self, raw: &str, placeholders: &Placeholders) -> Email {
        let text = raw.trim_matches(char::is_whitespace);
        // Line ends and control characters are no mere room around an address.
        let stray = raw.chars().any(char::is_control);
        let text = text.trim_matches(is_blank);
        if text.is_empty() {
            return Email::without_address(Assessment::MISSING);
        }
        if text.len() > MAX_FIELD {
            return Email::refused(Verdict::Invalid, "too_long");
        }
        if (placeholders.addresses || !text.contains('@')) && placeholders.contains(text) {
            return Email::refused(Verdict::Missing, "placeholder");
        }
        let lower = lower(text);
        match Address::read(&lower) {
            Ok(address) => self.judge(&address, stray.then_some("spelling"), placeholders),
            Err(reason) => self.repaired(&lower, reason, placeholders),
        }
    }

    /// Tries slips of the pen with one sensible correction.
    fn repaired(&self, text: &str, reason: &'static str, placeholders: &Placeholders) -> Email {
        // A blank parts addresses where every longer word is one: "a@wp.pl b@wp.pl", "a@wp.pl lub b@wp.pl".
        let is_address = |w: &str| w.len() > 4 && w.matches('@').count() == 1 || w.len() <= 4 && !w.contains('@');
        let blanks = text.contains(' ') && text.split_whitespace().all(is_address);
        let sign = |c: char| matches!(c, ';' | ',' | '|' | '/' | '\n' | '\r') || blanks && c == ' ';
        let mut parts = text.split(sign).map(str::trim).filter(|p| p.contains('@'));
        if let (Some(first), Some(second)) = (parts.next(), parts.next())
            && let (Ok(address), Ok(next)) = (Address::read(first), Address::read(second))
        {
            let mut email = self.judge(&address, Some("several_addresses"), placeholders);
            if next.text() != address.text() && email.assessment.reason == Some("several_addresses") {
                email.assessment.suggestion = Some(next.text());
            }
            return email;
        }
        let plain = without_slips(text);
        if plain != text
            && let Ok(address) = Address::read(&plain)
        {
            return self.judge(&address, Some("spelling"), placeholders);
        }
        // A blank or comma left inside: what it stood for is for a person to say.
        let mut assessment = Assessment::new(Verdict::Invalid, reason);
        if reason == "unknown_top_level_domain"
            && let Some((_, domain)) = plain.rsplit_once('@')
            && let Some(meant) = domains::meant(domain)
        {
            let Ok(mut address) = Address::read_any_domain(&plain) else {
                return Email::without_address(assessment);
            };
            address.meant = Some(meant);
            return self.judge(&address, None, placeholders);
        }
        if plain.contains(char::is_whitespace) {
            let joined: String = plain.split_whitespace().collect();
            assessment.suggestion = Some(joined).filter(|joined| Address::read(joined).is_ok());
        }
        Email::without_address(assessment)
    }

    fn judge(&self, address: &Address<'_>, note: Option<&'static str>, placeholders: &Placeholders) -> Email {
        let (local, domain) = (address.local.as_ref(), address.domain.as_ref());
        let standard = address.text();
        if self.placeholders.contains(&standard) || domains::stands_for_nothing(local, domain, placeholders) {
            return Email::refused(Verdict::Missing, "placeholder");
        }
        let free = domains::is_free(domain);
        let class = self.class(address, free);
        let assessment = match note {
            Some(reason) => Assessment::new(Verdict::Corrected, reason),
            None => match address.meant.or_else(|| if free { None } else { domains::meant(domain) }) {
                // Before the class: squatters collect mail at misspelt domains.
                Some(meant) => Assessment::new(Verdict::Suspect, "domain_typo").suggesting(format!("{local}@{meant}")),
                None if class == EmailClass::Disposable => Assessment::new(Verdict::Suspect, "disposable"),
                None if address.quoted => Assessment::new(Verdict::Suspect, "quoted_local_part"),
                None => Assessment::VALID,
            },
        };
        Email {
            key: Some(key(local, domain).unwrap_or_else(|| standard.clone())),
            standard: Some(standard),
            local: Some(local.to_owned()),
            domain: Some(domain.to_owned()),
            class,
            assessment,
        }
    }

    fn class(&self, address: &Address<'_>, free: bool) -> EmailClass {
        let (local, domain) = (address.local.as_ref(), address.domain.as_ref());
        if free {
            return if domains::is_role(local) { EmailClass::Role } else { EmailClass::Free };
        }
        let registrable = address.registrable();
        let either = |listed: &dyn Fn(&str) -> bool| listed(domain) || registrable.is_some_and(listed);
        if either(&domains::is_relay) {
            EmailClass::Relay
        } else if either(&|d| self.disposable.contains(d) || domains::is_disposable(d)) {
            EmailClass::Disposable
        } else if domains::is_role(local) {
            EmailClass::Role
        } else {
            EmailClass::Personal
        }
    }
}

/// A domain name without its last dot (RFC 1035: 255 bytes on the wire).
const MAX_DOMAIN: usize = 253;

/// An address field is never longer; RFC 5321 allows 254 bytes for one address.
const MAX_FIELD: usize = 1000;

/// Lower case; full-width and other compatibility forms folded (NFKC).
fn lower(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        }
    } else {
        Cow::Owned(text.nfkc().flat_map(char::to_lowercase).nfkc().collect())
    }
}

/// Dots and `+tag` mean nothing to gmail (Google: "dots don't matter").
fn key(local: &str, domain: &str) -> Option<String> {
    if !matches!(domain, "gmail.com" | "googlemail.com") || local.starts_with('"') {
        return None;
    }
    let name: String = local.split('+').next().unwrap_or(local).chars().filter(|c| *c != '.').collect();
    (!name.is_empty()).then(|| format!("{name}@gmail.com"))
}

/// A syntactically right address.
struct Address<'a> {
    local: Cow<'a, str>,
    /// ASCII.
    domain: Cow<'a, str>,
    quoted: bool,
    /// Bytes of the public suffix at the end of the domain; 0 where it was not looked up.
    suffix: usize,
    /// The provider that the domain is known to be a misspelling of.
    meant: Option<&'static str>,
}

impl<'a> Address<'a> {
    fn read(text: &'a str) -> Result<Self, &'static str> {
        let mut address = Self::read_any_domain(text)?;
        let suffix = psl::suffix(address.domain.as_bytes()).filter(psl::Suffix::is_known);
        address.suffix = suffix.ok_or("unknown_top_level_domain")?.as_bytes().len();
        Ok(address)
    }

    /// The domain that somebody has registered, where the address has a longer one.
    fn registrable(&self) -> Option<&str> {
        let domain = self.domain.as_ref();
        if self.suffix == 0 {
            return psl::domain_str(domain).filter(|registrable| *registrable != domain);
        }
        let labels = domain.get(..domain.len().checked_sub(self.suffix + 1)?)?;
        labels.rfind('.').and_then(|dot| domain.get(dot + 1..))
    }

    /// Everything but the check that the top-level domain exists.
    fn read_any_domain(text: &'a str) -> Result<Self, &'static str> {
        let (local, domain) = text.rsplit_once('@').ok_or("no_at_sign")?;
        let domain = to_ascii(domain)?;
        check_domain(&domain)?;
        let quoted = local.starts_with('"');
        if quoted {
            let options =
                email_address::Options::default().with_required_tld().without_display_text().without_domain_literal();
            let whole = format!("{local}@{domain}");
            if local.chars().any(|c| c.is_control() || !c.is_ascii()) || !is_quoted_string(local) {
                return Err("local_part");
            }
            email_address::EmailAddress::parse_with_options(&whole, options).map_err(|_| "local_part")?;
        } else if !is_dot_atom(local) {
            return Err("local_part");
        }
        if local.len() > 64 || local.len() + 1 + domain.len() > 254 {
            return Err("too_long");
        }
        Ok(Self { local: Cow::Borrowed(local), domain, quoted, suffix: 0, meant: None })
    }

    fn text(&self) -> String {
        let mut text = String::with_capacity(self.local.len() + 1 + self.domain.len());
        text.push_str(&self.local);
        text.push('@');
        text.push_str(&self.domain);
        text
    }
}

/// RFC 5322 dot-atom with the letters, digits and marks of other scripts that RFC 6531 adds.
fn is_dot_atom(local: &str) -> bool {
    !local.is_empty()
        && local.split('.').all(|atom| {
            !atom.is_empty()
                && atom.chars().all(|c| {
                    c.is_ascii_alphanumeric()
                        || matches!(
                            c,
                            '!' | '#'
                                | '$'
                                | '%'
                                | '&'
                                | '\''
                                | '*'
                                | '+'
                                | '/'
                                | '='
                                | '?'
                                | '^'
                                | '_'
                                | '`'
                                | '{'
                                | '|'
                                | '}'
                                | '~'
                                | '-'
                        )
                        || (!c.is_ascii() && (c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)))
                })
        })
}

/// One quoted string from the first to the last character, quotes and backslashes inside escaped.
fn is_quoted_string(local: &str) -> bool {
    let Some(inner) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return false;
    };
    let mut escaped = false;
    for c in inner.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return false,
            _ => {}
        }
    }
    !escaped && !inner.is_empty()
}

/// A lower-case domain in ASCII; `xn--` labels are checked as others are.
fn to_ascii(domain: &str) -> Result<Cow<'_, str>, &'static str> {
    if domain.is_ascii() && !domain.contains("xn--") {
        return Ok(Cow::Borrowed(domain));
    }
    let ascii = idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::URL).map_err(|_| "domain")?;
    Ok(Cow::Owned(ascii.into_owned()))
}

/// LDH labels of at most 63 bytes, at least two, the last not a number (RFC 1035, RFC 3696).
fn check_domain(domain: &str) -> Result<(), &'static str> {
    let mut labels = 0;
    let mut last: &[u8] = &[];
    for label in domain.as_bytes().split(|b| *b == b'.') {
        let right = (1..=63).contains(&label.len())
            && !label.starts_with(b"-")
            && !label.ends_with(b"-")
            && label.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-');
        if !right {
            return Err("domain");
        }
        labels += 1;
        last = label;
    }
    if labels < 2 {
        return Err("no_top_level_domain");
    }
    if last.iter().all(u8::is_ascii_digit) { Err("domain") } else { Ok(()) }
}

/// Undoes the slips that have one sensible correction.
fn without_slips(text: &str) -> Cow<'_, str> {
    let mut text = text;
    if let Some(end) = text.rfind('>')
        && let Some(start) = text.get(..end).and_then(|t| t.rfind('<'))
        && let Some(inner) = text.get(start + 1..end)
    {
        text = inner;
    }
    for (open, close) in [('(', ')'), ('[', ']'), ('"', '"'), ('\'', '\'')] {
        text = text.strip_prefix(open).and_then(|t| t.strip_suffix(close)).unwrap_or(text);
    }
    let noise = |c: char| c == ' ' || matches!(c, '.' | ',' | ';' | ':' | '<' | '>');
    text = text.trim_start_matches(|c| c != '.' && noise(c)).trim_end_matches(noise);
    for label in ["mailto:", "e-mail:", "email:", "mail:"] {
        text = text.strip_prefix(label).unwrap_or(text).trim_start_matches(' ');
    }
    let mut spelt = Cow::Borrowed(text);
    if text.bytes().any(|b| matches!(b, b'(' | b'[' | b' ')) || text.contains("@@") {
        for (written, meant) in [("(at)", "@"), ("[at]", "@"), (" at ", "@"), ("(dot)", "."), ("@@", "@")] {
            spelt = replaced(spelt, written, meant);
        }
    }
    let Some((local, domain)) = spelt.rsplit_once('@') else {
        return spelt;
    };
    let mut clean = Cow::Borrowed(domain);
    if domain.contains(is_blank) {
        clean = Cow::Owned(domain.split(is_blank).collect());
    }
    // A comma where only a dot can stand; two dots where one can.
    let clean = replaced(replaced(clean, ",", "."), "..", ".");
    let mut name = Cow::Borrowed(local.trim_matches(is_blank));
    if name.contains(' ') {
        name = replaced(replaced(name, " .", "."), ". ", ".");
    }
    let clean = clean.trim_matches('.');
    if (&*name, clean) == (local, domain) {
        return spelt;
    }
    Cow::Owned(format!("{name}@{clean}"))
}

fn replaced<'a>(text: Cow<'a, str>, from: &str, to: &str) -> Cow<'a, str> {
    if text.contains(from) { Cow::Owned(text.replace(from, to)) } else { text }
}

#[cfg(test)]
mod tests;
