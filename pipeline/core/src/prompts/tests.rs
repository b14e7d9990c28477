//! What is asked, in which order and by which channel: examples, and what holds for any customer.

use super::*;
use crate::freshness::assess;
use crate::rules;
use crate::rules::freshness::Effect;
use proptest::prelude::*;
use std::collections::BTreeMap;

const RULES: &str = r#"
[prompts]
most_per_customer = 3
least_value = 0.4
purpose = "dpv:DirectMarketing"
ask_by = ["email", "sms", "phone", "post"]
[[field]]
name = "email"
half_life_days = 100
shelf_life_days = 400
prompt = "E-mail?"
prompt_value = 3
[[field]]
name = "phone"
half_life_days = 100
shelf_life_days = 400
prompt = "Number?"
prompt_value = 2
ask_by = ["post", "email"]
[[field]]
name = "address"
half_life_days = 100
prompt = "Address?"
prompt_value = 2
[[question]]
name = "birth_date"
prompt = "Born?"
"#;

const FIELDS: [&str; 4] = ["email", "phone", "address", "birth_date"];
const TODAY: i32 = 20_000;

fn plan(text: &str) -> Plan {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/rules/valid/minimal");
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for name in ["sources.toml", "matching.toml", "profiles.toml"] {
        files.insert(name.into(), std::fs::read_to_string(root.join(name)).unwrap());
    }
    let mapped = "email = \"MAIL\"\nphone = \"TEL\"\naddress = \"ADDRESS\"\nbirth_date = \"BORN\"\n";
    let sources = files["sources.toml"].replace("email = \"MAIL\"\n", mapped);
    files.insert("sources.toml".into(), sources);
    files.insert("freshness.toml".into(), text.into());
    let rules = rules::load(&files).rules.unwrap();
    Plan::new(&rules, |field| FIELDS.contains(&field))
}

fn aged(days: i32) -> Known {
    Known::Held(Some(assess(Some(TODAY - days), TODAY, 100, Some(400), &[])))
}

fn dead() -> Known {
    Known::Held(Some(assess(Some(TODAY - 9), TODAY, 100, Some(400), &[(TODAY - 1, Effect::Invalidate)])))
}

const UNDATED: fn() -> Known = || Known::Held(Some(assess(None, TODAY, 100, Some(400), &[])));

/// A customer of whom these channels are permitted; what works follows from what is known.
fn asked(permitted: &[&str], known: [Known; 4]) -> Vec<String> {
    let plan = plan(RULES);
    let standing = standing(permitted, &known);
    let line = |p: &Prompt<'_>| format!("{} {} {} {} {}", p.rank, p.field, p.reason, p.value, p.channels.join(","));
    plan.ask(&known, standing).iter().map(line).collect()
}

fn standing(permitted: &[&str], known: &[Known]) -> Standing {
    let mut works = Channels::default();
    for (field, _) in FIELDS.iter().zip(known).filter(|(_, k)| k.works()) {
        let served = (0..CHANNELS.len()).filter(|c| served_by(field).holds(*c));
        served.for_each(|c| works.insert(c));
    }
    let permitted = Channels::of(permitted.iter().copied());
    Standing { customer: true, permitted, open: Channels::of(CHANNELS.iter().copied()), works }
}

const BORN: Known = Known::Held(None);

#[test]
fn the_most_valuable_questions_come_first() {
    let all = ["email", "phone", "sms", "post"];
    assert_eq!(asked(&all, [aged(0), aged(50), aged(100), BORN]), [""; 0], "all is fresh");
    // Missing: whole worth. Two half-lives: three quarters. A birth date is the least, and the fourth.
    let four = [aged(200), Known::Missing, aged(101), Known::Missing];
    let expected = [
        "1 email past_half_life 2.25 email,post",
        "2 phone missing 2 post,email",
        "3 address past_half_life 1.007 email,post",
    ];
    assert_eq!(asked(&all, four), expected);
    assert_eq!(
        asked(&all, [aged(1), UNDATED(), aged(2), BORN]),
        ["1 phone no_date 1 post,email"],
        "an undated value is half as doubtful as a dead one"
    );
    assert_eq!(asked(&all, [aged(1), dead(), aged(2), BORN]), ["1 phone invalidated 2 post,email"]);
}

#[test]
fn the_only_way_to_a_customer_is_worth_twice_as_much() {
    let phone = |permitted: &[&str]| asked(permitted, [Known::Missing, aged(150), Known::Missing, BORN]);
    assert_eq!(phone(&["phone"])[1], "2 phone past_half_life 2.586 ");
    assert_eq!(
        phone(&["phone", "email"])[0],
        "1 email missing 3 phone",
        "the number works, so e-mail is not the only way"
    );
    assert_eq!(
        asked(&["email"], [Known::Missing, aged(1), aged(1), BORN]),
        ["1 email missing 6 "],
        "what works is not permitted, so e-mail would be the only way"
    );
    assert_eq!(asked(&[], [Known::Missing, aged(1), aged(1), BORN]), ["1 email missing 3 "], "it would open no way");
}

