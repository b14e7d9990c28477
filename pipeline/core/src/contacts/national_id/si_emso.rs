//! EMŠO, the person number of Slovenia: built like the JMBG. Enters: 13 digits. Leaves: birth date and sex.
//! Source: Zakon o centralnem registru prebivalstva (Uradni list RS 72/06). Never judges the region of birth.

use super::Scheme;
use super::rs_jmbg;

pub(super) const SCHEME: Scheme =
    Scheme { name: "si-emso", country: "SI", lengths: &[13], prefix: None, dashes: false, check: rs_jmbg::check };

/// Whether the region digits say Slovenia (50-59).
pub(super) fn given_out_in_slovenia(digits: &[u8]) -> bool {
    (50..60).contains(&rs_jmbg::region(digits))
}
