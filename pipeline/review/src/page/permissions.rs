//! Section: what customers have permitted, by channel and purpose, and who may enter segmentation.

use crate::components::{Bar, Word};
use crate::data::{Data, texts};
use crate::text::{share, thousands};
use std::collections::BTreeMap;
use zlato_engine::error::Result;
use zlato_engine::tally::By;

/// Permissions of a channel and purpose.
#[derive(Debug, Clone)]
pub struct Channel {
    pub channel: String,
    pub purpose: String,
    pub yes: String,
    pub no: String,
    /// Customers and prospects who never chose.
    pub silent: String,
    pub suppressed: String,
    pub share: Bar,
}

/// Golden records that may or may not enter segmentation.
#[derive(Debug, Clone)]
pub struct Ready {
    pub purpose: String,
    pub kind: Word,
    pub ready: bool,
    pub reasons: Vec<Word>,
    pub n: String,
}

#[derive(Debug, Clone, Default)]
pub struct Permissions {
    pub channels: Vec<Channel>,
    pub ready: Vec<Ready>,
}

pub async fn fill(data: &Data<'_>) -> Result<Permissions> {
    let by = ["channel", "purpose", "allowed", "reason"].map(By::value);
    let mut counts: BTreeMap<[String; 2], [u64; 4]> = BTreeMap::new();
    for (combination, n) in data.tally("permissions", &[&by]).await?.into_iter().flatten() {
        let [channel, purpose, allowed, reason] = texts(&combination);
        let sums = counts.entry([channel, purpose]).or_default();
        let counted = [true, allowed == "true", reason == "no_choice", reason == "suppressed"];
        sums.iter_mut().zip(counted).for_each(|(sum, counts)| *sum += if counts { n } else { 0 });
    }
    let channels = counts.iter().map(|([channel, purpose], [all, yes, silent, suppressed])| Channel {
        channel: crate::text::words(channel),
        purpose: purpose.trim_start_matches("dpv:").to_string(),
        yes: thousands(*yes),
        no: thousands(all.saturating_sub(yes + silent + suppressed)),
        silent: thousands(*silent),
        suppressed: thousands(*suppressed),
        share: Bar::new(share(*yes, *all)),
    });
    // Runs of earlier versions knew no purposes.
    let purpose = if data.has_column("segmentation_ready", "purpose") { "purpose" } else { "'any'" };
    let sql = format!(
        "SELECT {purpose} AS purpose, kind, ready, reasons, count(*) AS n FROM segmentation_ready \
         GROUP BY 1, kind, ready, reasons ORDER BY 1, ready DESC, n DESC, kind, reasons"
    );
    let ready = data.rows(&["segmentation_ready"], &sql).await?;
    Ok(Permissions {
        channels: channels.collect(),
        ready: ready
            .iter()
            .map(|r| Ready {
                purpose: r.string("purpose"),
                kind: data.word(&r.string("kind")),
                ready: r.flag("ready"),
                reasons: r.text("reasons").into_iter().flat_map(|t| t.split(';')).map(|code| data.word(code)).collect(),
                n: thousands(r.count("n")),
            })
            .collect(),
    })
}
