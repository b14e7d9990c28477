//! What was found out about the domains of e-mails before a run: whether they take mail. Enter: the lines of a file of
//! answers, each with the time of asking. Leave: the answer in force for each domain, and a verdict on e-mails that is
//! lowered where the domain takes no mail. Never here: the network, a clock.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::email::{Email, ascii_domain};
use crate::lines::{LineError, objects};
use crate::value::{Assessment, Verdict};

/// What the name service says of a domain's mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailVerdict {
    /// It has MX records, or none but an address: then it is its own mail host (RFC 5321, section 5.1).
    TakesMail,
    /// It says so by a null MX record (RFC 7505), or has neither MX records nor an address.
    TakesNoMail,
    /// The name does not exist.
    NoSuchDomain,
    /// Nobody answered, or the name servers of the domain fail: nothing is known.
    NoAnswer,
}

impl MailVerdict {
    pub const ALL: [Self; 4] = [Self::TakesMail, Self::TakesNoMail, Self::NoSuchDomain, Self::NoAnswer];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::TakesMail => "takes_mail",
            Self::TakesNoMail => "takes_no_mail",
            Self::NoSuchDomain => "no_such_domain",
            Self::NoAnswer => "no_answer",
        }
    }
}

/// One line of a file of answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailDomain {
    /// Lower case, in ASCII.
    pub domain: String,
    pub verdict: MailVerdict,
    /// The host that mail is to be brought to first; the domain itself where it has an address and no MX records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mx: Option<String>,
    /// When it was asked.
    #[serde(with = "moment")]
    pub asked_at: DateTime<Utc>,
}

/// RFC 3339 in UTC, whole seconds.
mod moment {
    use super::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(moment: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&moment.to_rfc3339_opts(SecondsFormat::Secs, true))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<DateTime<Utc>, D::Error> {
        let text = String::deserialize(from)?;
        DateTime::parse_from_rfc3339(&text).map(|m| m.to_utc()).map_err(serde::de::Error::custom)
    }
}

impl MailDomain {
    /// Whether this answer takes the place of another about the same domain: the one asked later does, but not knowing
    /// takes the place of nothing.
    fn replaces(&self, other: &Self) -> bool {
        let rank = |answer: &Self| (answer.verdict != MailVerdict::NoAnswer, answer.asked_at);
        rank(self) >= rank(other)
    }
}

const WANTED: &str = "not an answer: domain, verdict (takes_mail, takes_no_mail, no_such_domain or no_answer) and asked_at (RFC 3339) are wanted, mx may be given";

/// The answer in force for each domain, ordered by domain; blank lines are nothing. Of two answers of the same second the
/// later line counts.
///
/// # Errors
///
/// The first line that is no answer; its text is not quoted.
pub fn parse(text: &str) -> Result<Vec<MailDomain>, LineError> {
    let mut latest: BTreeMap<String, MailDomain> = BTreeMap::new();
    for object in objects::<MailDomain>(text, WANTED) {
        let (line, mut answer) = object?;
        let no_domain = || LineError { line, column: 1, message: "`domain` is no domain name".into() };
        answer.domain = ascii_domain(&answer.domain).ok_or_else(no_domain)?;
        if latest.get(&answer.domain).is_none_or(|known| answer.replaces(known)) {
            latest.insert(answer.domain.clone(), answer);
        }
    }
    Ok(latest.into_values().collect())
}

