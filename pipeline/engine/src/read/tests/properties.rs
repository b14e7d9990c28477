//! Properties over generated files: total, complete, independent of the read buffer.
//! In: bytes and tables from `proptest`. Out: equalities.
//! Never here: examples.

use super::*;
use proptest::prelude::*;

/// Writes rows as RFC 4180 wants; null is an empty field, an empty text is `""`.
fn write(rows: &[Vec<Option<String>>], delimiter: char, end: &str) -> String {
    let field = |f: &Option<String>| match f {
        None => String::new(),
        Some(text) if text.is_empty() || text.contains([delimiter, '"', '\n', '\r']) => {
            format!("\"{}\"", text.replace('"', "\"\""))
        }
        Some(text) => text.clone(),
    };
    let mut out = String::new();
    for row in rows {
        let fields: Vec<String> = row.iter().map(field).collect();
        out.push_str(&fields.join(&delimiter.to_string()));
        out.push_str(end);
    }
    out
}

fn table() -> impl Strategy<Value = Vec<Vec<Option<String>>>> {
    let text = proptest::string::string_regex("[a-zšžЉ ,;\"\n\r|\t0-9]{0,12}").unwrap();
    let field = proptest::option::weighted(0.8, text).boxed();
    (2usize..5).prop_flat_map(move |columns| {
        proptest::collection::vec(proptest::collection::vec(field.clone(), columns), 0..20)
    })
}

/// Bytes that look like CSV often enough to be interesting.
fn rubble() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => proptest::sample::select(vec![
            "\"", "\"\"", ",", ";", "\n", "\r", "\r\n", "a", "bc", "\"x\"", "ž", "\0", "{\"a\":1}", "[",
        ]).prop_map(|s| s.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 1..4),
    ];
    proptest::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

fn options() -> impl Strategy<Value = ReadOptions> {
    let encoding =
        proptest::sample::select(vec![None, Some("utf-8"), Some("utf-16"), Some("windows-1250"), Some("shift_jis")]);
    let delimiter = proptest::sample::select(vec![None, Some(b','), Some(b';')]);
    let header = proptest::option::of(Just(vec!["a".to_owned(), "b".to_owned()]));
    (any::<bool>(), encoding, delimiter, header, 1usize..60, any::<bool>()).prop_map(
        |(json, encoding, delimiter, header, max_row_bytes, quote)| ReadOptions {
            format: if json { Format::Ndjson } else { Format::Csv },
            delimiter,
            quote: if quote { None } else { Some(None) },
            encoding: encoding.map(str::to_owned),
            header,
            columns: Some(vec!["a".to_owned()]),
            max_row_bytes,
        },
    )
}

/// Lines by the plain definition: LF, CRLF or CR ends one.
fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < bytes.len() {
        if bytes[at] == b'\n' || bytes[at] == b'\r' {
            out.push(&bytes[start..at]);
            at += usize::from(bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n'));
            start = at + 1;
        }
        at += 1;
    }
    if start < bytes.len() {
        out.push(&bytes[start..]);
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_was_written_is_read_back(
        rows in table(),
        delimiter in proptest::sample::select(vec![',', ';', '\t', '|']),
        end in proptest::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let columns = rows.first().map_or(2, Vec::len);
        let header = (0..columns).map(|c| Some(format!("c{c}"))).collect();
        let text = write(&[vec![header], rows.clone()].concat(), delimiter, end);
        let options = ReadOptions { delimiter: Some(delimiter as u8), ..ReadOptions::default() };
        let told = read_with(text.as_bytes(), &options, CHUNK).unwrap();
        prop_assert_eq!(&told.rejected, &Vec::new());
        prop_assert_eq!(&told.rows, &rows);
        let mut line = 2;
        for (row, found) in rows.iter().zip(&told.lines) {
            prop_assert_eq!(line, *found);
            line += csv::count_lines(write(std::slice::from_ref(row), delimiter, end).as_bytes());
        }
    }

    #[test]
    fn any_bytes_give_the_same_for_any_read_buffer(
        bytes in rubble(),
        options in options(),
        chunk in 1usize..20,
    ) {
        let whole = read_with(&bytes, &options, 64 * 1024);
        prop_assert_eq!(&whole, &read_with(&bytes, &options, 1));
        prop_assert_eq!(&whole, &read_with(&bytes, &options, chunk));
    }

    #[test]
    fn without_quotes_every_line_is_accounted_for(bytes in rubble()) {
        let bytes: Vec<u8> = bytes.into_iter().filter(|b| *b != b'"').collect();
        let options = ReadOptions {
            delimiter: Some(b','),
            encoding: Some("utf-8".into()),
            header: Some(vec!["a".into(), "b".into()]),
            ..ReadOptions::default()
        };
        if let Ok(told) = read_with(&bytes, &options, CHUNK) {
            let mark = if bytes.starts_with("\u{FEFF}".as_bytes()) { 3 } else { 0 };
            let all = lines(&bytes[mark..]);
            let full = all.iter().filter(|l| !l.is_empty()).count() as u64;
            prop_assume!(told.encoding == "UTF-8" && !told.notes().contains(&"delimiter_line"));
            prop_assert_eq!(told.counts.rows_read, full);
            prop_assert_eq!(told.counts.blank_lines, all.len() as u64 - full);
            let mut found: Vec<u64> = told.lines.clone();
            found.extend(told.rejected.iter().map(|r| r.line));
            found.sort_unstable();
            let expected: Vec<u64> =
                (1..).zip(&all).filter(|(_, l)| !l.is_empty()).map(|(n, _)| n).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn nothing_of_the_file_is_lost(bytes in rubble(), limit in 30usize..200) {
        // Rejected rows keep their text, good rows their fields: no letter disappears.
        let bytes: Vec<u8> = bytes.into_iter().filter(u8::is_ascii).collect();
        let options = ReadOptions {
            delimiter: Some(b','),
            header: Some(vec!["a".into(), "b".into()]),
            max_row_bytes: limit,
            ..ReadOptions::default()
        };
        if let Ok(told) = read_with(&bytes, &options, CHUNK) {
            let letters = |text: &str| text.chars().filter(char::is_ascii_alphabetic).count();
            let long = told.rejected.iter().any(|r| r.reason == "row_too_long");
            let other = told.notes().iter().any(|n| *n == "delimiter_line" || *n == "bom");
            if long || other || told.encoding != "UTF-8" {
                return Ok(());
            }
            let rows: usize = told.rows.iter().flatten().flatten().map(|t| letters(t)).sum();
            let rejected: usize = told.rejected.iter().map(|r| letters(&r.raw)).sum();
            prop_assert_eq!(rows + rejected, letters(&String::from_utf8_lossy(&bytes)));
        }
    }

    #[test]
    fn ndjson_gives_back_every_text(texts in proptest::collection::vec(any::<String>(), 1..20)) {
        let mut file = String::new();
        for text in &texts {
            file.push_str(&format!("{}\n", serde_json::json!({ "x": [text], "a": text })));
        }
        let told = ndjson(&file, &["a"]);
        let expected: Vec<Vec<Option<String>>> =
            texts.iter().map(|t| vec![Some(t.clone())]).collect();
        prop_assert_eq!(told.rows, expected);
    }
}
