//! `zlato mail-domains`: which domains of the customers' e-mails take mail. Enter: domains of a run, of arguments or of
//! standard input. Leave: an answer a line in the output folder, with the time of asking, and a summary. Never here:
//! addresses, mail servers; and no run comes by.

mod args;
mod message;
mod resolver;
mod servers;

pub use args::MailDomainsArgs;

use crate::ask;
use crate::messages::Failure;
use crate::output::tell;
use crate::tables::drawn;
use crate::units::count;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use resolver::{Found, Resolver};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::io::{IsTerminal, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use zlato_core::contacts::email::ascii_domain;
use zlato_core::contacts::mail_domain::{MailDomain, MailVerdict};
use zlato_engine::catalog::Catalog;
use zlato_engine::error::Error;
use zlato_engine::mail_domains::{self as kept, Recorder};
use zlato_engine::progress::Cancel;
use zlato_review::text::visible;

/// With so many domains asked and not a word from any server there is no network.
const SILENT: usize = 32;
/// From so many domains on it is told when most of them do not exist.
const MANY: u64 = 20;
/// Given domains are listed up to this number.
const LISTED: usize = 200;

/// What became of the domains.
#[derive(Debug, Default, Serialize)]
struct Summary {
    asked: u64,
    /// Asked lately, so not again.
    skipped: u64,
    /// Beyond `--limit`, or not reached.
    left: u64,
    takes_mail: u64,
    takes_no_mail: u64,
    no_such_domain: u64,
    no_answer: u64,
    interrupted: bool,
    seconds: f64,
    file: String,
    /// The answers in force for domains that were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    domains: Option<Vec<MailDomain>>,
}

impl Summary {
    fn add(&mut self, verdict: MailVerdict) {
        self.asked += 1;
        *match verdict {
            MailVerdict::TakesMail => &mut self.takes_mail,
            MailVerdict::TakesNoMail => &mut self.takes_no_mail,
            MailVerdict::NoSuchDomain => &mut self.no_such_domain,
            MailVerdict::NoAnswer => &mut self.no_answer,
        } += 1;
    }
}

pub fn mail_domains(args: &MailDomainsArgs) -> Result<u8, Failure> {
    let started = Instant::now();
    let given = !args.domains.is_empty();
    let domains = if given { given_domains(args)? } else { domains_of_run(args)? };
    let servers = servers::find(&args.server)?;
    let (recorder, known) = Recorder::open(&args.out)?;
    let mut known: HashMap<String, MailDomain> = known.into_iter().map(|a| (a.domain.clone(), a)).collect();
    let (now, lately) = (chrono::Utc::now(), chrono::TimeDelta::days(i64::from(args.max_age)));
    let fresh = |a: &MailDomain| a.verdict != MailVerdict::NoAnswer && now - a.asked_at < lately;
    let (skipped, mut wanted): (Vec<&String>, Vec<&String>) =
        domains.iter().partition(|d| known.get(*d).is_some_and(fresh));
    let all = wanted.len();
    wanted.truncate(args.limit.unwrap_or(all));

    let mut summary = Summary { skipped: skipped.len() as u64, ..Summary::default() };
    let cancel = ask::cancel_on_signals()?;
    let resolver = Resolver::new(servers.clone(), args.timeout, args.attempts.get(), cancel.clone());
    let mut answers = Answers { recorder, pending: vec![], found: vec![], summary: &mut summary };
    ask_all(args, &wanted, &resolver, &cancel, &mut answers)?;
    let found = answers.found;
    summary.file = answers.recorder.finish()?.display().to_string();
    summary.left = all as u64 - summary.asked;
    summary.seconds = started.elapsed().as_secs_f64();
    known.extend(found.into_iter().map(|a| (a.domain.clone(), a)));
    summary.domains = given.then(|| domains.iter().filter_map(|d| known.get(d).cloned()).collect());

    if !wanted.is_empty() && !resolver.heard() && !summary.interrupted {
        let names: Vec<String> = servers.iter().map(ToString::to_string).collect();
        let error = Error::environment(format!("no name server answered ({}); nothing was kept", names.join(", ")));
        return Err(error.hint("is there a network? Another server can be given with --server IP").into());
    }
    tell(args, &summary)?;
    Ok(if summary.interrupted { crate::INTERRUPTED } else { crate::DONE })
}

/// The domains of arguments and standard input, each once, in their order.
fn given_domains(args: &MailDomainsArgs) -> Result<Vec<String>, Failure> {
    let mut domains = Vec::new();
    for (number, argument) in (1..).zip(&args.domains) {
        if argument == "-" {
            let mut bytes = Vec::new();
            let read = std::io::stdin().lock().read_to_end(&mut bytes);
            read.map_err(|e| Error::environment(format!("standard input cannot be read: {e}")))?;
            let text = String::from_utf8_lossy(&bytes);
            let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
            let read: Vec<String> = lines.iter().filter_map(|line| ascii_domain(line)).collect();
            if read.len() < lines.len() {
                let refused = count((lines.len() - read.len()) as u64);
                tell!("{refused} of {} lines are no domain names", count(lines.len() as u64));
            }
            domains.extend(read);
        } else {
            // Not quoted: it may be somebody's address.
            let domain = ascii_domain(argument).ok_or_else(|| {
                Error::input(format!("argument {number} is no domain name"))
                    .hint("a domain is what follows the @ of an address, as firma.pl")
            })?;
            domains.push(domain);
        }
    }
    let mut seen = HashSet::new();
    domains.retain(|domain| seen.insert(domain.clone()));
    Ok(domains)
}

fn domains_of_run(args: &MailDomainsArgs) -> Result<Vec<String>, Failure> {
    let limits = ask::limits(None, None);
    let domains = ask::runtime(limits.threads)?.block_on(async {
        let run = Catalog::open(&args.out, args.run.as_deref(), limits).await?;
        kept::domains(&run).await
    })?;
    Ok(domains)
}

/// Where answers go.
struct Answers<'a> {
    recorder: Recorder,
    /// Not recorded before a server has said anything: without a network, silence says nothing of a domain.
    pending: Vec<MailDomain>,
    found: Vec<MailDomain>,
    summary: &'a mut Summary,
}

