//! Titles and forms of address. Enters: the words of a name. Leaves: the title words taken off, before and after the name,
//! and the sex a form of address tells. Never takes the last word away.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::lists;
use crate::text::fold;

/// Where a title stands. The list is `rules/reference/names/titles.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Mr, pani, gospod, kungs: before the name in the standard form, wherever it was written.
    Address,
    /// Państwo, porodica, družina, ģimene: several people.
    Household,
    /// mgr, prof.: before the name.
    Before,
    /// dr, dipl.: before or after, as written.
    Either,
    /// PhD, jun., ml.: after the name.
    After,
}

#[derive(Debug, Clone, Copy)]
struct Title {
    place: Place,
    sex: Option<&'static str>,
}

/// What a word may be: the title it is with and without a full stop, and whether it can follow another title.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    plain: Option<Title>,
    dotted: Option<Title>,
    field: bool,
}

static TITLES: LazyLock<HashMap<String, Known>> = LazyLock::new(|| {
    let mut titles: HashMap<String, Known> = HashMap::new();
    for line in include_str!("../../../../../rules/reference/names/titles.csv").lines().skip(1) {
        let mut columns = line.split(',');
        let (Some(word), Some(place), Some(sex)) = (columns.next(), columns.next(), columns.next()) else { continue };
        let known = titles.entry(compact(word)).or_default();
        let place = match place {
            "address" => Place::Address,
            "household" => Place::Household,
            "before" => Place::Before,
            "either" => Place::Either,
            "after" => Place::After,
            _ => {
                known.field = true;
                continue;
            }
        };
        let sex = match sex {
            "f" => Some("female"),
            "m" => Some("male"),
            _ => None,
        };
        let title = Title { place, sex };
        known.dotted = known.dotted.or(Some(title));
        if !word.ends_with('.') {
            known.plain = known.plain.or(Some(title));
        }
    }
    titles
});

/// Folded, in one piece: `g-đa` is `gda`.
fn compact(word: &str) -> String {
    let mut folded = fold(word);
    folded.retain(|c| c != ' ');
    folded
}

fn known(word: &str) -> Option<&'static Known> {
    // Most words of names are longer than any title.
    (word.len() <= 28).then(|| TITLES.get(&compact(word))).flatten()
}

fn title(word: &str) -> Option<Title> {
    let known = known(word)?;
    if word.ends_with('.') { known.dotted } else { known.plain }
}

/// What came off a name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    pub prefix: Vec<String>,
    pub suffix: Vec<String>,
    pub sex: Option<&'static str>,
    pub household: bool,
}

impl Taken {
    fn take(&mut self, word: String, title: Option<Title>) {
        if let Some(title) = title {
            self.sex = self.sex.or(title.sex);
            self.household |= title.place == Place::Household;
        }
        self.prefix.push(word);
    }
}

/// Takes titles off both ends.
pub(super) fn take(words: &mut Vec<String>) -> Taken {
    let mut taken = Taken::default();
    let leading = leading(words);
    for word in words.drain(..leading) {
        let found = title(&word);
        taken.take(word, found);
    }
    let from = trailing(words);
    let mut goes_before = None;
    for word in words.drain(from..) {
        let word = word.trim_matches(',').to_owned();
        let found = title(&word);
        match found.map(|t| t.place) {
            Some(Place::Address | Place::Household) => taken.take(word, found),
            place => {
                // A group of words goes where its first one belongs.
                let before = *goes_before.get_or_insert(place == Some(Place::Before));
                if before && place != Some(Place::After) { taken.prefix.push(word) } else { taken.suffix.push(word) }
            }
        }
    }
    if let Some(last) = words.last_mut()
        && last.ends_with(',')
    {
        *last = last.trim_end_matches(',').to_owned();
    }
    taken
}

/// Whether the words are titles and nothing else.
pub(super) fn only_titles(words: &[String]) -> bool {
    let mut before = false;
    !words.is_empty()
        && words.iter().all(|word| {
            let word = word.trim_matches(',');
            let fits = title(word).is_some() || (before && known(word).is_some_and(|k| k.field));
            before = true;
            fits
        })
}

