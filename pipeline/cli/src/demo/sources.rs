//! Enters: a row, one text a column. Leaves: its bytes, as its source writes them: code page, delimiter, quoting, names.
//! Never here: what a row says, the order of rows, broken rows.

use super::fields::{csv, json};
use super::letters::windows_1250;

/// The files that are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceId {
    Crm,
    Webshop,
    ContactCentre,
    Prospects,
    ProfilesLifestyle,
    ProfilesHashed,
    Events,
}

/// A file's name, its header and how it separates fields.
#[derive(Debug)]
pub struct Layout {
    pub source: SourceId,
    pub file: &'static str,
    pub header: &'static str,
    pub delimiter: Option<u8>,
}

pub const LAYOUTS: [Layout; 7] = [
    Layout {
        source: SourceId::Crm,
        file: "crm.csv",
        header: "ID_KLIENTA;TYTUL;NAZWISKO;IMIE;NAZW_RODOWE;PLEC;DATA_UR;PESEL_JMBG;ULICA_NR;KOD;MIASTO;KRAJ;TEL_KOM;TEL_DOM;EMAIL;KLIENT_OD;OBROT;ZGODA_EMAIL;ZGODA_TEL;ZGODA_SMS;ZGODA_POCZTA;DATA_MOD\r\n",
        delimiter: Some(b';'),
    },
    Layout { source: SourceId::Webshop, file: "webshop.ndjson.gz", header: "", delimiter: None },
    Layout {
        source: SourceId::ContactCentre,
        file: "contact_centre.csv",
        header: "\u{feff}contact_id,full_name,birth_date,phone,phone_2,email,address,country,language,may_call,note,last_contact\n",
        delimiter: Some(b','),
    },
    Layout {
        source: SourceId::Prospects,
        file: "prospects.csv",
        header: "lead_id\tname\temail\tphone\tpostcode\tcity\tcountry\tcampaign\tnewsletter_ok\tcaptured_on\n",
        delimiter: Some(b'\t'),
    },
    Layout {
        source: SourceId::ProfilesLifestyle,
        file: "profiles_lifestyle.csv",
        header: "profile_id,given_name,family_name,birth_date,street_address,postal_code,locality,country,phone,email,age_band,marital_status,household_size,children,income_band,education,occupation,home_ownership,interests,collected_on\n",
        delimiter: Some(b','),
    },
    Layout {
        source: SourceId::ProfilesHashed,
        file: "profiles_hashed.csv.gz",
        header: "id,email_sha256,phone_sha256,country,age_band,income_band,education,interests,updated_at\n",
        delimiter: Some(b','),
    },
    Layout { source: SourceId::Events, file: "events.ndjson", header: "", delimiter: None },
];

/// Names of the web shop's columns, each with the number of the column whose value stands under it.
pub type Names = &'static [(&'static str, usize)];

pub const WEBSHOP: Names = &[
    ("customer_id", 0),
    ("email", 1),
    ("first_name", 2),
    ("last_name", 3),
    ("phone", 4),
    ("birthday", 5),
    ("street", 6),
    ("postcode", 7),
    ("city", 8),
    ("country", 9),
    ("newsletter", 10),
    ("created_at", 11),
    ("updated_at", 12),
];

/// What columns of a row can be changed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Name,
    BirthName,
    Address,
    Phone,
    Email,
    Turnover,
    Updated,
}

impl Part {
    /// The name that the log of changes uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name | Self::BirthName => "name",
            Self::Address => "address",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Turnover => "turnover",
            Self::Updated => "updated",
        }
    }
}

