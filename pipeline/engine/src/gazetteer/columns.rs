//! Which column of a list means what. Enters: a header, or the keys of an object, and what the user said of them.
//! Leaves: the place of each field. Never here: values.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use zlato_core::text::fold;

/// The columns of a GeoNames postal file (its readme.txt); those that are not read bear no field's name.
pub(super) const GEONAMES: [&str; 12] =
    ["country", "postal_code", "locality", "region", "-1", "district", "-2", "-3", "-4", "-5", "-6", "-7"];

/// What a gazetteer holds of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Country,
    PostalCode,
    Locality,
    Street,
    District,
    Region,
    OtherNames,
    ForeignNames,
    Population,
}

impl Field {
    const ALL: [Self; 9] = [
        Self::Country,
        Self::PostalCode,
        Self::Locality,
        Self::Street,
        Self::District,
        Self::Region,
        Self::OtherNames,
        Self::ForeignNames,
        Self::Population,
    ];
    pub(super) const NAMES: [&str; 9] = [
        "country",
        "postal_code",
        "locality",
        "street",
        "district",
        "region",
        "other_names",
        "foreign_names",
        "population",
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().position(|n| *n == name).and_then(|at| Self::ALL.get(at)).copied()
    }

    /// Folded headers without blanks: OpenAddresses, caches of GeoNames readers, packages of postal codes, and the
    /// words of official registers of the first markets. The first that occurs counts.
    fn headers(self) -> &'static [&'static str] {
        match self {
            Self::Country => &["country", "countrycode", "countryabbreviation", "iso2", "iso", "kraj"],
            Self::PostalCode => &[
                "postalcode",
                "postcode",
                "zip",
                "zipcode",
                "plz",
                "code",
                "pna",
                "kodpocztowy",
                "postanskibroj",
                "postnastevilka",
                "pastaindekss",
                "indekss",
            ],
            Self::Locality => &[
                "locality",
                "city",
                "town",
                "place",
                "placename",
                "localityname",
                "cityname",
                "placenameen",
                "name",
                "miejscowosc",
                "mesto",
                "naselje",
                "posta",
                "pilseta",
                "ciems",
            ],
            Self::Street => &["street", "streetname", "road", "ulica", "iela"],
            Self::District => &[
                "district",
                "countyname",
                "county",
                "admin2name",
                "adminname2",
                "municipality",
                "gmina",
                "opstina",
                "obcina",
                "pagasts",
            ],
            Self::Region => &[
                "region",
                "statename",
                "state",
                "admin1name",
                "adminname1",
                "province",
                "wojewodztwo",
                "okrug",
                "novads",
            ],
            Self::OtherNames => &["othernames", "othername"],
            Self::ForeignNames => &["foreignnames", "foreignname", "alternatenames", "exonyms"],
            Self::Population => &["population", "inhabitants"],
        }
    }
}

fn plain(header: &str) -> String {
    fold(header).replace(' ', "")
}

/// Where each field stands in a table.
pub(super) struct Columns(BTreeMap<Field, usize>);

impl Columns {
    /// # Errors
    /// The field whose column is missing: one that the user named, or the locality.
    pub(super) fn of_header(header: &[String], given: &BTreeMap<String, String>) -> Result<Self, String> {
        let plain_header: Vec<String> = header.iter().map(|h| plain(h)).collect();
        let mut places = BTreeMap::new();
        for field in Field::ALL {
            let at = field.headers().iter().find_map(|name| plain_header.iter().position(|h| h == name));
            places.extend(at.map(|at| (field, at)));
        }
        for (name, column) in given {
            let at = header.iter().position(|h| h == column).or_else(|| {
                let wanted = plain(column);
                plain_header.iter().position(|h| *h == wanted)
            });
            let field = Field::named(name).zip(at).ok_or_else(|| name.clone())?;
            places.insert(field.0, field.1);
        }
        if !places.contains_key(&Field::Locality) && !places.contains_key(&Field::District) {
            return Err("locality".into());
        }
        Ok(Self(places))
    }

    pub(super) fn at(&self, field: Field) -> Option<usize> {
        self.0.get(&field).copied()
    }

    pub(super) fn has(&self, field: Field) -> bool {
        self.0.contains_key(&field)
    }

    /// The fields of an object.
    pub(super) fn of_object(object: &Map<String, Value>, given: &BTreeMap<String, String>) -> BTreeMap<Field, String> {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Array(items) => {
                let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                Some(texts.join(";")).filter(|t| !t.is_empty())
            }
            _ => None,
        };
        let keys: Vec<(String, &Value)> = object.iter().map(|(key, value)| (plain(key), value)).collect();
        let mut out = BTreeMap::new();
        for field in Field::ALL {
            let found = field.headers().iter().find_map(|name| keys.iter().find(|(k, _)| k == name));
            out.extend(found.and_then(|(_, value)| Some((field, text(value)?))));
        }
        for (name, key) in given {
            out.extend(Field::named(name).zip(object.get(key).and_then(text)));
        }
        out
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_understood_and_overruled() {
        let header = |names: &[&str]| names.iter().map(|n| (*n).to_string()).collect::<Vec<_>>();
        let none = BTreeMap::new();
        let oa = header(&["LON", "LAT", "NUMBER", "STREET", "UNIT", "CITY", "DISTRICT", "REGION", "POSTCODE"]);
        let c = Columns::of_header(&oa, &none).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!([Field::Street, Field::Locality, Field::PostalCode].map(|f| c.at(f)), [Some(3), Some(5), Some(8)]);
        let register = header(&["PNA", "Miejscowość", "Ulica", "Gmina", "Województwo"]);
        let c = Columns::of_header(&register, &none).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!([Field::PostalCode, Field::Locality, Field::Region].map(|f| c.at(f)), [Some(0), Some(1), Some(4)]);
        let given = BTreeMap::from([("locality".to_string(), "nazwa".to_string())]);
        let c = Columns::of_header(&header(&["kod", "Nazwa", "city"]), &given).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(c.at(Field::Locality), Some(1));
        assert_eq!(Columns::of_header(&header(&["x"]), &given).err().as_deref(), Some("locality"));
        assert_eq!(Columns::of_header(&header(&["x"]), &none).err().as_deref(), Some("locality"));
    }
}
