//! What a scheme of ids is, and the table of all of them. Enters: characters of an id. Leaves: what the scheme reads in them.
//! Never here: which scheme comes first for a record.

use chrono::NaiveDate;

use super::compact::Compact;
use super::{
    at_uid, be_vat, bg_egn, cz_dic, cz_rodne_cislo, de_idnr, de_ustid, ee_isikukood, ee_kmkr, fr_nir, gb_vat, hr_oib,
    hu_adoazonosito, hu_adoszam, hu_szemelyi, it_iva, jmbg, lt_asmens_kodas, lt_pvm, lv_personas_kods, lv_pvn, me_pib,
    mk_edb, nl_bsn, pl_nip, pl_pesel, pl_regon, pt_nif, ro_cnp, ro_cui, rs_maticni_broj, rs_pib, se_personnummer,
    se_vat, si_davcna, sk_ic_dph, sk_rodne_cislo, us_ein, us_ssn,
};

/// What a scheme reads out of right digits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Content {
    pub birth_date: Option<NaiveDate>,
    pub sex: Option<&'static str>,
    pub doubt: Option<&'static str>,
}

/// Where dashes, slashes and dots may stand, as numbers of characters before them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Marks {
    Anywhere,
    Nowhere,
    At(&'static [usize]),
    /// Blanks neither elsewhere.
    OnlyAt(&'static [usize]),
}

impl Marks {
    fn allow(self, compact: &Compact) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Nowhere => !compact.marks_but_at(&[]),
            Self::At(places) => !compact.marks_but_at(places),
            Self::OnlyAt(places) => !compact.marks_but_at(places) && !compact.blanks_but_at(places),
        }
    }
}

/// One id scheme.
pub(super) struct Scheme {
    pub name: &'static str,
    /// What other programs call it.
    pub aliases: &'static [&'static str],
    pub country: &'static str,
    pub lengths: &'static [usize],
    /// Letters that may precede the id (VAT prefix).
    pub prefix: Option<&'static str>,
    pub marks: Marks,
    /// Letters are part of the id.
    pub letters: bool,
    /// Nothing in the digits proves them.
    pub weak: bool,
    /// Looked for in records of other countries as well: first markets' ids of persons, too telling to fit by chance.
    pub abroad: bool,
    /// Whether the id says that it was given out by this country, where several countries build theirs alike.
    pub own: fn(&[u8]) -> bool,
    /// Gets one of `lengths` many values (digits 0-9, letters from 10) and returns a reason code when they are wrong.
    pub check: fn(&[u8]) -> Result<Content, &'static str>,
}

impl Scheme {
    /// What most schemes have.
    pub(super) const fn new(check: fn(&[u8]) -> Result<Content, &'static str>) -> Self {
        Self {
            name: "",
            aliases: &[],
            country: "",
            lengths: &[],
            prefix: None,
            marks: Marks::Anywhere,
            letters: false,
            weak: false,
            abroad: false,
            own: |_| true,
            check,
        }
    }

    /// Whether the word in capitals is what this id is called: `PESEL`, `OIB`.
    pub(super) fn is_called(&self, word: &str) -> bool {
        let names = std::iter::once(&self.name).chain(self.aliases);
        names
            .filter_map(|n| n.split_once('-'))
            .any(|(_, called)| called.bytes().filter(|b| *b != b'-').map(|b| b.to_ascii_uppercase()).eq(word.bytes()))
    }
}

/// Persons first, then organisations: an id that fits several schemes of a country is taken for the first.
pub(super) const SCHEMES: &[Scheme] = &[
    pl_pesel::SCHEME,
    lv_personas_kods::SCHEME,
    jmbg::SI,
    jmbg::RS,
    jmbg::BA,
    jmbg::HR,
    jmbg::ME,
    jmbg::MK,
    ee_isikukood::SCHEME,
    lt_asmens_kodas::SCHEME,
    cz_rodne_cislo::SCHEME,
    sk_rodne_cislo::SCHEME,
    hu_szemelyi::SCHEME,
    hu_adoazonosito::SCHEME,
    ro_cnp::SCHEME,
    bg_egn::SCHEME,
    se_personnummer::SCHEME,
    fr_nir::SCHEME,
    de_idnr::SCHEME,
    hr_oib::SCHEME,
    nl_bsn::SCHEME,
    us_ssn::SCHEME,
    pl_nip::SCHEME,
    rs_pib::SCHEME,
    si_davcna::SCHEME,
    lv_pvn::SCHEME,
    pl_regon::SCHEME,
    rs_maticni_broj::SCHEME,
    at_uid::SCHEME,
    be_vat::SCHEME,
    cz_dic::SCHEME,
    de_ustid::SCHEME,
    ee_kmkr::SCHEME,
    gb_vat::SCHEME,
    hu_adoszam::SCHEME,
    it_iva::SCHEME,
    lt_pvm::SCHEME,
    me_pib::SCHEME,
    mk_edb::SCHEME,
    pt_nif::SCHEME,
    ro_cui::SCHEME,
    se_vat::SCHEME,
    sk_ic_dph::SCHEME,
    us_ein::SCHEME,
];

/// Names of all schemes, for checking rule files.
pub fn scheme_names() -> impl Iterator<Item = &'static str> + Clone {
    SCHEMES.iter().map(|s| s.name)
}

/// Name, country and further names of every scheme.
pub fn schemes() -> impl Iterator<Item = (&'static str, &'static str, &'static [&'static str])> {
    SCHEMES.iter().map(|s| (s.name, s.country, s.aliases))
}

/// The scheme of that name, or with its name in other programs.
pub fn scheme_named(name: &str) -> Option<&'static str> {
    let name = name.trim().to_ascii_lowercase().replace(['/', '_', ' ', '.'], "-");
    SCHEMES.iter().find(|s| s.name == name || s.aliases.contains(&name.as_str())).map(|s| s.name)
}

/// The country of a scheme, ISO 3166 alpha-2.
pub fn country_of(scheme: &str) -> Option<&'static str> {
    SCHEMES.iter().find(|s| s.name == scheme).map(|s| s.country)
}

/// The id without its prefix and what it says, if the scheme has it.
pub(super) fn fits(scheme: &Scheme, compact: &Compact) -> Option<(Compact, Content)> {
    let compact = scheme.prefix.and_then(|p| compact.without(p)).unwrap_or(*compact);
    let shape = scheme.lengths.contains(&compact.values().len())
        && (scheme.letters || compact.is_number())
        && scheme.marks.allow(&compact);
    if shape { Some((compact, (scheme.check)(compact.values()).ok()?)) } else { None }
}
