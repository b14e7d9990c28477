//! Tonight's numbers against those of earlier published nights. Enter: both. Leave: a finding for each number that is
//! unusual, in plain words, and one that says how many were compared. Never here: the statistics; they are in zlato-core.

use super::Finding;
use super::measure::{SHAPES, SIZES, STATES, VERDICTS};
use crate::manifest::GateResult;
use crate::nights::{Figure, Figures, Night};
use zlato_core::anomaly::{Allowed, Level, Reference, Settings, Share, Verdict, count, mix, share};
use zlato_core::rules::Rules;
use zlato_core::rules::sources::SourceKind;

/// A number by its name, taken apart.
struct Named<'a> {
    measure: &'a str,
    source: Option<&'a str>,
    field: Option<&'a str>,
}

fn named(key: &str) -> Named<'_> {
    let mut parts = key.splitn(3, '/');
    let measure = parts.next().unwrap_or_default();
    let mut next = || parts.next().filter(|p| !p.is_empty());
    Named { measure, source: next(), field: next() }
}

/// How a figure is to be read.
enum Kind {
    Count,
    Share,
    /// Classes; so many of them count.
    Mix(&'static [&'static str]),
}

fn kind(measure: &str) -> Kind {
    match measure {
        "rows" | "customers" | "prospects" | "largest_cluster" => Kind::Count,
        // What is missing has a measure of its own.
        "verdicts" => Kind::Mix(VERDICTS.split_at(4).0),
        "shapes" => Kind::Mix(&SHAPES),
        "cluster_sizes" => Kind::Mix(&SIZES),
        "freshness" => Kind::Mix(&STATES),
        _ => Kind::Share,
    }
}

pub fn findings(rules: &Rules, nights: &[Night], tonight: &Figures) -> Vec<Finding> {
    let anomaly = &rules.gate.anomaly;
    if !anomaly.on {
        return vec![];
    }
    let settings = Settings {
        min_nights: *anomaly.min_nights.get_ref() as usize,
        robust_nights: *anomaly.robust_nights.get_ref() as usize,
        young_factor: *anomaly.young_factor.get_ref(),
        warn_deviations: *anomaly.warn_deviations.get_ref(),
        stop_deviations: *anomaly.stop_deviations.get_ref(),
    };
    let (mut found, mut compared) = (Vec::new(), 0u32);
    for (key, figure) in tonight {
        let name = named(key);
        let (allowed, side) = allowed(rules, &name);
        if allowed == Allowed::default() {
            continue;
        }
        let earlier: Vec<&Figure> = nights.iter().filter_map(|n| n.figures.get(key)).collect();
        let Some(judged) = judge(&name, figure, &earlier, &settings, allowed, anomaly.min_rows) else { continue };
        compared += 1;
        if judged.verdict.level > Level::Usual {
            found.push(finding(&name, &judged, side));
        }
    }
    // What stops stands first.
    found.sort_by_key(|f| f.result != GateResult::Stop);
    let said = if compared == 0 {
        format!(
            "numbers compared with earlier nights: none, {} of {} nights are there",
            nights.len(),
            settings.min_nights
        )
    } else {
        format!("numbers compared with {} published nights; what was unusual stands below", nights.len())
    };
    let account = Finding {
        check: "compared_with_earlier_nights".into(),
        result: GateResult::Pass,
        value: Some(f64::from(compared)),
        description: Some(said),
        ..Finding::default()
    };
    std::iter::once(account).chain(found).collect()
}

/// How far a number may move, and whether it is of a source that cannot stop a run: profiles and events are replaced and
/// grow as vendors and customers like.
fn allowed(rules: &Rules, name: &Named<'_>) -> (Allowed, bool) {
    let source = rules.sources.source.iter().find(|s| Some(s.name.get_ref().as_str()) == name.source);
    let side = source.is_some_and(|s| matches!(s.kind, SourceKind::Profile | SourceKind::Event));
    let measure = if side && name.measure == "rows" { "side_rows" } else { name.measure };
    let of = rules.gate.anomaly.allowed(measure);
    let stop = of.stop.filter(|_| !side || measure == "side_rows");
    (Allowed { warn: of.warn, stop }, side)
}

