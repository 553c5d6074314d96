//! The browser app: the files `make web` built, from the binary or from a folder. Nothing is compressed here; the build
//! leaves a brotli and a gzip form beside each text.

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;
use std::{fs, io};

/// Path and content, as the build listed them. Empty if there was no app to build in.
const EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/web_files.rs"));

const INDEX: &str = "/index.html";
/// Only what this server serves, and no script or style that stands in the page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; \
img-src 'self' blob: data:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; \
form-action 'self'; frame-ancestors 'none'";
/// The names in this folder hold a hash of the content.
const HASHED: &str = "/assets/";
const FOREVER: &str = "public, max-age=31536000, immutable";
const ASK: &str = "no-cache";

pub struct WebApp(HashMap<String, File>);

struct File {
    plain: Form,
    brotli: Option<Form>,
    gzip: Option<Form>,
}

struct Form {
    bytes: Bytes,
    /// Strong: of these very bytes.
    etag: HeaderValue,
}

impl WebApp {
    /// None if the binary was built without it.
    #[must_use]
    pub fn embedded() -> Option<Self> {
        Self::of(
            EMBEDDED.iter().map(|(path, bytes)| ((*path).to_owned(), Bytes::from_static(bytes))).collect(),
        )
    }

    /// Reads a folder once; none if it holds no app.
    ///
    /// # Errors
    /// What the file system says.
    pub fn read(folder: &Path) -> io::Result<Option<Self>> {
        let mut found = HashMap::new();
        collect(folder, "", &mut found)?;
        Ok(Self::of(found))
    }

    fn of(mut found: HashMap<String, Bytes>) -> Option<Self> {
        let paths: Vec<_> = found.keys().filter(|path| !is_packed(path)).cloned().collect();
        let files: HashMap<_, _> = paths
            .into_iter()
            .filter_map(|path| {
                let plain = Form::new(found.remove(&path)?);
                let brotli = found.remove(&format!("{path}.br")).map(Form::new);
                let gzip = found.remove(&format!("{path}.gz")).map(Form::new);
                Some((path, File { plain, brotli, gzip }))
            })
            .collect();
        files.contains_key(INDEX).then_some(Self(files))
    }

    /// The app's page.
    #[must_use]
    pub fn index(&self, request: &HttpRequest) -> HttpResponse {
        self.0[INDEX].answer(INDEX, request)
    }

    /// A file, or the page for every path that could be one of the app's own. None is for 404.
    #[must_use]
    pub fn answer(&self, request: &HttpRequest) -> Option<HttpResponse> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return None;
        }
        let path = request.path();
        if let Some(file) = self.0.get(path) {
            return Some(file.answer(path, request));
        }
        // No page of the app has a dot in its path; what has one is a file that is not there. `*` and `host:80` are no paths.
        let is_page = path.starts_with('/') && !path.starts_with("/api") && !path.contains('.');
        is_page.then(|| self.index(request))
    }
}

impl File {
    fn answer(&self, path: &str, request: &HttpRequest) -> HttpResponse {
        let (form, encoding) = self.best(request);
        let same =
            request.headers().get(header::IF_NONE_MATCH).is_some_and(|known| is_among(&form.etag, known));
        let status = if same { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        let mut response = HttpResponse::build(status);
        response
            .insert_header((header::ETAG, form.etag.clone()))
            .insert_header((header::CACHE_CONTROL, if path.starts_with(HASHED) { FOREVER } else { ASK }))
            .insert_header((header::VARY, "accept-encoding"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
        if path == INDEX {
            response
                .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
                .insert_header((header::REFERRER_POLICY, "same-origin"));
        }
        if same {
            return response.finish();
        }
        if let Some(encoding) = encoding {
            response.insert_header((header::CONTENT_ENCODING, encoding));
        }
        response.content_type(kind(path)).body(form.bytes.clone())
    }

    fn best(&self, request: &HttpRequest) -> (&Form, Option<&'static str>) {
        let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        let takes = |encoding: &str| accepted.is_some_and(|accepted| accepts(accepted, encoding));
        match (&self.brotli, &self.gzip) {
            (Some(form), _) if takes("br") => (form, Some("br")),
            (_, Some(form)) if takes("gzip") => (form, Some("gzip")),
            _ => (&self.plain, None),
        }
    }
}

impl Form {
    fn new(bytes: Bytes) -> Self {
        let digest = Sha256::digest(&bytes);
        let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let etag =
            HeaderValue::from_str(&format!("\"{hex}\"")).expect("hexadecimal digits are fine in a header");
        Self { bytes, etag }
    }
}

fn collect(folder: &Path, prefix: &str, found: &mut HashMap<String, Bytes>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let (path, name) =
            entry.map(|entry| (entry.path(), entry.file_name().to_string_lossy().into_owned()))?;
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            collect(&path, &format!("{prefix}/{name}"), found)?;
        } else {
            found.insert(format!("{prefix}/{name}"), fs::read(&path)?.into());
        }
    }
    Ok(())
}

fn is_packed(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "br" || extension == "gz")
}

