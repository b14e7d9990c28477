//! Stage contacts. Enter: `records`, `profile_records`, `events`. Leave: the same rows, in the same
//! order and the same parts, as standard forms, match keys and verdicts.
//! Never here: the rules of a value type; they are in zlato-core.

use super::again::{Made, map_again};
use super::columns::{TextColumns, text_column};
use super::memo::{Memo, Memos};
use super::{odd_rows, reuse};
use crate::context::Context;
use crate::error::Result;
use crate::match_view::{self, CONTACT_BASE_COLUMNS, NAME_COLUMNS};
use crate::run::{Outcome, Stage};
use crate::tables;
use arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::SchemaRef;
use chrono::NaiveDate;
use std::sync::Arc;
use zlato_core::contacts::mail_domain::MailDomains;
use zlato_core::contacts::national_id::{Told, conflicts};
use zlato_core::contacts::{Contacts, NameInput};
use zlato_core::rules::sources::FieldKind;
use zlato_core::value::{Assessment, Verdict};

pub async fn run(context: &Context) -> Result<Outcome> {
    let contacts = Arc::new(Contacts::new(&context.rules.rules.contacts));
    let answers = mail_domains(context)?;
    let mut outcome = Outcome::default();
    for (input, output) in [
        (tables::RECORDS, tables::CONTACTS),
        (tables::PROFILE_RECORDS, tables::PROFILE_CONTACTS),
        (tables::EVENTS, tables::EVENT_CONTACTS),
    ] {
        let fields = mapped(context, input)?;
        let schema = match_view::contacts(&fields);
        let worker = Arc::new(Worker::new(context, contacts.clone(), answers.clone(), fields.len()));
        let (again, known) = (worker.clone(), fields.clone());
        let looks_at = Worker::looks_at(&fields);
        let same = move |rows: &RecordBatch, old: &RecordBatch| again.same(rows, old, &known);
        let target = schema.clone();
        let work = move |batch: &RecordBatch| worker.normalise(batch, &fields, &target);
        let made = Made { work, same, looks_at };
        let (rows, again) = map_again(context, Stage::Contacts, input, |_| true, output, schema, made).await?;
        outcome.again += again;
        outcome.rows += rows;
        outcome.tables.push((output.into(), rows));
    }
    outcome.warnings = odd_rows::warnings(context).await?;
    Ok(outcome)
}

/// Domains that take no mail, as recorded when the run began.
pub(crate) fn mail_domains(context: &Context) -> Result<Arc<MailDomains>> {
    let answers = crate::mail_domains::read(&context.folder())?;
    let max_age = context.rules.rules.contacts.email.mail_domain_max_age_days;
    Ok(Arc::new(MailDomains::new(&answers, context.options.as_of, max_age)))
}

/// The mapped fields of a table of records, with their kinds.
pub(crate) fn mapped(context: &Context, table: &str) -> Result<Vec<(String, FieldKind)>> {
    let schema = context.store.schema(table)?;
    let names = schema.fields().iter().skip(tables::RECORD_BASE_COLUMNS);
    let rules = &context.rules.rules;
    Ok(names.map(|f| (f.name().clone(), rules.field_kind(f.name()).unwrap_or_default())).collect())
}

/// The field that is judged by the day of the run.
const BIRTH_DATE: &str = "birth_date";

/// Turns rows as sources wrote them into standard forms, match keys and verdicts.
pub(crate) struct Worker {
    contacts: Arc<Contacts>,
    /// Domains that take no mail, as recorded when the run began.
    mail_domains: Arc<MailDomains>,
    as_of: NaiveDate,
    addresses: Arc<zlato_core::addresses::Addresses>,
    /// Of names, then of each field, then of birth dates seen before.
    memos: Memos,
}

impl Worker {
    /// `fields`: how many of them the rows have.
    pub fn new(context: &Context, contacts: Arc<Contacts>, mail_domains: Arc<MailDomains>, fields: usize) -> Self {
        Self {
            contacts,
            mail_domains,
            as_of: context.options.as_of,
            addresses: context.rules.addresses.clone(),
            memos: Memos::new(context.options.limits, fields + 2),
        }
    }

