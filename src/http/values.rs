//! Values that are more than their type: lengths, alphabets. What is wrong is said by field.

use super::problem::Failure;
use crate::security::passwords;
use bulq_domain::text::{TextError, checked};

/// A text of `min` to `max` characters, trimmed, on one line.
pub(super) fn line(field: &str, raw: &str, min: usize, max: usize) -> Result<String, Failure> {
    let text = checked(raw, max).map_err(|error| of_text(field, error))?;
    if text.contains(['\n', '\t']) {
        return Err(of_text(field, TextError::Control));
    }
    if text.chars().count() < min {
        return Err(Failure::field(field, "TOO_SHORT", format!("at least {min} characters")));
    }
    Ok(text.to_owned())
}

/// An optional text; an empty one is none.
pub(super) fn optional_line(field: &str, raw: Option<&str>, max: usize) -> Result<Option<String>, Failure> {
    let text = raw.map(|raw| line(field, raw, 0, max)).transpose()?;
    Ok(text.filter(|text| !text.is_empty()))
}

/// As [`optional_line`] for a change: an empty text takes the value away.
pub(super) fn changed_line(
    field: &str,
    raw: Option<&str>,
    max: usize,
) -> Result<Option<Option<String>>, Failure> {
    raw.map(|raw| optional_line(field, Some(raw), max)).transpose()
}

/// At most `most` texts of 1 to `max` characters, each once.
pub(super) fn lines(field: &str, raw: &[String], most: usize, max: usize) -> Result<Vec<String>, Failure> {
    if raw.len() > most {
        return Err(Failure::field(field, "TOO_MANY", format!("at most {most}")));
    }
    let mut lines = Vec::new();
    for raw in raw {
        let line = line(field, raw, 1, max)?;
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    Ok(lines)
}

/// Lower case, 3–50 of `a-z 0-9 _ -`.
pub(super) fn username(raw: &str) -> Result<String, Failure> {
    let name = raw.to_lowercase();
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    if !name.chars().all(allowed) {
        return Err(Failure::field("username", "INVALID", "only letters a to z, digits, _ and -"));
    }
    if !(3..=50).contains(&name.len()) {
        return Err(Failure::field("username", "LENGTH", "3 to 50 characters"));
    }
    Ok(name)
}

/// 8–128 characters of any kind, none of the most common, and not the name one logs in with.
pub(super) fn password<'a>(field: &str, raw: &'a str, username: &str) -> Result<&'a str, Failure> {
    if !(8..=128).contains(&raw.chars().count()) {
        return Err(Failure::field(field, "LENGTH", "8 to 128 characters"));
    }
    if passwords::is_common(raw) || raw.to_lowercase() == username {
        return Err(Failure::field(field, "TOO_COMMON", "this one would be guessed first: take another"));
    }
    Ok(raw)
}

fn of_text(field: &str, error: TextError) -> Failure {
    let code = match error {
        TextError::TooLong { .. } => "TOO_LONG",
        TextError::Empty => "EMPTY",
        TextError::Control => "CONTROL_CHARACTERS",
    };
    Failure::field(field, code, error.to_string())
}
