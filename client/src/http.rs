//! Address, login, and how a request becomes an answer.

use crate::ClientError;
use bulq_domain::{CommandId, UserId};
use bulq_protocol::account::{Me, Refresh, Tokens};
use bulq_protocol::{Problem, problem};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// An access token is renewed this long before it expires.
const RENEW_BEFORE: Duration = Duration::from_secs(30);

/// One person's access to one server. Clones are cheap and share the login.
///
/// Typed methods renew the login shortly before it expires; [`Client::raw`] sends what it is told to.
#[derive(Clone, Debug)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    http: reqwest::Client,
    /// `http://host:port`, without a slash at the end.
    root: String,
    login: RwLock<Option<Login>>,
    /// Held while a refresh token is being used: using it twice would end the login.
    renewing: tokio::sync::Mutex<()>,
}

#[derive(Clone, Debug)]
struct Login {
    tokens: Tokens,
    expires: Instant,
}

/// An answer as it came.
#[derive(Clone, Debug)]
pub struct RawResponse {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// `null` if the body is not JSON.
    pub json: Value,
}

impl Client {
    /// `base_url` is the server's root, such as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// [`ClientError::Protocol`] if that is not an `http://` address.
    pub fn new(base_url: &str) -> Result<Self, ClientError> {
        let root = base_url.trim_end_matches('/').to_owned();
        if !root.starts_with("http://") || Url::parse(&root).is_err() {
            return Err(ClientError::Protocol(format!("{base_url:?} is not an http:// address")));
        }
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(ClientError::transport)?;
        Ok(Self::with(http, root))
    }

    fn with(http: reqwest::Client, root: String) -> Self {
        let (login, renewing) = (RwLock::default(), tokio::sync::Mutex::default());
        Self(Arc::new(Inner { http, root, login, renewing }))
    }

