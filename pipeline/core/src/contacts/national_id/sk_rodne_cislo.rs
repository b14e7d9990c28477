//! Rodné číslo of Slovakia: built like the Czech one, for both come from Czechoslovakia. Enters: 9 or 10 digits.
//! Leaves: birth date and sex. Source: zákon č. 301/1995 Z. z., § 2.

use super::{Marks, Scheme, cz_rodne_cislo};

pub(super) const SCHEME: Scheme = Scheme {
    name: "sk-rodne-cislo",
    aliases: &["sk-rc"],
    country: "SK",
    lengths: &[9, 10],
    marks: Marks::At(&[6]),
    ..Scheme::new(cz_rodne_cislo::check)
};
