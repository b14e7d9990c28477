//! Country packs from text. Enters: the TOML of a pack, or nothing for those that ship. Leaves: packs ready for look-ups, or
//! every diagnostic of a file. Never here: reading of files.

use super::pack::CountryPack;
use super::pack_check;
use crate::rules::diagnostics::Diagnostic;

/// Reads a country pack.
///
/// # Errors
/// Every finding of the file: syntax, unknown keys with the likely correction, bad patterns and templates.
pub fn parse_pack(file_name: &str, text: &str) -> Result<CountryPack, Vec<Diagnostic>> {
    pack_check::read(file_name, text).map(CountryPack::from_schema)
}

/// The texts of the packs that ship with zlato, by file name.
pub(super) const FILES: &[(&str, &str)] = &[
    ("countries/pl.toml", include_str!("../../../../rules/countries/pl.toml")),
    ("countries/rs.toml", include_str!("../../../../rules/countries/rs.toml")),
    ("countries/si.toml", include_str!("../../../../rules/countries/si.toml")),
    ("countries/lv.toml", include_str!("../../../../rules/countries/lv.toml")),
    ("countries/at.toml", include_str!("../../../../rules/countries/at.toml")),
    ("countries/ba.toml", include_str!("../../../../rules/countries/ba.toml")),
    ("countries/cz.toml", include_str!("../../../../rules/countries/cz.toml")),
    ("countries/de.toml", include_str!("../../../../rules/countries/de.toml")),
    ("countries/ee.toml", include_str!("../../../../rules/countries/ee.toml")),
    ("countries/hr.toml", include_str!("../../../../rules/countries/hr.toml")),
    ("countries/hu.toml", include_str!("../../../../rules/countries/hu.toml")),
    ("countries/lt.toml", include_str!("../../../../rules/countries/lt.toml")),
    ("countries/me.toml", include_str!("../../../../rules/countries/me.toml")),
    ("countries/mk.toml", include_str!("../../../../rules/countries/mk.toml")),
    ("countries/sk.toml", include_str!("../../../../rules/countries/sk.toml")),
    ("countries/us.toml", include_str!("../../../../rules/countries/us.toml")),
];

/// The packs that ship with zlato: the first markets PL, RS, SI and LV, then the others by code.
pub fn embedded_packs() -> Vec<CountryPack> {
    // A test keeps every shipped pack free of diagnostics, so nothing is lost here.
    FILES.iter().filter_map(|(name, text)| parse_pack(name, text).ok()).collect()
}
