//! Section: what customers have permitted, channel by channel, and who may enter segmentation.

use crate::components::{Bar, Word};
use crate::data::Data;
use crate::text::{share, thousands};
use std::collections::BTreeMap;
use zlato_engine::error::Result;

/// Latest choices for a channel.
#[derive(Debug, Clone)]
pub struct Channel {
    pub channel: String,
    pub yes: String,
    pub no: String,
    /// Customers and prospects who never chose.
    pub silent: String,
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
    let rows = data
        .rows(&["permissions"], "SELECT channel, allowed, count(*) AS n FROM permissions GROUP BY channel, allowed")
        .await?;
    let golden = data.rows(&["golden"], "SELECT count(*) AS n FROM golden").await?.first().map_or(0, |r| r.count("n"));
    let mut counts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for row in &rows {
        let (yes, no) = counts.entry(row.string("channel")).or_default();
        *(if row.flag("allowed") { yes } else { no }) += row.count("n");
    }
    let channels = counts.into_iter().map(|(channel, (yes, no))| Channel {
        channel: crate::text::words(&channel),
        yes: thousands(yes),
        no: thousands(no),
        silent: thousands(golden.saturating_sub(yes + no)),
        share: Bar::new(share(yes, golden)),
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
