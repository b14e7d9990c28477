//! A night unlike the nights before it: broken feeds stop a run with the shipped rules, ordinary changes do not.

use crate::harness::{Job, copy, lines, root};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use zlato_engine::nights::{FILE, Figure, Night, read};
use zlato_engine::run::Stage;
use zlato_engine::summary::Summary;

/// The sample published, as if it had been so for some nights.
struct Published {
    folder: tempfile::TempDir,
}

impl Published {
    fn for_nights(nights: usize) -> (Self, Summary) {
        let folder = tempfile::tempdir().unwrap();
        copy(&root().join("fixtures/sample"), &folder.path().join("input"));
        let found = Self { folder };
        let first = found.job().go().unwrap();
        assert!(first.published, "{:?}", first.warnings);
        let recorded = read(&found.out()).unwrap();
        assert_eq!(recorded.len(), 1);
        assert!(recorded[0].published && recorded[0].figures.len() > 100);
        found.repeat(&recorded[0], nights);
        (found, first)
    }

    /// Writes the history as if a night had come so many times.
    fn repeat(&self, night: &Night, nights: usize) {
        // The first night has nothing to have changed since.
        let mut figures = night.figures.clone();
        for source in ["crm", "webshop", "contact_centre", "prospects"] {
            let Some(Figure::Count(rows)) = figures.get(&format!("rows/{source}")).cloned() else { panic!("{source}") };
            figures.insert(format!("changed/{source}"), Figure::Counts(vec![rows / 100, rows]));
        }
        let line = |day: usize| {
            let as_of = format!("2026-10-{:02}", day + 1);
            let run = format!("{as_of}-001");
            let night = Night { run, as_of, figures: figures.clone(), ..night.clone() };
            serde_json::to_string(&night).unwrap() + "\n"
        };
        let text: String = (0..nights).map(line).collect();
        assert!(!text.contains('@'), "numbers and names of fields, never values");
        std::fs::write(self.out().join(FILE), text).unwrap();
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn input(&self) -> PathBuf {
        self.folder.path().join("input")
    }

    fn job(&self) -> Job {
        Job::new(&root().join("rules"), Some(&self.input()), &self.out())
    }

    /// A night with damaged inputs, up to the gate; then the inputs are whole again.
    fn night(&self, damage: impl Fn(&Path)) -> Summary {
        damage(&self.input());
        let mut job = self.job().at("2026-11-02T02:00:00.000+00:00").until(Stage::Gate);
        job.options.as_of = "2026-11-02".parse().unwrap();
        let summary = job.go().unwrap();
        std::fs::remove_dir_all(self.input()).unwrap();
        copy(&root().join("fixtures/sample"), &self.input());
        summary
    }

    /// Findings of the gate that did not pass, as `result check source field`.
    fn fired(&self, summary: &Summary) -> Vec<String> {
        let sql =
            "SELECT result, \"check\", coalesce(source, ''), coalesce(field, '') FROM gate WHERE result <> 'pass'";
        lines(&self.out(), &summary.run, sql).iter().map(|l| l.replace(" | ", " ").trim_end().to_string()).collect()
    }
}

fn edit(path: &Path, change: impl Fn(&str) -> String) {
    let packed = path.extension().is_some_and(|e| e == "gz");
    let bytes = std::fs::read(path).unwrap();
    // One character a byte, so that a code page survives.
    let plain = |bytes: &[u8]| bytes.iter().map(|b| char::from(*b)).collect::<String>();
    let text = if packed {
        let mut text = Vec::new();
        flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut text).unwrap();
        plain(&text)
    } else {
        plain(&bytes)
    };
    let changed: Vec<u8> = change(&text).chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let file = std::fs::File::create(path).unwrap();
    if packed {
        let mut file = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        file.write_all(&changed).unwrap();
        file.finish().unwrap();
    } else {
        (&file).write_all(&changed).unwrap();
    }
}

