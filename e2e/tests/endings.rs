//! How connections end, and that nothing is left behind (Linux).

use codexkit::{Approvals, CloseReason, Closed, Codex, Error, ErrorKind, Event, ExitStatus, Sandbox, Turn};
use e2e::model::{Exec, Gate, Message, Model, Response};
use e2e::processes::{self, gone, started};
use e2e::{Stage, codex_binary, covers, skipped, soon};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A command that runs until it is killed, and that can be found among all processes.
fn long_command(mark: u32) -> String {
    format!("sleep 86{:06}.{mark}", std::process::id())
}

/// A turn that has said one word and is kept from saying more.
async fn speaking_turn(stage: &Stage, codex: &Codex) -> Turn {
    let thread = codex.start_thread().await.unwrap();
    let mut turn = thread.run("Speak").stream().await.unwrap();
    while !matches!(soon("text", turn.try_next()).await.unwrap(), Some(Event::TextDelta { .. })) {}
    assert_eq!(stage.model.requests().len(), 1);
    turn
}

async fn rest(mut turn: Turn) -> Error {
    loop {
        match soon("the end", turn.try_next()).await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the turn ended well"),
            Err(error) => return error,
        }
    }
}

async fn killing_the_server_ends_everything(program: &Path) {
    let gate = Gate::new();
    let stage = Stage::new(Model::script().text(Message::chunks(["One"]).gate(&gate).chunk("Two"))).await;
    let codex = stage.codex().await.codex_bin(program).start().await.unwrap();
    let pid = codex.pid().unwrap();
    let turn = speaking_turn(&stage, &codex).await;
    let family = processes::family(pid);
    let server = family.iter().copied().find(|pid| processes::program(*pid) != "node").unwrap();

    processes::kill(server);

    let error = rest(turn).await;
    assert_eq!(error.kind(), ErrorKind::Closed);
    let closed = error.closed_by().unwrap();
    assert_eq!((&closed.reason, closed.exit), (&CloseReason::Exited, Some(ExitStatus::Signal(9))));
    assert_eq!(error.output().unwrap().streamed_text, "One");

    let next = codex.start_thread().into_future().await.unwrap_err();
    assert_eq!(next.kind(), ErrorKind::Closed);
    assert_eq!(next.closed_by().unwrap().exit, Some(ExitStatus::Signal(9)));
    soon("the rest of the family", gone(&family)).await;
}

#[tokio::test]
async fn killing_the_native_server_mid_turn_ends_the_stream_with_the_cause() {
    covers!["003-180", "003-183", "003-245"];
    if !skipped() {
        killing_the_server_ends_everything(&codex_binary().await).await;
    }
}

#[tokio::test]
async fn killing_the_server_behind_the_npm_wrapper_ends_the_stream_with_the_cause() {
    covers!["002-106"];
    if skipped() {
        return;
    }
    let folder = Stage::new(Model::script()).await.fixture;
    let wrapper = e2e::through_npm_wrapper(folder.workspace()).await;
    killing_the_server_ends_everything(&wrapper).await;
}

#[tokio::test]
async fn killing_the_npm_wrapper_alone_ends_the_server_too() {
    if skipped() {
        return;
    }
    let gate = Gate::new();
    let stage = Stage::new(Model::script().text(Message::chunks(["One"]).gate(&gate).chunk("Two"))).await;
    let wrapper = e2e::through_npm_wrapper(stage.fixture.workspace()).await;
    let codex = stage.codex().await.codex_bin(wrapper).start().await.unwrap();
    let turn = speaking_turn(&stage, &codex).await;
    let family = processes::family(codex.pid().unwrap());
    assert!(family.len() > 1, "the wrapper and the server");

    processes::kill(codex.pid().unwrap());

    assert_eq!(rest(turn).await.closed_by().unwrap().reason, CloseReason::Exited);
    soon("the end of the server", gone(&family)).await;
}

