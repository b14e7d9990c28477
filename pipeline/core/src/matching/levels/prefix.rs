//! `prefix`: the first N characters are equal. A value shorter than N agrees only with itself,
//! so that an initial does not count as a long common beginning.

/// Whether the first `characters` characters are equal.
pub fn holds(left: &str, right: &str, characters: u32) -> bool {
    let characters = characters as usize;
    left.chars().take(characters).eq(right.chars().take(characters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_values_agree_only_with_themselves() {
        assert!(holds("kowalska", "kowalski", 7));
        assert!(!holds("kowalska", "kowalski", 8));
        assert!(!holds("kow", "kowalski", 4));
        assert!(holds("żółw", "żółty", 3));
    }
}
