//! Lists of every format become one gazetteer; a rules folder that names it corrects with it and is hashed with it.

use crate::harness::{copy, root};
use std::io::Write;
use std::path::{Path, PathBuf};
use zlato_core::addresses::{AddressInput, Addresses, embedded_packs};
use zlato_core::gazetteer::Gazetteer;
use zlato_engine::gazetteer::{self, List, ListFormat};
use zlato_engine::rulebook;

fn conventions() -> Addresses {
    Addresses::new(&zlato_core::rules::addresses::Addresses::default(), embedded_packs())
}

fn import(list: List) -> Result<Gazetteer, zlato_engine::error::Error> {
    gazetteer::import(&conventions(), &[list], |_| {})
}

fn lists(folder: &Path, files: &[(&str, &[u8])]) -> Vec<PathBuf> {
    let write = |(name, bytes): &(&str, &[u8])| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    };
    files.iter().map(write).collect()
}

/// An archive as `zip` writes it, packed with deflate.
fn archive(entries: &[(&str, &str)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in entries {
        let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(text.as_bytes()).unwrap();
        let packed = packer.finish().unwrap();
        let mut crc = flate2::Crc::new();
        crc.update(text.as_bytes());
        let at = u32::try_from(out.len()).unwrap();
        let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0];
        common.extend(crc.sum().to_le_bytes());
        common.extend(u32::try_from(packed.len()).unwrap().to_le_bytes());
        common.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        common.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(packed);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (at, size) = (u32::try_from(out.len()).unwrap(), u32::try_from(directory.len()).unwrap());
    let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count);
    out.extend(count);
    out.extend(size.to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    out
}

const GEONAMES: &str = "PL\t05-462\tWiązowna\tMazowieckie\t\tOtwocki\t\t\t\t52.1\t21.2\t4\n\
                        PL\t00-590\tWarszawa\tMazowieckie\t\tWarszawa\t\t\t\t52.1\t21.2\t4\n";

#[test]
fn every_format_gives_its_places() {
    let folder = tempfile::tempdir().unwrap();
    let zip = archive(&[("PL.txt", GEONAMES), ("readme.txt", "not a list\n")]);
    let windows: &[u8] = b"PNA;Miejscowo\x9c\xe6;Ulica;Wojew\xf3dztwo\n05-462;Wi\xb9zowna;Ko\x9ccielna;mazowieckie\n";
    let files = lists(
        folder.path(),
        &[
            ("PL.txt", GEONAMES.as_bytes()),
            ("download.zip", zip.as_slice()),
            ("pl/mazowieckie.csv", "LON,LAT,NUMBER,STREET,UNIT,CITY,DISTRICT,REGION,POSTCODE,ID,HASH\n21.2,52.1,5,Kościelna,,Wiązowna,,,05-462,,ab\n".as_bytes()),
            ("pl/lines.geojson", "{\"type\":\"Feature\",\"properties\":{\"number\":\"5\",\"street\":\"Kościelna\",\"city\":\"Wiązowna\",\"postcode\":\"05-462\"},\"geometry\":null}\n".as_bytes()),
            ("pl/register.csv", windows),
            ("package.json", "[{\"code\": \"05-462\", \"countryCode\": \"PL\", \"localityName\": \"Wiązowna\"},\n {\"code\": \"00-590\", \"countryCode\": \"PL\", \"localityName\": null}]".as_bytes()),
            ("zippopotam.json", "{\"post code\": \"05-462\", \"country\": \"Poland\", \"country abbreviation\": \"PL\", \"places\": [{\"place name\": \"Wiązowna\", \"state\": \"Mazowieckie\"}]}".as_bytes()),
            ("cache.csv", "country_code,postal_code,place_name,state_name\nPoland,05-462,Wiązowna,Mazowieckie\n".as_bytes()),
        ],
    );
    for file in files {
        let found = import(List { files: vec![file.clone()], ..List::default() });
        let g = found.unwrap_or_else(|e| panic!("{}: {e}: {:?}", file.display(), e.help()));
        let places = g.find("PL", "Wiazowna", Some("05-462"));
        assert_eq!(places.first().map(|f| f.locality.name()), Some("Wiązowna"), "{}", file.display());
        assert!(g.knows_code("PL", "05-462"), "{}", file.display());
        let with_streets = file.parent().unwrap().ends_with("pl");
        assert_eq!(places[0].locality.street("koscielna").len(), usize::from(with_streets), "{}", file.display());
        assert_eq!(g.sources().len(), 1);
        assert!(g.sources()[0].rows > 0 && !g.sources()[0].name.is_empty());
    }
}

#[test]
fn what_a_list_does_not_say_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let files = lists(
        folder.path(),
        &[("towns.csv", "nazwa;kod\nWiązowna;05-462\n".as_bytes()), ("junk.json", "{\"a\":".as_bytes())],
    );
    let list = |country: Option<&str>, columns: &[(&str, &str)]| List {
        files: files[..1].to_vec(),
        country: country.map(String::from),
        columns: columns.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect(),
        ..List::default()
    };
    let said =
        |list: List| import(list).map_err(|e| format!("{e}; {}", e.help().unwrap_or(""))).err().unwrap_or_default();
    assert!(said(list(None, &[])).contains("--column locality=NAME; columns: nazwa, kod"), "{}", said(list(None, &[])));
    assert!(said(list(None, &[("locality", "nazwa")])).contains("--country"));
    assert!(
        said(list(Some("PL"), &[("locality", "nazwa"), ("postcode", "kod")])).contains("known: country, postal_code")
    );
    let g = import(list(Some("pl"), &[("locality", "nazwa"), ("postal_code", "kod")])).unwrap();
    assert!(g.knows_code("PL", "05-462"));
    let junk =
        List { files: files[1..].to_vec(), format: ListFormat::Json, country: Some("PL".into()), ..List::default() };
    assert!(said(junk).contains("line 1, column"));
    assert!(said(List { files: vec![folder.path().join("none.csv")], ..List::default() }).contains("none.csv"));
}

