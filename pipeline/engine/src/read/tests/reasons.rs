//! One example for each reason, each note and each error of the text formats.
//! In: small files written here. Out: what the reader says about them.
//! Never here: compression and encodings, which have their own files.

use super::*;

fn error(text: &str, options: &ReadOptions) -> ReadError {
    read_with(text.as_bytes(), options, CHUNK).unwrap_err()
}

#[test]
fn rows_nulls_quotes_and_line_numbers() {
    let told = csv("id,name,note\n1,Ana,\n\n2,\"Šuš\"\"ter\"\"\",\"two\nlines\"\r\n3,\"\", x \r4,in\"ch,y");
    assert_eq!(told.columns, ["id", "name", "note"]);
    assert_eq!(told.shown(), ["1|Ana|-", "2|Šuš\"ter\"|two\nlines", "3|| x ", "4|in\"ch|y"]);
    assert_eq!(told.lines, [2, 4, 6, 7]);
    assert_eq!(told.counts.blank_lines, 1);
    assert!(told.rejected.is_empty());
}

#[test]
fn ragged_rows_tell_how_many_fields_they_have() {
    let told = csv("a,b,c\n1,2,3\n1,2\n1,2,3,4,5\n");
    assert_eq!(told.refused(), [(3, "too_few_fields"), (4, "too_many_fields")]);
    assert_eq!(told.rejected[0].column, Some(3));
    assert_eq!(told.rejected[0].detail, "2 fields where the header has 3");
    assert_eq!(told.rejected[1].column, Some(4));
    assert_eq!(told.rejected[1].raw, "1,2,3,4,5");
}

#[test]
fn an_unclosed_quote_costs_its_own_line_only() {
    let told = csv("a,b\n1,x\n2,\"open\n3,y\n4,z\n");
    assert_eq!(told.refused(), [(3, "unclosed_quote")]);
    assert_eq!(told.rejected[0].column, Some(2));
    assert_eq!(told.rejected[0].raw, "2,\"open");
    assert_eq!(told.shown(), ["1|x", "3|y", "4|z"]);
    assert_eq!(told.lines, [2, 4, 5]);
}

#[test]
fn a_quote_closed_by_the_next_quoted_row_is_unclosed() {
    let told = csv("\"a\",\"b\"\n\"1\",\"x\n\"2\",\"y\"\n\"3\",\"z\"\n");
    assert_eq!(told.refused(), [(2, "unclosed_quote")]);
    assert_eq!(told.shown(), ["2|y", "3|z"]);
}

#[test]
fn an_unclosed_quote_after_a_multi_line_field_costs_each_line_of_the_row() {
    let told = csv("a,b\n\"one\ntwo\",\"open\n3,y\n");
    assert_eq!(told.refused(), [(2, "unclosed_quote"), (3, "stray_quote")]);
    assert_eq!(told.lines, [4]);
}

#[test]
fn the_leftover_of_a_broken_field_is_no_row() {
    let told = csv("a,b\n1,\"line one\nsays \"hi\" there\",x\n2,y \"z\"\n");
    assert_eq!(told.refused(), [(2, "unclosed_quote"), (3, "stray_quote")]);
    assert_eq!(told.shown(), ["2|y \"z\""]);
}

#[test]
fn a_quote_that_runs_over_the_limit_is_unclosed() {
    let mut text = String::from("a,b\n1,\"open\n");
    for row in 0..100 {
        text.push_str(&format!("{row},good\n"));
    }
    text.push_str("x,\"closed\"\n");
    let told = read_with(text.as_bytes(), &with_limit(64), CHUNK).unwrap();
    assert_eq!(told.refused(), [(2, "unclosed_quote")]);
    assert_eq!(told.rows.len(), 101);
}

#[test]
fn text_after_a_closing_quote_is_refused() {
    let told = csv("a,b\n1,\"Firma \"ABC\" d.o.o.\"\n2,y\n");
    assert_eq!(told.refused(), [(2, "text_after_quote")]);
    assert_eq!(told.shown(), ["2|y"]);
}

#[test]
fn a_row_beyond_the_limit_is_refused_and_the_next_is_read() {
    let long = "x".repeat(20_000);
    let told = read_with(format!("a,b\n1,{long}\n2,y\n").as_bytes(), &with_limit(10_000), CHUNK).unwrap();
    assert_eq!(told.refused(), [(2, "row_too_long")]);
    assert_eq!(told.rejected[0].detail, "20002 bytes where at most 10000 are expected");
    assert!(told.rejected[0].raw.ends_with("…[cut, 20002 bytes in all]"));
    assert!(told.rejected[0].raw.len() < RAW_LIMIT + 50);
    assert_eq!((told.shown(), told.lines), (vec!["2|y".to_owned()], vec![3]));
}