#[test]
fn a_dead_contact_is_never_asked_about_by_its_own_channel() {
    assert_eq!(asked(&["email", "post"], [dead(), aged(1), aged(1), BORN]), ["1 email invalidated 3 post"]);
    let plan = plan(RULES);
    let known = [dead(), aged(1), aged(500), BORN];
    let prompts = plan.ask(&known, standing(&["email", "post"], &known));
    assert!(prompts.iter().all(|p| p.channel() == INBOUND), "{prompts:?}");
}

#[test]
fn prospects_and_suppressed_people_are_asked_nothing() {
    let plan = plan(RULES);
    let known = [Known::Missing; 4];
    let customer = standing(&["email"], &known);
    assert_eq!(plan.ask(&known, customer).len(), 3);
    assert_eq!(plan.ask(&known, Standing { customer: false, ..customer }), []);
    assert_eq!(plan.ask(&known, Standing { open: Channels::default(), ..customer }), []);
    // Where only e-mail is left open, the rest waits for the customer.
    let known = [aged(1), Known::Missing, aged(1), BORN];
    let open = Channels::of(["phone"]);
    let prompts = plan.ask(&known, Standing { open, ..standing(&["email", "post"], &known) });
    assert_eq!(prompts.iter().map(Prompt::channel).collect::<Vec<_>>(), [INBOUND]);
}

#[test]
fn rules_say_how_many_and_about_what() {
    let few = plan(&RULES.replace("most_per_customer = 3", "most_per_customer = 1"));
    let known = [Known::Missing; 4];
    assert_eq!(few.ask(&known, standing(&[], &known)).len(), 1);
    let dear = plan(&RULES.replace("least_value = 0.4", "least_value = 2.5"));
    assert_eq!(dear.ask(&known, standing(&[], &known)).len(), 1);
    assert_eq!(plan(RULES).fields().collect::<Vec<_>>(), FIELDS);
    assert_eq!(plan(RULES).purpose(), Some("dpv:DirectMarketing"));
    assert_eq!(plan("").fields().count(), 0);
    // A field that golden records cannot have is not asked about.
    assert_eq!(
        plan(&format!("{RULES}\n[[field]]\nname = \"gender\"\nhalf_life_days = 9\nprompt = \"?\"\n")).fields().count(),
        4
    );
}

fn any_known() -> impl Strategy<Value = Known> {
    prop_oneof![
        Just(Known::Missing),
        Just(Known::NotTheirs),
        Just(Known::Held(None)),
        (proptest::option::of(0i32..900), proptest::option::of(0i32..900)).prop_map(|(age, died)| {
            let events: Vec<(i32, Effect)> = died.map(|d| (TODAY - d, Effect::Invalidate)).into_iter().collect();
            Known::Held(Some(assess(age.map(|a| TODAY - a), TODAY, 100, Some(400), &events)))
        }),
    ]
}

proptest! {
    #[test]
    fn holds_for_any_customer(
        known in proptest::collection::vec(any_known(), 4),
        permitted in 0u8..16, open in 0u8..16, works in 0u8..16, customer: bool,
    ) {
        let plan = plan(RULES);
        let standing =
            Standing { customer, permitted: Channels(permitted), open: Channels(open), works: Channels(works) };
        let prompts = plan.ask(&known, standing);
        prop_assert_eq!(&prompts, &plan.ask(&known, standing));
        prop_assert!(prompts.len() <= 3);
        prop_assert!(prompts.is_empty() || (customer && open != 0));
        for (place, prompt) in prompts.iter().enumerate() {
            prop_assert_eq!(prompt.rank, place + 1);
            prop_assert!(prompt.value >= 0.4 && prompt.value <= 6.0);
            for name in &prompt.channels {
                let c = channel(name).unwrap();
                prop_assert!(standing.permitted.holds(c) && standing.open.holds(c) && standing.works.holds(c));
            }
            let known = known[FIELDS.iter().position(|f| *f == prompt.field).unwrap()];
            prop_assert!(known.doubt().is_some());
            let reasons = || REASONS.iter().chain(crate::freshness::REASONS);
            prop_assert!(reasons().any(|(code, _)| *code == prompt.reason));
        }
        prop_assert!(prompts.windows(2).all(|w| w[0].value >= w[1].value));
        // No question that was left out is worth more than one that is asked.
        let all = Plan { most: usize::MAX, ..plan.clone() };
        let least = prompts.last().map_or(0.0, |p| p.value);
        prop_assert!(all.ask(&known, standing).iter().skip(prompts.len()).all(|p| p.value <= least));
    }

    #[test]
    fn an_older_value_is_never_worth_less(age in 0i32..900, more in 0i32..900) {
        let plan = plan(RULES);
        let worth = |age| {
            let known = [aged(1), aged(1), aged(1), BORN];
            let known = [aged(age), known[1], known[2], known[3]];
            let mut standing = standing(&["email", "post"], &known);
            standing.works = Channels::of(["post"]);
            plan.ask(&known, standing).first().map_or(0.0, |p| p.value)
        };
        prop_assert!(worth(age + more) >= worth(age));
    }
}
