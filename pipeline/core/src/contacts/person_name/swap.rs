//! Given and family name in each other's field. Enters: the words of both fields. Leaves: whether the frequency of names
//! says that they are exchanged. Never says so when each can be what its field says.

use super::lists::{self, Weight};
use crate::text::fold;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judgement {
    Fine,
    /// One word is a surname and never a given name, the other a given name and never a surname.
    Swapped,
    /// Only one of the two speaks, the other is on no list.
    Doubtful,
}

pub(super) fn judge(given: &[String], family: &[String], country: Option<&str>) -> Judgement {
    // Urban is a surname in Poland and a given name in Slovenia: that weighs against a slip.
    let abroad = given.first().map_or(0, |w| lists::given_anywhere(&fold(w)));
    let (given, family) = (weight(given, country), weight(family, country));
    let is_surname = given.given == 0 && given.surname >= 2 + abroad;
    let is_given = family.surname == 0 && family.given >= 2;
    let unknown = |w: Weight| w == Weight::default();
    if is_surname && is_given {
        Judgement::Swapped
    } else if (given.given == 0 && given.surname >= 3 && unknown(family))
        || (unknown(given) && is_given && family.given >= 3)
    {
        Judgement::Doubtful
    } else {
        Judgement::Fine
    }
}

/// The first word as a given name, any word as a surname; an initial says nothing either way, so counts as both.
fn weight(words: &[String], country: Option<&str>) -> Weight {
    let mut total = Weight::default();
    for (at, word) in words.iter().enumerate() {
        let key = fold(word);
        if key.len() < 2 {
            return Weight { given: 1, surname: 1 };
        }
        let weight = lists::weigh(&key, country);
        if at == 0 {
            total.given = weight.given;
        }
        total.surname = total.surname.max(weight.surname);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_frequency_says() {
        for (given, family, country, expected) in [
            ("Kowalski", "Jan", "PL", Judgement::Swapped),
            ("Bērziņa", "Anna", "LV", Judgement::Swapped),
            ("Novak", "Janez", "SI", Judgement::Swapped),
            ("Novak", "Marko", "RS", Judgement::Fine),
            ("Jan", "Kowalski", "PL", Judgement::Fine),
            ("Jan", "Marek", "PL", Judgement::Fine),
            ("Marek", "Jan", "PL", Judgement::Fine),
            ("Kowalski", "Xyx", "PL", Judgement::Doubtful),
            ("Xyx", "Anna", "PL", Judgement::Doubtful),
            ("Xyx", "Zzyx", "PL", Judgement::Fine),
            ("Georgina", "Mason", "GB", Judgement::Fine),
            ("Kowalski", "J.", "PL", Judgement::Fine),
        ] {
            let words = |t: &str| vec![t.to_owned()];
            assert_eq!(judge(&words(given), &words(family), Some(country)), expected, "{given} {family}");
        }
    }
}
