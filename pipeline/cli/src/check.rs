//! `zlato check`: all findings of a rules folder; SQL is checked against the input files where they are there.

use crate::args::CheckArgs;
use crate::messages::{Failure, print_diagnostics};
use crate::output::{self, tell};
use zlato_core::rules::diagnostics::{Diagnostic, Severity};
use zlato_engine::error::Error;
use zlato_engine::rulebook;
use zlato_engine::stages::ingest;

pub fn check(args: &CheckArgs) -> Result<u8, Failure> {
    let (findings, note) = findings(args)?;
    let failed = findings.iter().any(|d| d.severity == Severity::Error);
    if args.json {
        let text = serde_json::to_string_pretty(&findings).map_err(|e| Failure::Other(e.to_string()))?;
        output::answer(&(text + "\n"))?;
    } else if findings.is_empty() {
        tell!("{}: no problems found{note}", args.rules.display());
    } else {
        print_diagnostics(&args.rules, &findings);
    }
    Ok(if failed { crate::FAILED } else { crate::DONE })
}

/// The findings, and what could not be checked.
fn findings(args: &CheckArgs) -> Result<(Vec<Diagnostic>, String), Failure> {
    let book = match rulebook::load(&args.rules) {
        Ok(book) => book,
        Err(Error::Rules(diagnostics)) => return Ok((diagnostics, String::new())),
        Err(other) => return Err(other.into()),
    };
    let base = ingest::input_folder(&args.rules, args.input.as_deref(), &book.rules);
    let (inputs, problems) = ingest::look(&base, &book.rules);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Failure::Other(format!("threads cannot be started: {e}")))?;
    let mut all = book.warnings.clone();
    all.extend(runtime.block_on(rulebook::sql_diagnostics(&book, &inputs))?);
    let note = if problems.is_empty() { "" } else { "; expressions over the missing files were not checked" };
    for (source, problem) in problems {
        // Who names a folder wants its files to be there.
        if let Some(source) = book.rules.sources.source.get(source).filter(|_| args.input.is_some()) {
            let text = book.files.get("sources.toml").map_or("", String::as_str);
            let help = problem.help().map(String::from);
            let (span, code) = (source.path.span(), "sources::no_file");
            all.push(Diagnostic::at("sources.toml", text, span, code, problem.to_string(), help));
            continue;
        }
        tell!("note: {problem}");
        if let Some(help) = problem.help() {
            tell!("  help: {help}");
        }
    }
    Ok((all, note.into()))
}
