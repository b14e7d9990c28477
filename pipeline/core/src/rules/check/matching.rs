//! Meaning of `matching.toml`: names, thresholds, levels and their order, hard rules.

use super::{Folder, Sink};
use crate::rules::matching::{Comparison, ComparisonLevel, HardRule, Matching};
use crate::rules::shape::span_at;
use crate::rules::suggest;
use ComparisonLevel::*;

/// The vector of a pair has 4 bits a comparison, and two of their values are "null" and "else".
const MAX_COMPARISONS: usize = 16;
const MAX_LEVELS: usize = 14;

pub(super) fn check(folder: &Folder<'_>, sink: &mut Sink<'_>) {
    let matching = &folder.matching.typed;
    let whole = !folder.matching.partial && sink.present;
    thresholds(folder, sink);

    sink.unique(matching.blocking.iter().map(|b| &b.name), "matching::duplicate_name", "blocking rule");
    sink.unique(matching.comparison.iter().map(|c| &c.name), "matching::duplicate_name", "comparison");
    sink.unique(matching.never.iter().map(|h| &h.name), "matching::duplicate_name", "rule under [[never]]");
    sink.unique(matching.contradiction.iter().map(|c| &c.name), "matching::duplicate_name", "contradiction");
    if !folder.matching.partial {
        contradictions(matching, sink);
    }
    sink.unique(matching.always.iter().map(|h| &h.name), "matching::duplicate_name", "rule under [[always]]");
    if whole && matching.blocking.is_empty() {
        let help = "add [[blocking]] with a name and a key, as `key = \"email_key\"`";
        sink.error(0..0, "matching::no_blocking", "no blocking rule: no pair would be compared", Some(help.into()));
    }
    if whole && matching.comparison.is_empty() {
        let help = "add [[comparison]] with a name, `on` and levels";
        sink.error(0..0, "matching::no_comparison", "no comparison: no pair could match", Some(help.into()));
    }
    if let Some(extra) = matching.comparison.get(MAX_COMPARISONS) {
        let message = format!("more than {MAX_COMPARISONS} comparisons");
        sink.error(extra.name.span(), "matching::too_many_comparisons", message, None);
    }
    for (i, rule) in matching.blocking.iter().enumerate() {
        sink.name(&rule.name);
        sink.sql(&rule.key);
        rule.split_by.iter().for_each(|split| sink.sql(split));
        if rule.max_block < 2 {
            let span = span_at(&folder.matching.raw, &["blocking", &i.to_string(), "max_block"]);
            sink.error(span, "matching::max_block", "a block of fewer than 2 records has no pairs", None);
        }
        if let Some(split) = rule.split_by.as_ref().filter(|s| s.get_ref() == rule.key.get_ref()) {
            let message = "the same expression as `key` splits nothing";
            sink.warn(split.span(), "matching::split_by_key", message, None);
        }
    }
    for comparison in &matching.comparison {
        one(comparison, sink, folder.matching.partial);
    }
    for rule in matching.never.iter().chain(&matching.always) {
        hard(rule, sink);
    }
    hygiene(folder, sink);
    cluster(folder, sink);
}

fn hygiene(folder: &Folder<'_>, sink: &mut Sink<'_>) {
    let rules = &folder.matching.typed.hygiene;
    let people = [
        ("household_people", &rules.household_people),
        ("shared_people", &rules.shared_people),
        ("junk_people", &rules.junk_people),
    ];
    for (key, value, least) in
        [("household_people", &rules.household_people, 1), ("placeholder_people", &rules.placeholder_people, 2)]
    {
        if *value.get_ref() < least {
            let message = format!("with this `{key}` the values of single people would not count");
            sink.error(value.span(), "matching::hygiene_range", message, Some(format!("{least} or more")));
        }
    }
    for pair in people.windows(2) {
        if let [(fewer, low), (more, high)] = pair
            && low.get_ref() >= high.get_ref()
        {
            let given = [high, low].into_iter().find(|n| !n.span().is_empty());
            let message = format!("`{more}` ({}) is not above `{fewer}` ({})", high.get_ref(), low.get_ref());
            let help = "more people than share a household make a value shared, and still more make it junk";
            sink.error(given.map_or(0..0, |n| n.span()), "matching::hygiene_order", message, Some(help.into()));
        }
    }
    let times = &rules.placeholder_times;
    if !(*times.get_ref() > 1.0 && times.get_ref().is_finite()) {
        let message = "dates as frequent as those around them are no placeholders";
        let help = Some("a number above 1, as 10".to_string());
        sink.error(times.span(), "matching::hygiene_range", message, help);
    }
}

