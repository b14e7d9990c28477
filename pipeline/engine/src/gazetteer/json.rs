//! The objects of a JSON list. Enters: bytes of an array, of objects line by line, of one object, or of GeoJSON.
//! Leaves: flat objects, one a place. Never here: what the keys mean.

use serde_json::{Map, Value};
use std::io::{BufRead, BufReader, Read};

/// Visits every object. GeoJSON gives its properties; an object with `places` gives each of them, with what the
/// outer one says of them all. Line by line, only one line is held at a time.
///
/// # Errors
/// What is wrong and on which line; never a value.
pub(super) fn objects(reader: Box<dyn Read + Send>, mut visit: impl FnMut(&Map<String, Value>)) -> Result<(), String> {
    let mut reader = BufReader::new(reader);
    let mut line = String::new();
    let mut number = 0_u64;
    let mut first = true;
    loop {
        line.clear();
        number += 1;
        let read = reader.read_line(&mut line).map_err(|e| format!("line {number}: {}", e.kind()))?;
        if read == 0 {
            return Ok(());
        }
        let text = line.trim_start_matches('\u{FEFF}').trim();
        if text.is_empty() {
            continue;
        }
        match serde_json::from_str::<Value>(text) {
            Ok(value) => flatten(&value, &mut visit),
            // No JSON on its own: the first line of a document that runs over several.
            Err(_) if first => {
                let mut whole = std::mem::take(&mut line);
                reader.read_to_string(&mut whole).map_err(|e| e.kind().to_string())?;
                let text = whole.trim_start_matches('\u{FEFF}');
                let value: Value = serde_json::from_str(text)
                    .map_err(|e| format!("line {}, column {}: no JSON", e.line(), e.column()))?;
                flatten(&value, &mut visit);
                return Ok(());
            }
            Err(e) => return Err(format!("line {number}, column {}: no JSON", e.column())),
        }
        first = false;
    }
}

fn flatten(value: &Value, visit: &mut impl FnMut(&Map<String, Value>)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| flatten(item, visit)),
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get("properties") {
                visit(properties);
            } else if let Some(items @ Value::Array(_)) = object.get("features") {
                flatten(items, visit);
            } else if let Some(Value::Array(places)) = object.get("places") {
                for place in places.iter().filter_map(Value::as_object) {
                    let mut merged = object.clone();
                    merged.remove("places");
                    merged.extend(place.clone());
                    visit(&merged);
                }
            } else {
                visit(object);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn names(text: &str, key: &str) -> Result<Vec<String>, String> {
        let mut out = Vec::new();
        objects(Box::new(std::io::Cursor::new(text.to_string())), |o| {
            out.extend(o.get(key).and_then(Value::as_str).map(String::from));
        })?;
        Ok(out)
    }

    #[test]
    fn every_kind_of_json_gives_its_objects() {
        let both = Ok(vec!["A".to_string(), "B".to_string()]);
        assert_eq!(names("[\n {\"city\":\"A\"},\n {\"city\":\"B\"}\n]", "city"), both);
        assert_eq!(names("{\"city\":\"A\"}\n\n{\"city\":\"B\"}\n", "city"), both);
        assert_eq!(names("{\"properties\":{\"city\":\"A\"}}\n{\"properties\":{\"city\":\"B\"}}", "city"), both);
        assert_eq!(names("{\"post code\":\"1\",\"places\":[{\"city\":\"A\"},{\"city\":\"B\"}]}", "city"), both);
        assert_eq!(names("{\"post code\":\"1\",\"places\":[{\"city\":\"A\"}]}", "post code"), Ok(vec!["1".into()]));
        assert_eq!(names("[1, {\"city\":", "city"), Err("line 1, column 12: no JSON".into()));
    }
}
