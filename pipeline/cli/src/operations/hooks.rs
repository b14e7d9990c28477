//! Commands at the end of a run: a mail, a web hook. Enter: a command and what it may know. Leaves: nothing but whether
//! it went well. Never here: personal data in its environment.

use super::{End, absolute};
use std::path::Path;
use std::process::{Command, Stdio};

/// What a command finds in its environment.
pub fn environment(end: &End<'_>, out: &Path, as_of: &str) -> Vec<(&'static str, String)> {
    let summary = end.summary;
    let report = summary.and_then(|s| s.report.as_ref()).map(|r| absolute(Path::new(r)).display().to_string());
    vec![
        ("ZLATO_RESULT", end.ending.as_str().into()),
        ("ZLATO_EXIT_CODE", end.code.to_string()),
        ("ZLATO_RUN", summary.map(|s| s.run.clone()).unwrap_or_default()),
        ("ZLATO_AS_OF", summary.map_or_else(|| as_of.to_string(), |s| s.as_of.clone())),
        ("ZLATO_REASON", end.reason.clone()),
        ("ZLATO_REPORT", report.unwrap_or_default()),
        ("ZLATO_OUT", absolute(out).display().to_string()),
    ]
}

/// Runs a command in the shell of the system; what it prints goes to standard error.
///
/// # Errors
/// In words, when it cannot be started or ends with another code than 0.
pub fn run(command: &str, environment: &[(&'static str, String)]) -> Result<(), String> {
    let mut shell = if cfg!(windows) { Command::new("cmd") } else { Command::new("sh") };
    shell.arg(if cfg!(windows) { "/C" } else { "-c" }).arg(command).stdin(Stdio::null()).stdout(std::io::stderr());
    // A control character cannot stand in an environment on any system, nor in a mail's subject.
    let plain = |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    shell.envs(environment.iter().map(|(name, value)| (*name, plain(value))));
    match shell.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("ended with {status}")),
        Err(error) => Err(format!("could not be started: {error}")),
    }
}