fn thresholds(folder: &Folder<'_>, sink: &mut Sink<'_>) {
    let thresholds = &folder.matching.typed.thresholds;
    sink.fraction(&thresholds.merge, "matching::threshold_range", "a threshold");
    sink.fraction(&thresholds.review, "matching::threshold_range", "a threshold");
    if let Some(precision) = &thresholds.merge_precision {
        sink.fraction(precision, "matching::threshold_range", "a precision");
        if !thresholds.merge.span().is_empty() {
            let message = "`merge` and `merge_precision` both say where merging begins";
            let help = "keep the one that is meant: a probability for every pair, or the share of all merged pairs that are right";
            sink.error(precision.span(), "matching::two_thresholds", message, Some(help.into()));
        }
    } else if thresholds.review.get_ref() > thresholds.merge.get_ref() {
        let given = [&thresholds.review, &thresholds.merge].into_iter().find(|t| !t.span().is_empty());
        let message =
            format!("`review` ({}) is above `merge` ({})", thresholds.review.get_ref(), thresholds.merge.get_ref());
        let help = "pairs from `review` up to `merge` go to a steward, so `review` is the lower one";
        sink.error(given.map_or(0..0, |t| t.span()), "matching::threshold_order", message, Some(help.into()));
    }
}

fn cluster(folder: &Folder<'_>, sink: &mut Sink<'_>) {
    let (rules, training) = (&folder.matching.typed.cluster, &folder.matching.typed.training);
    sink.fraction(&rules.average, "matching::threshold_range", "`average`");
    if *rules.max_size.get_ref() < 2 {
        let message = "a cluster has at least 2 records";
        sink.error(rules.max_size.span(), "matching::max_size", message, None);
    }
    let raw = &folder.matching.raw;
    let tolerance = training.tolerance > 0.0 && training.tolerance < 1.0;
    let settings = [
        ("max_pairs_per_rule", training.max_pairs_per_rule > 0),
        ("u_sample_records", training.u_sample_records > 1),
        ("max_iterations", training.max_iterations > 0),
        ("tolerance", tolerance),
    ];
    for (key, _) in settings.iter().filter(|(_, right)| !right) {
        let message = format!("with this `{key}` nothing can be learnt");
        let help = (*key == "tolerance").then(|| "a number above 0 and below 1, as 1e-5".to_string());
        sink.error(span_at(raw, &["training", key]), "matching::training_range", message, help);
    }
}

