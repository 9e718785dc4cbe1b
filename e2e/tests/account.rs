//! The account that the server uses.

use codexkit::protocol::ServerNotification;
use codexkit::protocol::types::{Account, ChatgptAuthTokensLogin};
use codexkit::{Clock, Codex, ErrorKind, Event};
use codexkit_testkit::fixture::Fixture;
use e2e::simulator::{Act, Reply, Simulator};
use e2e::{codex_binary, covers, lacks, skipped, soon};
use serde_json::json;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(3600);

/// The real codex with the provider that it brings along, on a home where nobody is logged in.
async fn logged_out() -> (Codex, Fixture) {
    let fixture = Fixture::builder().build().unwrap();
    let codex = fixture.codex().codex_bin(codex_binary().await).start().await.unwrap();
    (codex, fixture)
}

#[tokio::test]
async fn an_api_key_logs_in_until_the_logout() {
    covers!["000-051", "000-052", "O35", "O38"];
    if skipped() {
        return;
    }
    let (codex, fixture) = logged_out().await;
    let account = codex.account();
    let thread = codex.start_thread().await.unwrap();
    assert_eq!(account.read().await.unwrap().account, None);
    assert_eq!(thread.run("Hi").await.unwrap_err().kind(), ErrorKind::NotLoggedIn);

    // When a key is given, then it is stored, and turns can be started.
    account.login_with_api_key("sk-of-a-test").await.unwrap();
    assert!(matches!(account.read().await.unwrap().account, Some(Account::ApiKey(_))));
    assert!(std::fs::read_to_string(fixture.home().join("auth.json")).unwrap().contains("sk-of-a-test"));
    soon("the start", thread.run("Hi").stream()).await.unwrap().finish_soon().await;
    // Limits are only for other logins.
    assert_eq!(account.rate_limits().await.unwrap_err().kind(), ErrorKind::Rpc);
    if !lacks("account/usage/read").await {
        assert_eq!(account.usage().await.unwrap_err().kind(), ErrorKind::Rpc);
    }

    // After the logout it is as before.
    account.logout().await.unwrap();
    assert_eq!(account.read().await.unwrap().account, None);
    assert_eq!(thread.run("Hi").await.unwrap_err().kind(), ErrorKind::NotLoggedIn);
}

/// The end of a turn that was only to be started.
trait FinishSoon {
    async fn finish_soon(self);
}

impl FinishSoon for codexkit::Turn {
    async fn finish_soon(self) {
        soon("the interrupt", self.control().interrupt()).await.unwrap();
        soon("the end", self.finish()).await.unwrap();
    }
}

#[tokio::test]
async fn a_browser_login_can_be_cancelled_dropped_and_replaced() {
    covers!["000-052", "O36"];
    if skipped() {
        return;
    }
    let (codex, _fixture) = logged_out().await;
    let account = codex.account();
    let mut heard = codex.subscribe().unwrap();

    // A second login takes the place of the first.
    let mut first = account.login_with_browser().await.unwrap();
    assert!(first.url().starts_with("https://") && first.user_code().is_none());
    let second = account.login_with_browser().await.unwrap();
    assert_ne!(first.id(), second.id());
    let error = soon("the end", first.wait(LONG)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LoginFailed);
    assert_eq!(first.wait(LONG).await.unwrap_err().kind(), ErrorKind::Usage);
    assert!(!first.cancel().await.unwrap(), "it has ended already");

    // One that is cancelled ends,
    assert!(second.cancel().await.unwrap());
    // and so does one that is dropped.
    let third = account.login_with_browser().await.unwrap();
    let id = third.id().to_owned();
    drop(third);
    loop {
        let event = soon("the end of the third", heard.try_next()).await.unwrap().unwrap();
        if let Event::Notification(notification) = event
            && let ServerNotification::AccountLoginCompleted(end) = *notification
            && end.login_id.as_deref() == Some(&id)
        {
            assert!(!end.success);
            break;
        }
    }
}

#[tokio::test]
async fn tokens_that_are_none_are_refused() {
    if skipped() {
        return;
    }
    let (codex, _fixture) = logged_out().await;
    let tokens = ChatgptAuthTokensLogin::new("no token", "account");
    let error = soon("the refusal", codex.account().login_with_tokens(tokens)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rpc);
}

