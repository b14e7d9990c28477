//! People who must not be reached, or must not be here at all, known by keyed hashes only. Enter: the lines of a
//! suppression list, its key, and standard forms of a row. Leaves: which entries the row draws.
//! Never here: a value in clear, a file, chance: the key comes from outside.

mod row;

pub use row::{Name, Row};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Secret of a list: without it the hashes cannot be tried out against telephone books.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// 64 hexadecimal digits, white space around them ignored.
    pub fn from_hex(text: &str) -> Option<Self> {
        Some(Self(*blake3::Hash::from_hex(text.trim()).ok()?.as_bytes()))
    }

    pub fn to_hex(&self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }

    /// Keyed BLAKE3 of what a value is and the value, the first 128 bits.
    pub fn hash(&self, what: What, value: &str) -> u128 {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(what.as_str().as_bytes()).update(b"\0").update(value.as_bytes());
        hasher.finalize().as_bytes().first_chunk::<16>().map_or(0, |b| u128::from_be_bytes(*b))
    }

    /// Tells whether a list was written with this key.
    pub fn check(&self) -> String {
        format!("{:032x}", self.hash(What::Check, "zlato suppression list"))
    }
}

/// What a hash was made from. Two kinds never have a hash in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Check,
    /// Match key of an e-mail address that is one person's.
    Email,
    /// Number in E.164 that is one person's.
    Phone,
    /// The same of a contact that other people have too; enough only beside the whole name.
    SharedEmail,
    SharedPhone,
    /// SHA-256 of an address or number, as profile vendors send it.
    EmailSha256,
    PhoneSha256,
    NationalId,
    /// Given and family name roots and birth date.
    NameBirth,
    /// These and the postal code.
    NameBirthPostal,
    /// Given name, folded or its root.
    Given,
    Family,
    Birth,
    /// Source and key of a row.
    Row,
    /// Key of a customer whose source an event does not name.
    Customer,
    /// Source and content hash of a row whose key is its place in the file.
    Content,
}

impl What {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::SharedEmail => "shared_email",
            Self::SharedPhone => "shared_phone",
            Self::EmailSha256 => "email_sha256",
            Self::PhoneSha256 => "phone_sha256",
            Self::NationalId => "national_id",
            Self::NameBirth => "name_birth",
            Self::NameBirthPostal => "name_birth_postal",
            Self::Given => "given",
            Self::Family => "family",
            Self::Birth => "birth",
            Self::Row => "row",
            Self::Customer => "customer",
            Self::Content => "content",
        }
    }
}

/// How far an entry reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// No channel may be used.
    All,
    Email,
    Phone,
    Sms,
    Post,
    /// The person was erased: no row of theirs is read again.
    Erased,
}

impl Scope {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Sms => "sms",
            Self::Post => "post",
            Self::Erased => "erased",
        }
    }
}

/// One person or contact: a line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub id: String,
    pub scope: Scope,
    /// Purposes that it is about; none: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purposes: Vec<String>,
    /// Day since which it holds, YYYY-MM-DD.
    pub day: String,
    /// Keyed hashes as 32 hexadecimal digits.
    pub keys: BTreeMap<What, BTreeSet<String>>,
}

impl Entry {
    /// An entry of these hashes; its id follows from them and from the scope.
    pub fn new(scope: Scope, purposes: Vec<String>, day: NaiveDate, hashes: &BTreeSet<(What, u128)>) -> Self {
        let mut keys: BTreeMap<What, BTreeSet<String>> = BTreeMap::new();
        for (what, hash) in hashes {
            keys.entry(*what).or_default().insert(format!("{hash:032x}"));
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(scope.as_str().as_bytes());
        for purpose in &purposes {
            hasher.update(b"\0").update(purpose.as_bytes());
        }
        for (what, hash) in hashes {
            hasher.update(what.as_str().as_bytes()).update(&hash.to_be_bytes());
        }
        let id = hasher.finalize().to_hex().chars().take(12).collect();
        Self { id, scope, purposes, day: day.to_string(), keys }
    }
}

/// A line that takes an earlier entry back; the entry's line stays. An entry that is added again later holds again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// Id of the entry.
    pub withdraws: String,
    /// Day of the decision, YYYY-MM-DD.
    pub day: String,
    /// Who decided.
    pub by: String,
    pub why: String,
}

impl Withdrawal {
    /// The line of the list.
    pub fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    zlato: String,
    version: u32,
    key_check: String,
}

const KIND: &str = "suppression list";
const VERSION: u32 = 1;

/// Why a list cannot be used; never quotes a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    #[error("line {0} is no entry of a suppression list")]
    Line(usize),
    #[error("the first line is not that of a suppression list of this version")]
    Header,
    #[error("the list was written with another key")]
    OtherKey,
}

