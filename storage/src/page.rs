//! Lists are paged by (sort key, id): a page stays right while rows are added before it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// Which part of a list is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// 1 to [`Page::MAX`]; other values are brought into that range.
    pub limit: u32,
    pub after: Option<Cursor>,
}

/// A part of a list. `next` is None on the last page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paged<T> {
    pub items: Vec<T>,
    pub next: Option<Cursor>,
}

/// The last row somebody has seen. Opaque outside: base64url.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    key: Key,
    id: Uuid,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Key {
    Text(String),
    Number(i64),
}

/// The text is not a cursor, or is the cursor of another list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a cursor of this list")]
pub struct CursorError;

impl Cursor {
    pub(crate) fn text(key: &str, id: Uuid) -> Self {
        Self { key: Key::Text(key.to_owned()), id }
    }

    pub(crate) const fn number(key: i64, id: Uuid) -> Self {
        Self { key: Key::Number(key), id }
    }

    #[must_use]
    pub fn encode(&self) -> String {
        let (tag, key) = match &self.key {
            Key::Text(text) => (b't', text.clone().into_bytes()),
            Key::Number(number) => (b'n', number.to_be_bytes().to_vec()),
        };
        URL_SAFE_NO_PAD.encode([&[tag], self.id.as_bytes().as_slice(), &key].concat())
    }

    /// # Errors
    /// [`CursorError`] for anything [`Cursor::encode`] did not write.
    pub fn parse(text: &str) -> Result<Self, CursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError)?;
        let (tag, rest) = bytes.split_first().ok_or(CursorError)?;
        let (id, key) = rest.split_first_chunk::<16>().ok_or(CursorError)?;
        let key = match tag {
            b't' => Key::Text(readable(key)?),
            b'n' => Key::Number(i64::from_be_bytes(key.try_into().map_err(|_| CursorError)?)),
            _ => return Err(CursorError),
        };
        Ok(Self { key, id: Uuid::from_bytes(*id) })
    }
}

/// PostgreSQL takes no NUL in a text.
fn readable(key: &[u8]) -> Result<String, CursorError> {
    let text = std::str::from_utf8(key).map_err(|_| CursorError)?;
    if text.contains('\0') { Err(CursorError) } else { Ok(text.to_owned()) }
}

impl Page {
    pub const MAX: u32 = 100;

    #[must_use]
    pub const fn first(limit: u32) -> Self {
        Self { limit, after: None }
    }

    fn size(&self) -> usize {
        self.limit.clamp(1, Self::MAX) as usize
    }

    /// One row more than asked for tells whether there is a next page.
    pub(crate) fn rows(&self) -> i64 {
        i64::from(self.limit.clamp(1, Self::MAX)) + 1
    }

    /// Where a list sorted by a text begins: every row is above this.
    pub(crate) fn above_text(&self) -> Result<(&str, Uuid), CursorError> {
        match &self.after {
            None => Ok(("", Uuid::nil())),
            Some(Cursor { key: Key::Text(text), id }) => Ok((text, *id)),
            Some(_) => Err(CursorError),
        }
    }

    /// Where an ascending list of numbers begins.
    pub(crate) fn above_number(&self) -> Result<(i64, Uuid), CursorError> {
        self.number_or(i64::MIN, Uuid::nil())
    }

    /// Where a descending list of numbers begins.
    pub(crate) fn below_number(&self) -> Result<(i64, Uuid), CursorError> {
        self.number_or(i64::MAX, Uuid::max())
    }

    fn number_or(&self, start: i64, start_id: Uuid) -> Result<(i64, Uuid), CursorError> {
        match &self.after {
            None => Ok((start, start_id)),
            Some(Cursor { key: Key::Number(number), id }) => Ok((*number, *id)),
            Some(_) => Err(CursorError),
        }
    }

    /// Cuts the surplus row off, and names the last one left if there is a next page.
    pub(crate) fn cut<T>(&self, mut items: Vec<T>, cursor: impl Fn(&T) -> Cursor) -> Paged<T> {
        let more = items.len() > self.size();
        items.truncate(self.size());
        let next = if more { items.last().map(cursor) } else { None };
        Paged { items, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        for cursor in [Cursor::text("żółw", Uuid::max()), Cursor::number(-7, Uuid::nil())] {
            assert_eq!(Cursor::parse(&cursor.encode()), Ok(cursor));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let short = URL_SAFE_NO_PAD.encode(b"n0123456789abcdef123");
        let nul = Cursor::text("a\0b", Uuid::nil()).encode();
        for text in ["", "!", "AAAA", &short, &nul] {
            assert_eq!(Cursor::parse(text), Err(CursorError), "{text}");
        }
    }

    #[test]
    fn the_cursor_of_another_list_is_refused() {
        let page = Page { limit: 10, after: Some(Cursor::number(1, Uuid::nil())) };

        assert_eq!(page.above_text(), Err(CursorError));
        assert_eq!(page.above_number().unwrap(), (1, Uuid::nil()));
    }
}
