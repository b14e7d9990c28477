//! Whether an id and its record tell of the same person. Enters: what the id tells, and what the record says itself.
//! Leaves: reason codes. Never says which of the two is wrong.

/// Birth date (ISO 8601) and sex (`female`, `male`; other words tell nothing).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told<'a> {
    pub birth_date: Option<&'a str>,
    pub sex: Option<&'a str>,
}

/// `birth_date_conflict` and `gender_conflict`, where an id contradicts its record. What one of the two does not tell
/// is no conflict.
pub fn conflicts(id: Told<'_>, record: Told<'_>) -> Vec<&'static str> {
    let differ =
        |inside: Option<&str>, outside: Option<&str>| matches!((inside, outside), (Some(a), Some(b)) if a != b);
    let sex = |told: Told<'_>| match told.sex {
        Some("female") => Some("female"),
        Some("male") => Some("male"),
        _ => None,
    };
    let mut found = Vec::new();
    if differ(id.birth_date, record.birth_date) {
        found.push("birth_date_conflict");
    }
    if differ(sex(id), sex(record)) {
        found.push("gender_conflict");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told<'a>(birth_date: Option<&'a str>, sex: Option<&'a str>) -> Told<'a> {
        Told { birth_date, sex }
    }

    #[test]
    fn contradictions_are_found_and_silence_is_none() {
        let id = told(Some("1944-05-14"), Some("male"));
        for (record, found) in [
            (told(Some("1944-05-14"), Some("male")), &[][..]),
            (told(Some("1944-05-15"), Some("male")), &["birth_date_conflict"]),
            (told(None, Some("female")), &["gender_conflict"]),
            (told(Some("1950-01-01"), Some("female")), &["birth_date_conflict", "gender_conflict"]),
            (told(None, Some("other")), &[]),
            (told(None, None), &[]),
        ] {
            assert_eq!(conflicts(id, record), found, "{record:?}");
            assert_eq!(conflicts(Told::default(), record), [""; 0], "{record:?}");
        }
    }
}
