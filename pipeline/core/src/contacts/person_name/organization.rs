//! Companies and institutions in name fields. Enters: a squeezed field. Leaves: whether it names one, and the person's part
//! when a sole trader's or a contact's name is in it. Never looks a company up.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::lists;
use crate::text::fold;

/// How a form counts. The list is `rules/reference/names/organizations.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Legal forms and institutions.
    Company,
    /// A trade, beside which the trader's own name often stands.
    Trader,
    /// The same, but a surname too: not behind a lone given name.
    WeakCompany,
    WeakTrader,
}

#[derive(Default)]
struct Forms {
    /// Folded phrases by their first word.
    phrases: HashMap<String, Vec<(Vec<String>, Kind)>>,
    /// Raw spellings that count at the start, at the end, or mark a sole trader wherever they stand.
    start: Vec<&'static str>,
    end: Vec<&'static str>,
    marks: Vec<&'static str>,
}

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    let mut forms = Forms::default();
    let lines = include_str!("../../../../../rules/reference/names/organizations.csv").lines().skip(1);
    for (form, kind) in lines.filter_map(|l| l.rsplit_once(',')) {
        let kind = match kind {
            "start" => {
                forms.start.push(form);
                continue;
            }
            "end" => {
                forms.end.push(form);
                continue;
            }
            "trader_mark" => {
                forms.marks.push(form);
                continue;
            }
            "company" => Kind::Company,
            "trader" => Kind::Trader,
            "weak_company" => Kind::WeakCompany,
            _ => Kind::WeakTrader,
        };
        let words: Vec<String> = fold(form).split(' ').map(str::to_owned).collect();
        if let Some(first) = words.first().cloned() {
            forms.phrases.entry(first).or_default().push((words, kind));
        }
    }
    // The longest phrase that fits counts.
    forms.phrases.values_mut().for_each(|p| p.sort_by_key(|(words, _)| std::cmp::Reverse(words.len())));
    forms
});

/// What a field with an organisation in it holds.
#[derive(Debug)]
pub(super) struct Found {
    pub organization: String,
    /// The sole trader's or contact's own name.
    pub person: Option<String>,
}

/// A word of the field as written, its folded words, and what it is part of.
struct Token<'a> {
    raw: &'a str,
    form: Option<Kind>,
}

pub(super) fn find(text: &str) -> Option<Found> {
    let text = text.trim_matches(' ');
    let (mut tokens, words) = tokens(text);
    mark_phrases(&mut tokens, &words);
    mark_spellings(&mut tokens);
    let company = tokens.iter().any(|t| matches!(t.form, Some(Kind::Company | Kind::WeakCompany)));
    let trader = tokens.iter().any(|t| matches!(t.form, Some(Kind::Trader | Kind::WeakTrader)));
    if !company && !trader {
        return None;
    }
    Some(Found { organization: text.to_owned(), person: person(&tokens, company) })
}

/// The field's words, and the folded words with the number of the word they come from. `s. p.` and `s.p.` are one word
/// each, and fold to `sp`.
fn tokens(text: &str) -> (Vec<Token<'_>>, Vec<(String, usize)>) {
    let is_letter = |w: &str| w.ends_with('.') && w.chars().count() == 2;
    let mut tokens: Vec<Token<'_>> = Vec::with_capacity(4);
    let mut words = Vec::with_capacity(6);
    let mut from = 0;
    let mut joining = false;
    for raw in text.split(' ') {
        let to = from + raw.len();
        let bare = raw.trim_end_matches(',');
        let start = from;
        from = to + 1;
        // "d. d.": letters with full stops, one after the other.
        if joining
            && is_letter(bare)
            && let Some(last) = tokens.last_mut()
            && let Some(longer) = text.get(start - last.raw.len() - 1..to)
        {
            last.raw = longer;
            joining = bare == raw;
            continue;
        }
        joining = is_letter(raw);
        tokens.push(Token { raw, form: None });
    }
    for (at, token) in tokens.iter().enumerate() {
        let folded = fold(token.raw);
        let letters = folded.len() > 1 && folded.split(' ').all(|w| w.len() == 1);
        if letters {
            words.push((folded.replace(' ', ""), at));
        } else {
            words.extend(folded.split(' ').filter(|w| !w.is_empty()).map(|w| (w.to_owned(), at)));
        }
    }
    (tokens, words)
}

