//! Logins that somebody has to complete.

use crate::client::{Client, Entry, Filter, Subscription};
use crate::codex::Codex;
use crate::error::{Clock, Error, ErrorKind, Result};
use crate::protocol::route::RouteKey;
use crate::protocol::types::{
    AccountLoginCompletedNotification, CancelLoginAccountParams, CancelLoginAccountStatus,
    ChatgptAuthTokensLogin, LoginAccountParams, LoginAccountResponse,
};
use crate::protocol::{DecodeError, ServerNotification};
use std::fmt;
use std::future::poll_fn;
use std::time::Duration;
use tokio::time::timeout;

const COMPLETED: &str = "account/login/completed";

/// A login that somebody has to complete in a browser.
///
/// Dropping it cancels the login, unless it has ended.
#[must_use = "dropping a login cancels it"]
pub struct Login {
    client: Client,
    id: String,
    url: String,
    user_code: Option<String>,
    completions: Completions,
    over: bool,
}

impl Login {
    pub(super) async fn start(codex: &Codex, params: LoginAccountParams) -> Result<Self> {
        let client = codex.client.clone();
        // Before the login exists, so that its end cannot be missed.
        let completions = Completions::new(&client)?;
        let (id, url, user_code) = match client.call(&params).await? {
            LoginAccountResponse::Chatgpt(login) => (login.login_id, login.auth_url, None),
            LoginAccountResponse::ChatgptDeviceCode(login) => {
                (login.login_id, login.verification_url, Some(login.user_code))
            }
            other => {
                let raw = serde_json::to_string(&other).unwrap_or_default();
                let problem =
                    DecodeError::new("it is not the kind of login that was asked for").under("type");
                return Err(Error::decode("account/login/start", problem, &raw));
            }
        };
        Ok(Self { client, id, url, user_code, completions, over: false })
    }

    /// The server's id of the login.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The page to open. It may hold a secret of this login: show it to nobody but the user.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// For a login by device code: what to type on the page.
    pub fn user_code(&self) -> Option<&str> {
        self.user_code.as_deref()
    }

    /// Waits until the login has succeeded, for at most so long. Cancel safe: it can be called again, after a timeout, too.
    ///
    /// # Errors
    ///
    /// `LoginFailed` with the server's reason; `Timeout`; `Closed`.
    pub async fn wait(&mut self, deadline: Duration) -> Result<()> {
        if self.over {
            return Err(Error::new(ErrorKind::Usage, "this login has ended already; start another one"));
        }
        let end = timeout(deadline, self.completions.next(Some(&self.id))).await;
        let end = end.unwrap_or_else(|_| Err(late(deadline)))?;
        self.over = true;
        judge(end)
    }

    /// Gives the login up, and says whether there was still something to give up. Uses `account/login/cancel`. Cancel safe.
    ///
    /// # Errors
    ///
    /// As for [`Codex::call`].
    pub async fn cancel(mut self) -> Result<bool> {
        let cancelled = self.client.call(&CancelLoginAccountParams::new(&self.id)).await?;
        self.over = true;
        Ok(cancelled.status == CancelLoginAccountStatus::Canceled)
    }

    /// Lets the login go on without anybody waiting.
    pub fn detach(mut self) {
        self.over = true;
    }
}

impl Drop for Login {
    fn drop(&mut self) {
        if !self.over {
            self.client.leave_behind(&CancelLoginAccountParams::new(&self.id));
        }
    }
}

/// Without the page and the code, which are secrets.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("id", &self.id).field("over", &self.over).finish_non_exhaustive()
    }
}

/// Hands tokens over and waits for what the server says about them.
pub(super) async fn with_tokens(codex: &Codex, tokens: ChatgptAuthTokensLogin) -> Result<()> {
    let mut completions = Completions::new(&codex.client)?;
    codex.call(&LoginAccountParams::ChatgptAuthTokens(tokens)).await?;
    let deadline = codex.client.limits().call_deadline;
    let end = timeout(deadline, completions.next(None)).await;
    judge(end.unwrap_or_else(|_| Err(late(deadline)))?)
}

fn judge(end: AccountLoginCompletedNotification) -> Result<()> {
    if end.success {
        return Ok(());
    }
    let reason = end.error.unwrap_or_else(|| "the server does not say why".to_owned());
    Err(Error::new(ErrorKind::LoginFailed, format!("the login failed: {reason}")).with_method(COMPLETED))
}

fn late(deadline: Duration) -> Error {
    let text = format!("nobody has completed the login within {deadline:?}; wait longer, or cancel it");
    Error::new(ErrorKind::Timeout(Clock::Login), text)
}

/// The ends of logins from now on.
#[derive(Debug)]
struct Completions(Subscription);

impl Completions {
    fn new(client: &Client) -> Result<Self> {
        client.subscribe(Filter::Method(COMPLETED.into())).map(Self)
    }

    /// The end of this login; those of others are passed over. Cancel safe.
    async fn next(&mut self, login: Option<&str>) -> Result<AccountLoginCompletedNotification> {
        loop {
            let Entry::Notification(entry) = poll_fn(|context| self.0.poll_next(context)).await? else {
                continue;
            };
            if RouteKey::peek(&entry.raw.params).login.as_deref() != login {
                continue;
            }
            match ServerNotification::decode(entry.method(), &entry.raw.params) {
                Ok(ServerNotification::AccountLoginCompleted(end)) => return Ok(end),
                Ok(_) => {}
                Err(error) => return Err(Error::decode(COMPLETED, error, entry.raw.params.get())),
            }
        }
    }
}
