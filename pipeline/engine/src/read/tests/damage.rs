//! Compression, whole and damaged, and files on disk.
//! In: packed bytes made here. Out: all rows before the damage, then a clear error.
//! Never here: undamaged plain text, which has its own files.

use super::*;
use std::io::Write;

fn table(rows: usize) -> String {
    let mut text = String::from("id,name\n");
    for row in 0..rows {
        text.push_str(&format!("{row},name {}\n", row.wrapping_mul(2_654_435_761) % 1_000_003));
    }
    text
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

fn zstandard(text: &str) -> Vec<u8> {
    // With a checksum, as the `zstd` command writes it: without one, damage can go unnoticed.
    let mut packer = zstd::Encoder::new(Vec::new(), 1).unwrap();
    packer.include_checksum(true).unwrap();
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

#[test]
fn packed_files_read_like_plain_ones_even_in_several_members() {
    let text = table(3000);
    let expected = csv(&text).rows;
    assert_eq!(expected.len(), 3000);
    let (first, second) = text.split_at(text.len() / 2);
    for pack in [gzip, zstandard] {
        assert_eq!(csv(pack(&text)).rows, expected);
        assert_eq!(csv([pack(first), pack(second)].concat()).rows, expected);
    }
}

#[test]
fn a_truncated_file_gives_its_rows_and_then_fails() {
    let text = table(50_000);
    for pack in [gzip, zstandard] {
        let whole = pack(&text);
        let told = csv(&whole[..whole.len() / 2]);
        assert!(told.rows.len() > 5_000, "{}", told.rows.len());
        let cut: Vec<_> = told.rejected.iter().map(|r| r.reason).collect();
        assert!(cut.is_empty() || cut == ["cut_off"], "{cut:?}");
        let Some(ReadError::Corrupt { after_rows, what, .. }) = &told.error else {
            panic!("{:?}", told.error);
        };
        assert_eq!(*after_rows, told.counts.rows_read);
        assert!(what.contains("ends too early"), "{what}");
        let good = csv(&text).rows;
        assert_eq!(told.rows, good[..told.rows.len()]);
    }
}

#[test]
fn damaged_bytes_fail_and_never_give_wrong_rows_silently() {
    let text = table(50_000);
    for pack in [gzip, zstandard] {
        let mut bytes = pack(&text);
        let middle = bytes.len() / 2;
        bytes[middle..middle + 64].fill(0xFF);
        let told = csv(&bytes);
        assert!(matches!(told.error, Some(ReadError::Corrupt { .. })), "{:?}", told.error);
    }
    let mut bytes = gzip(&text);
    let checksum = bytes.len() - 8;
    bytes[checksum] ^= 1;
    let told = csv(&bytes);
    assert_eq!(told.rows.len(), 50_000);
    assert!(matches!(told.error, Some(ReadError::Corrupt { .. })));
}

#[test]
fn a_file_damaged_before_its_header_says_so() {
    for bytes in [&gzip("id,name\n")[..6], &zstandard("id,name\n")[..5]] {
        let error = read_with(bytes, &ReadOptions::default(), CHUNK).unwrap_err();
        assert!(matches!(error, ReadError::Corrupt { after_rows: 0, .. }), "{error}");
    }
    let empty = read_with(&gzip(""), &ReadOptions::default(), CHUNK).unwrap_err();
    assert!(matches!(empty, ReadError::Empty { .. }));
}

#[test]
fn a_line_of_40_mb_streams_through() {
    /// `a,b`, a row of 40 MB, a short row.
    struct Long(u64);
    impl std::io::Read for Long {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let tail = b"\n2,y\n";
            let length = 4 + 40_000_000 + tail.len() as u64;
            let mut n = 0;
            for byte in out.iter_mut().take((length - self.0).try_into().unwrap_or(usize::MAX)) {
                let at = self.0 + n;
                *byte = match at {
                    0..4 => b"a,b\n"[at as usize],
                    _ if at < 40_000_004 => b'x',
                    _ => tail[(at - 40_000_004) as usize],
                };
                n += 1;
            }
            self.0 += n;
            Ok(n as usize)
        }
    }
    let bytes = bytes::unpack(Box::new(Long(0))).unwrap();
    let path = Path::new("long.csv");
    let mut opened = open_bytes(path, bytes, &ReadOptions::default(), CHUNK, Vec::new()).unwrap();
    let mut batch = RowBatch::new();
    assert!(opened.next_rows(&mut batch).unwrap());
    assert_eq!(batch.rejected[0].reason, "row_too_long");
    assert_eq!(batch.lines, [3]);
    assert!(opened.text.held() < 4 * 1024 * 1024, "{}", opened.text.held());
}

#[test]
fn files_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let codes = |path: &Path| {
        let opened = open(path, &ReadOptions::default()).unwrap();
        opened.notes.iter().map(|n| n.code).collect::<Vec<_>>()
    };
    assert!(codes(&file("plain.csv.gz", b"a,b\n1,2\n")).contains(&"not_compressed"));
    assert!(codes(&file("packed.csv", &gzip("a,b\n1,2\n"))).contains(&"compressed"));
    let path = file("crm.csv.zst", &zstandard("a,b\n1,2\n"));
    assert_eq!(open(&path, &ReadOptions::default()).unwrap().compression, Some(Compression::Zstd));
    let fails = |path: &Path| open(path, &ReadOptions::default()).err().unwrap();
    assert!(fails(&folder.path().join("crn.csv.zst")).to_string().contains("`crm.csv.zst`"));
    assert!(fails(folder.path()).to_string().contains("folder"));
}
