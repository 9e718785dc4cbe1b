//! The account that the server uses.

mod login;

pub use login::Login;

use crate::codex::Codex;
use crate::error::Result;
use crate::protocol::types::{
    ChatgptAuthTokensLogin, GetAccountParams, GetAccountRateLimitsParams, GetAccountRateLimitsResponse,
    GetAccountResponse, GetAccountTokenUsageParams, GetAccountTokenUsageResponse, LoginAccountParams,
    LogoutAccountParams, RateLimitSnapshot,
};

/// The account that the server uses. Made by [`Codex::account`].
///
/// A login is the server's: it is stored in its home and serves all its clients, this one and others.
#[derive(Clone, Debug)]
pub struct Account {
    codex: Codex,
}

impl Codex {
    /// The account that the server uses.
    pub fn account(&self) -> Account {
        Account { codex: self.clone() }
    }
}

impl Account {
    /// Who is logged in, if anybody, and whether the model provider asks for it. Uses `account/read`. Cancel safe.
    ///
    /// # Errors
    ///
    /// As for [`Codex::call`].
    pub async fn read(&self) -> Result<GetAccountResponse> {
        self.codex.call(&GetAccountParams::new()).await
    }

    /// As [`read`](Self::read), after the server has renewed the tokens of the login. Cancel safe.
    ///
    /// # Errors
    ///
    /// As for [`Codex::call`].
    pub async fn refresh(&self) -> Result<GetAccountResponse> {
        self.codex.call(&GetAccountParams::new().refresh_token(true)).await
    }

    /// Logs in with an API key. The server stores it in its home without trying it out: a wrong one shows in the first
    /// turn. Uses `account/login/start`. Cancel safe, but the key may have been stored.
    ///
    /// # Errors
    ///
    /// As for [`Codex::call`].
    pub async fn login_with_api_key(&self, key: impl Into<String>) -> Result<()> {
        self.codex.call(&LoginAccountParams::api_key(key)).await.map(drop)
    }

    /// Begins a login with ChatGPT in a browser, on the machine of the server: open [`Login::url`] there, then
    /// [`wait`](Login::wait). Another browser login of the server is given up. Uses `account/login/start`.
    ///
    /// Not cancel safe: the server may have begun a login that nobody waits for.
    ///
    /// ```no_run
    /// # async fn example(codex: codexkit::Codex) -> codexkit::Result<()> {
    /// use std::time::Duration;
    ///
    /// let mut login = codex.account().login_with_browser().await?;
    /// println!("Open {}", login.url());
    /// login.wait(Duration::from_secs(300)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`Codex::call`].
    pub async fn login_with_browser(&self) -> Result<Login> {
        Login::start(&self.codex, LoginAccountParams::chatgpt()).await
    }

    /// Begins a login with ChatGPT on any machine: show [`Login::url`] and [`Login::user_code`], then
    /// [`wait`](Login::wait). Uses `account/login/start`.
    ///
    /// Not cancel safe: the server may have begun a login that nobody waits for.
    ///
    /// # Errors
    ///
    /// As for [`Codex::call`]; `Rpc` when the server cannot reach the login service.
    pub async fn login_with_device_code(&self) -> Result<Login> {
        Login::start(&self.codex, LoginAccountParams::chatgpt_device_code()).await
    }

    /// Logs in with tokens that this program manages: it is asked for new ones by
    /// [`on_token_refresh`](crate::CodexBuilder::on_token_refresh). For hosts of OpenAI's own; the server calls it unstable.
    /// Uses `account/login/start`, and waits for the server to have looked at the tokens.
    ///
    /// Cancel safe, but it may have happened.
    ///
    /// # Errors
    ///
    /// `LoginFailed` when the server does not take the tokens; `Timeout` after
    /// [`Limits::call_deadline`](crate::Limits::call_deadline); otherwise as for [`Codex::call`].
    pub async fn login_with_tokens(&self, tokens: ChatgptAuthTokensLogin) -> Result<()> {
        login::with_tokens(&self.codex, tokens).await
    }

    /// Logs out, for all clients of the server. Uses `account/logout`. Cancel safe, but it may have happened.
    ///
    /// # Errors
    ///
    /// As for [`Codex::call`].
    pub async fn logout(&self) -> Result<()> {
        self.codex.forget_login();
        self.codex.call(&LogoutAccountParams::new()).await.map(drop)
    }

    /// Asks the service how much of its limits the account has used. Only for logins with ChatGPT. Uses
    /// `account/rateLimits/read`. Cancel safe.
    ///
    /// # Errors
    ///
    /// As for [`Codex::call`]; `Rpc` for an API key.
    pub async fn rate_limits(&self) -> Result<GetAccountRateLimitsResponse> {
        self.codex.call(&GetAccountRateLimitsParams::new()).await
    }

    /// What the server last told on this connection about the limits, of itself: it does so after each answer of the
    /// model. Nothing is asked.
    pub fn last_rate_limits(&self) -> Option<RateLimitSnapshot> {
        self.codex.client.rate_limits()
    }

    /// The tokens that the account has used, by day. Only for logins with ChatGPT. Uses `account/usage/read`. Cancel safe.
    ///
    /// # Errors
    ///
    /// As for [`Codex::call`]; `Rpc` for an API key.
    pub async fn usage(&self) -> Result<GetAccountTokenUsageResponse> {
        self.codex.call(&GetAccountTokenUsageParams::new()).await
    }
}
