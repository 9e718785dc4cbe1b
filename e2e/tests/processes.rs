//! Servers and programs that end in every way but the right one, and that nothing is left behind (Linux).

use codexkit::{Approvals, CloseReason, Codex, ErrorKind, ExitStatus, Limits, Sandbox};
use e2e::model::{Exec, Model, Script};
use e2e::processes::{self, family, gone, started};
use e2e::simulator::{Act, Simulator};
use e2e::{Simulated, Stage, codex_binary, covers, skipped, soon};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Seconds that no other test sleeps, so that a process that does can be found.
fn unique_seconds() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("87{:06}.{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed) + 1)
}

fn simulated(simulator: &Simulator) -> Simulated {
    Simulated::new(env!("CARGO_BIN_EXE_simulator"), simulator)
}

/// Steps of a shutdown that are short, so that a test which goes through all of them is, too.
fn impatient() -> Limits {
    Limits::default().shutdown_step(Duration::from_millis(100))
}

// Servers

#[tokio::test]
async fn a_server_that_closes_its_output_and_lives_on_is_ended() {
    // Given a server that closes its output, and heeds neither the end of its input nor SIGTERM
    let simulator = Simulator::new().turn(Act::new().partial_text("Hel").closes_output());
    let simulated = simulated(&simulator.ignores_eof().ignores_sigterm());
    let codex = simulated.codex().limits(impatient()).start().await.unwrap();
    let server = family(codex.pid().unwrap());

    // When it does that in the middle of a turn
    let error = soon("the end", codex.ask("Hi")).await.unwrap_err();

    // Then the turn ends with what it had given, and the server is killed
    assert_eq!(error.closed_by().unwrap().reason, CloseReason::Eof);
    assert_eq!(error.output().unwrap().streamed_text, "Hel");
    let closed = soon("the end of the server", codex.closed()).await;
    assert_eq!((closed.reason, closed.exit), (CloseReason::Eof, Some(ExitStatus::Signal(9))));
    soon("the end of its processes", gone(&server)).await;
}

#[tokio::test]
async fn a_server_that_ends_while_a_child_holds_its_output_is_noticed() {
    // Given a server that leaves its output to a child which outlives it by far
    let seconds = unique_seconds();
    let time = Duration::from_secs_f64(seconds.parse().unwrap());
    let simulator = Simulator::new()
        .turn(Act::new().leaves_output_to_a_child(time))
        .turn(Act::new().text("Hello").exits(3));
    let simulated = simulated(&simulator);
    let codex = simulated.start().await;
    soon("the first turn", codex.ask("Hi")).await.unwrap();
    let child = soon("the child", started(&format!("sleep {seconds}"))).await;

    // When the server ends in the middle of a turn
    let error = soon("the end", codex.ask("Hi")).await.unwrap_err();

    // Then that is told with its code, though the output has not ended, and the child is ended too
    let closed = error.closed_by().unwrap();
    assert_eq!((&closed.reason, closed.exit), (&CloseReason::Exited, Some(ExitStatus::Code(3))));
    assert_eq!(error.output().unwrap().text(), "Hello");
    soon("the end of the server", codex.closed()).await;
    assert!(!child.into_iter().any(processes::is_alive));
}

#[tokio::test]
async fn how_a_server_ended_is_told_with_its_last_words() {
    covers!["002-107", "003-245", "O27", "T28"];
    for (act, exit) in [
        (Act::new().stderr(2000).exits(0), ExitStatus::Code(0)),
        (Act::new().stderr(2000).exits(101), ExitStatus::Code(101)),
        (Act::new().stderr(2000).dies(), ExitStatus::Signal(9)),
    ] {
        let simulated = simulated(&Simulator::new().turn(act));
        let codex = simulated.start().await;
        let error = soon("the end", codex.ask("Hi")).await.unwrap_err();
        let closed = error.closed_by().unwrap();
        assert_eq!((&closed.reason, closed.exit), (&CloseReason::Exited, Some(exit)));
        assert!(closed.stderr_tail.contains("the simulated server has something to say"), "{closed:?}");
    }
}

