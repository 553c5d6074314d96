//! Accounts: register, log in, log out, and everything about me.

use crate::http::json_text;
use crate::{Client, ClientError};
use bulq_protocol::account::{
    ChangePassword, EraseMe, Export, Login, LoginSession, Me, PatchMe, Register, Stats, Tokens, WsTicket,
};
use bulq_protocol::list::Listing;
use reqwest::Method;
use uuid::Uuid;

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

    /// Ends every login of mine, this one too.
    ///
    /// # Errors
    /// See [`ClientError`]; then the tokens are kept.
    pub async fn logout_everywhere(&self) -> Result<(), ClientError> {
        self.act(Method::POST, "/auth/logout-all").await?;
        self.set_tokens(None);
        Ok(())
    }

    /// Where I am logged in, latest first.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn sessions(&self) -> Result<Vec<LoginSession>, ClientError> {
        Ok(self.get::<Listing<LoginSession>>("/auth/sessions").await?.items)
    }

    /// Ends one of my logins.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn end_session(&self, session: Uuid) -> Result<(), ClientError> {
        self.act(Method::DELETE, &format!("/auth/sessions/{session}")).await
    }

    /// Changes my name, username or preferences.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn update_me(&self, patch: &PatchMe) -> Result<Me, ClientError> {
        self.send(Method::PATCH, "/auth/me", patch).await
    }

    /// Changes my password; all other logins end.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn change_password(&self, current: &str, new: &str) -> Result<(), ClientError> {
        let (current_password, new_password) = (current.to_owned(), new.to_owned());
        self.tell(Method::POST, "/auth/password", &ChangePassword { current_password, new_password }).await
    }

    /// How much I took part.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn stats(&self) -> Result<Stats, ClientError> {
        self.get("/auth/me/stats").await
    }

    /// Everything the server keeps about me.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn export_me(&self) -> Result<Export, ClientError> {
        self.get("/auth/me/export").await
    }

    /// Erases my account.
    ///
    /// # Errors
    /// See [`ClientError`]; then the account is still there.
    pub async fn erase_me(&self, password: &str) -> Result<(), ClientError> {
        self.tell(Method::DELETE, "/auth/me", &EraseMe { password: password.to_owned() }).await?;
        self.set_tokens(None);
        Ok(())
    }

    /// With a body, and nothing of interest in the answer.
    async fn tell(
        &self,
        method: Method,
        path: &str,
        body: &impl serde::Serialize,
    ) -> Result<(), ClientError> {
        self.call(method, path, Some(json_text(body)?)).await?.accepted().map(drop)
    }
}
