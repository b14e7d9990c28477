//! Employer identification number of the United States. Enters: 9 digits. Leaves: nothing but the verdict.
//! Source: Internal Revenue Service, list of valid EIN prefixes: there is no check digit.

use super::checks::number;
use super::{Content, Marks, Scheme};

pub(super) const SCHEME: Scheme =
    Scheme { name: "us-ein", country: "US", lengths: &[9], marks: Marks::OnlyAt(&[2]), ..Scheme::new(check) };

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let never = [0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97];
    if never.contains(&number(digits.get(..2).unwrap_or(&[]))) { Err("format") } else { Ok(Content::default()) }
}
