//! What is known of mail domains and mailbox names. Enters: a domain or local part in lower case. Leaves: its class,
//! or the provider a misspelt domain meant. Never here: syntax.

use std::sync::LazyLock;

use crate::addresses::words::WordSet;
use crate::contacts::placeholder::Placeholders;

static DISPOSABLE: LazyLock<WordSet<&'static str>> =
    LazyLock::new(|| lines(include_str!("../../../../../rules/reference/disposable_domains.txt")).collect());
static RELAY: LazyLock<WordSet<&'static str>> =
    LazyLock::new(|| lines(include_str!("../../../../../rules/reference/relay_domains.txt")).collect());
static ROLES: LazyLock<WordSet<&'static str>> =
    LazyLock::new(|| lines(include_str!("../../../../../rules/reference/role_mailboxes.txt")).collect());
static PROVIDERS: LazyLock<Providers> =
    LazyLock::new(|| Providers::new(include_str!("../../../../../rules/reference/free_mail_domains.txt")));

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'))
}

pub(super) fn is_disposable(domain: &str) -> bool {
    DISPOSABLE.contains(domain)
}

pub(super) fn is_relay(domain: &str) -> bool {
    RELAY.contains(domain)
}

pub(super) fn is_free(domain: &str) -> bool {
    PROVIDERS.free.contains(domain)
}

/// A mailbox of a function: `info`, `biuro2`, `info+shop`, `sales.pl`.
pub(super) fn is_role(local: &str) -> bool {
    let name = local.split(['+', '.', '-', '_']).next().unwrap_or(local).trim_end_matches(|c: char| c.is_ascii_digit());
    // `jan.biuro@` is a person's: only the first word counts, and only when what follows is short or absent.
    ROLES.contains(local) || (ROLES.contains(name) && local.len() <= name.len() + 4)
}

/// "No mail" and the like as a mailbox, without dots and dashes: English, Polish, Serbian, Slovenian, Latvian.
const NO_MAIL: &[&str] = &[
    "noemail",
    "nomail",
    "donthaveemail",
    "noemailaddress",
    "brakmaila",
    "brakmail",
    "brakemail",
    "brakemaila",
    "brakadresu",
    "bezmaila",
    "bezemaila",
    "niemamaila",
    "niemaemaila",
    "niemamemaila",
    "niemamail",
    "niemaemail",
    "niepodano",
    "niepodal",
    "niepodala",
    "nemamejl",
    "nemamejla",
    "nemamail",
    "nemaemail",
    "nemaemaila",
    "nemaimejl",
    "bezmail",
    "bezmejla",
    "bezemail",
    "nimamaila",
    "nimaemaila",
    "nimaemail",
    "nimamail",
    "brezmaila",
    "brezemaila",
    "brezmail",
    "niemaila",
    "navepasta",
    "navepasts",
    "navemail",
    "navemaila",
    "bezepasta",
    "navmaila",
];

/// What a hurried hand types into a field that must not be empty.
fn is_filler(word: &str) -> bool {
    matches!(word, "test" | "email" | "e-mail" | "mail" | "asdf" | "aaa" | "abc" | "qwerty")
}

/// `brak@brak.pl`, `test@test.com`, `a@a.pl`, `noemail@...`, anything at the reserved example domains (RFC 2606).
pub(super) fn stands_for_nothing(local: &str, domain: &str, placeholders: &Placeholders) -> bool {
    if local.starts_with(['b', 'd', 'n']) && NO_MAIL.contains(&local.replace(['.', '-', '_'], "").as_str()) {
        return true;
    }
    let Some((name, _)) = domain.split_once('.') else {
        return false;
    };
    match name {
        "example" => matches!(domain, "example.com" | "example.org" | "example.net"),
        _ if name == local => is_filler(local) || local.len() == 1 || placeholders.contains(local),
        // `brak@mail.pl`, `nema@test.rs`; short words such as `ni` or `na` are names and initials as well.
        _ => is_filler(name) && local.len() > 2 && placeholders.contains(local),
    }
}

/// The provider a domain most likely meant; none when it is a provider itself, or like none of them.
pub(super) fn meant(domain: &str) -> Option<&'static str> {
    PROVIDERS.meant(domain)
}

/// Mail providers, and what their misspellings look like.
struct Providers {
    free: WordSet<&'static str>,
    /// Real domains one slip away from a provider.
    neighbours: WordSet<&'static str>,
    /// Providers whose misspellings are looked for, the most used first.
    common: Vec<Provider>,
}

struct Provider {
    domain: &'static str,
    name: &'static str,
    suffix: &'static str,
    letters: u64,
}

