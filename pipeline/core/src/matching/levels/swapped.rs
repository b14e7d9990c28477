//! `swapped`: two columns were exchanged in one of the records (given name in the family name's place).
//! All four values must be present.

/// Whether `left` equals `right_with` and `left_with` equals `right`.
pub fn holds(left: &str, left_with: Option<&str>, right: &str, right_with: Option<&str>) -> bool {
    right_with == Some(left) && left_with == Some(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_must_be_exchanged() {
        assert!(holds("jan", Some("nowak"), "nowak", Some("jan")));
        assert!(!holds("jan", Some("nowak"), "nowak", Some("adam")));
        assert!(!holds("jan", None, "nowak", Some("jan")));
    }
}