    pub fn normalise(
        &self,
        batch: &RecordBatch,
        fields: &[(String, FieldKind)],
        schema: &SchemaRef,
    ) -> Result<RecordBatch> {
        let column = |name: &str| text_column(batch, name);
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
        for name in schema.fields().iter().take(CONTACT_BASE_COLUMNS) {
            columns.push(batch.column(batch.schema().index_of(name.name())?).clone());
        }
        let countries = self.row_countries(batch)?;
        self.memos.with(|memos| {
            let Some((names, memos)) = memos.split_first_mut() else { return };
            if fields.iter().any(|(_, kind)| *kind == FieldKind::PersonName) {
                columns.extend(self.names(batch, &countries, names));
            }
            for ((field, kind), memo) in fields.iter().zip(memos) {
                let Some(values) = column(field) else { continue };
                match kind {
                    FieldKind::PersonName | FieldKind::Address => {}
                    _ => columns.extend(self.field(field, *kind, values, &countries, memo)),
                }
            }
        });
        cross_check(&mut columns, fields, schema)?;
        Ok(RecordBatch::try_new(schema.clone(), columns)?)
    }

    /// The columns, of rows and of what is made from them, that [`Self::same`] looks at.
    fn looks_at(fields: &[(String, FieldKind)]) -> Vec<String> {
        let of = |(field, kind): &(String, FieldKind)| match kind {
            FieldKind::Email => ["domain", "reason"].map(|suffix| match_view::column(field, suffix)).to_vec(),
            FieldKind::Date if field == BIRTH_DATE => {
                let judged = match_view::suffixes(*kind).iter().map(|suffix| match_view::column(field, suffix));
                judged.chain([field.clone()]).collect()
            }
            _ => vec![],
        };
        fields.iter().flat_map(of).collect()
    }

    /// Whether rows of the published run are what [`Self::normalise`] would make today: birth dates look at the day of
    /// the run, e-mails at what was found out about their domains.
    fn same(&self, rows: &RecordBatch, old: &RecordBatch, fields: &[(String, FieldKind)]) -> Result<Vec<bool>> {
        let mut same = vec![true; old.num_rows()];
        for (field, _) in fields.iter().filter(|(_, kind)| *kind == FieldKind::Email) {
            let column = |suffix: &str| text_column(old, &match_view::column(field, suffix));
            let (domains, reasons) = (column("domain"), column("reason"));
            for (row, same) in same.iter_mut().enumerate() {
                let doubted = super::columns::value(reasons, row).is_some_and(MailDomains::is_reason);
                *same &= !doubted && !super::columns::value(domains, row).is_some_and(|d| self.mail_domains.doubts(d));
            }
        }
        let dated = |(field, kind): &&(String, FieldKind)| field == BIRTH_DATE && *kind == FieldKind::Date;
        let Some(values) = fields.iter().find(dated).and_then(|_| text_column(rows, BIRTH_DATE)) else {
            return Ok(same);
        };
        let countries = vec![None; rows.num_rows()];
        let new = self.memos.with(|memos| {
            let memo = memos.get_mut(fields.len() + 1);
            memo.map(|memo| self.field(BIRTH_DATE, FieldKind::Date, values, &countries, memo)).unwrap_or_default()
        });
        let suffixes = match_view::suffixes(FieldKind::Date).iter();
        let names: Vec<String> = suffixes.map(|suffix| match_view::column(BIRTH_DATE, suffix)).collect();
        same.iter_mut().zip(reuse::same_texts(old, &names, &new)).for_each(|(same, dates)| *same &= dates);
        Ok(same)
    }

    /// Country of each row: what the row says, else its source's default.
    fn row_countries(&self, batch: &RecordBatch) -> Result<Vec<Option<String>>> {
        let default = text_column(batch, "default_country");
        let own = text_column(batch, "country");
        Ok((0..batch.num_rows())
            .map(|row| {
                let own = super::columns::value(own, row).and_then(|c| self.addresses.country_named(c));
                own.or_else(|| super::columns::value(default, row).map(String::from))
            })
            .collect())
    }

