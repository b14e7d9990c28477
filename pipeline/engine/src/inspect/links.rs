//! What clustering made of two records. Enter: two records with their clusters. Leave: the links that join them, or
//! the questions of the review queue that stand between them. Never here: clustering anew.

use super::pair::{Link, Question};
use super::record::Named;
use super::{Inspection, integer, number, text};
use crate::error::Result;
use std::collections::{BTreeMap, VecDeque};
use zlato_core::matching::cluster::REASONS;

impl Inspection {
    /// The fewest links that lead from one record to the other within their cluster.
    pub(super) async fn path(&self, left: &Named, right: &Named) -> Result<Vec<Link>> {
        let sql = format!(
            "SELECT p.record_id_l, p.record_id_r, p.weight, p.band FROM pairs p
             JOIN clusters l ON l.record_id = p.record_id_l JOIN clusters r ON r.record_id = p.record_id_r
             WHERE l.cluster_id = {0} AND r.cluster_id = {0} AND p.band IN ('merge', 'always')
             ORDER BY p.weight DESC, p.record_id_l, p.record_id_r",
            left.cluster_id
        );
        let mut links: BTreeMap<i64, Vec<(i64, f64, String)>> = BTreeMap::new();
        for batch in self.query(&sql).await? {
            for row in 0..batch.num_rows() {
                let ends = integer(&batch, "record_id_l", row).zip(integer(&batch, "record_id_r", row));
                let Some((a, b)) = ends else { continue };
                let weight = number(&batch, "weight", row).unwrap_or(0.0);
                let band = text(&batch, "band", row).unwrap_or_default();
                links.entry(a).or_default().push((b, weight, band.clone()));
                links.entry(b).or_default().push((a, weight, band));
            }
        }
        let mut came_from: BTreeMap<i64, (i64, f64, String)> = BTreeMap::new();
        let mut open = VecDeque::from([left.record_id]);
        while let Some(here) = open.pop_front() {
            for (there, weight, band) in links.get(&here).into_iter().flatten() {
                if *there != left.record_id && !came_from.contains_key(there) {
                    came_from.insert(*there, (here, *weight, band.clone()));
                    open.push_back(*there);
                }
            }
        }
        let mut path = Vec::new();
        let mut here = right.record_id;
        while let Some((before, weight, band)) = came_from.get(&here) {
            let (from, to) = (self.name(*before).await?, self.name(here).await?);
            path.push(Link { from, to, weight: *weight, band: band.clone() });
            here = *before;
        }
        path.reverse();
        Ok(path)
    }

    /// What the review queue asks about two clusters.
    pub(super) async fn questions(&self, left: &Named, right: &Named) -> Result<Vec<Question>> {
        let sql = format!(
            "SELECT q.record_id_l, q.record_id_r, q.reason, q.weight FROM review q
             JOIN clusters l ON l.record_id = q.record_id_l JOIN clusters r ON r.record_id = q.record_id_r
             WHERE (l.cluster_id = {0} AND r.cluster_id = {1}) OR (l.cluster_id = {1} AND r.cluster_id = {0})
             ORDER BY q.reason, q.record_id_l, q.record_id_r",
            left.cluster_id, right.cluster_id
        );
        let mut questions = Vec::new();
        for batch in self.query(&sql).await? {
            for row in 0..batch.num_rows() {
                let reason = text(&batch, "reason", row).unwrap_or_default();
                let meaning = REASONS.iter().find(|(code, _)| *code == reason).map(|(_, meaning)| *meaning);
                questions.push(Question {
                    meaning: meaning.unwrap_or("the match weight lies between the two thresholds"),
                    reason,
                    left: self.name(integer(&batch, "record_id_l", row).unwrap_or_default()).await?,
                    right: self.name(integer(&batch, "record_id_r", row).unwrap_or_default()).await?,
                    weight: number(&batch, "weight", row),
                });
            }
        }
        Ok(questions)
    }
}
