//! Check digits that countries had before the IBAN. Enters: a country and the characters behind the four first.
//! Leaves: whether they fit; none where the country has none that hold for all banks (Germany, Latvia, Lithuania...).
//! Sources: the national parts of the European Committee for Banking Standards' register of account numbers (TR 201),
//! and the rules of national banks named at each function.

/// Whether the national check digits fit.
pub(super) fn fits(country: &str, bban: &[u8]) -> Option<bool> {
    Some(match country {
        "AL" => weighted(bban.get(..8)?, &[9, 7, 3, 1, 9, 7, 3, 1]).is_multiple_of(10),
        // ISO 7064 MOD 97-10 over the whole number; seen from outside, their IBANs all have the same check digits.
        "BA" | "ME" | "MK" | "PT" | "RS" | "SI" | "TL" | "XK" => remainder_97(bban)? == 1,
        "BE" => remainder_97(bban.get(..10)?)? == remainder_97(bban.get(10..)?)? && bban.get(10..)? != b"00",
        "CZ" | "SK" => czech(bban)?,
        "EE" => estonian(bban)?,
        "ES" => spanish(bban)?,
        "FI" => finnish(bban),
        "FR" | "MC" => french(bban)?,
        "HR" => eleven_ten(bban.get(..7)?) && eleven_ten(bban.get(7..)?),
        "HU" => {
            let run = [9, 7, 3, 1, 9, 7, 3, 1, 9, 7, 3, 1, 9, 7, 3, 1];
            weighted(bban.get(..8)?, &run).is_multiple_of(10) && weighted(bban.get(8..)?, &run).is_multiple_of(10)
        }
        "IT" | "SM" => italian(bban)?,
        "NO" => norwegian(bban)?,
        // Dz. Urz. NBP: the eighth digit of the bank's settlement number.
        "PL" => weighted(bban.get(..8)?, &[3, 9, 7, 1, 3, 9, 7, 1]).is_multiple_of(10),
        _ => return None,
    })
}

fn digit(byte: u8) -> u32 {
    u32::from(byte.wrapping_sub(b'0'))
}

fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(b, w)| digit(*b) * w).sum()
}

/// Letters count 10 to 35. None for other characters.
fn remainder_97(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |rest, b| match b {
        b'0'..=b'9' => Some((rest * 10 + digit(*b)) % 97),
        b'A'..=b'Z' => Some((rest * 100 + u32::from(b - b'A') + 10) % 97),
        _ => None,
    })
}

/// ISO 7064 MOD 11,10, as Croatian bank codes and accounts have it.
fn eleven_ten(digits: &[u8]) -> bool {
    let Some((check, body)) = digits.split_last() else { return false };
    let product = body.iter().fold(10, |product, b| {
        let sum = (product + digit(*b)) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (product + digit(*check)) % 10 == 1
}

/// Vyhláška ČNB 169/2011 Sb. and its Slovak like: prefix and account each leave no remainder by eleven.
fn czech(bban: &[u8]) -> Option<bool> {
    let weights = [6, 3, 7, 9, 10, 5, 8, 4, 2, 1];
    let fits = |digits: &[u8]| Some(weighted(digits, weights.get(10 - digits.len()..)?).is_multiple_of(11));
    Some(fits(bban.get(4..10)?)? && fits(bban.get(10..)?)?)
}

/// Weights 7 3 1 from the right over branch and account (Eesti Pangaliit).
fn estonian(bban: &[u8]) -> Option<bool> {
    let (check, body) = bban.get(2..)?.split_last()?;
    let sum: u32 = body.iter().rev().zip([7, 3, 1].iter().cycle()).map(|(b, w)| digit(*b) * w).sum();
    Some((sum + digit(*check)).is_multiple_of(10))
}

/// Código cuenta cliente (Banco de España): a digit for bank and branch, one for the account.
fn spanish(bban: &[u8]) -> Option<bool> {
    let control = |digits: &[u8], weights: &[u32]| match 11 - weighted(digits, weights) % 11 {
        11 => 0,
        10 => 1,
        other => other,
    };
    let bank = control(bban.get(..8)?, &[4, 8, 5, 10, 9, 7, 3, 6]);
    let account = control(bban.get(10..)?, &[1, 2, 4, 8, 5, 10, 9, 7, 3, 6]);
    Some(bank == digit(*bban.get(8)?) && account == digit(*bban.get(9)?))
}

/// Luhn over the whole number (Finanssiala).
fn finnish(bban: &[u8]) -> bool {
    let sum: u32 = bban
        .iter()
        .rev()
        .enumerate()
        .map(|(at, b)| match digit(*b) {
            d if at % 2 == 0 => d,
            d if d > 4 => d * 2 - 9,
            d => d * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Clé RIB (Comité français d'organisation et de normalisation bancaires): letters count 1 to 9 by turns.
fn french(bban: &[u8]) -> Option<bool> {
    let number = bban.get(..21)?.iter().fold(0u32, |rest, b| {
        let value = match b {
            b'0'..=b'9' => digit(*b),
            b'A'..=b'I' => u32::from(b - b'A') + 1,
            b'J'..=b'R' => u32::from(b - b'J') + 1,
            b'S'..=b'Z' => u32::from(b - b'S') + 2,
            _ => 0,
        };
        (rest * 10 + value) % 97
    });
    let key = digit(*bban.get(21)?) * 10 + digit(*bban.get(22)?);
    Some((number * 100 + key).is_multiple_of(97) && (1..=97).contains(&key))
}

/// CIN (Associazione bancaria italiana): characters at odd places count by a table, those at even ones plainly.
fn italian(bban: &[u8]) -> Option<bool> {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let (cin, body) = bban.split_first()?;
    let mut sum = 0;
    for (at, b) in body.iter().enumerate() {
        let plain = if b.is_ascii_digit() { digit(*b) } else { u32::from(b.checked_sub(b'A')?) };
        sum += if at % 2 == 0 { *ODD.get(plain as usize)? } else { plain };
    }
    Some(sum % 26 == u32::from(cin.checked_sub(b'A')?))
}

/// Weights 5 4 3 2 7 6 5 4 3 2 by eleven; where the group is 00, only the account counts (Bits AS).
fn norwegian(bban: &[u8]) -> Option<bool> {
    let weights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
    let from = if bban.get(4..6)? == b"00" { 6 } else { 0 };
    Some(weighted(bban.get(from..)?, weights.get(from..)?).is_multiple_of(11))
}
