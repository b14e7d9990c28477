//! The rules of the stage, prepared: which fields are looked at, how each ages, what is asked, which groups there are.
//! Fields and groups are known by their place in one list of names.

use crate::context::Context;
use crate::match_view::{self, ADDRESS_PARTS};
use std::collections::{BTreeMap, HashMap};
use zlato_core::attributes::{self, RECENT_DAYS};
use zlato_core::day;
use zlato_core::permission::channel;
use zlato_core::prompts;
use zlato_core::rules::Rules;
use zlato_core::rules::freshness::Effect;
use zlato_core::rules::known::CHANNELS;

/// How a field ages.
pub struct Age {
    /// Place of the field.
    pub field: usize,
    pub half_life: u32,
    pub shelf_life: Option<u32>,
    /// What kinds of events do to it.
    pub effects: Vec<(String, Effect)>,
}

/// A member of an attribute group.
pub enum Member {
    /// A figure, counted with the group's recent days.
    Figure(String),
    /// Place of a field.
    Field(usize),
}

/// A part of the view of a customer.
pub struct Group {
    pub name: String,
    pub members: Vec<Member>,
    pub shelf_life: Option<u32>,
    pub recent: u32,
}

pub struct Plan {
    pub names: Vec<String>,
    /// Golden fields, each with the places of itself and of the groups that it is part of.
    pub stands_for: HashMap<String, Vec<usize>>,
    pub ages: Vec<Age>,
    pub prompts: prompts::Plan,
    /// Places of the fields that have a question.
    pub asked: Vec<usize>,
    /// Channels with the place of their contact.
    pub contacts: Vec<(usize, usize)>,
    pub address: usize,
    pub groups: Vec<Group>,
    /// Kinds of events that say that a contact is dead.
    pub bad_news: Vec<String>,
    /// The day that counts for rows of a profile source without one that can be used.
    pub collected: BTreeMap<String, String>,
    pub as_of: i32,
}

impl Plan {
    pub fn new(context: &Context) -> Self {
        let rules = &context.rules.rules;
        let golden = match_view::golden_fields(rules);
        let mut names = Names { known: Vec::new() };
        let ages = rules.freshness.field.iter().map(|age| Age {
            field: names.place(age.name.get_ref()),
            half_life: *age.half_life_days.get_ref(),
            shelf_life: age.shelf_life_days.as_ref().map(|days| *days.get_ref()),
            effects: (rules.freshness.event.iter())
                .filter(|event| event.field == age.name)
                .map(|event| (event.kind.get_ref().clone(), event.effect))
                .collect(),
        });
        let ages = ages.collect();
        let prompts = prompts::Plan::new(rules, |name| can_be_golden(rules, &golden, name));
        let asked = prompts.fields().map(|field| names.place(field)).collect();
        let contacts = ["email", "phone", "address"].into_iter().flat_map(|field| {
            let place = names.place(field);
            let serves = prompts::served_by(field);
            CHANNELS.iter().filter_map(|c| channel(c)).filter(move |c| serves.holds(*c)).map(move |c| (c, place))
        });
        let contacts = contacts.collect();
        let groups = rules.profiles.attribute_group.iter().map(|group| Group {
            name: group.name.get_ref().clone(),
            members: (group.fields.iter())
                .map(|field| match attributes::is_figure(field.get_ref()) {
                    true => Member::Figure(field.get_ref().clone()),
                    false => Member::Field(names.place(field.get_ref())),
                })
                .collect(),
            shelf_life: group.shelf_life_days.as_ref().map(|days| *days.get_ref()),
            recent: group.recent_days.as_ref().map_or(RECENT_DAYS, |days| *days.get_ref()),
        });
        let groups = groups.collect();
        let address = names.place("address");
        let as_of = day::number(context.options.as_of);
        let collected = rules.profiles.profile.iter().filter_map(|terms| {
            let collected = terms.collected.as_ref()?.get_ref();
            day::usable(collected, as_of)?;
            Some((terms.source.get_ref().clone(), collected.clone()))
        });
        let dead = rules.freshness.event.iter().filter(|event| event.effect == Effect::Invalidate);
        Self {
            stands_for: names.stands_for(rules, &golden),
            names: names.known,
            ages,
            prompts,
            asked,
            contacts,
            address,
            groups,
            bad_news: dead.map(|event| event.kind.get_ref().clone()).collect(),
            collected: collected.collect(),
            as_of,
        }
    }
}

/// Whether golden records have the field, or a field of the group.
fn can_be_golden(rules: &Rules, golden: &[String], name: &str) -> bool {
    let has = |field: &str| golden.iter().any(|g| g == field);
    let group = rules.survivorship.group.iter().find(|g| g.name.get_ref() == name);
    has(name)
        || (name == "address" && ADDRESS_PARTS.iter().any(|part| has(part)))
        || group.is_some_and(|g| g.fields.iter().any(|f| has(f.get_ref())))
}

struct Names {
    known: Vec<String>,
}

impl Names {
    fn place(&mut self, name: &str) -> usize {
        self.known.iter().position(|known| known == name).unwrap_or_else(|| {
            self.known.push(name.into());
            self.known.len() - 1
        })
    }

    fn stands_for(&self, rules: &Rules, golden: &[String]) -> HashMap<String, Vec<usize>> {
        let mut all = HashMap::new();
        for field in golden {
            let groups = rules.survivorship.group.iter().filter(|g| g.fields.iter().any(|f| f.get_ref() == field));
            let mut names: Vec<&str> = groups.map(|g| g.name.get_ref().as_str()).chain([field.as_str()]).collect();
            if ADDRESS_PARTS.contains(&field.as_str()) {
                names.push("address");
            }
            let places = self.known.iter().enumerate().filter(|(_, known)| names.contains(&known.as_str()));
            let places: Vec<usize> = places.map(|(place, _)| place).collect();
            if !places.is_empty() {
                all.insert(field.clone(), places);
            }
        }
        all
    }
}
