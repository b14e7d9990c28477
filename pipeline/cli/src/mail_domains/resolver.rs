//! Asks name servers whether a domain takes mail: UDP, TCP where an answer does not fit, the next server where one is
//! silent. Enter: a domain in ASCII. Leaves: the verdict with its best mail host. Never here: files, a mail server.

use super::message::{Kind, Reading, Said, question, read};
use rand::{TryRng, rngs::SysRng};
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use zlato_core::contacts::mail_domain::MailVerdict;
use zlato_engine::progress::Cancel;

/// Ctrl-C is noticed this soon.
const TICK: Duration = Duration::from_millis(200);
/// Without extensions an answer over UDP has at most 512 bytes (RFC 1035); some servers send more.
const DATAGRAM: usize = 4096;

pub struct Resolver {
    servers: Vec<SocketAddr>,
    timeout: Duration,
    attempts: u32,
    cancel: Arc<Cancel>,
    /// The server that answered last is asked first.
    preferred: AtomicUsize,
    heard: AtomicBool,
}

/// What was found out about a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub verdict: MailVerdict,
    pub mx: Option<String>,
}

impl Found {
    fn only(verdict: MailVerdict) -> Self {
        Self { verdict, mx: None }
    }
}

impl Resolver {
    pub fn new(servers: Vec<SocketAddr>, timeout: Duration, attempts: u32, cancel: Arc<Cancel>) -> Self {
        Self { servers, timeout, attempts, cancel, preferred: AtomicUsize::new(0), heard: AtomicBool::new(false) }
    }

    /// Whether any server has said anything, be it that it cannot tell.
    pub fn heard(&self) -> bool {
        self.heard.load(Ordering::Relaxed)
    }

    /// Whether the domain takes mail; none when interrupted.
    pub fn mail(&self, domain: &str) -> Option<Found> {
        Some(match self.ask(domain, Kind::Mx)? {
            Said::Mx(hosts) => best(hosts),
            Said::NoSuchName => Found::only(MailVerdict::NoSuchDomain),
            Said::Failed => Found::only(MailVerdict::NoAnswer),
            Said::Nothing | Said::Address => self.own_host(domain)?,
        })
    }

    /// A domain without MX records is its own mail host if it has an address (RFC 5321, section 5.1).
    fn own_host(&self, domain: &str) -> Option<Found> {
        let mut verdict = MailVerdict::TakesNoMail;
        for kind in [Kind::A, Kind::Aaaa] {
            match self.ask(domain, kind)? {
                Said::Address => {
                    return Some(Found { verdict: MailVerdict::TakesMail, mx: Some(domain.to_owned()) });
                }
                Said::Failed => verdict = MailVerdict::NoAnswer,
                Said::Mx(_) | Said::Nothing | Said::NoSuchName => {}
            }
        }
        Some(Found::only(verdict))
    }

    /// The first answer that any server gives; none when interrupted.
    fn ask(&self, domain: &str, kind: Kind) -> Option<Said> {
        let first = self.preferred.load(Ordering::Relaxed);
        for _ in 0..self.attempts {
            for place in (0..self.servers.len()).map(|i| (first + i) % self.servers.len()) {
                self.cancel.check().ok()?;
                let Some(server) = self.servers.get(place) else { continue };
                let Ok(said) = self.exchange(*server, domain, kind) else { continue };
                self.heard.store(true, Ordering::Relaxed);
                if said != Said::Failed {
                    self.preferred.store(place, Ordering::Relaxed);
                    return Some(said);
                }
            }
        }
        self.cancel.check().ok()?;
        Some(Said::Failed)
    }