/// `gzip;q=0` is a no.
fn accepts(accepted: &str, encoding: &str) -> bool {
    accepted.split(',').any(|item| {
        let (name, quality) = item.split_once(';').unwrap_or((item, ""));
        name.trim().eq_ignore_ascii_case(encoding)
            && !matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

fn is_among(etag: &HeaderValue, known: &HeaderValue) -> bool {
    let (Ok(etag), Ok(known)) = (etag.to_str(), known.to_str()) else { return false };
    known.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == etag)
}

fn kind(path: &str) -> &'static str {
    match Path::new(path).extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("webmanifest") => "application/manifest+json",
        Some("json") => "application/json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn app() -> WebApp {
        let file = |path: &str, text: &'static str| (path.to_owned(), Bytes::from_static(text.as_bytes()));
        let files = [
            file("/index.html", "page"),
            file("/index.html.br", "packed page"),
            file("/index.html.gz", "zipped page"),
            file("/assets/a-1234.js", "script"),
        ];
        WebApp::of(files.into()).expect("there is an index.html")
    }

    fn header(response: &HttpResponse, name: header::HeaderName) -> String {
        response.headers().get(name).map(|value| value.to_str().expect("text").to_owned()).unwrap_or_default()
    }

    #[test]
    fn what_has_a_hash_in_its_name_is_kept_forever_and_the_page_is_asked_for() {
        let script =
            app().answer(&TestRequest::with_uri("/assets/a-1234.js").to_http_request()).expect("it is there");
        let page = app().answer(&TestRequest::with_uri("/").to_http_request()).expect("it is there");

        assert_eq!(header(&script, header::CACHE_CONTROL), FOREVER);
        assert_eq!(header(&page, header::CACHE_CONTROL), ASK);
        assert!(header(&page, header::CONTENT_SECURITY_POLICY).contains("script-src 'self'"));
    }

    #[test]
    fn the_best_form_the_browser_takes_is_sent() {
        let form = |accepted: &'static str| {
            let request = TestRequest::with_uri("/")
                .insert_header((header::ACCEPT_ENCODING, accepted))
                .to_http_request();
            header(&app().answer(&request).expect("it is there"), header::CONTENT_ENCODING)
        };

        assert_eq!(form("gzip, deflate, br, zstd"), "br");
        assert_eq!(form("gzip, br;q=0"), "gzip");
        assert_eq!(form("identity"), "");
    }

    #[test]
    fn who_has_it_already_gets_nothing_again() {
        let first = app().answer(&TestRequest::with_uri("/").to_http_request()).expect("it is there");
        let etag = header(&first, header::ETAG);

        let request =
            TestRequest::with_uri("/").insert_header((header::IF_NONE_MATCH, etag)).to_http_request();
        let again = app().answer(&request).expect("it is there");

        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn a_path_of_the_app_is_its_page_and_everything_else_is_not_found() {
        let is_found = |path: &str| app().answer(&TestRequest::with_uri(path).to_http_request()).is_some();

        assert!(is_found("/runs/01890a5d-ac96-774b-bcce-b302099a8057") && is_found("/groups"));
        assert!(!is_found("*") && !is_found("evil.example:80"));
        assert!(!is_found("/api/v1/nothing") && !is_found("/missing.js") && !is_found("/index.html.br"));
        assert!(app().answer(&TestRequest::post().uri("/").to_http_request()).is_none());
    }
}
