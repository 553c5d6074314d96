//! Values that are more than their type: lengths, alphabets. What is wrong is said by field.

use super::problem::Failure;
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

/// 8–128 characters of any kind.
pub(super) fn password(raw: &str) -> Result<&str, Failure> {
    if (8..=128).contains(&raw.chars().count()) {
        return Ok(raw);
    }
    Err(Failure::field("password", "LENGTH", "8 to 128 characters"))
}

fn of_text(field: &str, error: TextError) -> Failure {
    let code = match error {
        TextError::TooLong { .. } => "TOO_LONG",
        TextError::Empty => "EMPTY",
        TextError::Control => "CONTROL_CHARACTERS",
    };
    Failure::field(field, code, error.to_string())
}