/// Number of titles at the start.
fn leading(words: &[String]) -> usize {
    let mut count = 0;
    while count + 1 < words.len() {
        let Some(word) = words.get(count).map(|w| w.trim_end_matches(',')) else { break };
        let rest = words.len() - count - 1;
        let fits = match title(word) {
            // Jr and the like stand behind names only; "St." and "Ml." may begin one.
            Some(title) if title.place == Place::After => false,
            // "P. Petrović" is an initial, "P. Jan Nowak" is Mr.
            Some(_) if is_letter(word) => {
                rest >= 2
                    && words
                        .get(count + 1)
                        .is_some_and(|w| lists::can_be_given(&fold(w)) || next_to_title(words, count))
            }
            Some(_) => true,
            // "dr n. med.": the field of study belongs to the degree before it; "N. Nowak" is a person.
            None => count > 0 && known(word).is_some_and(|k| k.field) && !begins_a_name(word, rest),
        };
        if !fits {
            break;
        }
        count += 1;
    }
    // "r. pr.": a letter and a short word, both with full stops.
    if count == 0
        && let [first, second, _, ..] = words
        && first.chars().count() == 2
        && first.ends_with('.')
        && second.ends_with('.')
        && known(second).is_some_and(|k| k.field)
    {
        return 2;
    }
    count
}

fn next_to_title(words: &[String], at: usize) -> bool {
    at > 0 || words.get(at + 1).is_some_and(|w| title(w).is_some() && !is_letter(w))
}

fn is_letter(word: &str) -> bool {
    word.trim_end_matches('.').chars().count() == 1
}

/// A field of study without its full stop may be a name when little else is left.
fn begins_a_name(word: &str, rest: usize) -> bool {
    rest < 2 && !word.ends_with('.') && lists::can_be_given(&fold(word))
}

/// Where the titles at the end start.
fn trailing(words: &[String]) -> usize {
    let mut start = words.len();
    for at in (1..words.len()).rev() {
        let Some(word) = words.get(at).map(|w| w.trim_matches(',')) else { break };
        let Some(known) = known(word) else { break };
        let is_title = if word.ends_with('.') { known.dotted } else { known.plain };
        // "Nowak J." ends with an initial.
        if is_title.is_some() && !is_letter(word) {
            start = at;
        } else if !known.field {
            break;
        }
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_come_off_and_names_stay() {
        for (text, prefix, rest, suffix, sex) in [
            ("dr hab. inż. Jan Kowalski", "dr hab. inż.", "Jan Kowalski", "", None),
            ("Pani Anna Nowak", "Pani", "Anna Nowak", "", Some("female")),
            ("gospođa Ana Ilić", "gospođa", "Ana Ilić", "", Some("female")),
            ("г-ђа Ана Илић", "г-ђа", "Ана Илић", "", Some("female")),
            ("Jānis Bērziņš kungs", "kungs", "Jānis Bērziņš", "", Some("male")),
            ("g. Petar Perić", "g.", "Petar Perić", "", None),
            ("G. Perić", "", "G. Perić", "", None),
            ("dr hab. n. praw. Jan Nowak", "dr hab. n. praw.", "Jan Nowak", "", None),
            ("r. pr. Jan Nowak", "r. pr.", "Jan Nowak", "", None),
            ("Jan Nowak jun.", "", "Jan Nowak", "jun.", None),
            ("Ana Kos, univ. dipl. inž. grad.", "", "Ana Kos", "univ. dipl. inž. grad.", None),
            ("Nowak Jan, mgr inż.", "mgr inż.", "Nowak Jan", "", None),
            ("N. Nowak", "", "N. Nowak", "", None),
            ("Nowak J.", "", "Nowak J.", "", None),
            ("Ana Novak", "", "Ana Novak", "", None),
            ("Dr", "", "Dr", "", None),
        ] {
            let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            let taken = take(&mut words);
            assert_eq!((taken.prefix.join(" ").as_str(), taken.suffix.join(" ").as_str()), (prefix, suffix), "{text}");
            assert_eq!((words.join(" ").as_str(), taken.sex), (rest, sex), "{text}");
        }
    }
}