impl Providers {
    /// One domain a line; `*` marks those whose misspellings are looked for, `!` real look-alikes that are none.
    fn new(list: &'static str) -> Self {
        let (mut free, mut neighbours, mut common) = (WordSet::default(), WordSet::default(), Vec::new());
        for line in lines(list) {
            if let Some(neighbour) = line.strip_prefix('!') {
                neighbours.insert(neighbour);
                continue;
            }
            let domain = line.trim_start_matches('*');
            free.insert(domain);
            if line.starts_with('*')
                && let Some((name, suffix)) = domain.split_once('.')
            {
                common.push(Provider { domain, name, suffix, letters: letters(domain) });
            }
        }
        Self { free, neighbours, common }
    }

    fn meant(&self, domain: &str) -> Option<&'static str> {
        if self.free.contains(domain) || self.neighbours.contains(domain) || !domain.is_ascii() {
            return None;
        }
        let (name, suffix) = domain.split_once('.')?;
        let letters = letters(domain);
        let alike = |p: &&Provider| {
            // One slip changes at most two kinds of letters.
            if p.domain.len().abs_diff(domain.len()) > 1 || (p.letters ^ letters).count_ones() > 2 {
                return false;
            }
            if p.name == name {
                suffix_slip(suffix, p.suffix)
            } else {
                p.name.len() >= 4 && suffix == p.suffix && one_slip(name, p.name)
            }
        };
        self.common.iter().find(alike).map(|p| p.domain)
    }
}

/// Which letters occur.
fn letters(text: &str) -> u64 {
    text.bytes().fold(0, |set, b| set | 1 << (b & 63))
}

/// A misspelt end: never another real one that the provider may well have (`gmail.co` is real, but not Google's).
fn suffix_slip(written: &str, meant: &str) -> bool {
    const SLIPS: &[&str] = &[
        "co", "cm", "om", "con", "cim", "vom", "comm", "coom", "cmo", "ocm", "xom", "p", "l", "lp", "pll", "ppl", "pk",
        "po", "ol", "r", "s", "sr", "rss", "rrs", "i", "is", "sii", "ssi", "so", "v", "lvv", "vl", "llv", "kv", "lw",
    ];
    let real = || psl::suffix(written.as_bytes()).is_some_and(|s| s.is_known());
    written != meant && (SLIPS.contains(&written) || written.len() > 1 && !real()) && one_slip(written, meant)
}

/// Whether two ASCII texts differ by one typing slip: a letter more, less, other, or two neighbours swapped.
fn one_slip(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let same_start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (a.get(same_start..).unwrap_or(&[]), b.get(same_start..).unwrap_or(&[]));
    let same_end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (a.get(..a.len() - same_end).unwrap_or(&[]), b.get(..b.len() - same_end).unwrap_or(&[]));
    match (a, b) {
        ([], [_]) | ([_], []) | ([_], [_]) => true,
        ([a1, a2], [b1, b2]) => a1 == b2 && a2 == b1,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is looked up only behind these letters.
    #[test]
    fn mailboxes_of_nobody_begin_with_three_letters() {
        assert!(NO_MAIL.iter().all(|name| name.starts_with(['b', 'd', 'n'])));
    }

    #[test]
    fn slips_point_to_the_provider() {
        for (written, provider) in [
            ("gmial.com", "gmail.com"),
            ("gmal.com", "gmail.com"),
            ("gmail.con", "gmail.com"),
            ("gmail.co", "gmail.com"),
            ("wp.p", "wp.pl"),
            ("o2.p", "o2.pl"),
            ("onte.pl", "onet.pl"),
            ("interai.pl", "interia.pl"),
            ("hotmial.com", "hotmail.com"),
            ("yahooo.com", "yahoo.com"),
            ("inbxo.lv", "inbox.lv"),
            ("outlok.com", "outlook.com"),
            ("sbb.s", "sbb.rs"),
        ] {
            assert_eq!(meant(written), Some(provider), "{written}");
        }
    }

    #[test]
    fn real_neighbours_are_left_alone() {
        for real in [
            "gmail.com",
            "mail.com",
            "ymail.com",
            "inbox.lt",
            "op.pl",
            "wp.eu",
            "me.com",
            "mts.si",
            "mail.ee",
            "firma.pl",
            "gov.pl",
            "onet.eu",
        ] {
            assert_eq!(meant(real), None, "{real}");
        }
    }

    #[test]
    fn lists_do_not_contradict_each_other() {
        for domain in &PROVIDERS.free {
            assert!(!is_disposable(domain) && !is_relay(domain), "{domain}");
            assert_eq!(meant(domain), None, "{domain}");
        }
        assert!(DISPOSABLE.len() > 1000);
    }
}