#[tokio::test]
async fn a_flood_on_standard_error_blocks_nobody_and_is_cut() {
    // Given a server that writes ten megabytes to its standard error in each of two turns
    let loud = || Act::new().stderr(10 << 20).text("Done.");
    let simulated = simulated(&Simulator::new().turn(loud()).turn(loud()));
    let codex = simulated.start().await;

    for _ in 0..2 {
        assert_eq!(soon("the output", codex.ask("Hi")).await.unwrap().text(), "Done.");
    }
    let closed = soon("the end", codex.close()).await;

    assert_eq!(closed.exit, Some(ExitStatus::Code(0)));
    assert!((1..=64 * 1024).contains(&closed.stderr_tail.len()), "{}", closed.stderr_tail.len());
}

#[tokio::test]
async fn a_server_that_heeds_nothing_is_killed_when_its_last_handle_goes() {
    let simulated = simulated(&Simulator::new().ignores_eof().ignores_sigterm());
    let codex = simulated.codex().limits(impatient()).start().await.unwrap();
    let server = family(codex.pid().unwrap());
    drop(codex);
    soon("the end of its processes", gone(&server)).await;
}

#[tokio::test]
async fn a_task_that_panics_takes_its_server_along() {
    covers!["002-112"];
    let simulated = simulated(&Simulator::new().turn(Act::new().partial_text("Hel").never_ends()));
    let codex = simulated.start().await;
    let server = family(codex.pid().unwrap());
    let task = tokio::spawn(async move {
        let thread = codex.start_thread().await.unwrap();
        let _turn = thread.run("Hi").stream().await.unwrap();
        panic!("this panic belongs to the test");
    });
    assert!(soon("the panic", task).await.unwrap_err().is_panic());
    soon("the end of its processes", gone(&server)).await;
}

// Commands of the agent

/// How a command is run.
#[derive(Clone, Copy, Debug)]
enum Cage {
    /// In the server's sandbox.
    Sandbox,
    /// Free.
    None,
    /// Free, in a session of its own, and in the background.
    Daemon,
}

const CAGES: [Cage; 3] = [Cage::Sandbox, Cage::None, Cage::Daemon];

impl Cage {
    fn sandbox(self) -> Sandbox {
        if matches!(self, Self::Sandbox) { Sandbox::WorkspaceWrite } else { Sandbox::FullAccess }
    }

    fn script(self, seconds: &str) -> Script {
        let command = match self {
            Self::Daemon => format!("setsid nohup sleep {seconds} > /dev/null 2>&1 & sleep {seconds}"),
            _ => format!("sleep {seconds}"),
        };
        Model::script().exec(Exec::new(command).yield_time(Duration::from_millis(250))).never()
    }
}

