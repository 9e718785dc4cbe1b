//! What the server does besides agents: the account, the configuration, commands, files, calls, notifications.

use super::super::half::{Settle, builder};
use crate::plain::{block_on, stage};
use codexkit::protocol::types::{Account, ModelListParams};
use codexkit::{ErrorKind, Event, ExecEvent};
use codexkit_testkit::fixture::Fixture;
use e2e::model::Model;
use e2e::{codex_binary, covers, skipped};
use serde_json::json;

#[test]
fn a_login_lasts_until_the_logout() {
    if skipped() {
        return;
    }
    let fixture = Fixture::builder().build().unwrap();
    let settings = fixture.codex().codex_bin(block_on("codex", codex_binary()));
    let codex = builder(settings).start().settle().unwrap();
    let account = codex.account();
    let thread = codex.start_thread().settle().unwrap();
    assert_eq!(thread.run("Hi").settle().unwrap_err().kind(), ErrorKind::NotLoggedIn);

    account.login_with_api_key("sk-of-a-test").settle().unwrap();
    assert!(matches!(account.read().settle().unwrap().account, Some(Account::ApiKey(_))));

    account.logout().settle().unwrap();
    assert_eq!(account.read().settle().unwrap().account, None);
}

#[test]
fn a_login_in_a_browser_can_be_given_up() {
    if skipped() {
        return;
    }
    let fixture = Fixture::builder().build().unwrap();
    let settings = fixture.codex().codex_bin(block_on("codex", codex_binary()));
    let codex = builder(settings).start().settle().unwrap();

    let login = codex.account().login_with_browser().settle().unwrap();

    assert!(login.url().starts_with("https://"));
    assert!(login.cancel().settle().unwrap());
}

#[test]
fn the_configuration_is_read_and_changed() {
    if skipped() {
        return;
    }
    let (_stage, settings) = stage(Model::script());
    let codex = builder(settings).start().settle().unwrap();
    let config = codex.config();

    config.edit().set("model_reasoning_effort", "low").settle().unwrap();
    let twice = config.update(|now, edit| match &now.config.model_reasoning_effort {
        Some(effort) if effort.as_str() == "low" => edit.set("model_reasoning_effort", "high"),
        _ => edit,
    });
    twice.settle().unwrap();

    let read = config.read().settle().unwrap();
    assert_eq!(read.config.model_reasoning_effort.unwrap().as_str(), "high");
}

#[test]
fn commands_run_and_give_what_they_write() {
    if skipped() {
        return;
    }
    let (_stage, settings) = stage(Model::script());
    let codex = builder(settings).start().settle().unwrap();

    let output = codex.exec(["sh", "-c", "echo out; exit 3"]).settle().unwrap();
    assert_eq!((output.exit_code, output.stdout_text().as_ref()), (3, "out\n"));

    // With a conversation over its pipes.
    let mut running = codex.exec(["cat"]).open_stdin().stream().settle().unwrap();
    running.control().write("over there\n").settle().unwrap();
    running.control().close_stdin().settle().unwrap();
    let mut written = Vec::new();
    while let Some(event) = running.try_next().settle().unwrap() {
        if let ExecEvent::Output { bytes, .. } = event {
            written.extend(bytes);
        }
    }
    assert_eq!(written, b"over there\n");
}

#[test]
fn files_are_read_written_and_watched() {
    if skipped() {
        return;
    }
    let (stage, settings) = stage(Model::script());
    let codex = builder(settings).start().settle().unwrap();
    let path = stage.fixture.workspace().join("file").to_str().unwrap().to_owned();
    codex.files().write(&path, "one").settle().unwrap();
    assert_eq!(codex.files().read(&path).settle().unwrap(), b"one");

    let mut watch = codex.files().watch(&path).settle().unwrap();
    codex.files().write(&path, "two").settle().unwrap();

    assert_eq!(watch.try_next().settle().unwrap().unwrap(), [watch.path().to_owned()]);
}

#[test]
fn every_method_can_be_called_and_every_notification_heard() {
    covers!["001-089"];
    if skipped() {
        return;
    }
    let (_stage, settings) = stage(Model::script());
    let codex = builder(settings).start().settle().unwrap();
    let mut heard = codex.subscribe_to("thread/started").unwrap();

    let models = codex.call(&ModelListParams::new().limit(1)).settle().unwrap();
    let raw = codex.call_raw("model/list", &json!({ "limit": 1 })).settle().unwrap();
    let thread = codex.start_thread().settle().unwrap();
    let event = heard.try_next().settle().unwrap().unwrap();

    assert_eq!(raw["data"][0]["id"], models.data[0].id);
    let Event::Notification(told) = event else { panic!("{event:?}") };
    assert!(format!("{told:?}").contains(thread.id().as_str()));
}
