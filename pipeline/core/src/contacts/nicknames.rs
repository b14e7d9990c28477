//! Nicknames and diminutives. Enters: folded given names. Leaves: the formal name, or whether two names can be one person's.
//! Never here: translation between languages (Jan is not Ivan).

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::text::fold;

static EMBEDDED: LazyLock<Nicknames> =
    LazyLock::new(|| Nicknames::parse(include_str!("../../../../rules/reference/nicknames.csv")));

/// Folded nickname to folded formal names, the most likely first. Cheap to clone only through [`Nicknames::embedded`].
#[derive(Debug, Clone, Default)]
pub struct Nicknames {
    formal: HashMap<String, Vec<String>>,
    /// Nicknames that are formal names too, in whichever language: related, but a root of their own.
    independent: HashSet<String>,
}

impl Nicknames {
    /// The shipped lists for pl, sr, sl, lv and en.
    pub fn embedded() -> Self {
        EMBEDDED.clone()
    }

    /// The shipped lists, shared.
    pub(super) fn shared() -> &'static Self {
        &EMBEDDED
    }

    /// Reads `language,nickname,name` lines; `#` starts a comment; other lines are passed over.
    pub fn parse(csv: &str) -> Self {
        let mut formal: HashMap<String, Vec<String>> = HashMap::new();
        for line in csv.lines().filter(|l| !l.starts_with('#')).skip_while(|l| l.starts_with("language,")) {
            let mut columns = line.split(',');
            let (Some(_), Some(nickname), Some(name)) = (columns.next(), columns.next(), columns.next()) else {
                continue;
            };
            let (nickname, name) = (fold(nickname), fold(name));
            if nickname.is_empty() || name.is_empty() || nickname == name {
                continue;
            }
            let names = formal.entry(nickname).or_default();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let independent = formal.values().flatten().filter(|name| formal.contains_key(*name)).cloned().collect();
        Self { formal, independent }
    }

    /// The formal name a folded nickname most likely stands for; none when it is no nickname, or a formal name itself
    /// (Ivan is short for Janez in Slovenia, but a name of its own).
    pub fn root(&self, folded: &str) -> Option<&str> {
        if self.independent.contains(folded) {
            return None;
        }
        self.formal.get(folded)?.first().map(String::as_str)
    }

    /// Whether a folded word is a nickname in some language.
    pub(super) fn is_nickname(&self, folded: &str) -> bool {
        self.formal.contains_key(folded)
    }

    /// Whether two folded given names can belong to one person: equal, one a nickname of the other, or two nicknames
    /// of one name. Symmetric.
    pub fn related(&self, a: &str, b: &str) -> bool {
        if a == b {
            return true;
        }
        let (of_a, of_b) = (self.names(a), self.names(b));
        of_a.iter().any(|n| n == b) || of_b.iter().any(|n| n == a) || of_a.iter().any(|n| of_b.contains(n))
    }

    fn names(&self, folded: &str) -> &[String] {
        self.formal.get(folded).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn diminutives_of_four_languages() {
        let nicknames = Nicknames::embedded();
        for (nickname, name) in [
            ("Kasia", "Katarzyna"),
            ("Gosia", "Małgorzata"),
            ("Tomek", "Tomasz"),
            ("Боба", "Слободан"),
            ("Mica", "Milica"),
            ("Jože", "Jožef"),
            ("Špela", "Elizabeta"),
            ("Žanis", "Jānis"),
        ] {
            assert!(nicknames.related(&fold(nickname), &fold(name)), "{nickname} {name}");
        }
        assert_eq!(nicknames.root("kasia"), Some("katarzyna"));
        assert_eq!(nicknames.root("katarzyna"), None);
        assert_eq!(nicknames.root("ivan"), None);
        assert!(nicknames.related("kasia", "kaska"));
        assert!(!nicknames.related("kasia", "tomek"));
    }

    proptest! {
        #[test]
        fn relation_is_symmetric(a in "kasia|kaska|katarzyna|ola|olek|aleksandra|aleksander|[a-z]{0,6}", b in "kasia|kaska|katarzyna|ola|olek|aleksandra|aleksander|[a-z]{0,6}") {
            let nicknames = Nicknames::shared();
            prop_assert_eq!(nicknames.related(&a, &b), nicknames.related(&b, &a));
            prop_assert!(nicknames.related(&a, &a));
        }
    }
}
