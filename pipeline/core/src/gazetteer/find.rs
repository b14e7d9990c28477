//! From a name to the places and streets it may mean. Enters: a country, a name and perhaps a postal code.
//! Leaves: candidates, the likeliest first. Never here: confidence (see `rank`), the decision what to do with it.

use super::near::{allowance, near};
use super::rank::{CORRECT_FROM, CodeFit, Found, FoundStreet, How, plain_confidence, rank};
use super::{Gazetteer, Locality, NONE, NameKind, code_area, country_number, rows_of};
use crate::text::fold;

/// Among localities with the same folded name, one that is written otherwise is a little less likely.
const OTHER_LETTERS: f64 = 0.03;

impl Gazetteer {
    /// The localities that a name may mean, the likeliest first; empty when nothing is near. `code` is a postal
    /// code in its canonical writing. An abbreviation or a typing mistake is thought of only where no place bears
    /// the very name.
    pub fn find(&self, country: &str, name: &str, code: Option<&str>) -> Vec<Found<'_>> {
        let key = fold(name);
        let Some(country_id) = country_number(country).filter(|_| !key.is_empty()) else { return Vec::new() };
        let mut found = self.exact(country, country_id, name, &key, code);
        if found.is_empty() {
            found = self.abbreviated(country, country_id, name, &key, code);
        }
        if found.is_empty() {
            found = self.near(country, country_id, &key, code);
        }
        rank(found)
    }

    /// The localities with typing mistakes in their names, whether or not a place bears the very name: for a name
    /// that does not go with its postal code.
    pub fn misspelt(&self, country: &str, name: &str, code: Option<&str>) -> Vec<Found<'_>> {
        let key = fold(name);
        let Some(country_id) = country_number(country).filter(|_| !key.is_empty()) else { return Vec::new() };
        let mut found = self.near(country, country_id, &key, code);
        found.retain(|f| f.how != How::Near(0));
        rank(found)
    }

    /// What a postal code says to a locality.
    pub fn fit(&self, country: &str, locality: &Locality<'_>, code: Option<&str>) -> CodeFit {
        let links = rows_of(&self.links, &[locality.id]);
        let links = links.get(..links.partition_point(|l| l[1] != NONE)).unwrap_or(&[]);
        let Some((code, country)) = code.zip(country_number(country)).filter(|_| !links.is_empty()) else {
            return CodeFit::Unknown;
        };
        let listed = self.code_row(country, code);
        let has = |codes: std::ops::Range<u32>| {
            let at = links.partition_point(|l| l[1] < codes.start);
            links.get(at).is_some_and(|l| l[1] < codes.end)
        };
        if listed.is_some_and(|c| has(c..c + 1)) {
            CodeFit::Agrees
        } else if code
            .char_indices()
            .next_back()
            .is_some_and(|(last, _)| has(self.codes_from(country, code.get(..last))))
        {
            CodeFit::Neighbour
        } else if listed.is_some() || !has(self.codes_from(country, code_area(code))) {
            CodeFit::Disagrees
        } else {
            CodeFit::Unknown
        }
    }

    fn candidate(&self, country: &str, id: u32, how: How, code: Option<&str>, length: usize) -> Found<'_> {
        let locality = Locality { gazetteer: self, id };
        let fit = self.fit(country, &locality, code);
        Found { locality, how, code: fit, confidence: plain_confidence(how, fit, length) }
    }

    fn exact(&self, country: &str, country_id: u32, name: &str, key: &str, code: Option<&str>) -> Vec<Found<'_>> {
        let rows = self.texts.find(key).map_or(&[][..], |key| rows_of(&self.names, &[country_id, key]));
        let mut found: Vec<Found<'_>> = Vec::with_capacity(rows.len());
        for [_, _, kind, id] in rows {
            if found.iter().any(|f| f.locality.id == *id) {
                continue; // sorted by kind: the own name comes first
            }
            let how = match *kind {
                k if k == NameKind::Own as u32 => How::Exact,
                k if k == NameKind::Other as u32 => How::Other,
                _ => How::Foreign,
            };
            found.push(self.candidate(country, *id, how, code, key.len()));
        }
        if found.len() > 1 {
            for f in found.iter_mut().filter(|f| f.how == How::Exact && f.locality.name() != name) {
                f.confidence -= OTHER_LETTERS * f.confidence;
            }
        }
        found
    }

    fn abbreviated(&self, country: &str, country_id: u32, name: &str, key: &str, code: Option<&str>) -> Vec<Found<'_>> {
        let first = key.split(' ').next().unwrap_or(key);
        let names = rows_of(&self.names, &[country_id]);
        let of = |row: &[u32; 4]| self.texts.get(row[1]).unwrap_or("");
        let from = names.partition_point(|row| of(row) < first);
        let in_list = names.get(from..).unwrap_or(&[]).iter().take_while(|row| of(row).starts_with(first));
        let mut ids: Vec<u32> =
            in_list.filter(|row| abbreviates(name.contains('.'), key, of(row))).map(|row| row[3]).collect();
        for (locality, _) in code.map(|c| self.localities_of_code(country, c)).unwrap_or_default() {
            let own = fold(locality.name());
            if abbreviates(locality.name().contains('.'), &own, key) || abbreviates(name.contains('.'), key, &own) {
                ids.push(locality.id);
            }
        }
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().map(|id| self.candidate(country, id, How::Abbreviated, code, key.len())).collect()
    }

    /// Those that have the very code are compared first: when one of them is sure, the list need not be searched.
    fn near(&self, country: &str, country_id: u32, key: &str, code: Option<&str>) -> Vec<Found<'_>> {
        let max = allowance(key);
        let how = |mistakes: usize| How::Near(u8::try_from(mistakes).unwrap_or(u8::MAX));
        let with_code = code.map(|c| self.localities_of_code(country, c)).unwrap_or_default();
        let mut own: Vec<(String, u32)> = with_code.iter().map(|(l, _)| (fold(l.name()), l.id)).collect();
        own.sort_unstable();
        own.dedup();
        let mut found = Vec::new();
        near(
            own.len(),
            |at| own.get(at).map_or("", |o| o.0.as_str()),
            key,
            max,
            |at, mistakes| {
                found.extend(own.get(at).map(|o| self.candidate(country, o.1, how(mistakes), code, key.len())));
            },
        );
        if found.iter().any(|f| f.confidence >= CORRECT_FROM) {
            return found;
        }
        let names = rows_of(&self.names, &[country_id]);
        let name = |at: usize| names.get(at).and_then(|row| self.texts.get(row[1])).unwrap_or("");
        let mut hits: Vec<(u32, usize)> = Vec::new();
        near(names.len(), name, key, max, |at, mistakes| {
            hits.extend(names.get(at).map(|row| (row[3], mistakes)));
        });
        hits.sort_unstable();
        hits.dedup_by_key(|(id, _)| *id);
        hits.into_iter().map(|(id, mistakes)| self.candidate(country, id, how(mistakes), code, key.len())).collect()
    }
}

