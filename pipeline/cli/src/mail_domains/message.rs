//! Questions to a name server and what its answers say (RFC 1035). Enter: a domain, or the bytes of a message. Leave: the
//! bytes to send, or what was said. Never here: sockets, retries, what it means for mail.

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QTYPE, Question, RCODE, TYPE, header_buffer};

/// What is asked about a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Mx,
    A,
    Aaaa,
}

impl Kind {
    fn code(self) -> TYPE {
        match self {
            Self::Mx => TYPE::MX,
            Self::A => TYPE::A,
            Self::Aaaa => TYPE::AAAA,
        }
    }
}

/// What an answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Mail hosts with their preference; the root, as in a null MX record, has the empty name.
    Mx(Vec<(u16, String)>),
    /// At least one address.
    Address,
    /// The name has no records of this kind.
    Nothing,
    NoSuchName,
    /// The server could not or would not find out.
    Failed,
}

/// A message that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Another question's answer, or none at all.
    NotOurs,
    /// It did not fit: ask again over TCP.
    Truncated,
    Answer(Said),
}

/// The bytes of a question; none for a name that cannot be asked.
pub fn question(id: u16, domain: &str, kind: Kind) -> Option<Vec<u8>> {
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(domain).ok()?;
    packet.questions.push(Question::new(name, QTYPE::TYPE(kind.code()), CLASS::IN.into(), false));
    packet.build_bytes_vec().ok()
}

/// Reads the answer to that question.
pub fn read(bytes: &[u8], id: u16, domain: &str, kind: Kind) -> Reading {
    let ours = header_buffer::id(bytes).is_ok_and(|got| got == id)
        && header_buffer::has_flags(bytes, PacketFlag::RESPONSE).unwrap_or(false);
    if !ours {
        return Reading::NotOurs;
    }
    // Before parsing: a message may be cut anywhere.
    if header_buffer::has_flags(bytes, PacketFlag::TRUNCATION).unwrap_or(false) {
        return Reading::Truncated;
    }
    let Ok(packet) = Packet::parse(bytes) else {
        return Reading::Answer(Said::Failed);
    };
    let wanted = Name::new(domain).ok();
    let repeats = |q: &Question<'_>| Some(&q.qname) == wanted.as_ref() && q.qtype == QTYPE::TYPE(kind.code());
    match packet.questions.as_slice() {
        // A server that did not understand the question may leave it out.
        [] if packet.rcode() != RCODE::NoError => Reading::Answer(Said::Failed),
        [question] if repeats(question) => Reading::Answer(said(&packet, kind)),
        _ => Reading::NotOurs,
    }
}

fn said(packet: &Packet<'_>, kind: Kind) -> Said {
    match packet.rcode() {
        RCODE::NoError => {}
        RCODE::NameError => return Said::NoSuchName,
        _ => return Said::Failed,
    }
    // Records may belong to the name that an alias stands for (RFC 1034, section 3.6.2).
    let records = packet.answers.iter().filter(|r| r.class == CLASS::IN);
    let mut hosts = Vec::new();
    let mut address = false;
    for record in records {
        match &record.rdata {
            RData::MX(mx) => hosts.push((mx.preference, mx.exchange.to_string().to_ascii_lowercase())),
            RData::A(_) | RData::AAAA(_) => address = true,
            _ => {}
        }
    }
    match kind {
        Kind::Mx if !hosts.is_empty() => Said::Mx(hosts),
        Kind::A | Kind::Aaaa if address => Said::Address,
        // A server that only refers to others has not said that there is nothing.
        _ if packet.has_flags(PacketFlag::RECURSION_AVAILABLE)
            || packet.has_flags(PacketFlag::AUTHORITATIVE_ANSWER) =>
        {
            Said::Nothing
        }
        _ => Said::Failed,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use simple_dns::ResourceRecord;
    use simple_dns::rdata::{A, CNAME, MX};

    fn reply<'a>(bytes: &'a [u8], records: Vec<RData<'a>>) -> Packet<'a> {
        let mut packet = Packet::parse(bytes).unwrap().into_reply();
        packet.set_flags(PacketFlag::RECURSION_AVAILABLE);
        for record in records {
            packet.answers.push(ResourceRecord::new(Name::new_unchecked("firma.pl"), CLASS::IN, 60, record));
        }
        packet
    }

    fn mx(preference: u16, host: &str) -> RData<'_> {
        RData::MX(MX { preference, exchange: Name::new_unchecked(host) })
    }

    #[test]
    fn answers_are_understood() {
        let asked = question(7, "firma.pl", Kind::Mx).unwrap();
        let read_all = |packet: &Packet<'_>| read(&packet.build_bytes_vec().unwrap(), 7, "firma.pl", Kind::Mx);
        let alias = RData::CNAME(CNAME(Name::new_unchecked("www.firma.pl")));
        let hosts = reply(&asked, vec![alias, mx(20, "B.firma.pl"), mx(10, "a.firma.pl")]);
        let wanted = vec![(20, "b.firma.pl".to_owned()), (10, "a.firma.pl".to_owned())];
        assert_eq!(read_all(&hosts), Reading::Answer(Said::Mx(wanted)));
        let null = reply(&asked, vec![mx(0, "")]);
        assert_eq!(read_all(&null), Reading::Answer(Said::Mx(vec![(0, String::new())])));
        let mut nothing = reply(&asked, vec![RData::A(A { address: 1 })]);
        assert_eq!(read_all(&nothing), Reading::Answer(Said::Nothing));
        nothing.remove_flags(PacketFlag::RECURSION_AVAILABLE);
        assert_eq!(read_all(&nothing), Reading::Answer(Said::Failed), "a referral");
        for (code, wanted) in
            [(RCODE::NameError, Said::NoSuchName), (RCODE::ServerFailure, Said::Failed), (RCODE::Refused, Said::Failed)]
        {
            let mut packet = reply(&asked, vec![]);
            *packet.rcode_mut() = code;
            assert_eq!(read_all(&packet), Reading::Answer(wanted));
        }
        let mut cut = reply(&asked, vec![mx(10, "a.firma.pl")]);
        cut.set_flags(PacketFlag::TRUNCATION);
        let bytes = cut.build_bytes_vec().unwrap();
        assert_eq!(read(&bytes[..bytes.len() - 3], 7, "firma.pl", Kind::Mx), Reading::Truncated);
    }

    #[test]
    fn only_the_answer_to_the_question_counts() {
        let asked = question(7, "firma.pl", Kind::Mx).unwrap();
        let bytes = reply(&asked, vec![mx(10, "a.firma.pl")]).build_bytes_vec().unwrap();
        assert!(matches!(read(&bytes, 7, "FIRMA.pl", Kind::Mx), Reading::Answer(Said::Mx(_))));
        for reading in [
            read(&bytes, 8, "firma.pl", Kind::Mx),
            read(&bytes, 7, "inna.pl", Kind::Mx),
            read(&bytes, 7, "firma.pl", Kind::A),
            read(&asked, 7, "firma.pl", Kind::Mx),
            read(&[], 7, "firma.pl", Kind::Mx),
            read(b"\x00", 7, "firma.pl", Kind::Mx),
        ] {
            assert_eq!(reading, Reading::NotOurs);
        }
        for length in 0..bytes.len() {
            assert!(!matches!(read(&bytes[..length], 7, "firma.pl", Kind::Mx), Reading::Answer(Said::Mx(_))));
        }
    }
}
