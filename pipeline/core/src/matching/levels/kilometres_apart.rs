//! `kilometres_apart`: the values are places, `latitude,longitude` in decimal degrees (WGS 84), at most this far apart.
//! Great-circle distance on a sphere by the haversine formula (Sinnott 1984, "Virtues of the Haversine"),
//! at most 0.6 % from the distance on the ellipsoid. Text that is no such place never agrees.

/// Mean radius of the earth in kilometres (IUGG).
const RADIUS: f64 = 6_371.008_8;

/// A point on the earth, in radians.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    latitude: f64,
    longitude: f64,
}

/// Reads `52.2297,21.0122`, blanks allowed around both numbers; none for anything else, degrees beyond 90 and 180 included.
pub fn parse(text: &str) -> Option<Place> {
    let (latitude, longitude) = text.split_once(',')?;
    let degrees = |text: &str, limit: f64| text.trim().parse::<f64>().ok().filter(|n| n.abs() <= limit);
    Some(Place { latitude: degrees(latitude, 90.0)?.to_radians(), longitude: degrees(longitude, 180.0)?.to_radians() })
}

/// Whether the places lie at most `kilometres` apart.
pub fn holds(left: Place, right: Place, kilometres: f64) -> bool {
    distance(left, right) <= kilometres
}

fn distance(left: Place, right: Place) -> f64 {
    let half = |a: f64, b: f64| ((a - b) / 2.0).sin().powi(2);
    let chord = half(left.latitude, right.latitude)
        + left.latitude.cos() * right.latitude.cos() * half(left.longitude, right.longitude);
    2.0 * RADIUS * chord.clamp(0.0, 1.0).sqrt().asin()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn distances_of_known_places() {
        let between = |a: &str, b: &str| distance(parse(a).unwrap(), parse(b).unwrap());
        // Warsaw and Belgrade; a degree of latitude; both sides of the date line; the poles.
        assert!((between("52.2297,21.0122", "44.7866, 20.4489") - 828.6).abs() < 0.5);
        assert!((between("0,0", "1,0") - 111.195).abs() < 0.001);
        assert!((between("0,179.5", "0,-179.5") - 111.195).abs() < 0.001);
        assert!((between("90,0", "-90,77") - 20_015.1).abs() < 0.1);
        assert!(holds(parse("46.05,14.5").unwrap(), parse("46.06,14.52").unwrap(), 2.0));
        assert!(!holds(parse("46.05,14.5").unwrap(), parse("46.06,14.52").unwrap(), 1.5));
    }

    #[test]
    fn only_places() {
        for text in ["", "52.2", "52.2;21.0", "91,0", "0,181", "nan,0", "inf,0", "a,b", "1,2,3"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn total_and_symmetric(a in -90f64..=90.0, b in -180f64..=180.0, c in -90f64..=90.0, d in -180f64..=180.0) {
            let (left, right) = (parse(&format!("{a},{b}")).unwrap(), parse(&format!("{c}, {d}")).unwrap());
            let there = distance(left, right);
            prop_assert!((0.0..=20_016.0).contains(&there));
            prop_assert_eq!(there, distance(right, left));
            prop_assert_eq!(distance(left, left), 0.0);
        }

        #[test]
        fn any_text(text: String) {
            prop_assert!(parse(&text).is_none_or(|p| p.latitude.abs() < 1.58 && p.longitude.abs() < 3.15));
        }
    }
}