impl<'g> Locality<'g> {
    /// The streets of the locality that a folded name ([`super::Conventions::street`]) may mean, the likeliest
    /// first: those of that name, else those with a typing mistake in it.
    pub fn find_street(&self, key: &str, code: Option<&str>) -> Vec<FoundStreet<'g>> {
        let exact = self.gazetteer.texts.find(key).map(|k| rows_of(&self.gazetteer.streets, &[self.id, k]));
        let rows: Vec<(&[u32; 5], How)> = match exact.filter(|rows| !rows.is_empty()) {
            Some(rows) => rows.iter().map(|r| (r, How::Exact)).collect(),
            None => {
                let rows = self.street_rows();
                let name = |at: usize| rows.get(at).and_then(|r| self.gazetteer.texts.get(r[1])).unwrap_or("");
                let mut hits = Vec::new();
                near(rows.len(), name, key, allowance(key), |at, mistakes| {
                    hits.extend(rows.get(at).map(|r| (r, How::Near(u8::try_from(mistakes).unwrap_or(u8::MAX)))));
                });
                hits
            }
        };
        let mut found: Vec<FoundStreet<'g>> = Vec::new();
        for (street, how) in rows.into_iter().filter_map(|(r, how)| Some((self.gazetteer.street(r)?, how))) {
            match found.last_mut().filter(|f| f.key == street.key) {
                Some(last) => {
                    last.rows = last.rows.saturating_add(street.rows);
                    last.codes.extend(street.code);
                }
                None => found.push(FoundStreet {
                    name: street.name,
                    key: street.key,
                    codes: street.code.into_iter().collect(),
                    rows: street.rows,
                    how,
                    code: CodeFit::Unknown,
                    confidence: 0.0,
                }),
            }
        }
        for f in &mut found {
            f.code = match code {
                Some(code) if f.codes.contains(&code) => CodeFit::Agrees,
                Some(_) if !f.codes.is_empty() => CodeFit::Disagrees,
                _ => CodeFit::Unknown,
            };
            f.confidence = plain_confidence(f.how, f.code, f.key.len());
        }
        rank(found)
    }
}

/// Whether `short` is `full` with words cut off after some letters: `n sad`, `czarny dun`. Without a dot in the
/// text, some word has to be so short that it cannot be a name.
fn abbreviates(dot: bool, short: &str, full: &str) -> bool {
    let words = || short.split(' ').zip(full.split(' '));
    short.split(' ').count() == full.split(' ').count()
        && short.len() < full.len()
        && words().all(|(s, f)| f.starts_with(s))
        && words().any(|(s, _)| s.len() > 2)
        && (dot || words().any(|(s, f)| s.len() <= 2 && s.len() < f.len()))
}
