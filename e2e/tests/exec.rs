//! Commands that the program has the server run.

use codexkit::protocol::Version;
use codexkit::protocol::types::SandboxPolicy;
use codexkit::{Codex, ErrorKind, ExecEvent, OutputStream, RunningExec};
use e2e::model::Model;
use e2e::simulator::{Act, Reply, Simulator};
use e2e::{Stage, covers, differs_before, skipped, soon};
use serde_json::json;
use std::time::Duration;

async fn stage() -> (Stage, Codex) {
    let stage = Stage::new(Model::script()).await;
    let codex = stage.start().await;
    (stage, codex)
}

fn shell(script: &str) -> [&str; 3] {
    ["sh", "-c", script]
}

/// Reads until the command has written this.
async fn read_until(running: &mut RunningExec, wanted: &str) {
    let mut read = Vec::new();
    while !String::from_utf8_lossy(&read).contains(wanted) {
        match soon("output", running.try_next()).await.unwrap() {
            Some(ExecEvent::Output { bytes, .. }) => read.extend(bytes),
            other => panic!("{other:?} before {wanted:?}, after {:?}", String::from_utf8_lossy(&read)),
        }
    }
}

#[tokio::test]
async fn a_command_gives_its_output_and_exit_code() {
    covers!["003-237"];
    if skipped() {
        return;
    }
    let (stage, codex) = stage().await;
    let folder = stage.fixture.workspace().to_str().unwrap();
    let script = "echo $GREETING ${HOME-homeless}; pwd; echo oops >&2; touch file; exit 3";
    let run = codex.exec(shell(script)).cwd(folder).env("GREETING", "hello").env_remove("HOME");

    let output = soon("the output", run.into_future()).await.unwrap();

    assert_eq!(output.exit_code, 3);
    assert!(!output.success());
    assert_eq!(output.stdout_text(), format!("hello homeless\n{folder}\n"));
    assert!(output.stderr_text().starts_with("oops\n"));
    assert!(!stage.fixture.workspace().join("file").exists(), "the sandbox is read-only");
}

#[tokio::test]
async fn a_missing_program_is_an_exit_code_within_the_sandbox_and_an_error_without() {
    if skipped() {
        return;
    }
    let (_stage, codex) = stage().await;
    let missing = || codex.exec(["/no/such/program"]);

    let output = soon("the output", missing().into_future()).await.unwrap();
    assert_eq!(output.exit_code, 101);
    assert!(output.stderr_text().contains("/no/such/program"), "{output:?}");

    let outside = missing().sandbox_policy(SandboxPolicy::danger_full_access());
    let error = soon("the answer", outside.into_future()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rpc);
    assert!(error.to_string().contains("No such file"), "{error}");
}

#[tokio::test]
async fn a_timeout_and_a_cap_end_a_command_and_its_output() {
    covers!["003-237"];
    if skipped() {
        return;
    }
    let (_stage, codex) = stage().await;
    let sleep = codex.exec(["sleep", "100"]).timeout(Duration::from_millis(50));
    assert_eq!(soon("the end", sleep.into_future()).await.unwrap().exit_code, 124);

    let zeros = codex.exec(["head", "-c", "3000", "/dev/zero"]).output_cap(100);
    assert_eq!(soon("zeros", zeros.clone().into_future()).await.unwrap().stdout.len(), 100);
    let streamed = soon("zeros", zeros.stream()).await.unwrap();
    let streamed = soon("zeros", streamed.read_to_end()).await.unwrap();
    assert_eq!((streamed.stdout.len(), streamed.cap_reached), (100, true));

    let much = codex.exec(["head", "-c", "3000000", "/dev/zero"]).no_output_cap().no_timeout();
    assert_eq!(soon("zeros", much.into_future()).await.unwrap().stdout.len(), 3_000_000);
}

