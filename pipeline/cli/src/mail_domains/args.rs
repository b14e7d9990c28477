//! The options of `zlato mail-domains` with their help, and nothing of what they do.

use clap::Args;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

const EXAMPLES: &str = "Examples:
  zlato mail-domains --out /data/zlato
  zlato mail-domains --max-age 7 --limit 10000 --server 192.0.2.53
  zlato mail-domains gmail.com firma.pl žito.si
  cut -d@ -f2 addresses.txt | sort -u | zlato mail-domains - --json

Answers are kept in OUT/mail_domains.jsonl, one JSON object a line, with the time of asking.
The next run reads them: an e-mail at a domain that takes no mail, or that does not exist, is
suspect. A run never asks the network itself.
What is asked: MX records, without them A and AAAA; never anything about a mailbox. Only domains
leave this machine.
Exit codes: 0 asked, 2 could not ask, 130 interrupted (what was found is kept).";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct MailDomainsArgs {
    /// Domains to ask about, `-` for one a line of standard input; without any, those of the run's e-mails, those of
    /// most customers first
    #[arg(value_name = "DOMAIN")]
    pub domains: Vec<String>,
    /// Folder of runs; answers are kept here
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
    /// Name of the run; the published one without it
    #[arg(long, value_name = "RUN", conflicts_with = "domains")]
    pub run: Option<String>,
    /// Leave out domains that gave an answer within so many days; 0 asks about all
    #[arg(long, default_value_t = 30, value_name = "DAYS")]
    pub max_age: u32,
    /// Ask about so many domains at most
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// A recursive name server, as IP or IP:PORT, several with commas; without it those of /etc/resolv.conf
    #[arg(long, value_name = "IP[:PORT]", value_delimiter = ',', value_parser = super::servers::parse)]
    pub server: Vec<std::net::SocketAddr>,
    /// Wait so long for each answer
    #[arg(long, default_value = "3", value_name = "SECONDS", value_parser = seconds)]
    pub timeout: Duration,
    /// Ask each server so often before giving up
    #[arg(long, default_value = "2", value_name = "N")]
    pub attempts: NonZeroU32,
    /// Questions at the same time
    #[arg(long, default_value = "16", value_name = "N")]
    pub threads: NonZeroUsize,
    /// Say nothing but errors and the answers asked for
    #[arg(long, short)]
    pub quiet: bool,
    /// Print one JSON object at the end
    #[arg(long)]
    pub json: bool,
}

/// Seconds from a tenth to ten minutes.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "a number such as 3 or 0.5 is wanted".to_string())?;
    if (0.1..=600.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("it must lie between 0.1 and 600".into())
    }
}