fn keep(part: usize, of: usize) -> impl Fn(&str) -> String {
    move |text| {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let wanted = 1 + (lines.len() - 1) * part / of;
        lines.into_iter().take(wanted).collect()
    }
}

/// One run of the sample and four nights after it: runs are what these tests cost.
#[test]
fn broken_feeds_stop_and_ordinary_nights_pass() {
    let (published, first) = Published::for_nights(9);
    the_scorecard_speaks_of_every_source(&published.out(), &first.run);
    segmentation_is_for_customers_and_for_a_purpose(&published.out(), &first.run);
    an_ordinary_night_passes(&published);
    broken_files_are_named(&published);
    values_in_wrong_columns_are_named(&published);
    half_a_file_stops_after_three_nights(&published);
}

/// One row in a hundred of the CRM is edited, a vendor sends half of his file, events grow by a third.
fn an_ordinary_night_passes(published: &Published) {
    let ordinary = published.night(|input| {
        edit(&input.join("crm.csv"), |text| {
            let line = |(n, line): (usize, &str)| {
                if n > 0 && n % 100 == 0 { line.replace(";T;", ";N;").replace("Maja", "Maya") } else { line.into() }
            };
            text.split_inclusive('\n').enumerate().map(line).collect()
        });
        edit(&input.join("profiles_lifestyle.csv"), keep(1, 2));
        edit(&input.join("events.ndjson"), |text| {
            let more = keep(1, 3)(text).replace("\"event_id\":\"", "\"event_id\":\"again-");
            format!("{text}{}", more.replace("\"event_id\": \"", "\"event_id\": \"again-"))
        });
    });
    assert!(!ordinary.gate.stopped(), "{:?}", ordinary.warnings);
    let noise: Vec<String> = published.fired(&ordinary).into_iter().filter(|f| f.contains("unusual")).collect();
    assert!(noise.is_empty(), "{noise:?}");
}

/// Prospects cut off, e-mail and telephone of the contact centre swapped, a key of the web shop renamed.
fn broken_files_are_named(published: &Published) {
    let broken = published.night(|input| {
        edit(&input.join("prospects.csv"), keep(1, 3));
        edit(&input.join("contact_centre.csv"), |text| {
            text.replacen(",phone,phone_2,email,", ",email,phone_2,phone,", 1)
        });
        edit(&input.join("webshop.ndjson.gz"), |text| text.replace("\"email\":", "\"mail_address\":"));
    });
    assert!(broken.gate.stopped());
    let fired = published.fired(&broken);
    for found in [
        "stop unusual_rows prospects",
        "stop unusual_verdicts contact_centre email",
        "stop unusual_verdicts contact_centre phone",
        "stop unusual_shapes contact_centre email",
        "stop mapped_columns_gone webshop email",
        "warn columns_gone webshop email",
        "stop unusual_missing webshop email",
    ] {
        assert!(fired.contains(&found.to_string()), "{found}: {fired:?}");
    }
    assert!(fired.iter().any(|f| f.starts_with("warn columns_new webshop") && f.contains("mail_address")), "{fired:?}");
    let said = "rows of prospects: 104 tonight, usually 312 (median of 9 nights)";
    assert!(broken.warnings.iter().any(|w| w.contains(said)), "{:?}", broken.warnings);
}

/// Given and family name, town and postal code: each value is as good as before, only not where it was.
fn values_in_wrong_columns_are_named(published: &Published) {
    let swapped = published.night(|input| {
        edit(&input.join("crm.csv"), |text| {
            text.replacen(";NAZWISKO;IMIE;", ";IMIE;NAZWISKO;", 1).replacen(";KOD;MIASTO;", ";MIASTO;KOD;", 1)
        });
    });
    assert!(swapped.gate.stopped());
    let fired = published.fired(&swapped);
    for found in ["stop unusual_changed crm", "stop unusual_shapes crm postal_code", "stop unusual_shapes crm locality"]
    {
        assert!(fired.contains(&found.to_string()), "{found}: {fired:?}");
    }
    assert!(fired.iter().any(|f| f.starts_with("warn columns_moved crm")), "{fired:?}");
}

