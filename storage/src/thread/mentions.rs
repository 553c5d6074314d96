//! Who is written to: `@username` in a text.

use std::collections::BTreeSet;

/// The usernames a text addresses, in lower case. The `@` within a word, as in an address, is none.
pub(super) fn mentions(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut before = None;
    for (at, c) in text.char_indices() {
        if c == '@' && !before.is_some_and(is_of_a_name) {
            let rest = text[at + 1..].chars();
            let name: String = rest.take_while(|c| is_of_a_name(*c)).collect();
            names.insert(name.to_ascii_lowercase());
        }
        before = Some(c);
    }
    names.remove("");
    names
}

const fn is_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn names_are_found_wherever_they_stand() {
        for (text, names) in [
            ("@anna: two sacks?", &["anna"][..]),
            ("Ask @Boris_2, @anna-b and @BORIS_2.", &["anna-b", "boris_2"]),
            ("(@anna)@boris", &["anna", "boris"]),
            ("Сыр для @anna, пожалуйста", &["anna"]),
            ("to anna@example.org", &[]),
            ("@ anna, 3 @ 2.50, @", &[]),
            ("@@anna", &["anna"]),
        ] {
            assert_eq!(mentions(text).iter().map(String::as_str).collect::<Vec<_>>(), names, "{text}");
        }
    }
}
