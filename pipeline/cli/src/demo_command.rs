//! `zlato demo`.

use crate::args::DemoArgs;
use crate::demo::{DemoOptions, generate};
use crate::messages::Failure;
use crate::units::{count, duration};
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Instant;

pub fn demo(args: &DemoArgs) -> Result<u8, Failure> {
    let started = Instant::now();
    let bar = if args.quiet { ProgressBar::hidden() } else { ProgressBar::new(args.customers) };
    let template = "{bar:28.yellow} {human_pos}/{human_len} customers  {eta} left";
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut options = DemoOptions::new(args.customers, args.seed, args.out.clone());
    options.as_of = args.as_of;
    let summary = generate(&options, &mut |done| bar.set_position(done)).map_err(|e| Failure::Other(e.to_string()))?;
    bar.finish_and_clear();
    if !args.quiet {
        for file in &summary.files {
            eprintln!("{:>26}  {:>12} rows", file.file, count(file.rows));
        }
        eprintln!(
            "{} customers in {} to {}",
            count(args.customers),
            duration(started.elapsed().as_secs_f64()),
            args.out.display()
        );
        eprintln!("Run them with: zlato run --input {} --as-of {}", args.out.display(), args.as_of);
    }
    Ok(crate::DONE)
}
