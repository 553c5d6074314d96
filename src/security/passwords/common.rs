//! Passwords that are guessed first.

/// One per line, lower case, sorted; what they are and where they are from stands in the file.
const LIST: &str = include_str!("common.txt");

/// Whether it is among the most common ones, in whatever case of letters.
#[must_use]
pub fn is_common(password: &str) -> bool {
    let password = password.to_lowercase();
    LIST.lines().any(|common| common == password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_thousand_are_refused() {
        let common: Vec<_> = LIST.lines().filter(|line| !line.starts_with('#')).collect();

        assert_eq!(common.len(), 3000);
        assert!(common.is_sorted() && common.iter().all(|word| word.len() >= 8 && is_common(word)));
        assert!(is_common("PassWord") && is_common("qwertyuiop"));
        assert!(!is_common("correct horse battery") && !is_common("bulq-demo"));
    }
}