/// First line of a new list.
pub fn header(key: &Key) -> String {
    let header = Header { zlato: KIND.into(), version: VERSION, key_check: key.check() };
    serde_json::to_string(&header).unwrap_or_default() + "\n"
}

/// Line of an entry.
pub fn line(entry: &Entry) -> String {
    serde_json::to_string(entry).unwrap_or_default() + "\n"
}

/// A suppression list ready to be asked.
#[derive(Debug, Default)]
pub struct List {
    key: Option<Key>,
    entries: Vec<Prepared>,
    /// Entries that must not be reached, by any of their hashes.
    reach: HashMap<u128, Vec<usize>>,
    /// Entries of erased people, by hashes that make a row theirs or suspect of it.
    erased: HashMap<u128, Vec<usize>>,
    withdrawn: Vec<(Entry, Withdrawal)>,
}

#[derive(Debug)]
struct Prepared {
    entry: Entry,
    hashes: BTreeSet<(What, u128)>,
}

impl Prepared {
    fn has_any(&self, what: What) -> bool {
        self.hashes.range((what, 0)..=(what, u128::MAX)).next().is_some()
    }
}

impl List {
    /// Reads a list; an empty text is an empty list and needs no key.
    pub fn parse(text: &str, key: Key) -> Result<Self, ListError> {
        let mut list = Self::default();
        let mut lines = text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty());
        if let Some((_, first)) = lines.next() {
            let header: Header = serde_json::from_str(first).map_err(|_| ListError::Header)?;
            if header.zlato != KIND || header.version != VERSION {
                return Err(ListError::Header);
            }
            if header.key_check != key.check() {
                return Err(ListError::OtherKey);
            }
        }
        list.key = Some(key);
        let mut in_force: Vec<(usize, Entry)> = Vec::new();
        for (number, line) in lines {
            let wrong = |_| ListError::Line(number + 1);
            if let Ok(withdrawal) = serde_json::from_str::<Withdrawal>(line) {
                let (gone, left): (Vec<_>, Vec<_>) =
                    in_force.into_iter().partition(|(_, entry)| entry.id == withdrawal.withdraws);
                in_force = left;
                list.withdrawn.extend(gone.into_iter().map(|(_, entry)| (entry, withdrawal.clone())));
                continue;
            }
            in_force.push((number, serde_json::from_str(line).map_err(wrong)?));
        }
        for (number, entry) in in_force {
            list.push(entry).ok_or(ListError::Line(number + 1))?;
        }
        Ok(list)
    }

    /// Adds an entry; none where one of its hashes is none.
    fn push(&mut self, entry: Entry) -> Option<()> {
        let mut hashes = BTreeSet::new();
        for (what, texts) in &entry.keys {
            for text in texts {
                hashes.insert((*what, u128::from_str_radix(text, 16).ok()?));
            }
        }
        let place = self.entries.len();
        let erased = entry.scope == Scope::Erased;
        for (what, hash) in &hashes {
            // A birth date makes a row worth its name, a name alone nobody suspect.
            let index = match what {
                What::Given | What::Family | What::Check => continue,
                _ if erased => &mut self.erased,
                _ => &mut self.reach,
            };
            index.entry(*hash).or_default().push(place);
        }
        self.entries.push(Prepared { entry, hashes });
        Some(())
    }

    /// The entries in force.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.entries.iter().map(|p| &p.entry)
    }

    /// Entries that were taken back, in the order in which they were.
    pub fn withdrawn(&self) -> &[(Entry, Withdrawal)] {
        &self.withdrawn
    }

    pub fn entry(&self, id: &str) -> Option<&Entry> {
        self.entries().find(|e| e.id == id)
    }

    /// Whether any entry is of an erased person.
    pub fn has_erased(&self) -> bool {
        !self.erased.is_empty()
    }

    /// Whether any entry forbids a channel.
    pub fn forbids(&self) -> bool {
        !self.reach.is_empty()
    }

    /// Entries that forbid to reach the person of a row: by a contact, by national id, or by name with birth date, and
    /// with postal code where the entry has one. One of them is enough: a letter too few harms nobody.
    pub fn forbidding(&self, row: &Row<'_>) -> Vec<&Entry> {
        let Some(key) = self.key.as_ref().filter(|_| self.forbids()) else { return vec![] };
        let mut found: BTreeSet<usize> = BTreeSet::new();
        for (_, hash) in row.hashes(key) {
            found.extend(self.reach.get(&hash).into_iter().flatten());
        }
        found.into_iter().filter_map(|place| self.entries.get(place)).map(|p| &p.entry).collect()
    }

    /// Whether a row has anything in common with an erased person but a name: only then its name need be known.
    pub fn suspects(&self, row: &Row<'_>) -> bool {
        let Some(key) = self.key.as_ref().filter(|_| self.has_erased()) else { return false };
        row.hashes(key).iter().any(|(_, hash)| self.erased.contains_key(hash))
    }

    /// Whether a line that could not be read as a row speaks of an erased person: `row` holds every contact and id that
    /// the line may hold, `words` its folded words, `pieces` what may be keys of `source`. Wider than [`Self::erased`]:
    /// nobody loses anything by it, since such a line is of no use.
    pub fn erased_in_text(&self, row: &Row<'_>, words: &[String], source: &str, pieces: &[&str]) -> bool {
        let Some(key) = self.key.as_ref().filter(|_| self.has_erased()) else { return false };
        let mut hashes = row.hashes(key);
        for word in words {
            hashes.insert((What::Given, key.hash(What::Given, word)));
            hashes.insert((What::Family, key.hash(What::Family, word)));
        }
        let keys = pieces.iter().map(|p| (p, key.hash(What::Row, &format!("{source}\0{p}"))));
        let keys: Vec<(&&str, u128)> = keys.collect();
        self.entries.iter().filter(|p| p.entry.scope == Scope::Erased).any(|person| {
            let common = |what: What| hashes.range((what, 0)..=(what, u128::MAX)).any(|h| person.hashes.contains(h));
            let born = |what: What| hashes.range((what, 0)..=(what, u128::MAX)).next().is_some();
            let (given, family) = (common(What::Given), common(What::Family));
            let another_birth = born(What::Birth) && person.has_any(What::Birth) && !common(What::Birth);
            let contact = [What::Email, What::Phone, What::EmailSha256, What::PhoneSha256].into_iter().any(common);
            let row = keys.iter().any(|(text, hash)| {
                person.hashes.contains(&(What::Row, *hash)) && (text.chars().count() > 4 || given || family)
            });
            common(What::NationalId) || contact || (given && family && !another_birth) || row
        })
    }

    /// Whether a row is of an erased person. See `docs/permissions.md` for the combinations.
    pub fn erased(&self, row: &Row<'_>) -> bool {
        let Some(key) = self.key.as_ref().filter(|_| self.has_erased()) else { return false };
        let hashes = row.hashes(key);
        let mut suspects: BTreeSet<usize> = BTreeSet::new();
        for (_, hash) in &hashes {
            suspects.extend(self.erased.get(hash).into_iter().flatten());
        }
        suspects.into_iter().filter_map(|place| self.entries.get(place)).any(|person| is_of(person, &hashes))
    }
}