/// The processes of the command, once all of it runs.
async fn sleepers(cage: Cage, seconds: &str) -> Vec<u32> {
    let wanted = if matches!(cage, Cage::Daemon) { 2 } else { 1 };
    let started = async {
        loop {
            let all = started(&format!("sleep {seconds}")).await;
            if all.iter().filter(|pid| processes::program(**pid) == "sleep").count() == wanted {
                return all;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    soon("the command", started).await
}

/// A codex whose agent runs a command, and all their processes.
async fn at_work(cage: Cage) -> (Stage, Codex, Vec<u32>) {
    let seconds = unique_seconds();
    let stage = Stage::new(cage.script(&seconds)).await;
    let codex = stage.start().await;
    let thread = codex.start_thread().sandbox(cage.sandbox()).approvals(Approvals::Deny).await.unwrap();
    thread.run("Work").stream().await.unwrap().detach();
    let mut all = sleepers(cage, &seconds).await;
    all.extend(family(codex.pid().unwrap()));
    (stage, codex, all)
}

#[tokio::test]
async fn no_command_survives_the_connection_however_it_is_run() {
    if skipped() {
        return;
    }
    for cage in CAGES {
        let (_stage, codex, processes) = at_work(cage).await;
        let closed = soon("the end", codex.close()).await;
        assert_eq!(closed.exit, Some(ExitStatus::Code(0)), "{cage:?}");
        let left: Vec<String> = processes
            .into_iter()
            .filter(|pid| processes::is_alive(*pid))
            .map(processes::command_line)
            .collect();
        assert!(left.is_empty(), "{cage:?}: {left:?}");
    }
}

#[tokio::test]
async fn no_command_survives_a_killed_server_however_it_is_run() {
    if skipped() {
        return;
    }
    for cage in CAGES {
        let (_stage, codex, processes) = at_work(cage).await;
        processes::kill(codex.pid().unwrap());
        assert_eq!(soon("the end", codex.closed()).await.exit, Some(ExitStatus::Signal(9)), "{cage:?}");
        soon("the end of its processes", gone(&processes)).await;
        assert_eq!(codex.start_thread().into_future().await.unwrap_err().kind(), ErrorKind::Closed);
    }
}

// Our own program

/// Another program that uses codexkit, in the middle of a turn.
struct Program {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    /// The program, its server and the agent's command.
    processes: Vec<u32>,
    _stage: Stage,
}

impl Program {
    /// It runs in a process group of its own, as a terminal would have it.
    async fn start(cage: Cage, ending: &str) -> Self {
        let seconds = unique_seconds();
        let stage = Stage::new(cage.script(&seconds)).await;
        let sandbox = if matches!(cage, Cage::Sandbox) { "sandboxed" } else { "free" };
        let mut child = Command::new(env!("CARGO_BIN_EXE_hold"))
            .arg(codex_binary().await)
            .args(["Work", sandbox, ending])
            .envs(stage.fixture.env())
            .current_dir(stage.fixture.workspace())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut program = Self { child, output, processes: Vec::new(), _stage: stage };
        let server: u32 = program.line().await.parse().unwrap();
        program.processes = sleepers(cage, &seconds).await;
        program.processes.extend(family(program.child.id()));
        assert!(program.processes.contains(&server), "the server is among its processes");
        program
    }

    /// The next line that it writes.
    async fn line(&mut self) -> String {
        let read = async {
            tokio::task::block_in_place(|| {
                let mut line = String::new();
                self.output.read_line(&mut line).unwrap();
                line.trim_end().to_owned()
            })
        };
        soon("a line", read).await
    }

    /// Lets it end, and says how it did.
    fn let_end(&mut self) -> std::process::ExitStatus {
        self.child.stdin.take().unwrap().write_all(b"go\n").unwrap();
        self.child.wait().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_panics_or_aborts_leaves_no_process_behind() {
    covers!["002-112"];
    if skipped() {
        return;
    }
    for (cage, ending, signal) in [
        (Cage::None, "panic", None),
        (Cage::Sandbox, "panic", None),
        (Cage::None, "abort", Some(6)),
        (Cage::Sandbox, "abort", Some(6)),
    ] {
        let mut program = Program::start(cage, ending).await;
        assert_eq!(program.let_end().signal(), signal, "{ending}");
        soon("the end of all processes", gone(&program.processes)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_in_a_terminal_reaches_the_program_and_not_its_server() {
    if skipped() {
        return;
    }
    // Given a program in a terminal that closes its server in good order on Ctrl-C
    let mut program = Program::start(Cage::None, "interrupt").await;

    // When Ctrl-C interrupts its process group, as a terminal does
    processes::interrupt_group(program.child.id());

    // Then the server was not hit, which would have killed it by that signal, and ended well
    assert_eq!(program.line().await, "ByUs Some(Code(0))");
    assert!(program.child.wait().unwrap().success());
    soon("the end of all processes", gone(&program.processes)).await;
}
