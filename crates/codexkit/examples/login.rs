//! Log in, look who is logged in, and log out.
//!
//! ```text
//! cargo run --example login               in a private home, with a key that is none
//! cargo run --example login -- --browser  in your own: whoever is not logged in yet is led to a page
//! ```

mod support;

use codexkit::protocol::types::Account;
use codexkit::{Codex, ErrorKind, Provision};
use codexkit_testkit::fixture::Fixture;
use std::error::Error;
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    if std::env::args().any(|argument| argument == "--browser") {
        return log_in_with_browser().await;
    }
    // Without a scripted model: the provider is the real one, and nobody is logged in there.
    let fixture = Fixture::builder().build()?;
    let codex = fixture.codex().provision(Provision::pinned()).start().await?;
    let account = codex.account();

    // That is found out before anything is sent to the model.
    match codex.ask("Who am I?").await {
        Err(error) if error.kind() == ErrorKind::NotLoggedIn => println!("not logged in"),
        other => println!("{other:?}"),
    }
    // The server stores the key, for all its clients. A wrong one shows in the first turn only.
    account.login_with_api_key("sk-of-an-example").await?;
    println!("{}", who(account.read().await?.account));
    account.logout().await?;
    println!("{}", who(account.read().await?.account));
    codex.close().await;
    Ok(())
}

async fn log_in_with_browser() -> Result<(), Box<dyn Error>> {
    let codex = Codex::builder().provision(Provision::pinned()).start().await?;
    if codex.account().read().await?.account.is_none() {
        // Without a browser on this machine: `login_with_device_code`, and show `login.user_code()`, too.
        let mut login = codex.account().login_with_browser().await?;
        println!("open {}", login.url());
        // Dropping the login cancels it.
        login.wait(Duration::from_secs(300)).await?;
    }
    println!("{}", who(codex.account().read().await?.account));
    codex.close().await;
    Ok(())
}

fn who(account: Option<Account>) -> String {
    match account {
        Some(Account::Chatgpt(account)) => format!("logged in as {:?}", account.email),
        Some(Account::ApiKey(_)) => "logged in with an API key".to_owned(),
        Some(_) => "logged in".to_owned(),
        None => "nobody is logged in".to_owned(),
    }
}