    fn names(&self, batch: &RecordBatch, countries: &[Option<String>], memo: &mut Memo) -> Vec<ArrayRef> {
        let inputs = [
            "full_name",
            "honorific_prefix",
            "given_name",
            "middle_name",
            "family_name",
            "honorific_suffix",
            "birth_name",
        ]
        .map(|name| text_column(batch, name));
        let mut out = TextColumns::new(NAME_COLUMNS.len(), batch.num_rows());
        for (row, country) in countries.iter().enumerate() {
            let country = country.as_deref();
            let [full_name, honorific_prefix, given_name, middle_name, family_name, honorific_suffix, birth_name] =
                inputs.map(|column| super::columns::value(column, row));
            let inputs = [
                full_name,
                honorific_prefix,
                given_name,
                middle_name,
                family_name,
                honorific_suffix,
                birth_name,
                country,
            ];
            memo.row(&inputs, out.row(), |row| {
                let name = self.contacts.person_name(&NameInput {
                    full_name,
                    honorific_prefix,
                    given_name,
                    middle_name,
                    family_name,
                    honorific_suffix,
                    birth_name,
                    country,
                });
                let raw: Vec<&str> =
                    [full_name, honorific_prefix, given_name, middle_name, family_name, honorific_suffix]
                        .into_iter()
                        .flatten()
                        .collect();
                let usable = name.assessment.usable();
                let if_usable = |value: Option<String>| if usable { value } else { None };
                row.push(Some(raw.join(" ")).filter(|r| !r.is_empty()));
                row.push(if_usable(name.honorific_prefix));
                row.push(if_usable(name.given_name));
                row.push(if_usable(name.middle_name));
                row.push(if_usable(name.family_name));
                row.push(if_usable(name.honorific_suffix));
                row.push(if_usable(name.birth_name));
                row.push(if_usable(name.given_name_key));
                row.push(if_usable(name.given_name_root));
                row.push(if_usable(name.family_name_key));
                row.push(if_usable(name.family_name_root));
                row.push(if_usable(name.family_name_phonetic));
                row.push(if_usable(name.birth_name_key));
                row.push(name.gender);
                row.push(name.organization);
                row.push(name.swapped.then_some("true"));
                row.assess(&name.assessment);
            });
        }
        out.finish()
    }

    /// The columns of one field: raw, standard form, the kind's own columns, verdict, reason, suggestion.
    fn field(
        &self,
        field: &str,
        kind: FieldKind,
        values: &StringArray,
        countries: &[Option<String>],
        memo: &mut Memo,
    ) -> Vec<ArrayRef> {
        let mut out = TextColumns::new(match_view::suffixes(kind).len(), values.len());
        for (index, country) in countries.iter().enumerate() {
            let raw = super::columns::value(Some(values), index);
            let national = matches!(kind, FieldKind::Phone | FieldKind::NationalId | FieldKind::Iban);
            let country = country.as_deref().filter(|_| national);
            memo.row(&[raw, country], out.row(), |row| {
                row.push(raw);
                let raw = raw.unwrap_or("");
                match kind {
                    FieldKind::Email => {
                        let mut email = self.contacts.email(raw);
                        self.mail_domains.doubt(&mut email);
                        let used = email.assessment.usable();
                        row.push(email.standard.filter(|_| used));
                        row.push(email.key.filter(|_| used));
                        row.push(email.domain.filter(|_| used));
                        row.push(used.then(|| email.class.as_str()));
                        row.assess(&email.assessment);
                    }
                    FieldKind::Phone => {
                        let phone = self.contacts.phone(raw, country);
                        let used = phone.assessment.usable();
                        row.push(phone.standard.filter(|_| used));
                        row.push(phone.key.filter(|_| used));
                        row.push(phone.kind.filter(|_| used));
                        row.push(phone.region.filter(|_| used));
                        row.assess(&phone.assessment);
                    }
                    FieldKind::NationalId => {
                        let id = self.contacts.national_id(raw, country);
                        let used = id.assessment.usable();
                        row.push(id.standard.filter(|_| used));
                        row.push(id.scheme.filter(|_| used));
                        row.push(id.birth_date.filter(|_| used));
                        row.push(id.sex.filter(|_| used));
                        row.assess(&id.assessment);
                    }
                    FieldKind::Iban => {
                        let iban = self.contacts.iban(raw, country);
                        let used = iban.assessment.usable();
                        row.push(iban.standard.filter(|_| used));
                        row.push(iban.country.filter(|_| used));
                        row.assess(&iban.assessment);
                    }
                    FieldKind::Date => {
                        let date = if field == BIRTH_DATE {
                            self.contacts.birth_date(raw, self.as_of)
                        } else {
                            self.contacts.date(raw)
                        };
                        let used = date.assessment.usable();
                        row.push(date.standard.filter(|_| used));
                        row.assess(&date.assessment);
                    }
                    FieldKind::Timestamp => {
                        let moment = self.contacts.timestamp(raw);
                        let used = moment.assessment.usable();
                        row.push(moment.standard.filter(|_| used));
                        row.assess(&moment.assessment);
                    }
                    FieldKind::Boolean => {
                        let (value, assessment) =
                            simple(raw, zlato_core::contacts::boolean(raw).map(|b| b.to_string()), "not_yes_or_no");
                        row.push(value);
                        row.assess(&assessment);
                    }
                    FieldKind::Number => {
                        let (value, assessment) =
                            simple(raw, zlato_core::contacts::number(raw).map(|n| n.to_string()), "not_a_number");
                        row.push(value);
                        row.assess(&assessment);
                    }
                    FieldKind::Text | FieldKind::PersonName | FieldKind::Address => {
                        let text = self.contacts.text(raw);
                        let used = text.assessment.usable();
                        if field == "gender" && used {
                            let (value, assessment) =
                                simple(raw, zlato_core::contacts::gender(raw).map(String::from), "unknown_gender_word");
                            row.push(value.clone());
                            row.push(value);
                            row.assess(&assessment);
                        } else {
                            row.push(text.standard.filter(|_| used));
                            row.push(text.key.filter(|_| used));
                            row.assess(&text.assessment);
                        }
                    }
                }
            });
        }
        out.finish()
    }
}