#[test]
fn the_limit_counts_the_row_without_its_end() {
    for end in ["\n", "\r\n", "\r", ""] {
        let at = read_with(format!("a,b\n12,45{end}").as_bytes(), &with_limit(5), CHUNK).unwrap();
        assert_eq!(at.shown(), ["12|45"], "{end:?}");
        let over = read_with(format!("a,b\n12,456{end}").as_bytes(), &with_limit(5), CHUNK).unwrap();
        assert_eq!(over.refused(), [(2, "row_too_long")], "{end:?}");
    }
}

#[test]
fn a_nul_byte_costs_its_row() {
    let told = csv("a,b\n1,x\0y\n2,z\n");
    assert_eq!(told.refused(), [(2, "nul_byte")]);
    assert_eq!(told.rejected[0].column, Some(2));
    assert_eq!(told.rejected[0].detail, "byte 4 of the row");
}

#[test]
fn headers_are_made_usable_and_say_so() {
    let told = csv("id;name;name;; mail\n1;2;3;4;5\n");
    assert_eq!(told.columns, ["id", "name", "name_2", "column_4", "mail"]);
    let expected = ["delimiter_detected", "header_empty", "header_trimmed", "header_duplicate"];
    assert_eq!(told.notes(), expected);
    assert!(csv("ana@example.org,600100200\n").notes().contains(&"header_like_data"));
}

#[test]
fn a_title_line_is_told_apart_from_a_header() {
    let told = csv("Customers of 2026\nid;name\n1;Ana\n2;Eva\n");
    assert_eq!(told.delimiter, Some(b';'));
    assert!(told.notes().contains(&"header_mismatch"));
    assert_eq!(told.refused().len(), 3);
}

#[test]
fn excel_names_its_delimiter() {
    let told = csv("sep=|\r\na|b,c\r\n1|2,3\r\n");
    assert_eq!(told.columns, ["a", "b,c"]);
    assert_eq!(told.lines, [3]);
    assert!(told.notes().contains(&"delimiter_line"));
}

#[test]
fn declared_columns_take_the_place_of_a_header() {
    let options = ReadOptions { header: Some(vec!["id".into(), "name".into()]), ..ReadOptions::default() };
    let told = read_with(b"1;Ana\n2;Eva\n", &options, CHUNK).unwrap();
    assert_eq!((told.shown(), told.lines), (vec!["1|Ana".into(), "2|Eva".into()], vec![1, 2]));
}

#[test]
fn quoting_can_be_switched_off() {
    let options = ReadOptions { quote: Some(None), ..ReadOptions::default() };
    let told = read_with(b"a,b\n\"1,x\"\n", &options, CHUNK).unwrap();
    assert_eq!(told.shown(), ["\"1|x\""]);
}

#[test]
fn a_wrong_delimiter_is_an_error_with_the_right_one() {
    let options = ReadOptions { delimiter: Some(b','), ..ReadOptions::default() };
    let message = error("id;name\n1;Ana\n2;Eva\n", &options).to_string();
    assert!(message.contains("delimiter = \";\"") && message.contains("crm.csv"), "{message}");
    let single = read_with(b"name\nAna\nEva\n", &options, CHUNK).unwrap();
    assert_eq!(single.rows.len(), 2);
}

#[test]
fn empty_files_and_bad_headers_are_errors() {
    let plain = ReadOptions::default();
    for text in ["", "\n\r\n\n", "\u{FEFF}", "\u{FEFF}\n", "sep=;\n"] {
        assert!(matches!(error(text, &plain), ReadError::Empty { .. }), "{text:?}");
    }
    assert!(matches!(error("a,\"b\n1,2\n", &plain), ReadError::Header { line: 1, .. }));
    assert!(matches!(error("a\0,b\n1,2\n", &plain), ReadError::Header { .. }));
    assert!(matches!(error("aaaa,bbbb\n", &with_limit(4)), ReadError::Header { .. }));
    assert_eq!(csv("a,b\n").rows.len(), 0);
}

#[test]
fn impossible_options_are_errors() {
    for (delimiter, quote) in [(Some(b'"'), None), (Some(b'\n'), None), (Some(0xC5), None)] {
        let options = ReadOptions { delimiter, quote, ..ReadOptions::default() };
        assert!(matches!(error("a,b\n", &options), ReadError::Options { .. }));
    }
}

#[test]
fn ndjson_rows_and_refusals() {
    let text = "{\"id\":1,\"name\":\"Ana\",\"x\":{\"y\":[1]}}\r\n\n{\"name\":null}\n{\"id\":2,\n[3]\n{\"id\":\"4\0\"}\n{\"id\":5,\"id\":6}";
    let told = ndjson(text, &["id", "name"]);
    assert_eq!(told.shown(), ["1|Ana", "-|-", "6|-"]);
    assert_eq!(told.lines, [1, 3, 7]);
    let expected = [(4, "invalid_json"), (5, "not_an_object"), (6, "nul_byte")];
    assert_eq!(told.refused(), expected);
    assert_eq!(told.rejected[0].column, Some(9));
    assert_eq!((told.counts.ignored_values, told.counts.blank_lines), (1, 1));
    assert_eq!(told.counts.duplicate_keys, 1);
    assert_eq!(told.notes(), ["duplicate_key"]);
}

