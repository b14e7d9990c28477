//! Which name servers are asked. Enter: `--server`, or the system's list. Leave: addresses with ports.

use std::net::{IpAddr, SocketAddr};
use zlato_engine::error::Error;

/// Port of name servers (RFC 1035).
const PORT: u16 = 53;
/// The system's own resolver reads no more of them (resolv.conf(5)).
const MOST: usize = 3;
const SYSTEM: &str = "/etc/resolv.conf";

/// A server as IP or IP:PORT; IPv6 with a port as `[2001:db8::53]:5353`.
pub fn parse(text: &str) -> Result<SocketAddr, String> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, PORT));
    address.or_else(|_| text.parse()).map_err(|_| "an address such as 192.0.2.53 or 192.0.2.53:5353 is wanted".into())
}

/// The servers given, else those of the system.
pub fn find(given: &[SocketAddr]) -> Result<Vec<SocketAddr>, Error> {
    if !given.is_empty() {
        return Ok(given.to_vec());
    }
    let found = listed(&std::fs::read_to_string(SYSTEM).unwrap_or_default());
    if found.is_empty() {
        return Err(Error::environment(format!("{SYSTEM} names no name server")).hint("give one with --server IP"));
    }
    Ok(found)
}

/// The lines `nameserver ADDRESS` of resolv.conf(5); an address with a zone, as `fe80::1%eth0`, is passed over.
fn listed(text: &str) -> Vec<SocketAddr> {
    let address = |line: &str| {
        let mut words = line.split_whitespace();
        let address = (words.next() == Some("nameserver")).then(|| words.next()).flatten()?;
        address.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, PORT))
    };
    text.lines().filter_map(address).take(MOST).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read_with_and_without_a_port() {
        for (text, wanted) in [
            ("192.0.2.53", "192.0.2.53:53"),
            ("192.0.2.53:5353", "192.0.2.53:5353"),
            ("2001:db8::53", "[2001:db8::53]:53"),
            ("[2001:db8::53]", "[2001:db8::53]:53"),
            ("[2001:db8::53]:5353", "[2001:db8::53]:5353"),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), wanted, "{text}");
        }
        for text in ["", "dns.firma.pl", "192.0.2.53:", "192.0.2.53:99999"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_systems_list_is_read_as_its_manual_says() {
        let text = "# nameserver 192.0.2.1\nsearch firma.pl\nnameserver\t192.0.2.2 # first\n nameserver fe80::1%eth0\n\
                    nameserver 2001:db8::3\nnameservers 192.0.2.4\nnameserver 192.0.2.5\nnameserver 192.0.2.6\n";
        let found: Vec<String> = listed(text).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["192.0.2.2:53", "[2001:db8::3]:53", "192.0.2.5:53"]);
        assert_eq!(listed(""), []);
    }
}
