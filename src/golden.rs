//! Comparing with files that are committed: a change to them is a diff somebody reads.

use serde_json::Value;
use std::path::Path;

/// Fails if `document` is not what the file says; with `UPDATE_GOLDEN=1` writes the file instead.
pub(crate) fn compare(path: &str, document: &Value) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = format!("{document:#}\n");
    if std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1") {
        std::fs::create_dir_all(file.parent().expect("a file has a folder")).expect("the folder can be made");
        std::fs::write(&file, text).expect("the golden file can be written");
        return;
    }
    let golden = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(golden == text, "{path} differs: run with UPDATE_GOLDEN=1, read the diff, commit it");
}

/// Fails if a `$ref` within the document leads nowhere in it.
pub(crate) fn every_reference_leads_somewhere(document: &Value) {
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}
