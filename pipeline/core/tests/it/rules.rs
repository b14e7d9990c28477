//! Rule files: the shipped folder, valid folders, and one folder per possible mistake.

use std::collections::BTreeMap;
use zlato_core::rules;

#[test]
fn basics() {
    let sources = "[[source]]\nname = \"crm\"\nkind = \"customer\"\npath = \"crm.csv\"\nkey = { line = true }\n[source.columns]\nemail = \"MAIL\"\ngiven_name = { sql = \"x\" }\n";
    let matching = "[[blocking]]\nname=\"a\"\nkey=\"b\"\n[[comparison]]\nname=\"c\"\non=\"d\"\nlevels=[\"exact\", { jaro_winkler = 0.9 }]\n";
    let files = BTreeMap::from([
        ("sources.toml".to_string(), sources.to_string()),
        ("matching.toml".to_string(), matching.to_string()),
    ]);
    let loaded = rules::load(&files);
    assert_eq!(loaded.diagnostics, vec![]);
    let rules = loaded.rules.unwrap();
    assert_eq!(
        rules
            .mapped_fields()
            .into_iter()
            .map(|f| f.0)
            .collect::<Vec<_>>(),
        ["given_name", "email"]
    );
    assert_eq!(
        rules.sources.source[0].key.span().start,
        sources.find("{ line").unwrap()
    );
}
