//! What a single turn is given, and that the model and the server are told of it.

use codexkit::protocol::Version;
use codexkit::protocol::types::{
    CyberAccessProgram, ReadOnlySandboxPolicy, ReasoningSummary, SandboxPolicy, ThreadItem,
    TurnInterruptParams, UserInput, WorkspaceWriteSandboxPolicy,
};
use codexkit::{Effort, ErrorKind};
use e2e::model::{Message, Model, Phase, Response, Script};
use e2e::{Stage, covers, differs_before, lacks, skipped, soon};
use serde_json::json;
use std::collections::BTreeMap;

fn echo() -> Script {
    Model::respond_with(|request| Response::new().text(format!("You said {}", request.last_user_text())))
}

#[tokio::test]
async fn overrides_of_a_turn_reach_the_model() {
    covers![
        "000-021", "000-048", "002-131", "003-174", "003-260", "003-261", "003-262", "003-263", "003-267",
        "O18"
    ];
    if skipped() {
        return;
    }
    let stage = Stage::new(echo()).await;
    let thread = stage.thread().await;
    let folder = stage.fixture.home().to_str().unwrap();
    let schema = json!({ "type": "object", "properties": {}, "required": [], "additionalProperties": false });

    let run = thread.run("Go").model("gpt-5.4").effort(Effort::from("xhigh"));
    let run = run.summary(ReasoningSummary::Detailed).cwd(folder).output_schema(schema.clone());
    soon("the output", run.into_future()).await.unwrap();
    soon("the output", thread.run("And on").into_future()).await.unwrap();

    let requests = stage.model.requests();
    let first = requests[0].body();
    assert_eq!((requests[0].model(), &first["reasoning"]["effort"]), ("gpt-5.4", &json!("xhigh")));
    assert_eq!(first["reasoning"]["summary"], "detailed");
    assert_eq!(first["text"]["format"]["schema"], schema);
    assert!(first["input"].to_string().contains(folder), "the model is told of the folder");
    // The schema was for one turn; the others stay.
    let second = requests[1].body();
    assert_eq!((requests[1].model(), second["text"].get("format")), ("gpt-5.4", None));
}

#[tokio::test]
async fn an_effort_that_nobody_has_heard_of_is_sent_as_it_is() {
    covers!["003-262", "T16", "D12"];
    if differs_before(Version::new(0, 144, 4), "efforts that the server does not know").await {
        return;
    }
    let stage = Stage::new(echo()).await;
    let thread = stage.thread().await;
    for effort in ["max", "brand-new"] {
        soon("the output", thread.run("Go").effort(Effort::from(effort)).into_future()).await.unwrap();
    }
    let efforts: Vec<_> =
        stage.model.requests().iter().map(|asked| asked.body()["reasoning"]["effort"].clone()).collect();
    assert_eq!(efforts, ["max", "brand-new"]);
}

#[tokio::test]
async fn a_policy_for_the_sandbox_says_more_than_a_name() {
    covers!["000-063", "003-264", "T17"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script().exec("touch ../codex/made; touch inside").text("Done.")).await;
    let thread = stage.thread().await;
    let policy = WorkspaceWriteSandboxPolicy::new()
        .writable_roots([stage.fixture.home().to_str().unwrap()])
        .network_access(true);
    let run = thread.run("Act").sandbox_policy(SandboxPolicy::from(policy));
    soon("the output", run.into_future()).await.unwrap();
    assert!(stage.fixture.home().join("made").exists() && stage.fixture.workspace().join("inside").exists());
    let input = stage.model.requests()[0].body()["input"].to_string();
    assert!(input.contains("etwork access is enabled"), "{input}");
}

#[tokio::test]
async fn labels_of_a_turn_are_taken() {
    covers!["003-171", "003-172", "O18", "D14"];
    if lacks("turn/start.turnTrigger").await {
        return;
    }
    let stage = Stage::new(echo()).await;
    let thread = stage.thread().await;
    let labels: BTreeMap<String, String> = [("team".to_owned(), "blue".to_owned())].into();
    let run = thread.run("Go").turn_trigger("nightly").client_user_message_id("mine");
    let run = run.params(|params| params.responsesapi_client_metadata(labels));
    let output = soon("the output", run.into_future()).await.unwrap();
    assert_eq!(serde_json::to_value(&output.items[0]).unwrap()["clientId"], "mine");
    let request = &stage.model.requests()[0];
    assert!(request.body()["client_metadata"].to_string().contains("blue"), "{:?}", request.body());
}

