//! `nickname`: one given name is a known short or pet form of the other (`kasia`, `katarzyna`), in either order.
//! The list is data and belongs to the contacts rules; without one the level never holds.

use crate::matching::Nicknames;

/// Whether the list, asked in both orders, knows the two folded names as forms of one name.
pub fn holds(left: &str, right: &str, nicknames: Option<&Nicknames>) -> bool {
    nicknames.is_some_and(|known| known(left, right) || known(right, left))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn either_order_and_no_list() {
        let list: Nicknames = Arc::new(|short, long| short == "kasia" && long == "katarzyna");
        assert!(holds("kasia", "katarzyna", Some(&list)) && holds("katarzyna", "kasia", Some(&list)));
        assert!(!holds("kasia", "karolina", Some(&list)));
        assert!(!holds("kasia", "katarzyna", None));
    }
}