#[tokio::test]
async fn what_cannot_be_run_is_an_error() {
    if skipped() {
        return;
    }
    let (_stage, codex) = stage().await;
    let missing = codex.exec(["true"]).cwd("/no/such/folder");
    assert_eq!(soon("it", missing.clone().into_future()).await.unwrap_err().kind(), ErrorKind::Rpc);
    let mut streamed = soon("it", missing.stream()).await.unwrap();
    assert_eq!(soon("it", streamed.try_next()).await.unwrap_err().kind(), ErrorKind::Rpc);
    assert_eq!(streamed.try_next().await.unwrap(), None);
    let nothing = codex.exec(Vec::<String>::new());
    assert_eq!(soon("it", nothing.into_future()).await.unwrap_err().kind(), ErrorKind::Rpc);
}

#[tokio::test]
async fn a_streamed_command_gives_bytes_as_they_are_and_then_its_end() {
    if skipped() {
        return;
    }
    let (_stage, codex) = stage().await;
    let mut running = soon("it", codex.exec(shell("printf '\\377\\000a'; exit 5")).stream()).await.unwrap();

    let mut events = Vec::new();
    while let Some(event) = soon("an event", running.try_next()).await.unwrap() {
        events.push(event);
    }

    let bytes =
        ExecEvent::Output { stream: OutputStream::Stdout, bytes: vec![255, 0, 97], cap_reached: false };
    assert_eq!(events, [bytes, ExecEvent::Exited { code: 5 }]);
}

#[tokio::test]
async fn a_command_reads_what_the_program_writes() {
    if skipped() {
        return;
    }
    let (_stage, codex) = stage().await;
    let mut running = soon("it", codex.exec(["cat"]).open_stdin().no_timeout().stream()).await.unwrap();
    let control = running.control();

    soon("the write", control.write("first\n")).await.unwrap();
    read_until(&mut running, "first\n").await;
    soon("the write", control.write([255])).await.unwrap();
    soon("the end of input", control.close_stdin()).await.unwrap();
    let rest = soon("the rest", running.read_to_end()).await.unwrap();

    assert_eq!((rest.stdout, rest.exit_code), (vec![255], 0));
    assert_eq!(control.write("late").await.unwrap_err().kind(), ErrorKind::Rpc);
}

#[tokio::test]
async fn input_that_nobody_reads_is_refused() {
    if skipped() {
        return;
    }
    let (_stage, codex) = stage().await;
    let running = soon("it", codex.exec(["sleep", "100"]).stream()).await.unwrap();
    assert_eq!(running.control().write("x").await.unwrap_err().kind(), ErrorKind::Usage);
}

#[tokio::test]
async fn a_command_on_a_terminal_sees_its_size_and_input() {
    if skipped() {
        return;
    }
    let (_stage, codex) = stage().await;
    let script = "stty size; read line; stty size; echo got $line";
    // The server needs a home outside of the temporary folder for terminals in its sandbox.
    let run = codex.exec(shell(script)).tty(10, 40).sandbox_policy(SandboxPolicy::danger_full_access());
    let mut running = soon("it", run.no_timeout().stream()).await.unwrap();
    read_until(&mut running, "10 40").await;

    soon("the resize", running.control().resize(20, 50)).await.unwrap();
    soon("the write", running.control().write("words\n")).await.unwrap();
    let rest = soon("the rest", running.read_to_end()).await.unwrap();

    assert!(rest.stdout_text().contains("20 50"), "{rest:?}");
    assert!(rest.stdout_text().contains("got words"), "{rest:?}");
}

#[tokio::test]
async fn a_command_is_terminated_by_its_control_and_by_being_dropped() {
    if differs_before(Version::new(0, 144, 4), "the exit code of a command that was terminated").await {
        return;
    }
    let (_stage, codex) = stage().await;
    let start = async || {
        let run = codex.exec(shell("echo $$; exec sleep 1000")).no_timeout();
        let mut running =
            soon("it", run.sandbox_policy(SandboxPolicy::danger_full_access()).stream()).await.unwrap();
        let Some(ExecEvent::Output { bytes, .. }) = soon("its id", running.try_next()).await.unwrap() else {
            panic!("no output")
        };
        let pid: i32 = String::from_utf8(bytes).unwrap().trim().parse().unwrap();
        (running, pid)
    };
    let (running, _) = start().await;
    soon("the end", running.control().terminate()).await.unwrap();
    assert_eq!(soon("the end", running.read_to_end()).await.unwrap().exit_code, 137);

    let (running, pid) = start().await;
    drop(running);
    soon("the end of the process", gone(pid)).await;
}

