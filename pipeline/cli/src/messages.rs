//! Errors and diagnostics as people read them: what, where, what to do. Never a debug dump.

use crate::output::{self, tell};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::Path;
use zlato_core::rules::diagnostics::{Diagnostic, Severity};
use zlato_engine::error::Error;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The rule files under this folder have problems.
    #[error("the rules have problems")]
    Rules { folder: std::path::PathBuf, diagnostics: Vec<Diagnostic> },
    #[error(transparent)]
    Engine(#[from] Error),
    #[error("{0}")]
    Other(String),
}

/// The exit code of a failure.
pub fn code(failure: &Failure) -> u8 {
    match failure {
        Failure::Engine(Error::Interrupted) => crate::INTERRUPTED,
        _ => crate::FAILED,
    }
}

/// The failure in one line, for logs and for the command of `--on-stop`.
pub fn in_words(failure: &Failure) -> String {
    match failure {
        Failure::Rules { folder, diagnostics } => {
            let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error);
            let each = errors.map(|d| format!("{}:{}: {}", folder.join(&d.file).display(), d.line, d.message));
            format!("the rules have problems: {}", each.collect::<Vec<_>>().join("; "))
        }
        other => other.to_string(),
    }
}

/// What to do about it, if there is something to say.
pub fn help(failure: &Failure) -> Option<&str> {
    if let Failure::Engine(error) = failure { error.help() } else { None }
}

/// The failure as `--json` prints it in place of an answer.
pub fn object(failure: &Failure) -> Value {
    let mut all = json!({ "error": in_words(failure), "exit_code": code(failure), "hint": help(failure) });
    if let (Failure::Rules { diagnostics, .. }, Some(all)) = (failure, all.as_object_mut()) {
        all.insert("problems".into(), json!(diagnostics));
    }
    all
}

/// Prints the failure, and with `--json` its object; returns the exit code.
pub fn failure(failure: &Failure, json: bool) -> u8 {
    print(failure);
    if json {
        // Its words stand on standard error already.
        let _ = output::answer(&format!("{}\n", object(failure)));
    }
    code(failure)
}

/// Prints the failure for people.
pub fn print(failure: &Failure) {
    match failure {
        Failure::Rules { folder, diagnostics } => print_diagnostics(folder, diagnostics),
        Failure::Engine(Error::Interrupted) => {
            tell!("zlato: interrupted; nothing was published. Continue with --resume.");
        }
        Failure::Engine(error) => {
            tell!("error: {error}");
            if let Some(help) = error.help() {
                tell!("  help: {help}");
            }
        }
        Failure::Other(text) => tell!("error: {text}"),
    }
}

/// Prints findings with the lines they are about, and how many there are.
pub fn print_diagnostics(folder: &Path, diagnostics: &[Diagnostic]) {
    let theme =
        if std::io::stderr().is_terminal() { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(110).with_links(false);
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    for diagnostic in diagnostics {
        let text = texts
            .entry(&diagnostic.file)
            .or_insert_with(|| std::fs::read_to_string(folder.join(&diagnostic.file)).unwrap_or_default());
        let mut shown = MietteDiagnostic::new(&diagnostic.message).with_code(diagnostic.code).with_severity(
            match diagnostic.severity {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
            },
        );
        if let Some(help) = &diagnostic.help {
            shown = shown.with_help(help);
        }
        if !diagnostic.span.is_empty() && diagnostic.span.end <= text.len() {
            shown = shown.with_label(LabeledSpan::underline(diagnostic.span.clone()));
        }
        let name = folder.join(&diagnostic.file).display().to_string();
        let report = Report::new(shown).with_source_code(NamedSource::new(name, text.clone()));
        let mut out = String::new();
        // Writing to a string does not fail; without the drawing the plain line below still says it all.
        let _ = handler.render_report(&mut out, report.as_ref());
        output::note(&out);
        if diagnostic.span.is_empty() {
            tell!("   in {}:{}:{}", folder.join(&diagnostic.file).display(), diagnostic.line, diagnostic.column);
        }
    }
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
    let warnings = diagnostics.len() - errors;
    tell!("{errors} error{} and {warnings} warning{} in {}", plural(errors), plural(warnings), folder.display());
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}
