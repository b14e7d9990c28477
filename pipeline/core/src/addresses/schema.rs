//! The text of a country pack, typed; what each key means stands here and is printed into the reference.
//! Enters: TOML. Leaves: [`PackFile`]. Never here: look-up structures (see `pack`), checks (see `pack_check`).

use schemars::JsonSchema;
use serde::Deserialize;
use serde_spanned::Spanned;
use std::collections::BTreeMap;

/// How one country writes addresses: `countries/<cc>.toml`. Words are compared without case, diacritics and dots,
/// Cyrillic as Latin: `ul` also covers `UL.`, `Ul` and `ул.`. A phrase of several words (`skr poczt`) is matched word by word.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub(crate) struct PackFile {
    /// ISO 3166-1 alpha-2, in capitals.
    #[schemars(with = "String")]
    pub(super) code: Spanned<String>,
    /// Names under which the country stands in a column or at the end of an address, in any language.
    pub(super) names: Vec<String>,
    /// Regions that stand without a word for "region", such as `mazowieckie`.
    #[serde(default)]
    pub(super) regions: Vec<String>,
    /// Regions with a standard writing: the standard one as key, the others as list (`NY = ["New York"]`).
    #[serde(default)]
    pub(super) region_forms: BTreeMap<String, Vec<String>>,
    /// The shape of the postal code.
    pub(super) postal_code: PostalCode,
    /// Words for kinds of streets.
    #[serde(default, rename = "street_type")]
    pub(super) street_types: Vec<StreetType>,
    /// Words and what they announce.
    pub(super) words: Words,
    /// Words for administrative areas.
    #[serde(default, rename = "area")]
    pub(super) areas: Vec<Area>,
    /// How towns are written.
    #[serde(default)]
    pub(super) locality: Locality,
    /// How houses are numbered.
    pub(super) number: Number,
    /// The standard one-line form.
    pub(super) format: Format,
}

/// The shape of the postal code.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub(super) struct PostalCode {
    /// A regular expression from `^` to `$`, tried on one word and on two neighbouring words joined by a blank, in capitals.
    #[schemars(with = "String")]
    pub(super) pattern: Spanned<String>,
    /// The standard writing, made of the pattern's groups: `$1-$2`.
    #[schemars(with = "String")]
    pub(super) format: Spanned<String>,
    /// A pattern for a writing that no other country uses; it tells the country by itself.
    #[schemars(with = "Option<String>")]
    pub(super) distinctive: Option<Spanned<String>>,
}

/// One word for a kind of street, in all its writings.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub(super) struct StreetType {
    /// The standard writing.
    pub(super) name: String,
    /// All writings, abbreviations included.
    pub(super) forms: Vec<String>,
    /// Writings that mean this type only before a word that ends as `when_next_ends` says.
    #[serde(default)]
    pub(super) abbreviations: Vec<String>,
    /// Endings of the next word that make `abbreviations` mean this type.
    #[serde(default)]
    pub(super) when_next_ends: Vec<String>,
    /// Writings glued to the end of the name: `str` for "Hauptstr.".
    #[serde(default)]
    pub(super) suffixes: Vec<String>,
    /// Where the word stands beside the name.
    pub(super) place: Place,
    /// Whether the word belongs to the name ("plac Wolności") or is dropped ("ul. Polna" is Polna).
    pub(super) in_name: bool,
    /// Whether streets that differ only in this word are different streets for matching.
    pub(super) in_key: bool,
    /// Put before the name in the standard line, for a type that is not `in_name`.
    pub(super) written: Option<String>,
}

/// Where a word stands beside the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Place {
    /// Before the name.
    Before,
    /// After the name.
    After,
    /// Either.
    Both,
}