fn contradictions(rules: &Matching, sink: &mut Sink<'_>) {
    let known: Vec<&str> = rules.comparison.iter().map(|c| c.name.get_ref().as_str()).collect();
    for rule in &rules.contradiction {
        sink.name(&rule.name);
        if rule.differ_in.is_empty() {
            let help = "as `differ_in = [\"birth_date\", \"full_name\"]`: names of comparisons";
            sink.error(rule.name.span(), "matching::contradiction", "it lists no comparison", Some(help.into()));
        }
        for name in rule.differ_in.iter().filter(|n| !known.contains(&n.get_ref().as_str())) {
            let help = suggest(name.get_ref(), known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            let message = format!("`{}` is no comparison", name.get_ref());
            sink.error(name.span(), "matching::contradiction", message, help);
        }
    }
}

fn hard(rule: &HardRule, sink: &mut Sink<'_>) {
    sink.name(&rule.name);
    rule.same.iter().chain(&rule.different).for_each(|sql| sink.sql(sql));
    if rule.same.is_some() == rule.different.is_some() {
        let message = match rule.same {
            Some(_) => "a hard rule has `same` or `different`, not both",
            None => "a hard rule has `same` or `different`",
        };
        sink.error(rule.name.span(), "matching::hard_rule", message, None);
    }
}

fn one(comparison: &Comparison, sink: &mut Sink<'_>, partial: bool) {
    sink.name(&comparison.name);
    sink.sql(&comparison.on);
    comparison.with.iter().for_each(|with| sink.sql(with));
    let levels = &comparison.levels;
    if levels.is_empty() && !partial {
        let help = "as `levels = [\"exact\"]`";
        sink.error(comparison.name.span(), "matching::no_levels", "the comparison has no levels", Some(help.into()));
    }
    if let Some(extra) = levels.get(MAX_LEVELS) {
        sink.error(extra.span(), "matching::too_many_levels", format!("more than {MAX_LEVELS} levels"), None);
    }
    let swapped = levels.iter().find(|l| *l.get_ref() == Swapped);
    match (swapped, &comparison.with) {
        (Some(level), None) => {
            let help = "add `with = \"...\"`: the column that the value may have strayed into";
            sink.error(level.span(), "matching::swapped_without_with", "`swapped` needs `with`", Some(help.into()));
        }
        (None, Some(with)) if !partial => {
            let message = "only the level `swapped` looks at `with`, and it is not among the levels";
            sink.warn(with.span(), "matching::with_without_swapped", message, None);
        }
        _ => {}
    }
    for (i, level) in levels.iter().enumerate() {
        if let Some(range) = out_of_range(level.get_ref()) {
            sink.error(level.span(), "matching::level_range", range, None);
            continue;
        }
        let above = levels.iter().take(i).find(|earlier| covers(earlier.get_ref(), level.get_ref()));
        if let Some(earlier) = above {
            let message = format!(
                "`{}` is never reached: `{}` before it takes all of its pairs",
                level.get_ref(),
                earlier.get_ref()
            );
            let help = "levels go from the strictest to the loosest".to_string();
            sink.error(level.span(), "matching::level_order", message, Some(help));
        }
    }
}

fn out_of_range(level: &ComparisonLevel) -> Option<&'static str> {
    match level {
        JaroWinkler(least) if !(*least > 0.0 && *least <= 1.0) => Some("a similarity is above 0 and at most 1"),
        Levenshtein(0) | Osa(0) => Some("no edits at all is the level `exact`"),
        DaysApart(0) => Some("no days apart is the level `exact`"),
        Prefix(0) => Some("a prefix has at least one character"),
        WordsInCommon(share) if !(*share > 0.0 && *share <= 1.0) => Some("a share is above 0 and at most 1"),
        NumberApart(far) | KilometresApart(far) if !(*far > 0.0 && far.is_finite()) => Some("a distance is above 0"),
        _ => None,
    }
}

/// Whether every pair of the level `later` is taken by the level `earlier` already.
fn covers(earlier: &ComparisonLevel, later: &ComparisonLevel) -> bool {
    match (earlier, later) {
        (JaroWinkler(a), JaroWinkler(b)) | (WordsInCommon(a), WordsInCommon(b)) => a <= b,
        (Levenshtein(a), Levenshtein(b)) | (Osa(a), Osa(b) | Levenshtein(b)) | (DaysApart(a), DaysApart(b)) => a >= b,
        (NumberApart(a), NumberApart(b)) | (KilometresApart(a), KilometresApart(b)) => a >= b,
        (Prefix(a), Prefix(b)) => a <= b,
        (JaroWinkler(_) | Levenshtein(_) | Osa(_) | DaysApart(_) | NumberApart(_) | Contains, Exact)
        | (KilometresApart(_) | AnyInCommon | WordsInCommon(_), Exact) => true,
        _ => earlier == later,
    }
}
