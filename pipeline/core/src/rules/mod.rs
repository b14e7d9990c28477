//! Typed rule files. Enter: texts of a rules folder. Leave: [`Rules`] or every diagnostic at once.
//! Never here: reading files, planning SQL (the engine checks expressions against real schemas).

pub mod addresses;
pub mod contacts;
pub mod diagnostics;
pub mod freshness;
pub mod gate;
pub mod matching;
pub mod profiles;
pub mod sources;
pub mod survivorship;
pub mod vocabulary;

/// A whole rules folder.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    pub sources: sources::Sources,
    pub contacts: contacts::Contacts,
    pub addresses: addresses::Addresses,
    pub matching: matching::Matching,
    pub profiles: profiles::Profiles,
    pub survivorship: survivorship::Survivorship,
    pub freshness: freshness::Freshness,
    pub gate: gate::Gate,
}