/// Waits until a process is gone.
async fn gone(pid: i32) {
    while std::path::Path::new(&format!("/proc/{pid}")).exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn many_commands_at_once_get_each_its_own() {
    if skipped() {
        return;
    }
    let (_stage, codex) = stage().await;
    let runs: Vec<_> = (0..20)
        .map(|n| {
            let run = codex.exec(shell(&format!("for i in 1 2 3; do echo {n}:$i; done"))).no_timeout();
            tokio::spawn(async move { run.stream().await?.read_to_end().await })
        })
        .collect();
    for (n, run) in runs.into_iter().enumerate() {
        let output = soon("the output", run).await.unwrap().unwrap();
        assert_eq!(output.stdout_text(), format!("{n}:1\n{n}:2\n{n}:3\n"));
    }
}

#[tokio::test]
async fn a_process_runs_without_a_sandbox_until_it_is_dropped() {
    if skipped() {
        return;
    }
    let (stage, codex) = stage().await;
    let folder = stage.fixture.workspace().to_str().unwrap();

    let run =
        codex.spawn_process(shell("read line; echo got $line; touch file; exit 4"), folder).open_stdin();
    let running = soon("it", run.into_future()).await.unwrap();
    soon("the write", running.control().write("words\n")).await.unwrap();
    let output = soon("the output", running.read_to_end()).await.unwrap();
    assert_eq!((output.exit_code, &*output.stdout_text()), (4, "got words\n"));
    assert!(stage.fixture.workspace().join("file").exists());

    let run = codex.spawn_process(shell("echo $$; exec sleep 1000"), folder).no_timeout();
    let mut running = soon("it", run.into_future()).await.unwrap();
    let Some(ExecEvent::Output { bytes, .. }) = soon("its id", running.try_next()).await.unwrap() else {
        panic!("no output")
    };
    drop(running);
    soon("the end of the process", gone(String::from_utf8(bytes).unwrap().trim().parse().unwrap())).await;

    let missing = codex.spawn_process(["/no/such"], folder);
    assert_eq!(soon("it", missing.into_future()).await.unwrap_err().kind(), ErrorKind::Rpc);
}

#[tokio::test(start_paused = true)]
async fn output_that_comes_with_the_answer_is_read_before_the_end() {
    let simulator = Simulator::new().always("command/exec", Reply::never());
    let (codex, server) = simulator.connect().await.unwrap();
    let running = codex.exec(["x"]).stream().await.unwrap();
    let call = server.is_called("command/exec", 1).await.remove(0);
    let delta = json!({
        "processId": running.control().id(), "stream": "stdout", "deltaBase64": "aGk=", "capReached": false,
    });
    let delta = json!({ "method": "command/exec/outputDelta", "params": delta });
    let answer = json!({ "id": call["id"], "result": { "exitCode": 0, "stdout": "", "stderr": "" } });
    // In one piece.
    server.perform(Act::new().bytes(format!("{delta}\n{delta}\n{answer}\n")));
    assert_eq!(running.read_to_end().await.unwrap().stdout_text(), "hihi");
}

#[tokio::test(start_paused = true)]
async fn a_command_that_nobody_waits_for_is_killed_once() {
    let simulator = Simulator::new().always("command/exec", Reply::never());
    let (codex, server) = simulator.connect().await.unwrap();

    // An awaited one
    let waiting = tokio::spawn(codex.exec(["x"]).into_future());
    let call = server.is_called("command/exec", 1).await.remove(0);
    waiting.abort();
    let kill = server.is_called("command/exec/terminate", 1).await.remove(0);
    assert_eq!(kill["params"]["processId"], call["params"]["processId"]);

    // and one that was never looked at, or may run on.
    drop(codex.exec(["x"]));
    codex.exec(["x"]).stream().await.unwrap().detach();
    codex.close().await;
    assert_eq!(server.calls("command/exec").len(), 2);
    assert_eq!(server.calls("command/exec/terminate").len(), 1);
}