#[test]
fn lists_are_described_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    lists(folder.path(), &[
        ("lists.toml", "[[source]]\nfiles = [\"a.csv\"]\nname = \"A\"\nlicence = \"CC0\"\ndate = \"2026-10-01\"\ncountry = \"PL\"\ncolumns = { locality = \"n\" }\n".as_bytes()),
        ("wrong.toml", "\n[[source]]\nfile = [\"a.csv\"]\n".as_bytes()),
        ("a.csv", "n,postcode\nWiązowna,05-462\nWiązowna,1\n".as_bytes()),
    ]);
    let described = gazetteer::described(&folder.path().join("lists.toml")).unwrap();
    let g = gazetteer::import(&conventions(), &described, |_| {}).unwrap();
    let source = &g.sources()[0];
    assert_eq!(
        (source.name.as_str(), source.licence.as_deref(), source.date.as_deref()),
        ("A", Some("CC0"), Some("2026-10-01"))
    );
    assert_eq!((source.rows, source.refused.get("postal_code")), (2, Some(&1)));
    let wrong = gazetteer::described(&folder.path().join("wrong.toml")).unwrap_err().to_string();
    assert!(wrong.contains("wrong.toml:3:"), "{wrong}");
}

#[test]
fn a_rules_folder_is_hashed_and_corrects_with_its_gazetteer() {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("fixtures/rules/valid/minimal"), folder.path());
    let bare = rulebook::load(folder.path()).unwrap();
    std::fs::write(folder.path().join("addresses.toml"), "gazetteer = \"gazetteer.zgz\"\n").unwrap();
    let file = lists(folder.path(), &[("PL.txt", GEONAMES.as_bytes())]);
    let path = folder.path().join("gazetteer.zgz");
    gazetteer::write(&path, &import(List { files: file.clone(), ..List::default() }).unwrap()).unwrap();
    let first = rulebook::load(folder.path()).unwrap();
    let town = |book: &rulebook::Rulebook| {
        let input = AddressInput { address: Some("ul. Polna 5, 05-462 Wiazowna"), ..AddressInput::default() };
        book.addresses.address(&input, Some("PL")).locality
    };
    assert_eq!(town(&bare).as_deref(), Some("Wiazowna"));
    assert_eq!(town(&first).as_deref(), Some("Wiązowna"));
    // Another gazetteer makes other rules: a run is not resumed over it.
    let more = List { files: file, date: Some("2026-11-01".into()), ..List::default() };
    gazetteer::write(&path, &import(more).unwrap()).unwrap();
    assert_ne!(rulebook::load(folder.path()).unwrap().hash, first.hash);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // What a run has kept needs no gazetteer.
    std::fs::remove_file(&path).unwrap();
    assert!(rulebook::load(folder.path()).is_err());
    assert!(rulebook::load_kept(folder.path()).is_ok());
}

/// The GeoNames files of three countries, as downloaded: in any order the same bytes.
#[test]
fn real_lists_are_imported() {
    let folder = std::env::var("ZLATO_DATA").map_or_else(|_| root().join("../shared/data"), PathBuf::from);
    let copies = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for country in ["LV", "RS", "SI"] {
        let Ok(bytes) = std::fs::read(folder.join(format!("places/geonames_postal_{country}.txt"))) else {
            eprintln!("skipped: no data in ZLATO_DATA");
            return;
        };
        files.extend(lists(copies.path(), &[(format!("{country}.txt").as_str(), bytes.as_slice())]));
    }
    let start = std::time::Instant::now();
    let bytes = import(List { files: files.clone(), ..List::default() }).unwrap().to_bytes();
    eprintln!("three countries: {} bytes in {:.0} ms", bytes.len(), start.elapsed().as_secs_f64() * 1e3);
    files.reverse();
    assert_eq!(import(List { files, ..List::default() }).unwrap().to_bytes(), bytes);
    let g = Gazetteer::from_bytes(&bytes).unwrap();
    assert!(bytes.len() < 900_000 && g.holdings().len() == 3);
    assert_eq!((g.sources()[0].rows, g.sources()[0].licence.as_deref()), (7812, Some("CC BY 4.0")));
}
