//! The routes, one file per area, as methods of [`crate::Client`]. Every method fails as [`crate::ClientError`] says.

mod account;
mod catalogue;
mod goods;
mod groups;
mod money;
mod notifications;
mod runs;

pub use goods::ExportFormat;
use reqwest::Url;

/// Which page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// `next_cursor` of the page before; none for the first.
    pub cursor: Option<String>,
    /// At most 100.
    pub limit: Option<u32>,
}

impl Page {
    /// The first page, with at most `limit` items.
    #[must_use]
    pub fn of(limit: u32) -> Self {
        Self { cursor: None, limit: Some(limit) }
    }

    /// The page behind `cursor`.
    #[must_use]
    pub fn after(self, cursor: impl Into<String>) -> Self {
        Self { cursor: Some(cursor.into()), ..self }
    }
}

/// `path?…` with what is given of `page` and `more`, escaped.
fn paged(path: &str, page: &Page, more: &[(&str, Option<&str>)]) -> String {
    let limit = page.limit.map(|limit| limit.to_string());
    let all = [("limit", limit.as_deref()), ("cursor", page.cursor.as_deref())];
    let given = all.iter().chain(more).filter_map(|&(name, value)| Some((name, value?)));
    let url = Url::parse_with_params("http://any", given);
    match url.as_ref().ok().and_then(Url::query).filter(|query| !query.is_empty()) {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_is_escaped_and_the_rest_is_absent() {
        assert_eq!(paged("/stores", &Page::default(), &[("q", None)]), "/stores");
        assert_eq!(
            paged("/stores", &Page::of(5).after("a+b="), &[("q", Some("ß &%"))]),
            "/stores?limit=5&cursor=a%2Bb%3D&q=%C3%9F+%26%25"
        );
    }
}