#[tokio::test]
async fn a_program_of_access_is_named_to_the_server() {
    covers!["T24"];
    if lacks("turn/start.cyberAccessProgram").await {
        return;
    }
    let stage = Stage::new(echo()).await;
    let thread = stage.thread().await;
    let run = thread.run("Go").cyber_access_program(CyberAccessProgram::Standard);
    assert_eq!(soon("the output", run.into_future()).await.unwrap().text(), "You said Go");
}

#[tokio::test]
async fn the_final_answer_is_the_marked_one_or_else_the_last_unmarked_one_and_never_commentary() {
    covers!["001-090", "002-128", "003-199", "003-200", "O22", "D18"];
    if skipped() {
        return;
    }
    let message = |text: &str, phase: Option<Phase>| match phase {
        Some(phase) => Message::new(text).phase(phase),
        None => Message::new(text),
    };
    let answer = |messages: Vec<Message>| {
        messages.into_iter().fold(Response::new(), |response, message| response.text(message))
    };
    let (last, aside) = (Some(Phase::FinalAnswer), Some(Phase::Commentary));
    for (said, text) in [
        (vec![("a", None), ("b", last), ("c", None), ("d", aside)], Some("b")),
        (vec![("a", None), ("b", None), ("c", aside)], Some("b")),
        (vec![("a", aside)], None),
    ] {
        let words: String = said.iter().map(|(text, _)| *text).collect();
        let messages = said.into_iter().map(|(text, phase)| message(text, phase)).collect();
        let stage = Stage::new(Model::script().respond(answer(messages))).await;

        let output = soon("the output", stage.thread().await.run("Go").into_future()).await.unwrap();

        assert_eq!((output.final_text(), output.text()), (text, text.unwrap_or_default()));
        assert_eq!(output.streamed_text, words, "all that was said is there, too");
        let marked = output.items.iter().find_map(|item| match item {
            ThreadItem::AgentMessage(message) if Some(message.text.as_str()) == text => Some(&message.id),
            _ => None,
        });
        assert_eq!(marked.is_some(), text.is_some(), "the item has its id");
    }
}

#[tokio::test]
async fn a_turn_that_has_ended_is_not_steered_and_an_interrupt_leaves_it_alone() {
    covers!["003-234", "O20"];
    if skipped() {
        return;
    }
    let stage = Stage::new(echo()).await;
    let thread = stage.thread().await;
    let turn = thread.run("Go").stream().await.unwrap();
    let control = turn.control();
    assert_eq!((control.id(), control.thread()), (turn.id(), turn.thread()));
    soon("the output", turn.finish()).await.unwrap();
    assert_eq!(control.steer("More").await.unwrap_err().kind(), ErrorKind::NotRunning);
    control.interrupt().await.unwrap();
    let late = TurnInterruptParams::new(control.thread(), control.id());
    let error = thread.codex().call(&late).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotRunning, "the server itself is not content");
}

#[tokio::test]
async fn an_input_is_a_text_an_item_or_several() {
    covers!["000-024", "001-086", "O23"];
    if skipped() {
        return;
    }
    let stage = Stage::new(echo()).await;
    let thread = stage.thread().await;
    let mention = UserInput::mention("the app", "app://mine");
    soon("the output", thread.run("text").into_future()).await.unwrap();
    soon("the output", thread.run(String::from("owned")).into_future()).await.unwrap();
    soon("the output", thread.run(UserInput::text("item")).into_future()).await.unwrap();
    let output =
        soon("the output", thread.run([UserInput::text("with"), mention]).into_future()).await.unwrap();
    let texts = stage.model.requests().pop().unwrap().user_texts();
    let said: Vec<_> = texts.into_iter().filter(|text| !text.starts_with('<')).collect();
    assert_eq!(said, ["text", "owned", "item", "with"]);
    assert!(serde_json::to_string(&output.items[0]).unwrap().contains("app://mine"), "{output:?}");
}

#[test]
fn a_policy_for_the_sandbox_has_no_field_that_the_server_would_ignore() {
    covers!["D10"];
    let fields = |policy: SandboxPolicy| {
        let policy = serde_json::to_value(policy).unwrap();
        policy.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    let reads = ReadOnlySandboxPolicy::new().network_access(true);
    assert_eq!(fields(SandboxPolicy::from(reads)), ["networkAccess", "type"]);
    let writes = WorkspaceWriteSandboxPolicy::new().writable_roots(["/a"]).network_access(true);
    let writes = writes.exclude_slash_tmp(true).exclude_tmpdir_env_var(true);
    let known = ["excludeSlashTmp", "excludeTmpdirEnvVar", "networkAccess", "type", "writableRoots"];
    assert_eq!(fields(SandboxPolicy::from(writes)), known);
}