#[test]
fn ndjson_columns_come_from_the_sample_when_not_named() {
    let options = ReadOptions { format: Format::Ndjson, ..ReadOptions::default() };
    let told = read_with(b"{\"b\":1}\n{\"a\":2,\"b\":[1, 2]}\n", &options, CHUNK).unwrap();
    assert_eq!(told.columns, ["b", "a"]);
    assert_eq!(told.shown(), ["1|-", "[1, 2]|2"]);
}

#[test]
fn json_that_is_not_a_line_each_is_an_error_with_a_hint() {
    let options = ndjson_options(&["id"]);
    for text in ["[{\"id\":1}]", " \n[\n{\"id\":1}]", "{\n  \"id\": 1\n}\n"] {
        let message = error(text, &options).to_string();
        assert!(message.contains("one JSON object a line"), "{message}");
    }
    assert!(matches!(error(" \n\n", &options), ReadError::Empty { .. }));
}

#[test]
fn ndjson_beyond_the_limit() {
    let options = ReadOptions { max_row_bytes: 12, ..ndjson_options(&["id"]) };
    let told =
        read_with(b"{\"id\":12345}\n{\"id\":123456}\n{\"id\":1}\r\n{\"id\":12345}\r\n", &options, CHUNK).unwrap();
    assert_eq!(told.shown(), ["12345", "1", "12345"]);
    assert_eq!(told.refused(), [(2, "row_too_long")]);
    assert_eq!(told.lines, [1, 3, 4]);
}

#[test]
fn errors_never_show_values_of_rows() {
    let told = csv("a,b\nSECRET\nSECRET,\"SECRET\nSECRET,SEC\0RET\nSECRET,2,3\n");
    assert_eq!(told.rejected.len(), 4);
    assert!(told.rejected.iter().all(|r| !r.detail.contains("SECRET")));
}

#[test]
fn rows_that_end_with_a_delimiter_are_explained() {
    let told = csv("a;b\n1;2;\n3;4;\n5;6;\n");
    assert_eq!(told.refused().len(), 3);
    let note = told.notes.iter().find(|n| n.code == "header_mismatch").unwrap();
    assert!(note.text.contains("end with a delimiter"), "{}", note.text);
}

#[test]
fn a_key_that_vanished_is_named() {
    let bytes = bytes::unpack(Box::new(Cursor::new(b"{\"id\":1}\n".to_vec()))).unwrap();
    let options = ndjson_options(&["id", "email", "id"]);
    let mut opened = open_bytes(Path::new("x"), bytes, &options, CHUNK, Vec::new()).unwrap();
    assert_eq!(opened.columns, ["id", "email"]);
    while opened.next_rows(&mut RowBatch::new()).unwrap() {}
    assert_eq!(opened.unseen_columns(), ["email"]);
}

#[test]
fn many_misplaced_quotes_take_no_more_than_two_passes() {
    // 1.2 MB each; reading every line to the limit again and again would take hours.
    let head = "a,b\n";
    for line in ["x,\"\n", "\"\"\"\n", "\"a\n", "x,\"y\"z\n", "\"\"\n\"\"\n,\"\n", "x,\"\"\"\"\"\n", "\",a\",\"\n"] {
        let text = format!("{head}{}", line.repeat(1_200_000 / line.len()));
        let start = std::time::Instant::now();
        csv(&text);
        assert!(start.elapsed().as_secs() < 15, "{line:?}");
    }
}

#[test]
fn an_unclosed_quote_before_rows_full_of_quotes_costs_its_own_line_only() {
    for limit in 40..60 {
        let text = format!("a,b\n1,\"open\n{}", "\"\",\"\"\n".repeat(50));
        let told = read_with(text.as_bytes(), &with_limit(limit), CHUNK).unwrap();
        assert_eq!(told.refused(), [(2, "unclosed_quote")], "{limit}");
        assert_eq!(told.rows.len(), 50);
        let closed = format!("a,b\n1,\"open\n{}", "x,\",\"\n".repeat(50));
        let told = read_with(closed.as_bytes(), &with_limit(limit), CHUNK).unwrap();
        assert_eq!(told.refused().first(), Some(&(2, "unclosed_quote")), "{limit}");
        assert_eq!(told.counts.rows_read, 51, "every line is told: {limit}");
    }
}

#[test]
fn a_reader_can_move_to_another_thread() {
    fn movable<T: Send>() {}
    movable::<Opened>();
    movable::<RowBatch>();
}
