//! `matching.toml`: blocking rules, comparisons with their levels, hard rules, thresholds, cluster guards.
//! Expressions are SQL over the match view: every column of `records`, `contacts` and `addresses`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_spanned::Spanned;
use std::fmt;

/// Which records are the same person.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Matching {
    /// Match probabilities that separate the three bands.
    #[serde(default)]
    pub thresholds: Thresholds,
    /// Which pairs are compared at all.
    #[serde(default)]
    pub blocking: Vec<BlockingRule>,
    /// In how many ways two values can agree.
    #[serde(default)]
    pub comparison: Vec<Comparison>,
    /// Pairs that are never the same person, whatever their weight.
    #[serde(default)]
    pub never: Vec<HardRule>,
    /// Pairs that are never the same person, because too much of what is compared differs.
    #[serde(default)]
    pub contradiction: Vec<Contradiction>,
    /// Pairs that are always the same person.
    #[serde(default)]
    pub always: Vec<HardRule>,
    /// When a value that many people share stops counting as evidence.
    #[serde(default)]
    pub hygiene: Hygiene,
    /// When a cluster is not merged but shown to a steward.
    #[serde(default)]
    pub cluster: ClusterRules,
    /// How the weights of the model are learnt.
    #[serde(default)]
    pub training: Training,
}

impl Matching {
    /// Per contradiction the places of its comparisons.
    pub fn contradictions(&self) -> Vec<Vec<usize>> {
        let place = |name: &Spanned<String>| self.comparison.iter().position(|c| c.name.get_ref() == name.get_ref());
        self.contradiction.iter().map(|rule| rule.differ_in.iter().filter_map(place).collect()).collect()
    }
}

/// Match probabilities that separate the three bands.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Thresholds {
    /// At or above: merged without asking.
    #[schemars(with = "f64")]
    pub merge: Spanned<f64>,
    /// Instead of `merge`: the share of merged pairs that are to be right, such as 0.99. The threshold is then found
    /// from the data, without labels, by what the model itself expects, and kept with the model.
    #[schemars(with = "Option<f64>")]
    pub merge_precision: Option<Spanned<f64>>,
    /// At or above, below `merge`: for a steward to review. Below: apart.
    #[schemars(with = "f64")]
    pub review: Spanned<f64>,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { merge: Spanned::new(0..0, 0.95), merge_precision: None, review: Spanned::new(0..0, 0.5) }
    }
}

/// Two records become a candidate pair when their keys are equal and not null.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockingRule {
    /// Short name, shown beside the pairs it found.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// SQL expression over the match view. Null or empty: the record is not in any block.
    #[schemars(with = "String")]
    pub key: Spanned<String>,
    /// A block with more records is split by `split_by`, or reported and skipped without one.
    #[serde(default = "default_max_block")]
    pub max_block: usize,
    /// A finer key for blocks over the limit.
    #[schemars(with = "Option<String>")]
    pub split_by: Option<Spanned<String>>,
}

fn default_max_block() -> usize {
    1_000
}

/// One column pair compared: an ordered list of levels, best first.
/// A null on either side is neutral; below the last level comes an implied "else".
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Short name; the model and every explanation use it.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// SQL expression over the match view; usually a column.
    #[schemars(with = "String")]
    pub on: Spanned<String>,
    /// A second expression, for the level `swapped`.
    #[schemars(with = "Option<String>")]
    pub with: Option<Spanned<String>>,
    /// Ways to agree, best first; at most 14.
    #[schemars(with = "Vec<ComparisonLevel>")]
    pub levels: Vec<Spanned<ComparisonLevel>>,
    /// Agreement on a rare value weighs more than on a frequent one.
    #[serde(default)]
    pub term_frequency: bool,
    /// Whether the value is a person's own, so that the people of one household agree on it no more often than
    /// strangers. Without it: given name, birth date and national id are, everything else may be shared.
    pub personal: Option<bool>,
}

/// One way in which two values can agree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonLevel {
    /// Equal.
    Exact,
    /// Jaro-Winkler similarity at or above the given value, 0 to 1.
    JaroWinkler(f64),
    /// At most this many insertions, deletions and substitutions.
    Levenshtein(u32),
    /// As `levenshtein`, with the swap of two neighbours counted as one (optimal string alignment).
    Osa(u32),
    /// The first N characters are equal.
    Prefix(u32),
    /// One value begins or ends with the other, or contains it as a word.
    Contains,
    /// Dates whose day and month are swapped.
    DayMonthSwapped,
    /// Dates that agree in two of year, month and day.
    TwoDateParts,
    /// Dates at most this many days apart.
    DaysApart(u32),
    /// Numbers at most this far apart.
    NumberApart(f64),
    /// Places at most this many kilometres apart, each written `latitude,longitude` in decimal degrees.
    KilometresApart(f64),
    /// Lists with at least one entry in common; entries are parted by white space, `|` or `;`.
    AnyInCommon,
    /// At least this share, 0 to 1, of the words of the shorter value stand in the other, in any order.
    WordsInCommon(f64),
    /// One value is the first letter of the other: `J.` and `Jan`.
    Initial,
    /// Known short or pet form of the other given name.
    Nickname,
    /// `on` of one record equals `with` of the other, and the other way round.
    Swapped,
}

