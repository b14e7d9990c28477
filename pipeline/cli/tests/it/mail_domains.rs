//! `zlato mail-domains` against a name server of its own on this machine: nothing leaves it.

use crate::harness::{err, out, say, zlato};
use simple_dns::rdata::{A, AAAA, MX, RData};
use simple_dns::{CLASS, Name, Packet, PacketFlag, QTYPE, RCODE, ResourceRecord, TYPE};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// What the server does with a question that has come over UDP or TCP.
enum Reply {
    Records(Vec<(TYPE, &'static str)>),
    Code(RCODE),
    Truncated,
    Silence,
    /// An answer to another question before the right one.
    Late(&'static str),
}

/// By the first label of the name.
fn reply(name: &str, tcp: bool) -> Reply {
    match name.split('.').next().unwrap() {
        "takes" => Reply::Records(vec![(TYPE::MX, "20 b.mail.pl"), (TYPE::MX, "10 A.mail.pl"), (TYPE::A, "")]),
        "xn--ito-b3a" => Reply::Records(vec![(TYPE::MX, "10 mail.si")]),
        "null" => Reply::Records(vec![(TYPE::MX, "0 "), (TYPE::A, "")]),
        "plain" => Reply::Records(vec![(TYPE::A, "")]),
        "six" => Reply::Records(vec![(TYPE::AAAA, "")]),
        "empty" => Reply::Records(vec![]),
        "gone" => Reply::Code(RCODE::NameError),
        "failing" => Reply::Code(RCODE::ServerFailure),
        "long" if tcp => Reply::Records(vec![(TYPE::MX, "10 long.mail.pl")]),
        "long" => Reply::Truncated,
        "late" => Reply::Late("10 late.mail.pl"),
        "silent" => Reply::Silence,
        _ => Reply::Code(RCODE::NameError),
    }
}

/// The messages to send back.
fn answers(question: &[u8], tcp: bool) -> Vec<Vec<u8>> {
    let asked = Packet::parse(question).unwrap();
    assert!(asked.has_flags(PacketFlag::RECURSION_DESIRED));
    let (name, kind) = (asked.questions[0].qname.to_string(), asked.questions[0].qtype);
    assert!(name.is_ascii(), "domains are asked in ASCII");
    let (id, owner) = (asked.id(), asked.questions[0].qname.clone());
    let mut packet = asked.into_reply();
    packet.set_flags(PacketFlag::RECURSION_AVAILABLE);
    let mx = |text: &'static str| {
        let (preference, host) = text.split_once(' ').unwrap();
        RData::MX(MX { preference: preference.parse().unwrap(), exchange: Name::new_unchecked(host) })
    };
    let mut add = |data| packet.answers.push(ResourceRecord::new(owner.clone(), CLASS::IN, 60, data));
    match reply(&name, tcp) {
        Reply::Silence => return vec![],
        Reply::Records(records) => {
            for (record, text) in records.into_iter().filter(|(record, _)| kind == QTYPE::TYPE(*record)) {
                add(match record {
                    TYPE::A => RData::A(A { address: 1 }),
                    TYPE::AAAA => RData::AAAA(AAAA { address: 1 }),
                    _ => mx(text),
                });
            }
        }
        Reply::Code(code) => *packet.rcode_mut() = code,
        Reply::Truncated => packet.set_flags(PacketFlag::TRUNCATION),
        Reply::Late(text) => {
            add(mx(text));
            let right = packet.build_bytes_vec().unwrap();
            packet.set_id(id.wrapping_add(1));
            packet.answers.clear();
            return vec![packet.build_bytes_vec().unwrap(), right];
        }
    }
    vec![packet.build_bytes_vec().unwrap()]
}

/// Answers until the test ends.
fn name_server() -> SocketAddr {
    let (tcp, udp) = (0..100)
        .find_map(|_| {
            let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
            let udp = UdpSocket::bind(tcp.local_addr().unwrap()).ok()?;
            Some((tcp, udp))
        })
        .unwrap();
    let address = tcp.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((length, from)) = udp.recv_from(&mut buffer) {
            for message in answers(&buffer[..length], false) {
                udp.send_to(&message, from).unwrap();
            }
        }
    });
    std::thread::spawn(move || {
        for stream in tcp.incoming() {
            let mut stream = stream.unwrap();
            let mut length = [0; 2];
            stream.read_exact(&mut length).unwrap();
            let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut question).unwrap();
            for message in answers(&question, true) {
                // In two pieces, as networks may deliver it.
                let bytes = [&(message.len() as u16).to_be_bytes(), message.as_slice()].concat();
                stream.write_all(&bytes[..5]).unwrap();
                stream.flush().unwrap();
                std::thread::sleep(Duration::from_millis(20));
                stream.write_all(&bytes[5..]).unwrap();
            }
        }
    });
    address
}