/// What birth date and sex columns tell of a row.
fn told<'a>(columns: [Option<&'a StringArray>; 2], row: usize) -> Told<'a> {
    let [birth_date, sex] = columns.map(|column| super::columns::value(column, row));
    Told { birth_date, sex }
}

/// National ids against the birth date and gender of their record: a right id that contradicts them is suspect.
fn cross_check(columns: &mut [ArrayRef], fields: &[(String, FieldKind)], schema: &SchemaRef) -> Result<()> {
    for (field, _) in fields.iter().filter(|(_, kind)| *kind == FieldKind::NationalId) {
        let at = |suffix: &str| schema.index_of(&match_view::column(field, suffix));
        let (verdict, reason) = (at("verdict")?, at("reason")?);
        let texts = |index: Option<usize>| columns.get(index?)?.as_any().downcast_ref::<StringArray>();
        let inside = [at("birth_date").ok(), at("sex").ok()].map(texts);
        let outside = ["birth_date", "gender"].map(|name| texts(schema.index_of(name).ok()));
        let (Some(verdicts), Some(reasons)) = (texts(Some(verdict)), texts(Some(reason))) else { continue };
        let mut judged = TextColumns::new(2, verdicts.len());
        let mut found = false;
        for row in 0..verdicts.len() {
            let before = super::columns::value(Some(verdicts), row);
            let conflict = conflicts(told(inside, row), told(outside, row)).into_iter().next();
            let doubted = before == Some(Verdict::Valid.as_str()) && conflict.is_some();
            found |= doubted;
            let mut out = judged.row();
            out.push(if doubted { Some(Verdict::Suspect.as_str()) } else { before });
            out.push(if doubted { conflict } else { super::columns::value(Some(reasons), row) });
        }
        if found {
            for (index, column) in [verdict, reason].into_iter().zip(judged.finish()) {
                if let Some(old) = columns.get_mut(index) {
                    *old = column;
                }
            }
        }
    }
    Ok(())
}

/// Verdict of a value that is either understood or not.
fn simple(raw: &str, value: Option<String>, reason: &'static str) -> (Option<String>, Assessment) {
    let assessment = if raw.trim().is_empty() {
        Assessment::MISSING
    } else if value.is_some() {
        Assessment::VALID
    } else {
        Assessment::new(Verdict::Invalid, reason)
    };
    (value, assessment)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use arrow::array::{AsArray, new_null_array};

    #[test]
    fn ids_that_contradict_their_record_are_suspect() {
        let fields: Vec<(String, FieldKind)> =
            [("birth_date", FieldKind::Date), ("gender", FieldKind::Text), ("national_id", FieldKind::NationalId)]
                .map(|(name, kind)| (name.to_string(), kind))
                .to_vec();
        let schema = match_view::contacts(&fields);
        let given = [
            ("birth_date", ["1944-05-14", "1944-05-15", "1944-05-14", "1944-05-15"]),
            ("gender", ["male", "male", "female", "male"]),
            ("national_id_birth_date", ["1944-05-14"; 4]),
            ("national_id_sex", ["male"; 4]),
            ("national_id_verdict", ["valid", "valid", "valid", "invalid"]),
        ];
        let mut columns: Vec<ArrayRef> = schema
            .fields()
            .iter()
            .map(|field| match given.iter().find(|(name, _)| name == field.name()) {
                Some((_, values)) => Arc::new(StringArray::from(values.to_vec())) as ArrayRef,
                None => new_null_array(field.data_type(), 4),
            })
            .collect();
        cross_check(&mut columns, &fields, &schema).unwrap();
        let texts = |name: &str| -> Vec<Option<String>> {
            let column = columns[schema.index_of(name).unwrap()].as_string::<i32>();
            column.iter().map(|v| v.map(String::from)).collect()
        };
        let verdicts = ["valid", "suspect", "suspect", "invalid"].map(|v| Some(v.to_string()));
        assert_eq!(texts("national_id_verdict"), verdicts);
        let reasons = [None, Some("birth_date_conflict"), Some("gender_conflict"), None].map(|r| r.map(String::from));
        assert_eq!(texts("national_id_reason"), reasons);
    }
}
