//! Amounts for people: bytes, counts and durations, in and out.

/// Bytes of `2GB`, `512 MB`, `1.5GiB` or a plain number. GB and GiB are both 2^30 bytes.
pub fn parse_memory(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: f64 = number.parse().map_err(|_| "write a size such as 2GB or 512MB".to_string())?;
    let scale = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1u64,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        "t" | "tb" | "tib" => 1 << 40,
        _ => return Err("units are KB, MB, GB and TB".into()),
    };
    let bytes = (number * scale as f64) as u64;
    if bytes < 512 << 20 { Err("a run needs at least 512MB".into()) } else { Ok(bytes) }
}

/// `1,234,567`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `512 MB`, `1.8 GB`.
pub fn bytes(n: u64) -> String {
    let megabytes = n as f64 / f64::from(1 << 20);
    if megabytes < 1024.0 { format!("{megabytes:.0} MB") } else { format!("{:.1} GB", megabytes / 1024.0) }
}

/// `0.4 s`, `1 min 12 s`.
pub fn duration(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    format!("{} min {} s", whole / 60, whole % 60)
}

/// Memory of the machine in bytes, or what its control group leaves; 4 GB where nothing tells.
pub fn machine_memory() -> u64 {
    let info = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = info.lines().find_map(|l| l.strip_prefix("MemTotal:"));
    let kilobytes = total.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<u64>().ok());
    let machine = kilobytes.map_or(4 << 30, |k| k * 1024);
    let group = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|t| t.trim().parse::<u64>().ok());
    group.map_or(machine, |g| g.min(machine))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_written() {
        assert_eq!(parse_memory("2GB").unwrap(), 2 << 30);
        assert_eq!(parse_memory("1.5 gib").unwrap(), 3 << 29);
        assert!(parse_memory("12").is_err());
        assert!(parse_memory("2 apples").is_err());
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(12), "12");
        assert_eq!(bytes(3 << 29), "1.5 GB");
        assert_eq!(duration(72.4), "1 min 12 s");
    }
}