fn kept(folder: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(folder.join("mail_domains.jsonl")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// `domain verdict host` of each line, in order of domains.
fn verdicts(lines: &[serde_json::Value]) -> Vec<String> {
    let word = |line: &serde_json::Value, key: &str| line[key].as_str().unwrap_or("-").to_owned();
    let shown = |line| [word(line, "domain"), word(line, "verdict"), word(line, "mx")].join(" ");
    let mut all: Vec<String> = lines.iter().map(shown).collect();
    all.sort();
    all
}

#[test]
fn every_kind_of_answer_is_recorded_with_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out");
    let server = name_server().to_string();
    let names = [
        "takes.pl",
        "Žito.si",
        "null.pl",
        "plain.pl",
        "six.pl",
        "empty.pl",
        "gone.pl",
        "failing.pl",
        "long.pl",
        "late.pl",
        "silent.pl",
    ];
    let options = ["--server", &server, "--timeout", "0.5", "--attempts", "1", "--out", to.to_str().unwrap()];
    let before = chrono::Utc::now() - chrono::TimeDelta::seconds(1);
    let output = say(&[&["mail-domains"], &names[..], &options].concat());
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let lines = kept(&to);
    assert_eq!(
        verdicts(&lines),
        [
            "empty.pl takes_no_mail -",
            "failing.pl no_answer -",
            "gone.pl no_such_domain -",
            "late.pl takes_mail late.mail.pl",
            "long.pl takes_mail long.mail.pl",
            "null.pl takes_no_mail -",
            "plain.pl takes_mail plain.pl",
            "silent.pl no_answer -",
            "six.pl takes_mail six.pl",
            "takes.pl takes_mail a.mail.pl",
            "xn--ito-b3a.si takes_mail mail.si",
        ]
    );
    for line in &lines {
        let asked = chrono::DateTime::parse_from_rfc3339(line["asked_at"].as_str().unwrap()).unwrap();
        assert!(asked >= before && asked <= chrono::Utc::now(), "{line}");
    }
    for part in
        ["takes.pl", "a.mail.pl", "no_such_domain", "6 take mail, 2 take none, 1 do not exist, 2 gave no answer"]
    {
        assert!(out(&output).contains(part), "{}", out(&output));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(to.join("mail_domains.jsonl")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    // Again: only those that gave no answer are asked.
    let again = say(&[&["mail-domains", "--json"], &names[..], &options].concat());
    let summary: serde_json::Value = serde_json::from_str(&out(&again)).unwrap();
    assert_eq!((summary["asked"].as_u64(), summary["skipped"].as_u64()), (Some(2), Some(9)), "{summary}");
    assert_eq!(summary["domains"].as_array().unwrap().len(), names.len());
    let all = say(&[&["mail-domains", "--json", "--max-age", "0", "--limit", "4"], &names[..], &options].concat());
    let summary: serde_json::Value = serde_json::from_str(&out(&all)).unwrap();
    assert_eq!((summary["asked"].as_u64(), summary["left"].as_u64()), (Some(4), Some(7)), "{summary}");
    assert_eq!(kept(&to).len(), 11 + 2 + 4);
}

#[test]
fn a_server_that_is_silent_is_passed_over_and_silence_alone_is_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let mute = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mute = mute.local_addr().unwrap().to_string();
    let options = ["--timeout", "0.2", "--attempts", "1", "--out", to];
    let alone = say(&[&["mail-domains", "takes.pl", "--server", &mute][..], &options].concat());
    assert_eq!(alone.status.code(), Some(2));
    assert!(err(&alone).contains("no name server answered") && err(&alone).contains("--server"), "{}", err(&alone));
    assert_eq!(kept(folder.path()), Vec::<serde_json::Value>::new());

    let two = format!("{mute},{}", name_server());
    let both = say(&[&["mail-domains", "takes.pl", "--server", &two][..], &options].concat());
    assert_eq!(both.status.code(), Some(0), "{}", err(&both));
    assert_eq!(verdicts(&kept(folder.path())), ["takes.pl takes_mail a.mail.pl"]);
}

#[test]
fn standard_input_is_read_and_mistakes_are_told_without_quoting() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let server = name_server().to_string();
    let arguments = ["mail-domains", "-", "--json", "--server", &server, "--out", to];
    let mut child =
        zlato(&arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all("takes.pl\r\n\njan@secret.pl\nGONE.pl\ntakes.pl".as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(verdicts(&kept(folder.path())), ["gone.pl no_such_domain -", "takes.pl takes_mail a.mail.pl"]);
    assert!(err(&output).contains("1 of 4 lines") && !err(&output).contains("secret"), "{}", err(&output));

    let wrong = say(&["mail-domains", "takes.pl", "jan@secret.pl", "--out", to]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(err(&wrong).contains("argument 2") && !err(&wrong).contains("secret"), "{}", err(&wrong));
    let bad = say(&["mail-domains", "takes.pl", "--server", "dns.firma.pl"]);
    assert_eq!(bad.status.code(), Some(2));
    assert!(err(&bad).contains("192.0.2.53"), "{}", err(&bad));
    let nowhere = folder.path().join("nowhere");
    let none = say(&["mail-domains", "--out", nowhere.to_str().unwrap(), "--server", &server]);
    assert_eq!(none.status.code(), Some(2));
    assert!(err(&none).contains("there is no run") && !nowhere.exists(), "{}", err(&none));
}

#[test]
fn the_domains_of_a_run_are_asked_and_the_next_run_reads_the_answers() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let server = name_server().to_string();
    let run = ["run", "--out", to, "--quiet", "--until", "contacts"];
    assert_eq!(say(&run).status.code(), Some(0));
    let asked = say(&["mail-domains", "--out", to, "--server", &server, "--limit", "25", "--json"]);
    let summary: serde_json::Value = serde_json::from_str(&out(&asked)).unwrap();
    assert_eq!((summary["asked"].as_u64(), summary["no_such_domain"].as_u64()), (Some(25), Some(25)), "{summary}");
    assert!(summary["left"].as_u64() > Some(0) && summary["domains"].is_null(), "{summary}");
    assert!(err(&asked).contains("most of these domains do not exist"), "{}", err(&asked));

    assert_eq!(say(&run).status.code(), Some(0));
    let sql = "SELECT DISTINCT email_domain FROM contacts WHERE email_reason = 'domain_unknown' ORDER BY 1";
    let found = out(&say(&["tables", "--out", to, "--csv", "--sql", sql]));
    let mut wanted: Vec<String> = kept(folder.path()).iter().map(|l| l["domain"].as_str().unwrap().into()).collect();
    wanted.sort();
    let found: Vec<String> = found.lines().skip(1).map(String::from).collect();
    assert!(found.len() > 15 && found.iter().all(|domain| wanted.contains(domain)), "{found:?}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_command_keeps_what_it_found() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let server = name_server().to_string();
    let arguments = [
        "mail-domains",
        "takes.pl",
        "silent.pl",
        "gone.pl",
        "--threads",
        "1",
        "--timeout",
        "60",
        "--server",
        &server,
        "--out",
        to,
    ];
    let started = Instant::now();
    let child = zlato(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while kept(folder.path()).is_empty() {
        assert!(started.elapsed() < Duration::from_secs(20), "nothing was found");
        std::thread::sleep(Duration::from_millis(50));
    }
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", err(&output));
    assert!(err(&output).contains("what was found is kept") && started.elapsed() < Duration::from_secs(30));
    assert_eq!(verdicts(&kept(folder.path())), ["takes.pl takes_mail a.mail.pl"]);
}