impl ComparisonLevel {
    /// The word for the level in rule files.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::JaroWinkler(_) => "jaro_winkler",
            Self::Levenshtein(_) => "levenshtein",
            Self::Osa(_) => "osa",
            Self::Prefix(_) => "prefix",
            Self::Contains => "contains",
            Self::DayMonthSwapped => "day_month_swapped",
            Self::TwoDateParts => "two_date_parts",
            Self::DaysApart(_) => "days_apart",
            Self::NumberApart(_) => "number_apart",
            Self::KilometresApart(_) => "kilometres_apart",
            Self::AnyInCommon => "any_in_common",
            Self::WordsInCommon(_) => "words_in_common",
            Self::Initial => "initial",
            Self::Nickname => "nickname",
            Self::Swapped => "swapped",
        }
    }
}

/// As in a rule file: `exact`, `{ jaro_winkler = 0.9 }`.
impl fmt::Display for ComparisonLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        match self {
            Self::JaroWinkler(n) | Self::NumberApart(n) | Self::KilometresApart(n) | Self::WordsInCommon(n) => {
                write!(f, "{{ {name} = {n} }}")
            }
            Self::Levenshtein(n) | Self::Osa(n) | Self::Prefix(n) | Self::DaysApart(n) => {
                write!(f, "{{ {name} = {n} }}")
            }
            _ => f.write_str(name),
        }
    }
}

/// A condition on a pair, over one expression of the match view.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HardRule {
    /// Short name, shown beside the pairs it decided.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// The rule holds when both values are present and equal...
    #[schemars(with = "Option<String>")]
    pub same: Option<Spanned<String>>,
    /// ...or when both are present and differ. One of the two is given.
    #[schemars(with = "Option<String>")]
    pub different: Option<Spanned<String>>,
}

/// Comparisons that one person's records cannot all fail: a birth date and a full name that both differ.
/// Two records that reach no level of any of them, with values on both sides, are never merged, nor are their clusters.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contradiction {
    /// Short name, shown beside the pairs it decided.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// Names of comparisons.
    #[schemars(with = "Vec<String>")]
    pub differ_in: Vec<Spanned<String>>,
}

/// When a value that many people share stops counting as evidence.
///
/// E-mails, phones and national ids are profiled by the people who have them (table `contact_profiles`): a `household`
/// value stays evidence, a `shared` or `junk` one is null in the match view. An address is listed but stays evidence,
/// since a house of forty flats is nothing unusual. A date that is compared is null where it is a `placeholder`: it
/// has far more people than the days and years around it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Hygiene {
    /// `false`: every value counts, however many people share it.
    pub enabled: bool,
    /// Up to so many people share an e-mail, phone or id as a household does, whatever their names.
    #[schemars(with = "u64")]
    pub household_people: Spanned<u64>,
    /// From so many people on it is shared, by an office or through a clerk. Between the two numbers it is a
    /// household's if at least half of the people have one family name.
    #[schemars(with = "u64")]
    pub shared_people: Spanned<u64>,
    /// From so many people on it is junk: a value that stands for "none".
    #[schemars(with = "u64")]
    pub junk_people: Spanned<u64>,
    /// A date of fewer people is never a placeholder.
    #[schemars(with = "u64")]
    pub placeholder_people: Spanned<u64>,
    /// A date is a placeholder if it has this many times the people of the days around it, and of the same day in
    /// the years around it.
    #[schemars(with = "f64")]
    pub placeholder_times: Spanned<f64>,
}

impl Default for Hygiene {
    fn default() -> Self {
        Self {
            enabled: true,
            household_people: Spanned::new(0..0, 4),
            shared_people: Spanned::new(0..0, 10),
            junk_people: Spanned::new(0..0, 100),
            placeholder_people: Spanned::new(0..0, 20),
            placeholder_times: Spanned::new(0..0, 10.0),
        }
    }
}

/// When a cluster is not merged but shown to a steward.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClusterRules {
    /// A larger cluster is not merged but sent to review.
    #[schemars(with = "usize")]
    pub max_size: Spanned<usize>,
    /// Two clusters are joined when one pair between them reaches `merge` and all pairs between them, on average
    /// of their weights, are at least this probable. What one link would join and the others outweigh goes to review.
    #[schemars(with = "f64")]
    pub average: Spanned<f64>,
}

impl Default for ClusterRules {
    fn default() -> Self {
        Self { max_size: Spanned::new(0..0, 100), average: Spanned::new(0..0, 0.33) }
    }
}

/// How the weights of the model are learnt.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Training {
    /// Seed of every sample.
    pub seed: u64,
    /// Pairs of one blocking rule used for EM; more are sampled by block.
    pub max_pairs_per_rule: u64,
    /// Records whose random pairs estimate u.
    pub u_sample_records: usize,
    /// EM stops after this many rounds in any case.
    pub max_iterations: u32,
    /// EM stops when no probability moves further than this.
    pub tolerance: f64,
    /// Learn a new model every night. Without it the model of the published run stays in force while sources.toml,
    /// contacts.toml, addresses.toml and matching.toml stay as they are and the data do not drift from it.
    pub every_run: bool,
}

impl Default for Training {
    fn default() -> Self {
        Self {
            seed: 1,
            max_pairs_per_rule: 2_000_000,
            u_sample_records: 1_200,
            max_iterations: 500,
            tolerance: 1e-5,
            every_run: false,
        }
    }
}
