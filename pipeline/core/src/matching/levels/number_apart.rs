//! `number_apart`: the values are numbers (decimal point, optional sign and exponent) at most this far apart.
//! Text that is not a finite number never agrees.

/// Reads a finite number; none for anything else.
pub fn parse(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|n| n.is_finite())
}

/// Whether the numbers lie at most `distance` apart; binary rounding of decimals is forgiven.
pub fn holds(left: f64, right: f64, distance: f64) -> bool {
    (left - right).abs() <= distance + 1e-12 * left.abs().max(right.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_on_the_border_count() {
        assert!(holds(0.3, 0.2, 0.1));
        assert!(!holds(0.3, 0.19, 0.1));
        assert_eq!(parse("nan"), None);
        assert_eq!(parse("1e999"), None);
        assert_eq!(parse(" -2.5 "), Some(-2.5));
        assert!(!holds(1.0, 1.0, f64::NAN));
    }
}
