//! Free text with a limit. Lengths count Unicode scalar values, after trimming white space at both ends.

use serde::{Deserialize, Serialize};

/// The text is longer than allowed, or empty where it must not be, or holds control characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("at most {max} characters")]
    TooLong { max: usize },
    #[error("must not be empty")]
    Empty,
    #[error("must not hold control characters")]
    Control,
}

/// Trims `raw` and checks it: at most `max` characters, no control characters but line breaks and tabs.
///
/// # Errors
/// [`TextError::TooLong`] and [`TextError::Control`].
pub fn checked(raw: &str, max: usize) -> Result<&str, TextError> {
    let text = raw.trim();
    if text.chars().count() > max {
        return Err(TextError::TooLong { max });
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(TextError::Control);
    }
    Ok(text)
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident, $max:tt, $allow_empty:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String, max_length = $max))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(raw: String) -> Result<Self, TextError> {
                let text = checked(&raw, $max)?;
                if text.is_empty() && !$allow_empty {
                    return Err(TextError::Empty);
                }
                Ok(Self(text.into()))
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0.into()
            }
        }
    )+};
}

texts! {
    /// A note on a run or on a bid, at most 500 characters; empty means none.
    Comment, 500, true;
    /// Why something was done, at most 500 characters, never empty.
    Reason, 500, false;
    /// What a cost is for, at most 100 characters, never empty.
    Label, 100, false;
}

impl Comment {
    /// None for an empty text.
    #[must_use]
    pub fn non_empty(self) -> Option<Self> {
        (!self.0.is_empty()).then_some(self)
    }
}