/// The hashes by which an entry of [`List::forbidding`] is drawn: each contact and id by itself, and the name with birth
/// date, and with postal code where one is given: then without it nobody is meant.
pub fn keys_of_entry(row: &Row<'_>, key: &Key) -> BTreeSet<(What, u128)> {
    let mut hashes = row.hashes(key);
    let postal = hashes.iter().any(|(what, _)| *what == What::NameBirthPostal);
    hashes.retain(|(what, _)| match what {
        What::Email | What::Phone | What::EmailSha256 | What::PhoneSha256 | What::NationalId => true,
        What::NameBirthPostal => true,
        What::NameBirth => !postal,
        _ => false,
    });
    hashes
}

/// The strong combinations.
fn is_of(person: &Prepared, row: &BTreeSet<(What, u128)>) -> bool {
    let of = |what: What| row.range((what, 0)..=(what, u128::MAX));
    let told = |what: What| of(what).next().is_some();
    let common = |what: What| of(what).any(|h| person.hashes.contains(h));
    let differs = |what: What| told(what) && person.has_any(what) && !common(what);
    if common(What::Content) || common(What::Customer) {
        return true;
    }
    // An id typed into another person's row makes it nobody else's.
    if common(What::NationalId) {
        return !(differs(What::Birth) && differs(What::Given));
    }
    let other_person = differs(What::NationalId) || (differs(What::Birth) && differs(What::Given));
    // A key that its source has given to somebody else meanwhile.
    if common(What::Row) {
        return !other_person;
    }
    if differs(What::NationalId) {
        return false;
    }
    if common(What::NameBirth) {
        return true;
    }
    if differs(What::Birth) {
        return false;
    }
    let given = common(What::Given);
    let own = [What::Email, What::Phone, What::EmailSha256, What::PhoneSha256].into_iter().any(common);
    if own && (given || !told(What::Given) || !person.has_any(What::Given)) {
        return true;
    }
    // A contact that others have as well speaks only beside the whole name.
    let as_shared = |plain: What, shared: What| of(plain).any(|(_, hash)| person.hashes.contains(&(shared, *hash)));
    let shared = as_shared(What::SharedEmail, What::SharedEmail) || as_shared(What::SharedPhone, What::SharedPhone);
    shared && given && common(What::Family)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
