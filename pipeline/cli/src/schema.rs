//! `zlato schema FILE`.

use crate::args::SchemaArgs;
use crate::messages::Failure;

pub fn schema(args: &SchemaArgs) -> Result<u8, Failure> {
    let name = args.file.strip_suffix(".toml").unwrap_or(&args.file);
    let file = format!("{name}.toml");
    let Some(schema) = zlato_core::rules::schema(&file) else {
        let known = zlato_core::rules::FILES;
        let near = zlato_core::rules::suggest(&file, known.iter().copied());
        let hint = near.map_or_else(|| format!("files: {}", known.join(", ")), |n| format!("did you mean `{n}`?"));
        return Err(Failure::Other(format!("there is no rule file `{file}`; {hint}")));
    };
    let text = serde_json::to_string_pretty(&schema).map_err(|e| Failure::Other(e.to_string()))?;
    crate::output::answer(&(text + "\n"))?;
    Ok(crate::DONE)
}