/// A third of the CRM's rows, with too few nights for a median; a run that was stopped is kept and not compared with.
fn half_a_file_stops_after_three_nights(published: &Published) {
    let night = read(&published.out()).unwrap().remove(0);
    published.repeat(&night, 3);
    edit(&published.input().join("crm.csv"), keep(1, 3));
    let job = || published.job().at("2026-11-03T02:00:00.000+00:00");
    let stopped = job().go().unwrap();
    assert!(stopped.gate.stopped() && !stopped.published);
    let said = "rows of crm: 375 tonight, usually 1127 (last night)";
    assert!(stopped.warnings.iter().any(|w| w.contains(said)), "{:?}", stopped.warnings);
    assert!(job().resume().go().unwrap().gate.stopped(), "continuing it tells the same");
    let nights = read(&published.out()).unwrap();
    assert_eq!(nights.iter().map(|n| n.published).collect::<Vec<_>>(), [true, true, true, false]);
    assert_eq!(nights.last().map(|n| n.run.clone()), Some(stopped.run));
}

fn the_scorecard_speaks_of_every_source(out: &Path, run: &str) {
    let card = |sql: &str| lines(out, run, sql);
    let dimensions = card("SELECT DISTINCT dimension FROM scorecard WHERE source = 'crm' ORDER BY 1");
    assert_eq!(dimensions, ["accuracy", "completeness", "consistency", "currentness", "uniqueness"]);
    let wrong = card("SELECT * FROM scorecard WHERE value < 0 OR value > 1");
    assert!(wrong.is_empty(), "{wrong:?}");
    let counted = card(
        "SELECT count(CASE WHEN email_verdict <> 'missing' THEN 1 END), count(*) FROM contacts WHERE source = 'webshop'",
    );
    let measured = card(
        "SELECT CAST(round(value * measured) AS BIGINT), measured FROM scorecard \
         WHERE source = 'webshop' AND field = 'email' AND dimension = 'completeness'",
    );
    assert_eq!(measured, counted, "what stands for nothing is missing");
    let whole = "SELECT measured FROM scorecard WHERE source IS NULL AND stage = 'source' AND dimension = 'completeness' \
         GROUP BY measured";
    assert_eq!(card(whole), card("SELECT count(*) FROM records"), "of all sources: of all records");
}

fn segmentation_is_for_customers_and_for_a_purpose(out: &Path, run: &str) {
    let ask = |sql: &str| lines(out, run, sql);
    let purposes = "(SELECT count(DISTINCT purpose) FROM segmentation_ready)";
    assert_eq!(
        ask("SELECT count(*) FROM segmentation_ready"),
        ask(&format!("SELECT count(*) * {purposes} FROM golden"))
    );
    assert_ne!(ask("SELECT count(*) FROM segmentation_ready WHERE ready"), ["0"]);
    for never in [
        "kind <> 'customer' AND ready",
        "ready AND reasons IS NOT NULL",
        "NOT ready AND reasons IS NULL",
        "ready AND channels IS NULL",
        "kind <> 'customer' AND reasons NOT LIKE '%prospect%'",
    ] {
        assert_eq!(ask(&format!("SELECT count(*) FROM segmentation_ready WHERE {never}")), ["0"], "{never}");
    }
    // Counted another way: an e-mail address that is current, and that may be written to.
    let email = "SELECT count(DISTINCT p.golden_id) FROM permissions p JOIN freshness f ON f.golden_id = p.golden_id \
         AND f.field = 'email' AND f.state IN ('fresh', 'ageing') WHERE p.channel = 'email' AND p.allowed";
    let ready = "SELECT count(DISTINCT golden_id) FROM segmentation_ready WHERE channels LIKE '%email%'";
    assert_eq!(ask(ready), ask(email));
}
