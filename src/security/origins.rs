//! Which pages may act with the cookie of whoever looks at them.

use actix_web::HttpRequest;
use actix_web::http::header;

/// The configured origins and, in development, the server's own address.
#[derive(Clone, Debug)]
pub struct Origins {
    allowed: Vec<String>,
    own_host: bool,
}

/// What a request says about the page it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Not a page: nothing was said.
    Absent,
    Allowed,
    Foreign,
}

impl Origins {
    #[must_use]
    pub fn new(allowed: Vec<String>, own_host: bool) -> Self {
        let allowed = allowed.into_iter().map(|origin| origin.trim_end_matches('/').to_owned()).collect();
        Self { allowed, own_host }
    }

    #[must_use]
    pub fn of(&self, request: &HttpRequest) -> Origin {
        let mut values = request.headers().get_all(header::ORIGIN);
        match (values.next(), values.next()) {
            (None, _) => Origin::Absent,
            (Some(origin), None) => {
                let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
                if origin.to_str().is_ok_and(|origin| self.allows(origin, host)) {
                    Origin::Allowed
                } else {
                    Origin::Foreign
                }
            }
            _ => Origin::Foreign,
        }
    }

    /// The address people open, without a slash at the end: the first configured origin, else where they asked.
    #[must_use]
    pub fn address_of(&self, request: &HttpRequest) -> String {
        self.allowed.first().cloned().unwrap_or_else(|| {
            let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
            format!("http://{}", host.unwrap_or("localhost"))
        })
    }

    /// Compared as a whole: no prefix, no other port, no other scheme.
    fn allows(&self, origin: &str, host: Option<&str>) -> bool {
        self.allowed.iter().any(|allowed| allowed == origin)
            || (self.own_host && host.is_some_and(|host| origin.strip_prefix("http://") == Some(host)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_allowed_as_a_whole_or_not_at_all() {
        let origins = Origins::new(vec!["https://bulq.example/".to_owned()], true);
        let host = Some("127.0.0.1:8080");

        assert!(origins.allows("https://bulq.example", host));
        assert!(origins.allows("http://127.0.0.1:8080", host));
        for foreign in [
            "null",
            "",
            "http://bulq.example",
            "https://bulq.example:444",
            "https://bulq.example.evil.example",
            "https://evil-bulq.example",
            "https://127.0.0.1:8080",
            "http://127.0.0.1",
            "http://127.0.0.1:80801",
        ] {
            assert!(!origins.allows(foreign, host), "{foreign}");
        }
    }
}