fn mark_phrases(tokens: &mut [Token<'_>], words: &[(String, usize)]) {
    for (at, (first, _)) in words.iter().enumerate() {
        let Some(phrases) = FORMS.phrases.get(first) else { continue };
        let fits = |phrase: &[String]| {
            words.get(at..at + phrase.len()).is_some_and(|here| here.iter().zip(phrase).all(|(w, p)| w.0 == *p))
        };
        let Some((phrase, kind)) = phrases.iter().find(|(phrase, _)| fits(phrase)) else { continue };
        let weak = matches!(kind, Kind::WeakCompany | Kind::WeakTrader);
        // "Jan Bank" is a person, and so is Bank in a field of its own; "Bank Zachodni" is not.
        let lone_given = words.len() == 2 && at == 1 && words.first().is_some_and(|(w, _)| lists::can_be_given(w));
        if weak && (lone_given || words.len() == 1) {
            continue;
        }
        for (_, token) in words.iter().skip(at).take(phrase.len()) {
            if let Some(token) = tokens.get_mut(*token) {
                token.form = Some(*kind);
            }
        }
    }
}

/// The spellings that count only in one place, or only in capitals or with full stops.
fn mark_spellings(tokens: &mut [Token<'_>]) {
    let count = tokens.len();
    let bare = |t: &Token<'_>| t.raw.trim_matches(['"', '(', ')', ',', '„', '“', '”']).to_owned();
    let given_only = count == 2 && tokens.first().is_some_and(|t| lists::can_be_given(&fold(t.raw)));
    for at in 0..count {
        let Some(token) = tokens.get(at) else { break };
        if token.raw.len() > 8 {
            continue;
        }
        let (spelling, ends_piece) = (bare(token), at + 1 == count || token.raw.ends_with(','));
        let squeezed = spelling.replace(' ', "");
        let is_in = |list: &[&str]| list.contains(&spelling.as_str()) || list.contains(&squeezed.as_str());
        let after_radca = at > 0 && tokens.get(at - 1).is_some_and(|t| t.raw.eq_ignore_ascii_case("r."));
        let before_quote = tokens.get(at + 1).is_some_and(|t| t.raw.starts_with(['"', '„', '“', '«']));
        let form = if is_in(&FORMS.marks) && (count > 2 || before_quote) && !after_radca {
            Some(Kind::Trader)
        } else if (at == 0 && count > 1 && is_in(&FORMS.start))
            || (at > 0 && ends_piece && !given_only && is_in(&FORMS.end))
        {
            Some(Kind::Company)
        } else {
            continue;
        };
        if let Some(token) = tokens.get_mut(at) {
            token.form = form;
        }
    }
}

/// The piece that names a person: beside a trade any run of words with a given name in it; in a company's name only one
/// that a comma, a dash or brackets part from the rest.
fn person(tokens: &[Token<'_>], company: bool) -> Option<String> {
    let mut piece: Vec<&str> = Vec::new();
    let mut spoilt = false;
    let mut quoted = false;
    let mut best = None;
    let mut close = |piece: &mut Vec<&str>, spoilt: &mut bool| {
        if best.is_none() && !*spoilt && piece.len() < tokens.len() {
            best = person_in(piece);
        }
        piece.clear();
        *spoilt = false;
    };
    for token in tokens {
        let opens = token.raw.starts_with(['"', '„', '“', '«']);
        let closes = token.raw.trim_end_matches(',').ends_with(['"', '”', '“', '»']) && (quoted || token.raw.len() > 1);
        if quoted || opens {
            if !quoted {
                close(&mut piece, &mut spoilt);
            }
            quoted = !closes;
            continue;
        }
        let word = token.raw.trim_matches(['(', ')', ',']);
        if token.raw.starts_with('(') || matches!(token.raw, "-" | "–" | "—" | "/") {
            close(&mut piece, &mut spoilt);
        }
        if token.form.is_some() {
            if company { spoilt = true } else { close(&mut piece, &mut spoilt) }
        } else if word.chars().any(char::is_alphanumeric) {
            piece.push(word);
        }
        if token.raw.ends_with([')', ',']) {
            close(&mut piece, &mut spoilt);
        }
    }
    close(&mut piece, &mut spoilt);
    best
}

/// `Usługi Budowlane Jan Kowalski` gives `Jan Kowalski`, `Mizarstvo Novak Janez` `Novak Janez`.
fn person_in(piece: &[&str]) -> Option<String> {
    let given = |word: &str| {
        let weight = lists::weigh(&fold(word), None);
        weight.given > weight.surname
    };
    let sex = |word: &str| lists::sex(&fold(word), None);
    let mut at = piece.iter().position(|w| given(w)).filter(|_| piece.len() >= 2)?;
    // "Pekara Zora Petar Petrović": Zora is the bakery.
    while let Some([one, next, _, ..]) = piece.get(at..)
        && given(next)
        && matches!((sex(one), sex(next)), (Some(a), Some(b)) if a != b)
    {
        at += 1;
    }
    let only_given_follow = piece.get(at..)?.iter().all(|w| given(w));
    let start = if only_given_follow && at > 0 { at - 1 } else { at };
    let words = piece.get(start..)?;
    ((2..=4).contains(&words.len())).then(|| words.join(" "))
}

/// A family-name field that ends with a sole trader's mark: the rest (`Novak s.p.` gives `Novak`).
pub(super) fn without_trader_mark(family: &str) -> Option<&str> {
    let (rest, last) = family.rsplit_once(' ')?;
    FORMS.marks.contains(&last).then(|| rest.trim_end_matches([',', ' '])).filter(|r| !r.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn companies_are_told_from_people() {
        for company in [
            "Drewex Sp. z o.o.",
            "DREWEX SP Z O O",
            "Nowak sp.k.",
            "PEKARA ZORA DOO",
            "Пекара Зора д.о.о.",
            "Merkur d.d.",
            "Krka, d. d., Novo mesto",
            "SIA \"Balta\"",
            "IK \"Bērziņš\"",
            "AS Latvenergo",
            "A/S Latvenergo",
            "Fundacja Dom",
            "Bank Zachodni",
            "Orlen S.A.",
            "Parafia św. Jana",
            "OŠ \"Vuk Karadžić\"",
            "Jan Kowalski Sp. z o.o.",
        ] {
            assert!(find(company).is_some_and(|f| f.person.is_none()), "{company}: {:?}", find(company));
        }
        for (trader, person) in [
            ("Janez Novak s.p.", "Janez Novak"),
            ("Mizarstvo Novak Janez s. p.", "Novak Janez"),
            ("Petar Petrović PR", "Petar Petrović"),
            ("IK Jānis Bērziņš", "Jānis Bērziņš"),
            ("SZR Zora Petar Petrović", "Petar Petrović"),
            ("Jan Kowalski (FHU)", "Jan Kowalski"),
            ("Nowak Anna - Firma Usługowa", "Nowak Anna"),
            ("P.H.U. \"ANMAR\" Anna Nowak", "Anna Nowak"),
            ("Firma Handlowa Jan Kowalski", "Jan Kowalski"),
            ("Drewex Sp. z o.o., Jan Kowalski", "Jan Kowalski"),
        ] {
            assert_eq!(find(trader).and_then(|f| f.person).as_deref(), Some(person), "{trader}");
        }
        for person in [
            "Jan Kowalski",
            "Ana D.",
            "Siarhei Novik",
            "Firmin Sade",
            "Stran Dooley",
            "Jan Bank",
            "J. P. Novak",
            "D. D.",
        ] {
            assert!(find(person).is_none(), "{person}: {:?}", find(person));
        }
        assert_eq!(without_trader_mark("Novak s.p."), Some("Novak"));
    }
}
