//! Enters: a text. Leaves: the same text in other letters: without diacritics, in Serbian Cyrillic, in Windows-1250.
//! Never here: chance, except the one the caller passes in.

use std::sync::OnceLock;

/// Polish, Serbian, Slovenian and Latvian letters without diacritics; other characters unchanged. `đ` becomes `dj`.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            'đ' => out.push_str("dj"),
            'Đ' => out.push_str("Dj"),
            other => out.push(base(other)),
        }
    }
    out
}

fn base(letter: char) -> char {
    match letter {
        'ą' | 'ā' => 'a',
        'ć' | 'č' => 'c',
        'ę' | 'ē' => 'e',
        'ģ' => 'g',
        'ī' => 'i',
        'ķ' => 'k',
        'ł' | 'ļ' => 'l',
        'ń' | 'ņ' => 'n',
        'ó' | 'ō' => 'o',
        'ŗ' => 'r',
        'ś' | 'š' => 's',
        'ū' => 'u',
        'ź' | 'ż' | 'ž' => 'z',
        'Ą' | 'Ā' => 'A',
        'Ć' | 'Č' => 'C',
        'Ę' | 'Ē' => 'E',
        'Ģ' => 'G',
        'Ī' => 'I',
        'Ķ' => 'K',
        'Ł' | 'Ļ' => 'L',
        'Ń' | 'Ņ' => 'N',
        'Ó' => 'O',
        'Ś' | 'Š' => 'S',
        'Ū' => 'U',
        'Ź' | 'Ż' | 'Ž' => 'Z',
        other => other,
    }
}

/// Serbian Latin to Cyrillic; `lj`, `nj`, `dž` are one letter each.
pub fn cyrillic(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let lower = letter.to_lowercase().next().unwrap_or(letter);
        let pair = letters.peek().and_then(|next| next.to_lowercase().next());
        let single = match (lower, pair) {
            ('l', Some('j')) => Some('љ'),
            ('n', Some('j')) => Some('њ'),
            ('d', Some('ž')) => Some('џ'),
            _ => None,
        };
        let mapped = match single {
            Some(one) => {
                letters.next();
                one
            }
            None => cyrillic_letter(lower),
        };
        if letter.is_uppercase() { out.extend(mapped.to_uppercase()) } else { out.push(mapped) }
    }
    out
}

fn cyrillic_letter(letter: char) -> char {
    const LATIN: &str = "abcčćdđefghijklmnoprsštuvzž";
    const CYRILLIC: &str = "абцчћдђефгхијклмнопрсштувзж";
    LATIN.chars().zip(CYRILLIC.chars()).find(|(l, _)| *l == letter).map_or(letter, |(_, c)| c)
}

/// Appends the text in Windows-1250. Letters that this code page lacks (Latvian ā ē ī ū ģ ķ ļ ņ) lose their mark,
/// or become `?` when `question_marks` is set, as exports of older systems have them.
pub fn windows_1250(text: &str, question_marks: bool, out: &mut Vec<u8>) {
    static TABLE: OnceLock<Vec<(char, u8)>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut table: Vec<(char, u8)> = (0x80..=0xFFu8)
            .filter_map(|byte| {
                let bytes = [byte];
                let decoded = encoding_rs::WINDOWS_1250.decode_without_bom_handling_and_without_replacement(&bytes)?;
                decoded.chars().next().map(|c| (c, byte))
            })
            .collect();
        table.sort_unstable();
        table
    });
    let byte = |c: char| table.binary_search_by_key(&c, |e| e.0).ok().and_then(|i| table.get(i)).map(|e| e.1);
    for letter in text.chars() {
        if letter.is_ascii() {
            out.push(letter as u8);
        } else if let Some(found) = byte(letter) {
            out.push(found);
        } else {
            let stand_in = base(letter);
            out.push(if stand_in.is_ascii() && !question_marks { stand_in as u8 } else { b'?' });
        }
    }
}
