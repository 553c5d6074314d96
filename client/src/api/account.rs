//! Accounts: register, log in, log out.

use crate::{Client, ClientError};
use bulq_protocol::account::{Login, Me, Register, Tokens, WsTicket};
use reqwest::Method;

impl Client {
    /// Makes an account and logs in as it.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn register(&self, username: &str, name: &str, password: &str) -> Result<Me, ClientError> {
        let (username, name, password) = (username.to_owned(), name.to_owned(), password.to_owned());
        self.begin("/auth/register", &Register { username, name, password }).await
    }

    /// # Errors
    /// See [`ClientError`].
    pub async fn login(&self, username: &str, password: &str) -> Result<Me, ClientError> {
        let (username, password) = (username.to_owned(), password.to_owned());
        self.begin("/auth/login", &Login { username, password }).await
    }

    async fn begin(&self, path: &str, body: &impl serde::Serialize) -> Result<Me, ClientError> {
        let tokens: Tokens = self.anonymous().send(Method::POST, path, body).await?;
        let me = tokens.user.clone();
        self.set_tokens(Some(tokens));
        Ok(me)
    }

    /// Who the server says I am.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn me(&self) -> Result<Me, ClientError> {
        self.get("/auth/me").await
    }

    /// Ends this login here and on the server.
    ///
    /// # Errors
    /// See [`ClientError`]; then the tokens are kept.
    pub async fn logout(&self) -> Result<(), ClientError> {
        self.act(Method::POST, "/auth/logout").await?;
        self.set_tokens(None);
        Ok(())
    }

    /// A ticket that opens one live connection where no header can be sent.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn ws_ticket(&self) -> Result<WsTicket, ClientError> {
        self.call(Method::POST, "/auth/ws-ticket", None).await?.read()
    }
}
