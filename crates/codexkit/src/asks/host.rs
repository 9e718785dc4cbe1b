//! What the server wants of the program that hosts it: tokens, attestations, the time.

use super::kind::{Answer, Question, refuse, write};
use crate::client::AskAnswer;
use crate::protocol::types::{
    AttestationGenerateParams, AttestationGenerateResponse, ChatgptAuthTokensRefreshParams,
    ChatgptAuthTokensRefreshResponse, CurrentTimeReadParams, CurrentTimeReadResponse,
};
use std::time::{SystemTime, UNIX_EPOCH};

/// The server wants new tokens of an account whose login the program keeps. From `account/chatgptAuthTokens/refresh`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TokenRefresh {
    /// All that the server says about it.
    pub params: ChatgptAuthTokensRefreshParams,
}

/// The server wants an attestation. From `attestation/generate`, which only programs that announced it are asked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AttestationRequest {
    /// All that the server says about it.
    pub params: AttestationGenerateParams,
}

/// The server wants to know the time. From `currentTime/read`. Without a handler it is told the time of this machine.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TimeRequest {
    /// All that the server says about it.
    pub params: CurrentTimeReadParams,
}

/// Tokens of an account. Their texts never appear in `Debug` output.
#[derive(Clone)]
pub struct AccountTokens(ChatgptAuthTokensRefreshResponse);

/// An attestation. Its text never appears in `Debug` output.
#[derive(Clone)]
pub struct Attestation(AttestationGenerateResponse);

/// A moment, which the server gets in whole seconds.
#[derive(Clone, Copy, Debug)]
pub struct CurrentTime(SystemTime);

impl TokenRefresh {
    /// Hands over new tokens.
    pub fn tokens(&self, access_token: impl Into<String>, account_id: impl Into<String>) -> AccountTokens {
        AccountTokens(ChatgptAuthTokensRefreshResponse::new(access_token, account_id))
    }
}

impl AttestationRequest {
    /// Hands over an attestation.
    pub fn token(&self, token: impl Into<String>) -> Attestation {
        Attestation(AttestationGenerateResponse::new(token))
    }
}

impl TimeRequest {
    /// Tells a moment.
    pub fn time(&self, time: SystemTime) -> CurrentTime {
        CurrentTime(time)
    }
}

impl Question for TokenRefresh {
    type Answer = AccountTokens;

    fn what(&self) -> Option<String> {
        Some("get new tokens of the account".to_owned())
    }

    fn safe_answer(&self) -> AskAnswer {
        refuse("this client has no tokens to give")
    }
}

impl Question for AttestationRequest {
    type Answer = Attestation;

    fn what(&self) -> Option<String> {
        Some("get an attestation".to_owned())
    }

    fn safe_answer(&self) -> AskAnswer {
        refuse("this client has no attestation to give")
    }
}

impl Question for TimeRequest {
    type Answer = CurrentTime;

    fn safe_answer(&self) -> AskAnswer {
        self.time(SystemTime::now()).write()
    }
}

impl Answer for AccountTokens {
    fn permits(&self) -> bool {
        true
    }

    fn write(self) -> AskAnswer {
        write(&self.0)
    }
}

impl Answer for Attestation {
    fn permits(&self) -> bool {
        true
    }

    fn write(self) -> AskAnswer {
        write(&self.0)
    }
}

impl Answer for CurrentTime {
    fn permits(&self) -> bool {
        true
    }

    fn write(self) -> AskAnswer {
        let seconds = self.0.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        write(&CurrentTimeReadResponse::new(i64::try_from(seconds).unwrap_or(i64::MAX)))
    }
}

impl std::fmt::Debug for AccountTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccountTokens(..)")
    }
}

impl std::fmt::Debug for Attestation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Attestation(..)")
    }
}
