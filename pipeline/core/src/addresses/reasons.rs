//! Reason codes of addresses. Enters: nothing. Leaves: the table that the reference pages show.
//! Never here: when a code is given (see `finish` and `listed`).

/// Every reason code of an address, with what it means.
pub const REASONS: &[(&str, &str)] = &[
    ("locality_abbreviation", "The town's name was shortened and was written out after the gazetteer."),
    ("locality_diacritics", "Diacritics missing in the town's name were restored."),
    (
        "locality_misspelt",
        "The town's name has a typing mistake: corrected where that is sure, else the likeliest name is suggested.",
    ),
    ("locality_name", "The town was given under a foreign name and got its official one."),
    ("missing_country", "The rules require a country and none is known."),
    ("missing_house_number", "The rules require a house number and there is none."),
    ("missing_locality", "No town or village could be found."),
    ("missing_postal_code", "The rules require a postal code and there is none."),
    ("missing_street", "The rules require a street and there is none."),
    ("not_an_address", "The text is an e-mail address, a web address, a number or nothing that can be an address."),
    ("number_before_street", "The house number stood before the street's name and was moved behind it."),
    ("placeholder", "A word for nothing, such as brak, nema, n/a."),
    ("postal_code_locality_mismatch", "The postal code belongs to other places or another region than the town."),
    (
        "postal_code_misspelt",
        "The postal code is not listed and one digit off the only one that the place can have, which was taken.",
    ),
    ("postal_code_shape", "The postal code does not have the country's shape."),
    ("postal_code_street_mismatch", "The postal code is one of the town's, but not one of the street's."),
    ("postal_code_unknown", "The gazetteer does not list the postal code, although it lists others of its area."),
    ("street_diacritics", "Diacritics missing in the street's name were restored."),
    (
        "street_misspelt",
        "The street's name has a typing mistake: corrected where that is sure, else the likeliest name is suggested.",
    ),
    ("street_type_spelling", "The word for the street was misspelt and is written right."),
    ("too_long", "The text is longer than any address."),
    ("unknown_country", "The country's name or code is not known."),
    ("unparsed_text", "Some words or numbers could not be assigned to a part."),
];