/// Domains that were found to take no mail, with the reason code for e-mails at them.
#[derive(Debug, Clone, Default)]
pub struct MailDomains(HashMap<String, &'static str>);

impl MailDomains {
    /// Answers that still count on a day: those asked at most `max_age_days` before it.
    pub fn new(answers: &[MailDomain], as_of: NaiveDate, max_age_days: u32) -> Self {
        let counts = |a: &&MailDomain| (as_of - a.asked_at.date_naive()).num_days() <= i64::from(max_age_days);
        let reason = |a: &MailDomain| match a.verdict {
            MailVerdict::TakesNoMail => Some((a.domain.clone(), "domain_takes_no_mail")),
            MailVerdict::NoSuchDomain => Some((a.domain.clone(), "domain_unknown")),
            MailVerdict::TakesMail | MailVerdict::NoAnswer => None,
        };
        Self(answers.iter().filter(counts).filter_map(reason).collect())
    }

    /// Whether e-mails at the domain are doubted.
    pub fn doubts(&self, domain: &str) -> bool {
        self.0.contains_key(domain)
    }

    /// Whether a reason code is one that [`Self::doubt`] gives.
    pub fn is_reason(code: &str) -> bool {
        matches!(code, "domain_takes_no_mail" | "domain_unknown")
    }

    /// An e-mail that nothing was held against is suspect at such a domain; a correction of its spelling does not help
    /// it. A suggestion stays.
    pub fn doubt(&self, email: &mut Email) {
        if !matches!(email.assessment.verdict, Verdict::Valid | Verdict::Corrected) {
            return;
        }
        if let Some(reason) = email.domain.as_deref().and_then(|domain| self.0.get(domain)) {
            let suggestion = email.assessment.suggestion.take();
            email.assessment = Assessment { suggestion, ..Assessment::new(Verdict::Suspect, reason) };
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::contacts::{Contacts, email};
    use crate::lines::line;
    use crate::rules;

    fn answer(domain: &str, verdict: MailVerdict, asked_at: &str) -> MailDomain {
        MailDomain { domain: domain.into(), verdict, mx: None, asked_at: asked_at.parse().unwrap() }
    }

    #[test]
    fn a_line_says_what_was_asked_and_when() {
        let mx = Some("mx.firma.pl".to_owned());
        let one = MailDomain { mx, ..answer("firma.pl", MailVerdict::TakesMail, "2026-11-01T02:00:00+02:00") };
        let line = line(&one);
        let wanted =
            r#"{"domain":"firma.pl","verdict":"takes_mail","mx":"mx.firma.pl","asked_at":"2026-11-01T00:00:00Z"}"#;
        assert_eq!(line, format!("{wanted}\n"));
        assert_eq!(parse(&line).unwrap(), [one]);
        for verdict in MailVerdict::ALL {
            assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.as_str());
        }
    }

    #[test]
    fn the_later_answer_counts_wherever_it_stands_and_silence_replaces_nothing() {
        use MailVerdict::{NoAnswer, NoSuchDomain, TakesMail, TakesNoMail};
        let line = |verdict, asked_at: &str| line(&answer("a.pl", verdict, asked_at));
        let (first, second, third) = ("2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z", "2026-10-03T00:00:00Z");
        for (lines, verdict) in [
            ([line(NoSuchDomain, first), line(TakesMail, second)], TakesMail),
            ([line(TakesMail, second), line(NoSuchDomain, first)], TakesMail),
            ([line(TakesMail, second), line(TakesNoMail, second)], TakesNoMail),
            ([line(TakesNoMail, first), line(NoAnswer, third)], TakesNoMail),
            ([line(NoAnswer, third), line(TakesNoMail, first)], TakesNoMail),
            ([line(NoAnswer, first), line(NoAnswer, third)], NoAnswer),
        ] {
            let found = parse(&lines.concat()).unwrap();
            assert_eq!(found.iter().map(|a| a.verdict).collect::<Vec<_>>(), [verdict], "{lines:?}");
        }
    }

    #[test]
    fn domains_are_read_in_ascii() {
        let text = line(&answer("Žito.SI.", MailVerdict::TakesMail, "2026-10-01T00:00:00Z"));
        assert_eq!(parse(&text).unwrap()[0].domain, "xn--ito-b3a.si");
    }

    #[test]
    fn a_bad_line_is_named_and_not_quoted() {
        let good = line(&answer("a.pl", MailVerdict::TakesMail, "2026-10-01T00:00:00Z"));
        for (bad, wanted) in [
            (r#"{"domain":"secret.pl","verdict":"maybe","asked_at":"2026-10-01T00:00:00Z"}"#, "not an answer"),
            (r#"{"domain":"secret.pl","verdict":"takes_mail","asked_at":"yesterday"}"#, "not an answer"),
            (r#"{"domain":"secret.pl","#, "the line is cut off"),
            ("secret.pl takes mail", "not JSON"),
            (r#"{"domain":"secret@a.pl","verdict":"takes_mail","asked_at":"2026-10-01T00:00:00Z"}"#, "no domain name"),
        ] {
            let error = parse(&format!("{good}\n{bad}\n")).unwrap_err();
            assert_eq!(error.line, 3, "{bad}");
            assert!(error.to_string().contains(wanted) && !error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn only_fresh_answers_lower_a_verdict_and_only_a_good_one() {
        let contacts = Contacts::new(&rules::contacts::Contacts::default());
        let asked = "2026-08-03T23:00:00Z";
        let answers = [
            answer("firma.pl", MailVerdict::TakesNoMail, asked),
            answer("xn--ito-b3a.si", MailVerdict::NoSuchDomain, asked),
            answer("gmial.com", MailVerdict::NoSuchDomain, asked),
            answer("live.firma.pl", MailVerdict::TakesMail, asked),
            answer("silent.pl", MailVerdict::NoAnswer, asked),
        ];
        let judged = |raw: &str, as_of: &str| {
            let mut email = contacts.email(raw);
            MailDomains::new(&answers, as_of.parse().unwrap(), 90).doubt(&mut email);
            (email.assessment.verdict, email.assessment.reason)
        };
        let (last_day, too_late) = ("2026-11-01", "2026-11-02");
        for (raw, verdict, reason) in [
            ("jan@firma.pl", Verdict::Suspect, Some("domain_takes_no_mail")),
            ("ana@žito.si", Verdict::Suspect, Some("domain_unknown")),
            ("mailto:jan@firma.pl", Verdict::Suspect, Some("domain_takes_no_mail")),
            ("jan@gmial.com", Verdict::Suspect, Some("domain_typo")),
            ("jan@live.firma.pl", Verdict::Valid, None),
            ("jan@other.firma.pl", Verdict::Valid, None),
            ("jan@silent.pl", Verdict::Valid, None),
            ("@firma.pl", Verdict::Invalid, Some("local_part")),
            ("", Verdict::Missing, None),
        ] {
            assert_eq!(judged(raw, last_day), (verdict, reason), "{raw}");
            let plain = contacts.email(raw).assessment;
            assert_eq!(judged(raw, too_late), (plain.verdict, plain.reason), "{raw} with an answer of 91 days");
        }
        let mut two = contacts.email("jan@firma.pl; jan@wp.pl");
        MailDomains::new(&answers, "2026-11-01".parse().unwrap(), 90).doubt(&mut two);
        assert_eq!(two.assessment.suggestion.as_deref(), Some("jan@wp.pl"));
        for reason in ["domain_takes_no_mail", "domain_unknown"] {
            assert!(email::REASONS.iter().any(|(code, _)| *code == reason), "{reason} is explained");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(?s).{0,200}") {
            if let Ok(answers) = parse(&text) {
                let lines: String = answers.iter().map(line).collect();
                prop_assert_eq!(parse(&lines).unwrap(), answers);
            }
        }

        #[test]
        fn an_answer_comes_back(name in "[a-zčžđ]{1,20}", seconds in 0_i64..4_000_000_000, pick in 0_usize..4) {
            let domain = ascii_domain(&format!("{name}.pl")).unwrap();
            let asked_at = DateTime::from_timestamp(seconds, 0).unwrap();
            let one = MailDomain { domain, verdict: MailVerdict::ALL[pick], mx: None, asked_at };
            prop_assert_eq!(parse(&line(&one)).unwrap(), [one]);
        }
    }
}