    fn exchange(&self, server: SocketAddr, domain: &str, kind: Kind) -> Result<Said> {
        // Together with the port that the system draws it keeps others from answering in the server's place (RFC 5452).
        let id = SysRng.try_next_u32().map_err(Error::other)? as u16;
        let Some(message) = question(id, domain, kind) else { return Ok(Said::Failed) };
        let over_udp = self.over_udp(server, &message, |bytes| read(bytes, id, domain, kind))?;
        if let Reading::Answer(said) = over_udp {
            return Ok(said);
        }
        match read(&self.over_tcp(server, &message)?, id, domain, kind) {
            Reading::Answer(said) => Ok(said),
            Reading::Truncated | Reading::NotOurs => Ok(Said::Failed),
        }
    }

    /// Waits for the answer and passes over everything else that comes in.
    fn over_udp(&self, server: SocketAddr, message: &[u8], read: impl Fn(&[u8]) -> Reading) -> Result<Reading> {
        let here: SocketAddr =
            if server.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
        let socket = UdpSocket::bind(here)?;
        socket.connect(server)?;
        socket.send(message)?;
        let deadline = Instant::now() + self.timeout;
        let mut buffer = [0; DATAGRAM];
        loop {
            self.cancel.check().map_err(|_| Error::from(ErrorKind::Interrupted))?;
            socket.set_read_timeout(Some(left(deadline)?.min(TICK)))?;
            match socket.recv(&mut buffer) {
                Ok(length) => match read(buffer.get(..length).unwrap_or_default()) {
                    Reading::NotOurs => {}
                    reading => return Ok(reading),
                },
                Err(e) if waits(&e) => {}
                Err(e) => return Err(e),
            }
        }
    }

    /// A message over TCP has its length before it (RFC 7766).
    fn over_tcp(&self, server: SocketAddr, message: &[u8]) -> Result<Vec<u8>> {
        let deadline = Instant::now() + self.timeout;
        let mut stream = TcpStream::connect_timeout(&server, self.timeout)?;
        stream.set_write_timeout(Some(left(deadline)?))?;
        let length = u16::try_from(message.len()).map_err(|_| Error::from(ErrorKind::InvalidInput))?;
        stream.write_all(&[&length.to_be_bytes(), message].concat())?;
        let mut length = [0; 2];
        self.fill(&mut stream, &mut length, deadline)?;
        let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
        self.fill(&mut stream, &mut answer, deadline)?;
        Ok(answer)
    }

    fn fill(&self, stream: &mut TcpStream, mut buffer: &mut [u8], deadline: Instant) -> Result<()> {
        while !buffer.is_empty() {
            self.cancel.check().map_err(|_| Error::from(ErrorKind::Interrupted))?;
            stream.set_read_timeout(Some(left(deadline)?.min(TICK)))?;
            match stream.read(buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(length) => buffer = buffer.get_mut(length..).unwrap_or_default(),
                Err(e) if waits(&e) => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}

/// The time that is left, never zero: sockets take zero for ever.
fn left(deadline: Instant) -> Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left < Duration::from_millis(1) { Err(ErrorKind::TimedOut.into()) } else { Ok(left) }
}

fn waits(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

/// The host of the lowest preference, of equal ones the first by name. The root alone is a null MX record (RFC 7505):
/// the domain takes no mail; beside others it counts for nothing.
fn best(hosts: Vec<(u16, String)>) -> Found {
    match hosts.into_iter().filter(|(_, host)| !host.is_empty()).min() {
        Some((_, host)) => Found { verdict: MailVerdict::TakesMail, mx: Some(host) },
        None => Found::only(MailVerdict::TakesNoMail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_host_has_the_lowest_preference_and_the_root_is_none() {
        let hosts = |list: &[(u16, &str)]| list.iter().map(|(p, h)| (*p, (*h).to_owned())).collect();
        let found = best(hosts(&[(20, "a.pl"), (10, "c.pl"), (10, "b.pl"), (0, "")]));
        assert_eq!(found, Found { verdict: MailVerdict::TakesMail, mx: Some("b.pl".to_owned()) });
        assert_eq!(best(hosts(&[(0, "")])), Found::only(MailVerdict::TakesNoMail));
    }
}
