//! Fixed lists that rule files are checked against: countries, encodings, formats, channels.
//! Facts only; nothing here decides.

/// ISO 3166-1 alpha-2 codes, and `XK`, which the EU uses for Kosovo.
pub const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ \
BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET \
FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR \
IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN \
MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY \
QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR \
TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// Whether the text is an ISO 3166-1 alpha-2 code in capitals.
pub fn is_country(code: &str) -> bool {
    code.len() == 2 && COUNTRIES.split(' ').any(|c| c == code)
}

/// Encoding labels that a source may declare, lower case (a subset of the WHATWG Encoding Standard).
pub const ENCODINGS: &[&str] = &[
    "utf-8",
    "utf8",
    "utf-16",
    "utf16",
    "utf16le",
    "utf16be",
    "utf-16le",
    "utf-16be",
    "us-ascii",
    "ascii",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "cp1250",
    "cp1251",
    "cp1252",
    "cp1257",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-10",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-15",
    "iso-8859-16",
    "iso8859-1",
    "iso8859-2",
    "latin1",
    "latin2",
    "latin-2",
    "win1250",
    "win-1250",
    "win1251",
    "win-1251",
    "x-mac-cyrillic",
    "gb18030",
    "gbk",
    "big5",
    "shift_jis",
    "euc-jp",
    "euc-kr",
    "ibm866",
    "koi8-r",
    "koi8-u",
    "macintosh",
];

/// File endings that tell the format of a source, after `.gz` or `.zst` is taken off.
pub const ENDINGS: &[&str] = &["csv", "tsv", "txt", "ndjson", "jsonl", "json", "parquet"];

/// Channels that a permission is about.
pub const CHANNELS: &[&str] = &["email", "phone", "sms", "post"];

/// GDPR Art. 6(1) legal bases as W3C DPV terms, with what they are.
pub const LEGAL_BASES: &[(&str, &str)] = &[
    ("eu-gdpr:A6-1-a", "consent"),
    ("eu-gdpr:A6-1-b", "contract"),
    ("eu-gdpr:A6-1-c", "legal obligation"),
    ("eu-gdpr:A6-1-d", "vital interest"),
    ("eu-gdpr:A6-1-e", "public task"),
    ("eu-gdpr:A6-1-f", "legitimate interest"),
];

/// Parts that an address can be asked to have.
pub const ADDRESS_PARTS: &[&str] = &["street", "house_number", "unit", "postal_code", "locality", "region", "country"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_sorted_and_complete() {
        let all: Vec<&str> = COUNTRIES.split(' ').collect();
        assert_eq!(all.len(), 250);
        assert!(all.windows(2).all(|w| w.first() < w.last()));
        assert!(is_country("SI") && !is_country("si") && !is_country("UK") && !is_country("I S"));
    }
}
