//! `zlato subject`: everything known about one person as JSON (GDPR Art. 15 and 20).

use crate::ask;
use crate::messages::Failure;
use crate::person_args::SubjectArgs;
use zlato_engine::{files, person, subject};

pub fn subject(args: &SubjectArgs) -> Result<u8, Failure> {
    let limits = ask::limits(None, None);
    let who = args.person.who(args.country.as_ref())?;
    let found = person::find(&args.out, &who)?;
    let account = ask::runtime(limits.threads)?.block_on(subject::subject(&args.out, &found, limits))?;
    let text = serde_json::to_string_pretty(&account).map_err(|e| Failure::Other(e.to_string()))? + "\n";
    match &args.out_file {
        Some(path) => {
            files::replace(path, text.as_bytes())?;
            ask::say(&format!("Everything about {} is in {}.\n", found.golden_id, path.display()));
        }
        None => ask::say(&text),
    }
    Ok(crate::DONE)
}