struct Judged {
    verdict: Verdict,
    kind: Kind,
    /// Of a mix: the classes that moved most, with their shares then and now.
    moved: Vec<(&'static str, f64, f64)>,
}

fn judge(
    name: &Named<'_>,
    tonight: &Figure,
    earlier: &[&Figure],
    settings: &Settings,
    allowed: Allowed,
    min_rows: u64,
) -> Option<Judged> {
    let kind = kind(name.measure);
    match (&kind, tonight) {
        (Kind::Count, Figure::Count(tonight)) => {
            let past: Vec<u64> =
                earlier.iter().filter_map(|f| if let Figure::Count(n) = f { Some(*n) } else { None }).collect();
            let verdict = count(*tonight, &past, settings, allowed)?;
            // The largest cluster is small by nature; Poisson's law protects it.
            let small = name.measure != "largest_cluster" && verdict.usual.max(verdict.tonight) < min_rows as f64;
            (!small).then_some(Judged { verdict, kind, moved: vec![] })
        }
        (Kind::Share, Figure::Counts(_)) => {
            let (tonight, past) = (as_share(tonight)?, earlier.iter().filter_map(|f| as_share(f)));
            let past: Vec<Share> = past.filter(|s| s.of >= min_rows).collect();
            if tonight.of < min_rows {
                return None;
            }
            let verdict = share(tonight, &past, settings, allowed)?;
            Some(Judged { verdict, kind, moved: vec![] })
        }
        (Kind::Mix(classes), Figure::Counts(tonight)) => {
            let cut = |counts: &Vec<u64>| -> Vec<u64> { counts.iter().take(classes.len()).copied().collect() };
            let past: Vec<Vec<u64>> = earlier
                .iter()
                .filter_map(|f| if let Figure::Counts(c) = f { Some(cut(c)) } else { None })
                .filter(|c| c.iter().sum::<u64>() >= min_rows)
                .collect();
            let tonight = cut(tonight);
            if tonight.iter().sum::<u64>() < min_rows {
                return None;
            }
            let verdict = mix(&tonight, &past, settings, allowed)?;
            let moved = moved(classes, past.last()?, &tonight);
            Some(Judged { verdict, kind, moved })
        }
        _ => None,
    }
}

fn as_share(figure: &Figure) -> Option<Share> {
    match figure {
        Figure::Counts(counts) => match counts.as_slice() {
            [n, of] => Some(Share { n: *n, of: *of }),
            _ => None,
        },
        Figure::Count(_) => None,
    }
}

/// The classes that moved by a point or more, most first.
fn moved(classes: &[&'static str], before: &[u64], now: &[u64]) -> Vec<(&'static str, f64, f64)> {
    let part = |counts: &[u64], n: u64| n as f64 / counts.iter().sum::<u64>().max(1) as f64;
    let mut all: Vec<(&'static str, f64, f64)> = classes
        .iter()
        .zip(before.iter().zip(now))
        .map(|(class, (b, n))| (*class, part(before, *b), part(now, *n)))
        .filter(|(_, b, n)| (b - n).abs() >= 0.01)
        .collect();
    all.sort_by(|x, y| (y.1 - y.2).abs().total_cmp(&(x.1 - x.2).abs()));
    all
}

fn finding(name: &Named<'_>, judged: &Judged, side: bool) -> Finding {
    let verdict = &judged.verdict;
    let stops = verdict.level == Level::Stop;
    let what = subject(name);
    let reference = match verdict.reference {
        Reference::LastNight => "last night".to_string(),
        Reference::Median(nights) => format!("median of {nights} nights"),
    };
    let (value, usual, said) = match judged.kind {
        Kind::Count => {
            let usual = format!("{} ({reference})", whole(verdict.usual));
            (verdict.tonight, usual.clone(), format!("{what}: {} tonight, usually {usual}", whole(verdict.tonight)))
        }
        Kind::Share => {
            let usual = format!("{} ({reference})", percent(verdict.usual));
            let said = format!("{what}: {} tonight, usually {usual}", percent(verdict.tonight));
            (100.0 * verdict.tonight, usual, said)
        }
        Kind::Mix(_) => {
            let each = judged.moved.iter().map(|(c, b, n)| format!("{c} {} instead of {}", percent(*n), percent(*b)));
            let said = format!("{what}: {}", each.collect::<Vec<_>>().join(", "));
            let usual = judged.moved.iter().map(|(c, b, _)| format!("{c} {}", percent(*b))).collect::<Vec<_>>();
            (100.0 * verdict.tonight, format!("{} ({reference})", usual.join(", ")), said)
        }
    };
    let limit = |by: Option<f64>| by.map(|by| limit(&judged.kind, verdict.usual, by));
    Finding {
        check: format!("unusual_{}", name.measure),
        result: if stops { GateResult::Stop } else { GateResult::Warn },
        value: Some((value * 10.0).round() / 10.0),
        warn: limit(verdict.warn),
        stop: limit(verdict.stop),
        description: Some(if side { format!("{said} (profiles and events do not stop a run)") } else { said.clone() }),
        source: name.source.map(String::from),
        field: name.field.map(String::from),
        usual: Some(usual),
        warning: Some(said),
    }
}

/// What the number is of.
fn subject(name: &Named<'_>) -> String {
    let source = name.source.unwrap_or("all sources");
    let field = name.field.unwrap_or_default();
    match name.measure {
        "rows" => format!("rows of {source}"),
        "quarantine" => format!("rows of {source} in quarantine"),
        "missing" => format!("rows of {source} without {field}"),
        "verdicts" => format!("verdicts on {field} of {source}"),
        "shapes" => format!("looks of {field} of {source}"),
        "changed" => format!("rows of {source} with another content than last night"),
        "matched" => "records matched with another one".into(),
        "cluster_sizes" => "records of a golden record".into(),
        "largest_cluster" => "records of the largest cluster".into(),
        "customers" => "golden customers".into(),
        "prospects" => "golden prospects".into(),
        "review" => "pairs to review, of all records".into(),
        "freshness" => format!("freshness of {field}"),
        "permissions" => format!("golden records that may be reached by {field}"),
        other => other.to_string(),
    }
}

fn limit(kind: &Kind, usual: f64, by: f64) -> String {
    match kind {
        Kind::Count if usual > by => format!("below {} or above {}", whole(usual - by), whole(usual + by)),
        Kind::Count => format!("above {}", whole(usual + by)),
        Kind::Share => {
            let (low, high) = (usual - by, usual + by);
            match (low > 0.0, high < 1.0) {
                (true, true) => format!("below {} or above {}", percent(low), percent(high)),
                (true, false) => format!("below {}", percent(low)),
                _ => format!("above {}", percent(high.min(1.0))),
            }
        }
        Kind::Mix(_) => format!("more than {} of the values changed", percent(by.min(1.0))),
    }
}

fn whole(n: f64) -> String {
    format!("{n:.0}")
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn night(day: u32, rows: u64, email: [u64; 5]) -> Night {
        let figures = BTreeMap::from([
            ("rows/crm".to_string(), Figure::Count(rows)),
            ("rows/tiny".to_string(), Figure::Count(9)),
            ("missing/crm/email".to_string(), Figure::Counts(vec![100, 1_000])),
            ("verdicts/crm/email".to_string(), Figure::Counts(email.to_vec())),
        ]);
        let run = format!("2026-11-{day:02}-001");
        Night { as_of: format!("2026-11-{day:02}"), run, published: true, gate: GateResult::Pass, figures }
    }

    fn said(nights: &[Night], tonight: &Figures) -> Vec<String> {
        let found = findings(&Rules::default(), nights, tonight);
        found
            .iter()
            .map(|f| format!("{} {}: {}", f.check, f.result.as_str(), f.description.as_deref().unwrap_or("")))
            .collect()
    }

    #[test]
    fn findings_speak_plainly() {
        let usual = [900, 20, 50, 30, 100];
        let nights: Vec<Night> = (1..=8).map(|day| night(day, 10_000 + u64::from(day), usual)).collect();
        let calm = said(&nights, &night(9, 10_020, usual).figures);
        assert_eq!(calm.len(), 1, "{calm:?}");
        let mut broken = night(9, 3_300, [60, 10, 30, 900, 100]).figures;
        broken.insert("missing/crm/email".into(), Figure::Counts(vec![120, 1_000]));
        broken.insert("rows/tiny".into(), Figure::Count(1));
        let said = said(&nights, &broken);
        assert_eq!(
            said,
            [
                "compared_with_earlier_nights pass: numbers compared with 8 published nights; what was unusual stands below",
                "unusual_rows stop: rows of crm: 3300 tonight, usually 10004 (median of 8 nights)",
                "unusual_verdicts stop: verdicts on email of crm: invalid 90.0 % instead of 3.0 %, \
                 valid 6.0 % instead of 90.0 %, suspect 3.0 % instead of 5.0 %, corrected 1.0 % instead of 2.0 %",
            ]
        );
    }

    #[test]
    fn two_nights_are_not_compared() {
        let nights: Vec<Night> = (1..=2).map(|day| night(day, 10_000, [1; 5])).collect();
        let said = said(&nights, &night(3, 10, [1; 5]).figures);
        assert_eq!(said.len(), 1);
        assert!(said.iter().all(|s| s.contains("none, 2 of 3 nights")), "{said:?}");
    }
}
