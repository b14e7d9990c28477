//! Enters: `rates.toml`. Leaves: how often each thing happens in made data.
//! Never here: a rate written in code.

use super::sources::SourceId;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A rate for each source; 0 where the file names none.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BySource {
    pub crm: f64,
    pub webshop: f64,
    pub contact_centre: f64,
    pub prospects: f64,
    pub profiles: f64,
}

macro_rules! rates {
    ($name:ident { $($field:ident: $kind:ty),* $(,)? }) => {
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $(pub $field: $kind,)* }
    };
}

rates!(Rates {
    people: People,
    presence: Presence,
    duplicates: BySource,
    missing: Missing,
    mistakes: Mistakes,
    events: Events,
    broken: Broken,
    roles: Roles,
    nights: Nights,
});
rates!(People {
    couple: f64,
    married: f64,
    takes_name: BTreeMap<String, f64>,
    double_name: f64,
    married_lately: f64,
    twins: f64,
    twins_alike: f64,
    junior: f64,
    moved: f64,
    phone_changed: f64,
    email_changed: f64,
    landline: f64,
    switchboard: f64,
    shared_email: f64,
    second_email: f64,
    role_email: f64,
    no_email: f64,
    plain_email: f64,
    serbian_cyrillic: f64,
});
rates!(Presence {
    crm: f64,
    webshop: f64,
    contact_centre: f64,
    prospect_customer: f64,
    profile_lifestyle: f64,
    profile_hashed: f64,
});
rates!(Missing {
    birth_date: BySource,
    national_id: BySource,
    email: BySource,
    phone: BySource,
    address: BySource,
    family_name: BySource,
    placeholder: f64,
});
rates!(Mistakes {
    typo: BySource,
    ocr: f64,
    swapped_names: BySource,
    nickname: BySource,
    upper_case: BySource,
    lower_case: BySource,
    no_diacritics: BySource,
    day_month_swapped: f64,
    fake_birth_date: f64,
    wrong_national_id: f64,
    junk_email: f64,
    junk_phone: f64,
    email_domain: f64,
    double_space: f64,
    company_in_name: f64,
    title: f64,
});
rates!(Events {
    hard_bounce_stale: f64,
    hard_bounce: f64,
    returned_mail_stale: f64,
    returned_mail: f64,
    wrong_number_stale: f64,
    wrong_number: f64,
    purchases_per_customer: f64,
    unsubscribe: f64,
    resubscribe: f64,
    complaint: f64,
    open: f64,
    click: f64,
    delivered: f64,
});
rates!(Broken { rows: f64 });
rates!(Roles { prospects: f64 });
rates!(Nights {
    vendor_refresh: u32,
    broken_feed: u32,
    schema_change: u32,
    new_customers: f64,
    new_row: f64,
    moved: f64,
    married: f64,
    phone_changed: f64,
    email_changed: f64,
    died: f64,
    told: BySource,
    corrected: f64,
    touched: f64,
    deleted: f64,
    rekeyed: f64,
    merged: f64,
    refresh_gone: f64,
    refresh_new: f64,
    refresh_changed: f64,
    purchase: f64,
    mailing: f64,
    letter: f64,
    call: f64,
    unsubscribe: f64,
    complaint: f64,
});

impl BySource {
    /// The rate of one source; 0 for events.
    pub fn of(&self, source: SourceId) -> f64 {
        match source {
            SourceId::Crm => self.crm,
            SourceId::Webshop => self.webshop,
            SourceId::ContactCentre => self.contact_centre,
            SourceId::Prospects => self.prospects,
            SourceId::ProfilesLifestyle | SourceId::ProfilesHashed => self.profiles,
            SourceId::Events => 0.0,
        }
    }
}

impl Rates {
    /// The rates of somebody who enters one new value into an old row: nothing is left empty, nothing is a stand-in.
    pub fn entering(&self) -> Self {
        let mut rates = self.clone();
        rates.missing = Missing::default();
        rates.mistakes.junk_email = 0.0;
        rates.mistakes.junk_phone = 0.0;
        rates.mistakes.company_in_name = 0.0;
        rates
    }

    /// The rates of somebody who corrects a value: no mistakes either.
    pub fn correcting(&self) -> Self {
        Self { mistakes: Mistakes::default(), ..self.entering() }
    }
}