impl Answers<'_> {
    fn add(&mut self, domain: &str, found: Found, heard: bool) -> Result<(), Error> {
        let Found { verdict, mx } = found;
        self.pending.push(MailDomain { domain: domain.to_owned(), verdict, mx, asked_at: chrono::Utc::now() });
        if heard {
            for answer in self.pending.drain(..) {
                self.recorder.record(&answer)?;
                self.summary.add(answer.verdict);
                self.found.push(answer);
            }
        }
        Ok(())
    }
}

/// Asks about all of them, several at a time; each answer is recorded as it comes.
fn ask_all(
    args: &MailDomainsArgs,
    wanted: &[&String],
    resolver: &Resolver,
    cancel: &Arc<Cancel>,
    answers: &mut Answers<'_>,
) -> Result<(), Failure> {
    let next = AtomicUsize::new(0);
    let (send, receive) = mpsc::channel();
    let mut progress = Progress::new(args.quiet, wanted.len() as u64);
    // A signal, no network and a full disk all end the work in the same way.
    let stop = Arc::new(Cancel::default());
    let recorded = std::thread::scope(|scope| {
        for _ in 0..args.threads.get().min(wanted.len()) {
            let (send, next, stop) = (send.clone(), &next, &stop);
            scope.spawn(move || {
                while stop.check().is_ok()
                    && let Some(domain) = wanted.get(next.fetch_add(1, Ordering::Relaxed))
                    && let Some(found) = resolver.mail(domain)
                    && send.send((domain.as_str(), found)).is_ok()
                {}
            });
        }
        drop(send);
        let mut recorded = Ok(());
        for (done, (domain, found)) in (1..).zip(receive) {
            if recorded.is_ok() {
                recorded = answers.add(domain, found, resolver.heard());
            }
            progress.reached(done);
            if recorded.is_err() || (done >= SILENT as u64 && !resolver.heard()) {
                stop.cancel();
            }
        }
        recorded
    });
    progress.finish();
    answers.summary.interrupted = cancel.check().is_err();
    Ok(recorded?)
}

/// A bar on a terminal, a line now and then in a log.
struct Progress {
    bar: Option<ProgressBar>,
    log: bool,
    all: u64,
    told: Instant,
}

impl Progress {
    const EVERY: Duration = Duration::from_secs(10);

    fn new(quiet: bool, all: u64) -> Self {
        let drawn = !quiet && std::io::stderr().is_terminal();
        let bar = drawn.then(|| {
            let bar = ProgressBar::with_draw_target(Some(all), ProgressDrawTarget::stderr_with_hz(10));
            let style = ProgressStyle::with_template("{bar:28.yellow} {human_pos:>9}/{human_len} domains  {eta} left");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸ "));
            bar
        });
        Self { bar, log: !quiet && !drawn, all, told: Instant::now() }
    }

    fn reached(&mut self, done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
        } else if self.log && self.told.elapsed() >= Self::EVERY {
            self.told = Instant::now();
            crate::progress::line(&format!("asked about {} of {} domains", count(done), count(self.all)));
        }
    }

    fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

fn tell(args: &MailDomainsArgs, summary: &Summary) -> Result<(), Failure> {
    if !args.quiet {
        if summary.interrupted {
            tell!("zlato: interrupted; what was found is kept. The same command goes on from there.");
        }
        if summary.asked >= MANY && summary.no_such_domain * 2 > summary.asked {
            tell!(
                "warning: most of these domains do not exist. Does this name server know all of the internet? If not, remove \
                 its answers from {} before the next run.",
                summary.file
            );
        }
    }
    if args.json {
        return ask::say_json(summary);
    }
    if let Some(domains) = summary.domains.as_ref().filter(|d| (1..=LISTED).contains(&d.len())) {
        let mut table = drawn();
        table.set_header(["domain", "mail", "mail host", "asked"]);
        for answer in domains {
            let host = answer.mx.as_deref().map_or_else(String::new, |mx| visible(mx, 80));
            let day = answer.asked_at.format("%Y-%m-%d").to_string();
            table.add_row([answer.domain.clone(), answer.verdict.as_str().into(), host, day]);
        }
        ask::say(&format!("{table}\n"))?;
    }
    if !args.quiet {
        ask::say(&text(summary))?;
    }
    Ok(())
}

fn text(summary: &Summary) -> String {
    let mut out = format!(
        "Asked about {} domain{}: {} take mail, {} take none, {} do not exist, {} gave no answer.\n",
        count(summary.asked),
        if summary.asked == 1 { "" } else { "s" },
        count(summary.takes_mail),
        count(summary.takes_no_mail),
        count(summary.no_such_domain),
        count(summary.no_answer)
    );
    if summary.skipped > 0 {
        out.push_str(&format!("{} had been asked about lately (--max-age).\n", count(summary.skipped)));
    }
    if summary.left > 0 {
        out.push_str(&format!("{} are left for another time.\n", count(summary.left)));
    }
    out.push_str(&format!("Kept in {}; the next run reads it.\n", summary.file));
    out
}