/// Words and what they announce. Each list may be left out.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Words {
    /// Before a house number; dropped (`nr`, `br.`).
    pub(super) number: Vec<String>,
    /// The house has no number; the first one is the standard form (`bb`).
    pub(super) no_number: Vec<String>,
    /// Before the number of a second way of numbering houses, and kept with it (`ev.` in Czechia).
    pub(super) numbering: Vec<String>,
    /// Before or after the flat (`m.`, `stan`, `dz.`).
    pub(super) unit: Vec<String>,
    /// Before or after the entrance (`klatka`, `ulaz`).
    pub(super) staircase: Vec<String>,
    /// Before or after the floor (`piętro 3`, `III sprat`).
    pub(super) level: Vec<String>,
    /// A floor that has no number (`parter`).
    pub(super) ground: Vec<String>,
    /// The words for first, second and so on, each with all its forms. Beside a word of `level` they are the floor's
    /// number, which is then written in digits (`drugi sprat`).
    pub(super) ordinal: Vec<Vec<String>>,
    /// After the house number, before a building's number or letter (`bud. A`, `k-1`).
    pub(super) building: Vec<String>,
    /// Before the number of a PO box.
    pub(super) po_box: Vec<String>,
    /// The words up to the next comma name a person, not a place (`c/o`).
    pub(super) care_of: Vec<String>,
    /// Announces a code that is not the postal code (Serbia's `PAK`).
    pub(super) local_code: Vec<String>,
    /// A bracket, or a segment without a number, that begins so tells the way or a telephone.
    pub(super) noise: Vec<String>,
    /// What follows inside a town's name only tells where it lies ("Brwinów k. Warszawy"); left out.
    pub(super) near: Vec<String>,
    /// Before the name of a farm, and dropped (`z/s`).
    pub(super) house_name: Vec<String>,
    /// A number before one of these begins a name: "11 Listopada".
    pub(super) after_number_name: Vec<String>,
    /// A number after one of these belongs to the name: "Route 9". Where house numbers stand behind the street, only if
    /// another number follows: "Blok 45 12".
    pub(super) before_number_name: Vec<String>,
    /// First words of town names that are never a name by themselves ("Nowa Wieś"), so that such a town stays whole
    /// where no comma parts it from the street.
    pub(super) place_first: Vec<String>,
    /// Words that stay lower case inside a name.
    pub(super) small: Vec<String>,
    /// Letters that stay capitals in a name: `JNA`, `NOB`.
    pub(super) capitals: Vec<String>,
    /// First words of street names that stand without the `written` of a street type: "Rynek Główny".
    pub(super) without_type: Vec<String>,
}

/// A word for an administrative area.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub(super) struct Area {
    /// The standard writing, kept with the name where the word stands after it; empty: the word is dropped.
    pub(super) name: String,
    /// All writings.
    pub(super) forms: Vec<String>,
    /// Which part the area is.
    pub(super) part: AreaPart,
    /// Where the word stands beside the area's name.
    pub(super) place: Place,
}

/// Which part of an address an area is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AreaPart {
    /// Voivodeship, novads, county.
    Region,
    /// Part of a region or of a town.
    District,
    /// The town or village itself.
    Locality,
}

/// How towns are written.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Locality {
    /// The town opens the address: "Budapest, Üllői út 89".
    pub(super) first: bool,
    /// A bracket after a town's name belongs to it: "Winsen (Luhe)".
    pub(super) brackets_in_name: bool,
    /// A part of the town may stand before it without a comma: "Dudweiler Saarbrücken". Needs a list of towns.
    pub(super) part_before_town: bool,
}

/// How houses are numbered.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub(super) struct Number {
    /// The number stands before the street: "660 Nostrand Ave".
    #[serde(default)]
    pub(super) first: bool,
    /// What a slash after the house number means. A letter after it always joins the number.
    pub(super) slash: Slash,
    /// What a dash after the house number means.
    pub(super) dash: Dash,
    /// Whether a Roman numeral after the number is the floor.
    #[serde(default)]
    pub(super) roman_is_level: bool,
    /// How many digits the separate local code has (Serbia's PAK: 6); 0: there is none.
    #[serde(default)]
    pub(super) local_code_digits: usize,
}

/// What a slash after the house number means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Slash {
    /// The flat, unless both numbers are those of a corner building: 12/34 is flat 34, 10/12 is one building.
    RangeOrUnit,
    /// The flat; with three numbers the floor and the flat.
    Unit,
    /// It belongs to the number, and what follows it are entrance and flat: 12/3/4 has the key of entrance 3, flat 4.
    Whole,
    /// It belongs to the number.
    #[default]
    Number,
}

/// What a dash after the house number means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Dash {
    /// A range that belongs to the number: 12-14.
    #[default]
    Range,
    /// The flat follows: 100-12.
    Unit,
}

/// The standard one-line form. In a template `{}` is the value; a part that is missing drops out.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub(super) struct Format {
    /// Segments between commas, made of `{street}`, `{number}` (with entrance, floor and flat), `{number_only}`,
    /// `{details}` (entrance, floor and flat), `{postal_code}`, `{locality}`, `{district}`, `{region}`.
    pub(super) line: Vec<String>,
    /// The same for an address without a street.
    pub(super) village: Vec<String>,
    /// A PO box.
    pub(super) po_box: String,
    /// A building, after the house number.
    pub(super) building: String,
    /// A number of the second way of numbering.
    pub(super) numbering: Option<String>,
    /// An entrance.
    pub(super) staircase: String,
    /// A floor.
    pub(super) level: String,
    /// A floor that is a Roman numeral; one that starts with `/` is glued to the number.
    pub(super) level_roman: Option<String>,
    /// A flat; one that starts with `-` is glued to the number.
    pub(super) unit: String,
    /// A flat that does not follow the house number directly.
    pub(super) unit_alone: Option<String>,
    /// Whether the name of a farm is put in quotes.
    #[serde(default)]
    pub(super) quote_house_names: bool,
    /// Whether street types stay as they were written; keys use the standard writing all the same.
    #[serde(default)]
    pub(super) keep_street_types: bool,
}