/// The agent's commands that outlive a server, unless somebody looks after them.
async fn busy_codex(commands: &[String]) -> (Stage, Codex, Turn, Vec<u32>) {
    let call = |command: &String| Exec::new(command).yield_time(Duration::from_millis(250));
    let response = commands.iter().fold(Response::new(), |response, command| response.exec(call(command)));
    let stage = Stage::new(Model::script().respond(response).never()).await;
    let codex = stage.start().await;
    let thread = codex.start_thread().sandbox(Sandbox::FullAccess).approvals(Approvals::Deny).await.unwrap();
    let turn = thread.run("Work").stream().await.unwrap();
    let mut processes = processes::family(codex.pid().unwrap());
    for command in commands {
        let sleep = command.split_once("sleep").map_or("", |(_, time)| time.split(' ').nth(1).unwrap());
        processes.extend(soon("the command", started(sleep)).await);
    }
    (stage, codex, turn, processes)
}

fn commands(mark: u32) -> [String; 2] {
    let background = format!("setsid nohup {} > /dev/null 2>&1 &", long_command(mark + 1));
    [long_command(mark), background]
}

#[tokio::test]
async fn closing_leaves_no_process_behind() {
    covers!["000-006", "001-092", "003-165", "D35"];
    if skipped() {
        return;
    }
    let (_stage, codex, turn, processes) = busy_codex(&commands(10)).await;

    let closed: Closed = soon("the end", codex.close()).await;

    assert_eq!((closed.reason, closed.exit), (CloseReason::ByUs, Some(ExitStatus::Code(0))));
    assert_eq!(rest(turn).await.kind(), ErrorKind::Closed);
    assert_eq!(processes.iter().filter(|pid| processes::is_alive(**pid)).count(), 0);
}

#[tokio::test]
async fn dropping_the_last_handle_leaves_no_process_behind() {
    covers!["001-092", "002-112", "003-153"];
    if skipped() {
        return;
    }
    let (_stage, codex, turn, processes) = busy_codex(&commands(20)).await;
    drop((codex, turn));
    soon("the end of all processes", gone(&processes)).await;
}

#[test]
fn dropping_everything_after_the_runtime_leaves_no_process_behind() {
    if skipped() {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (stage, codex, turn, processes) = runtime.block_on(busy_codex(&commands(30)));
    drop(runtime);
    drop((codex, turn));
    tokio::runtime::Runtime::new().unwrap().block_on(soon("the end of all processes", gone(&processes)));
    drop(stage);
}

#[tokio::test]
async fn killing_the_server_leaves_no_command_behind() {
    if skipped() {
        return;
    }
    let (_stage, codex, turn, processes) = busy_codex(&commands(40)).await;
    processes::kill(codex.pid().unwrap());
    assert_eq!(rest(turn).await.kind(), ErrorKind::Closed);
    soon("the end of all processes", gone(&processes)).await;
}

#[tokio::test]
async fn killing_the_program_leaves_no_process_behind() {
    if skipped() {
        return;
    }
    let command = long_command(50);
    let stage = Stage::new(Model::script().exec(command.as_str()).never()).await;
    let mut program = Command::new(env!("CARGO_BIN_EXE_hold"))
        .args([codex_binary().await.as_os_str(), "Work".as_ref()])
        .envs(stage.fixture.env())
        .current_dir(stage.fixture.workspace())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let output = program.stdout.take().unwrap();
    tokio::task::spawn_blocking(move || BufReader::new(output).read_line(&mut line).map(|_| line))
        .await
        .unwrap()
        .unwrap();
    let mut processes = soon("the command", started(command.strip_prefix("sleep ").unwrap())).await;
    processes.extend(processes::family(program.id()));
    assert!(processes.len() >= 3, "the program, its server and the command");

    processes::kill(program.id());
    program.wait().unwrap();

    soon("the end of all processes", gone(&processes)).await;
}