impl SourceId {
    /// The name that `sources.toml` and the truth use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crm => "crm",
            Self::Webshop => "webshop",
            Self::ContactCentre => "contact_centre",
            Self::Prospects => "prospects",
            Self::ProfilesLifestyle => "profiles_lifestyle",
            Self::ProfilesHashed => "profiles_hashed",
            Self::Events => "events",
        }
    }

    /// Whether rows of this source are people who bought or may buy, as our own staff and they themselves typed them.
    pub fn is_own(self) -> bool {
        matches!(self, Self::Crm | Self::Webshop | Self::ContactCentre | Self::Prospects)
    }

    /// Numbers of the columns that hold a part; none where the source has no such column.
    pub fn columns(self, part: Part) -> &'static [usize] {
        match (self, part) {
            (Self::Crm, Part::Name) => &[2, 3],
            (Self::Crm, Part::BirthName) => &[4],
            (Self::Crm, Part::Address) => &[8, 9, 10],
            (Self::Crm, Part::Phone) => &[12],
            (Self::Crm, Part::Email) => &[14],
            (Self::Crm, Part::Turnover) => &[16],
            (Self::Crm, Part::Updated) => &[21],
            (Self::Webshop, Part::Name) => &[2, 3],
            (Self::Webshop, Part::Address) => &[6, 7, 8],
            (Self::Webshop, Part::Phone) => &[4],
            (Self::Webshop, Part::Email) => &[1],
            (Self::Webshop, Part::Updated) => &[12],
            (Self::ContactCentre, Part::Name) => &[1],
            (Self::ContactCentre, Part::Address) => &[6],
            (Self::ContactCentre, Part::Phone) => &[3],
            (Self::ContactCentre, Part::Email) => &[5],
            (Self::ContactCentre, Part::Updated) => &[11],
            (Self::Prospects, Part::Name) => &[1],
            (Self::Prospects, Part::Address) => &[4, 5],
            (Self::Prospects, Part::Phone) => &[3],
            (Self::Prospects, Part::Email) => &[2],
            (Self::Prospects, Part::Updated) => &[9],
            _ => &[],
        }
    }
}

/// How the export programs of a night write; the same every night but for the ones on which something broke.
#[derive(Debug, Clone, Copy)]
pub struct Export {
    /// The CRM's rows arrive as UTF-8 instead of Windows-1250.
    pub crm_in_utf8: bool,
    pub webshop: Names,
}

impl Default for Export {
    fn default() -> Self {
        Self { crm_in_utf8: false, webshop: WEBSHOP }
    }
}

/// A row as its source keeps it.
#[derive(Debug, Clone)]
pub struct Record {
    pub source: SourceId,
    /// The entity of the truth files.
    pub person: u64,
    /// One text a column of the file; the key comes first.
    pub fields: Vec<String>,
    /// The CRM's program writes `?` for letters that its code page lacks, instead of dropping their marks.
    pub question_marks: bool,
}

impl Record {
    pub fn key(&self) -> &str {
        self.fields.first().map(String::as_str).unwrap_or_default()
    }

    /// Appends the row's bytes, line end included; `line` is a buffer to work in.
    pub fn encode(&self, export: &Export, line: &mut String, out: &mut Vec<u8>) {
        line.clear();
        match self.source {
            SourceId::Webshop => self.object(export.webshop, line),
            SourceId::Crm => self.fields_apart(';', "\r\n", line),
            SourceId::Prospects => self.fields_apart('\t', "\n", line),
            _ => self.fields_apart(',', "\n", line),
        }
        if self.source == SourceId::Crm && !export.crm_in_utf8 {
            windows_1250(line, self.question_marks, out);
        } else {
            out.extend_from_slice(line.as_bytes());
        }
    }

    fn fields_apart(&self, delimiter: char, end: &str, line: &mut String) {
        for (at, field) in self.fields.iter().enumerate() {
            if at > 0 {
                line.push(delimiter);
            }
            csv(line, field, delimiter);
        }
        line.push_str(end);
    }

    fn object(&self, names: Names, line: &mut String) {
        line.push('{');
        for (name, column) in names {
            let value = self.fields.get(*column).map(String::as_str).unwrap_or_default();
            if matches!(value, "true" | "false") {
                line.push_str(&format!("\"{name}\":{value},"));
            } else {
                json(line, name, value);
            }
        }
        line.pop();
        line.push_str("}\n");
    }
}