fn started(kind: &str, id: &str) -> serde_json::Value {
    json!({
        "type": kind, "loginId": id, "authUrl": "https://example.com/a", "verificationUrl": "https://example.com/d",
        "userCode": "ABCD-1234",
    })
}

fn completed(id: Option<&str>, error: Option<&str>) -> Act {
    let end = json!({ "loginId": id, "success": error.is_none(), "error": error });
    Act::new().notifies("account/login/completed", end)
}

#[tokio::test(start_paused = true)]
async fn a_device_code_login_succeeds_when_its_own_end_comes() {
    covers!["000-052", "O37"];
    let simulator =
        Simulator::new().on("account/login/start", Reply::result(started("chatgptDeviceCode", "mine")));
    let (codex, server) = simulator.connect().await.unwrap();
    let mut login = codex.account().login_with_device_code().await.unwrap();
    assert_eq!((login.url(), login.user_code()), ("https://example.com/d", Some("ABCD-1234")));

    // Nothing comes, and then the ends of others.
    let late = login.wait(Duration::from_secs(300)).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Timeout(Clock::Login));
    server.perform(completed(Some("other"), Some("refused")));
    server.perform(completed(None, None));
    server.perform(completed(Some("mine"), None));

    login.wait(LONG).await.unwrap();
    drop(login);
    codex.close().await;
    assert!(server.calls("account/login/cancel").is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_end_that_comes_before_the_answer_is_not_missed() {
    covers!["O25", "O36"];
    let late = Reply::result(started("chatgpt", "mine")).after(Duration::from_secs(30));
    let (codex, server) = Simulator::new().on("account/login/start", late).connect().await.unwrap();
    let login = tokio::spawn(async move { codex.account().login_with_browser().await });
    server.is_called("account/login/start", 1).await;
    server.perform(completed(Some("mine"), Some("access denied")));

    let mut login = login.await.unwrap().unwrap();
    let error = login.wait(LONG).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::LoginFailed);
    assert!(error.to_string().contains("access denied"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn tokens_of_the_host_are_taken_or_refused() {
    covers!["000-052"];
    let start = || Reply::result(json!({ "type": "chatgptAuthTokens" }));
    let simulator = Simulator::new()
        .on("account/login/start", start().then(completed(None, None)))
        .on("account/login/start", start().then(completed(None, Some("no workspace"))))
        .on("account/login/start", start());
    let (codex, server) = simulator.connect().await.unwrap();
    let login = async || {
        let tokens = ChatgptAuthTokensLogin::new("token", "account");
        codex.account().login_with_tokens(tokens).await.map_err(|error| error.kind())
    };

    assert_eq!(login().await, Ok(()));
    assert_eq!(login().await, Err(ErrorKind::LoginFailed));
    assert_eq!(login().await, Err(ErrorKind::Timeout(Clock::Login)));
    assert_eq!(server.calls("account/login/start")[0]["params"]["chatgptAccountId"], "account");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_ends_ends_the_wait() {
    let simulator = Simulator::new().on("account/login/start", Reply::result(started("chatgpt", "mine")));
    let (codex, _server) = simulator.connect().await.unwrap();
    let mut login = codex.account().login_with_browser().await.unwrap();
    codex.close().await;
    assert_eq!(login.wait(LONG).await.unwrap_err().kind(), ErrorKind::Closed);
}

#[tokio::test]
async fn a_login_that_is_there_is_used() {
    covers!["001-074"];
    if skipped() {
        return;
    }
    let (codex, fixture) = logged_out().await;
    codex.account().login_with_api_key("sk-of-a-test").await.unwrap();
    codex.close().await;

    let codex = fixture.codex().codex_bin(codex_binary().await).start().await.unwrap();

    assert!(matches!(codex.account().read().await.unwrap().account, Some(Account::ApiKey(_))));
}

#[tokio::test]
async fn a_device_code_login_can_be_cancelled() {
    covers!["O37"];
    let cancelled = Reply::result(json!({ "status": "canceled" }));
    let simulator = Simulator::new()
        .on("account/login/start", Reply::result(started("chatgptDeviceCode", "mine")))
        .on("account/login/cancel", cancelled);
    let (codex, server) = simulator.connect().await.unwrap();
    let login = codex.account().login_with_device_code().await.unwrap();
    assert!(login.cancel().await.unwrap());
    let calls = server.calls("account/login/cancel");
    assert_eq!(calls.iter().map(|call| &call["params"]["loginId"]).collect::<Vec<_>>(), ["mine"]);
}
