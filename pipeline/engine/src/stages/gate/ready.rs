//! Who may enter segmentation, for each purpose. Enter: `golden`, `freshness`, `permissions`. Leaves:
//! `segmentation_ready`. Never here: deciding a permission; a prospect among customers.

use crate::context::Context;
use crate::error::Result;
use crate::stages::parts::write_query;
use crate::tables;
use std::collections::BTreeSet;

/// The purpose that permissions are for where no rule names one (W3C Data Privacy Vocabulary).
const DEFAULT_PURPOSE: &str = "dpv:DirectMarketing";

/// SQL of a permission's purpose; empty where permissions speak of every purpose alike.
pub fn purpose_column() -> &'static str {
    if has_purposes() { "purpose" } else { "''" }
}

fn has_purposes() -> bool {
    tables::permissions().field_with_name("purpose").is_ok()
}

/// A golden record is ready for a purpose when it is a customer and a channel that is permitted for the purpose reaches a
/// contact that is fresh or ageing. Channels without a contact field need none.
pub async fn write(context: &Context) -> Result<u64> {
    let purposes = purposes(context).await?;
    let list: Vec<String> = purposes.iter().map(|p| format!("('{}')", p.replace('\'', "''"))).collect();
    let current = |field: &str| {
        format!("max(CASE WHEN field = '{field}' AND state IN ('fresh', 'ageing') THEN 1 ELSE 0 END) AS {field}")
    };
    let of_purpose = if has_purposes() { " AND may.purpose = g.purpose" } else { "" };
    let grouped = if has_purposes() { ", purpose" } else { "" };
    let listed =
        |channel: &str| format!("CASE WHEN may.{channel} = 1 AND {reach} THEN '{channel}' END", reach = reach(channel));
    let may =
        |channel: &str| format!("max(CASE WHEN channel = '{channel}' AND allowed THEN 1 ELSE 0 END) AS {channel}");
    let channels = ["email", "phone", "sms", "post"];
    let sql = format!(
        "SELECT golden_id, kind, purpose, kind = 'customer' AND channels IS NOT NULL AS ready, channels, \
         nullif(concat_ws(';', CASE WHEN kind <> 'customer' THEN 'prospect' END, \
         CASE WHEN any_contact = 0 THEN 'no_current_contact' END, \
         CASE WHEN any_permission = 0 THEN 'no_permission' END, \
         CASE WHEN any_contact > 0 AND any_permission > 0 AND channels IS NULL THEN 'permitted_contact_not_current' END), '') \
         AS reasons FROM (SELECT g.golden_id, g.kind, g.purpose, \
         coalesce(f.email, 0) + coalesce(f.phone, 0) + coalesce(f.address, 0) AS any_contact, \
         coalesce(may.any_permission, 0) AS any_permission, nullif(concat_ws(', ', {listed}), '') AS channels \
         FROM (SELECT golden_id, cluster_id, kind, purpose FROM golden CROSS JOIN (VALUES {list}) AS purposes(purpose)) AS g \
         LEFT JOIN (SELECT cluster_id, {current} FROM freshness WHERE field IN ('email', 'phone', 'address') \
         GROUP BY cluster_id) AS f ON f.cluster_id = g.cluster_id \
         LEFT JOIN (SELECT cluster_id{grouped}, max(CASE WHEN allowed THEN 1 ELSE 0 END) AS any_permission, {may} \
         FROM permissions GROUP BY cluster_id{grouped}) AS may ON may.cluster_id = g.cluster_id{of_purpose}) AS judged \
         ORDER BY golden_id, purpose",
        listed = channels.map(listed).join(", "),
        list = list.join(", "),
        current = ["email", "phone", "address"].map(current).join(", "),
        may = channels.map(may).join(", "),
    );
    let table = context.store.begin(tables::SEGMENTATION_READY, tables::segmentation_ready())?;
    write_query(context, &table, &sql).await?;
    table.finish()
}

/// Whether the contact that a channel needs is to be relied on.
fn reach(channel: &str) -> &'static str {
    match channel {
        "email" => "f.email = 1",
        "phone" | "sms" => "f.phone = 1",
        _ => "f.address = 1",
    }
}

/// The purposes that permissions name, or else those of profiles.toml.
async fn purposes(context: &Context) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    if has_purposes() {
        let rows = super::measure::rows(context, "SELECT DISTINCT purpose FROM permissions", 1).await?;
        found.extend(rows.into_iter().filter_map(|(texts, _)| texts.into_iter().next()).filter(|p| !p.is_empty()));
    }
    if found.is_empty() {
        found.extend(context.rules.rules.profiles.purposes.iter().cloned());
    }
    if found.is_empty() {
        found.insert(DEFAULT_PURPOSE.into());
    }
    Ok(found)
}
