//! Social security number of the United States. Enters: 9 digits. Leaves: nothing but the verdict: there is no check digit.
//! Source: Social Security Administration, RM 10201.035; numbers printed in advertisements are not given out.

use super::checks::number;
use super::{Content, Marks, Scheme};

pub(super) const SCHEME: Scheme =
    Scheme { name: "us-ssn", country: "US", lengths: &[9], marks: Marks::OnlyAt(&[3, 5]), ..Scheme::new(check) };

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let &[a1, a2, a3, g1, g2, s1, s2, s3, s4] = digits else {
        return Err("length");
    };
    let (area, group, serial) = (number(&[a1, a2, a3]), number(&[g1, g2]), number(&[s1, s2, s3, s4]));
    let printed = matches!((area, group, serial), (78, 5, 1120) | (219, 9, 9999) | (457, 55, 5462));
    if matches!(area, 0 | 666 | 900..) || group == 0 || serial == 0 || printed {
        return Err("format");
    }
    Ok(Content::default())
}
