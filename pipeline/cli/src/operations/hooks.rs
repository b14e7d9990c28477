//! Commands at the end of a run: a mail, a web hook. Enter: a command and what it may know. Leaves: nothing but whether
//! it went well. Never here: personal data in its environment.

use super::log::Log;
use super::{End, absolute};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

/// How long what a command has said is waited for once it has ended: something that it left behind may hold on to it.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What a command finds in its environment.
pub fn environment(end: &End<'_>, out: &Path, as_of: &str) -> Vec<(&'static str, String)> {
    let summary = end.summary;
    let report = summary.and_then(|s| s.report.as_ref()).map(|r| absolute(Path::new(r)).display().to_string());
    vec![
        ("ZLATO_RESULT", end.ending.as_str().into()),
        ("ZLATO_EXIT_CODE", end.code.to_string()),
        ("ZLATO_RUN", end.run.unwrap_or_default().into()),
        ("ZLATO_AS_OF", summary.map_or_else(|| as_of.to_string(), |s| s.as_of.clone())),
        ("ZLATO_REASON", end.reason.clone()),
        ("ZLATO_REPORT", report.unwrap_or_default()),
        ("ZLATO_OUT", absolute(out).display().to_string()),
    ]
}

/// Runs a command in the shell of the system. What it says goes to standard error; to a log for machines as a line of
/// it for each.
///
/// # Errors
/// In words, when it cannot be started or ends with another code than 0.
pub fn run(
    option: &'static str,
    command: &str,
    environment: &[(&'static str, String)],
    log: &Log,
) -> Result<(), String> {
    let mut shell = if cfg!(windows) { Command::new("cmd") } else { Command::new("sh") };
    shell.arg(if cfg!(windows) { "/C" } else { "-c" }).arg(command).stdin(Stdio::null());
    // A control character cannot stand in an environment on any system, nor in a mail's subject.
    let plain = |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    shell.envs(environment.iter().map(|(name, value)| (*name, plain(value))));
    let ended = if log.for_machines() { heard(option, &mut shell) } else { shell.stdout(std::io::stderr()).status() };
    match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("ended with {status}")),
        Err(error) => Err(format!("could not be started: {error}")),
    }
}

fn heard(option: &'static str, shell: &mut Command) -> std::io::Result<std::process::ExitStatus> {
    let mut child = shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (done, listening) = channel();
    if let Some(out) = child.stdout.take() {
        listen(option, out, done.clone())?;
    }
    if let Some(err) = child.stderr.take() {
        listen(option, err, done.clone())?;
    }
    drop(done);
    let status = child.wait()?;
    // Nobody sends: it ends when both have heard the end, or after the time.
    let _ = listening.recv_timeout(LAST_WORDS);
    Ok(status)
}

/// Writes a line of the log for each line that is said, as it is said.
fn listen(option: &'static str, said: impl Read + Send + 'static, done: Sender<()>) -> std::io::Result<()> {
    let work = move || {
        for line in BufReader::new(said).split(b'\n') {
            let Ok(line) = line else { break };
            Log::command_said(option, String::from_utf8_lossy(&line).trim_end());
        }
        drop(done);
    };
    std::thread::Builder::new().spawn(work).map(|_| ())
}