    /// The same server and the same connections, nobody logged in.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self::with(self.0.http.clone(), self.0.root.clone())
    }

    /// `http://host:port`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.0.root
    }

    /// Who is logged in.
    #[must_use]
    pub fn user(&self) -> Option<Me> {
        self.tokens().map(|tokens| tokens.user)
    }

    /// Who is logged in, by id.
    ///
    /// # Errors
    /// [`ClientError::NotLoggedIn`].
    pub fn user_id(&self) -> Result<UserId, ClientError> {
        self.user().map(|me| me.id).ok_or(ClientError::NotLoggedIn)
    }

    /// The tokens in use.
    #[must_use]
    pub fn tokens(&self) -> Option<Tokens> {
        let login = self.0.login.read().unwrap_or_else(PoisonError::into_inner);
        login.as_ref().map(|login| login.tokens.clone())
    }

    /// Uses these tokens from now on; `None` forgets the login without telling the server.
    pub fn set_tokens(&self, tokens: Option<Tokens>) {
        let login = tokens
            .map(|tokens| Login { expires: Instant::now() + Duration::from_secs(tokens.expires_in), tokens });
        *self.0.login.write().unwrap_or_else(PoisonError::into_inner) = login;
    }

    /// Trades the refresh token for a new pair.
    ///
    /// # Errors
    /// [`ClientError::NotLoggedIn`], or what the server says.
    pub async fn refresh(&self) -> Result<Tokens, ClientError> {
        let before = self.tokens().ok_or(ClientError::NotLoggedIn)?;
        let _alone = self.0.renewing.lock().await;
        let now = self.tokens().ok_or(ClientError::NotLoggedIn)?;
        if now.access_token != before.access_token {
            return Ok(now);
        }
        let body = json_text(&Refresh { refresh_token: now.refresh_token })?;
        let answer =
            self.exchange(Method::POST, "/api/v1/auth/refresh", Some(body), HeaderMap::new()).await?;
        let tokens: Tokens = answer.read()?;
        self.set_tokens(Some(tokens.clone()));
        Ok(tokens)
    }

    /// Sends a request to `path` (from the root: `/api/v1/…`) and gives the answer back, whatever it is.
    ///
    /// The login's token is sent unless `headers` has an `authorization` of its own.
    ///
    /// # Errors
    /// [`ClientError::Transport`] without an answer, [`ClientError::Protocol`] for what is no method or header.
    pub async fn raw(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Result<RawResponse, ClientError> {
        self.raw_text(method, path, body.map(Value::to_string), headers).await
    }

    /// As [`Client::raw`], with a body that need not be JSON. It is sent as `application/json` unless
    /// `headers` says otherwise.
    ///
    /// # Errors
    /// As [`Client::raw`].
    pub async fn raw_text(
        &self,
        method: &str,
        path: &str,
        body: Option<String>,
        headers: &[(&str, &str)],
    ) -> Result<RawResponse, ClientError> {
        let unreadable = |e: &dyn std::fmt::Display| ClientError::Protocol(e.to_string());
        let method = Method::from_bytes(method.as_bytes()).map_err(|e| unreadable(&e))?;
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|e| unreadable(&e))?;
            all.append(name, HeaderValue::from_str(value).map_err(|e| unreadable(&e))?);
        }
        if !all.contains_key(AUTHORIZATION) {
            self.authorize(&mut all);
        }
        self.exchange(method, path, body, all).await
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.call(Method::GET, path, None).await?.read()
    }

    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.call(method, path, Some(json_text(body)?)).await?.read()
    }

    /// Without a body, and nothing of interest in the answer.
    pub(crate) async fn act(&self, method: Method, path: &str) -> Result<(), ClientError> {
        self.call(method, path, None).await?.accepted().map(drop)
    }

    /// With a body, and nothing of interest in the answer.
    pub(crate) async fn order(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<(), ClientError> {
        self.call(method, path, Some(json_text(body)?)).await?.accepted().map(drop)
    }

    /// A request of the logged-in person, under `/api/v1`.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Result<RawResponse, ClientError> {
        self.call_with(method, path, body, HeaderMap::new()).await
    }

    /// As [`Client::call`], with an id under which it takes effect once.
    pub(crate) async fn call_once(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        id: CommandId,
    ) -> Result<RawResponse, ClientError> {
        let key = HeaderValue::from_str(&id.to_string()).map_err(|e| ClientError::Protocol(e.to_string()))?;
        let headers = [(HeaderName::from_static("idempotency-key"), key)].into_iter().collect();
        self.call_with(method, path, body, headers).await
    }

    async fn call_with(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        mut headers: HeaderMap,
    ) -> Result<RawResponse, ClientError> {
        self.renew_if_due().await?;
        self.authorize(&mut headers);
        self.exchange(method, &format!("/api/v1{path}"), body, headers).await
    }

    /// Renews the login if it is about to expire.
    pub(crate) async fn renew_if_due(&self) -> Result<(), ClientError> {
        let due = {
            let login = self.0.login.read().unwrap_or_else(PoisonError::into_inner);
            login.as_ref().is_some_and(|login| login.expires <= Instant::now() + RENEW_BEFORE)
        };
        if due { self.refresh().await.map(drop) } else { Ok(()) }
    }

    fn authorize(&self, headers: &mut HeaderMap) {
        let Some(tokens) = self.tokens() else { return };
        if let Ok(value) = HeaderValue::from_str(&format!("Bearer {}", tokens.access_token)) {
            headers.insert(AUTHORIZATION, value);
        }
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        mut headers: HeaderMap,
    ) -> Result<RawResponse, ClientError> {
        let mut request = self.0.http.request(method, format!("{}{path}", self.0.root));
        if let Some(body) = body {
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
            request = request.body(body);
        }
        let answer = request.headers(headers).send().await.map_err(ClientError::transport)?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.map_err(ClientError::transport)?;
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(RawResponse { status, headers, text, json })
    }
}

impl RawResponse {
    /// The value of a header, if it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Itself if the status is a success.
    ///
    /// # Errors
    /// [`ClientError::Problem`] otherwise.
    pub fn accepted(self) -> Result<Self, ClientError> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        Err(ClientError::Problem(Box::new(self.problem())))
    }

    /// The body of a success.
    ///
    /// # Errors
    /// [`ClientError::Problem`], or [`ClientError::Protocol`] for a body of another shape.
    pub fn read<T: DeserializeOwned>(self) -> Result<T, ClientError> {
        let accepted = self.accepted()?;
        serde_json::from_str(&accepted.text).map_err(|e| ClientError::Protocol(e.to_string()))
    }

    /// The problem in it, or one that says what came instead.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let is_problem = self.header("content-type").is_some_and(|t| t.starts_with(problem::CONTENT_TYPE));
        let stated = is_problem.then(|| serde_json::from_str(&self.text).ok()).flatten();
        stated
            .unwrap_or_else(|| Problem::new(self.status, "NOT_A_PROBLEM", "No problem document", &*self.text))
    }
}

pub(crate) fn json_text(body: &impl Serialize) -> Result<String, ClientError> {
    serde_json::to_string(body).map_err(|e| ClientError::Protocol(e.to_string()))
}
