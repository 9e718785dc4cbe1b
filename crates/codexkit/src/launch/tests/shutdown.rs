//! The steps of a shutdown, and who starts it.

use super::fixture::{NEVER, Server, is_our_child, lives};
use crate::error::ExitStatus;
use crate::launch::life::{Departure, Step};
use coverage::covers;
use rustix::process::{Pid, Signal, WaitOptions, kill_process};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_millis(30);

fn kill(pid: u32) {
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), Signal::KILL).unwrap();
}

#[tokio::test]
async fn a_server_that_ends_with_its_input_needs_no_signal() {
    covers!["O07", "D35"];
    // Given a server that reads its input
    let mut server = Server::start("while read -r line; do echo \"got $line\"; done; exit 3", NEVER);
    server.say("this").await;
    assert_eq!(server.line().await.as_deref(), Some("got this"));
    let pid = server.process.pid();
    // When its input is closed and its end is wanted
    let departure = server.close().await;
    // Then it ends by itself, and is reaped
    let expected = Departure { exit: Some(ExitStatus::Code(3)), step: Step::CloseStdin, swept: 0 };
    assert_eq!(departure, expected);
    assert!(!is_our_child(pid));
}

#[tokio::test]
async fn a_server_that_ignores_the_end_of_its_input_is_told_to_terminate() {
    covers!["O07"];
    let second = Duration::from_secs(1);
    let mut server =
        Server::start("trap 'exit 7' TERM; sleep 1000 & echo ready; wait; wait; sleep 1000", second);
    assert_eq!(server.line().await.as_deref(), Some("ready"));
    let departure = server.close().await;
    assert_eq!((departure.exit, departure.step), (Some(ExitStatus::Code(7)), Step::Terminate));
}

#[tokio::test]
async fn a_server_that_ignores_sigterm_is_killed_with_its_group() {
    covers!["O07", "D35"];
    // Given a server and a child of it which both ignore SIGTERM
    let mut server = Server::start("trap '' TERM; sleep 1000 & echo $!; wait", SOON);
    let (pid, child) = (server.process.pid(), server.pid().await);
    // When its end is wanted
    let departure = server.close().await;
    // Then both are gone
    assert_eq!((departure.exit, departure.step), (Some(ExitStatus::Signal(9)), Step::Kill));
    assert!(!lives(child) && !is_our_child(pid));
}

#[tokio::test]
async fn behind_a_killed_wrapper_the_server_goes_on_until_its_input_is_closed() {
    // Given a wrapper with the server proper behind it
    let mut server = Server::start(
        "exec 3<&0; (while read -r line; do echo \"got $line\"; done) <&3 & echo $!; wait",
        NEVER,
    );
    let proper = server.pid().await;
    // When the wrapper alone is killed
    kill(server.process.pid());
    // Then the end of the wrapper is seen, and the server proper still answers
    assert_eq!(server.process.exited().await, Some(ExitStatus::Signal(9)));
    server.say("more").await;
    assert_eq!(server.line().await.as_deref(), Some("got more"));
    // And a shutdown ends it, in peace
    assert_eq!(server.close().await.step, Step::CloseStdin);
    assert!(!lives(proper));
}

#[tokio::test]
async fn behind_a_killed_wrapper_a_stubborn_server_is_killed() {
    let mut server =
        Server::start("(trap '' TERM; echo ready; sleep 1000; sleep 1000) & echo $!; wait", SOON);
    let (one, other) = (server.line().await.unwrap(), server.line().await.unwrap());
    let proper = [one, other].iter().find_map(|line| line.parse().ok()).unwrap();
    kill(server.process.pid());
    assert_eq!(server.process.exited().await, Some(ExitStatus::Signal(9)));
    assert!(lives(proper));
    assert_eq!(server.close().await.step, Step::Kill);
    assert!(!lives(proper));
}

#[tokio::test]
async fn the_end_is_seen_by_all_handles_and_stays_seen() {
    let server = Server::start("exit 5", NEVER);
    let other = server.process.clone();
    let both = async { (server.process.exited().await, other.exited().await) };
    assert_eq!(both.await, (Some(ExitStatus::Code(5)), Some(ExitStatus::Code(5))));
    assert_eq!((other.has_exited(), other.try_exit()), (true, Some(ExitStatus::Code(5))));
    // It is not reaped before a shutdown, so that its number, and that of its group, cannot pass to others
    assert!(is_our_child(other.pid()));
    // A shutdown may be wanted by many, and often
    server.process.shut_down();
    other.shut_down();
    let first = other.closed().await;
    other.shut_down();
    assert_eq!(first, server.process.closed().await);
    assert!(!is_our_child(other.pid()));
}

#[tokio::test]
async fn waiting_can_be_given_up_and_taken_up_again() {
    let server = Server::start("read -r line; exit 4", NEVER);
    let given_up = tokio::time::timeout(Duration::from_millis(1), server.process.exited()).await;
    assert!(given_up.is_err() && !server.process.has_exited() && server.process.try_exit().is_none());
    drop(server.stdin);
    assert_eq!(server.process.exited().await, Some(ExitStatus::Code(4)));
}

#[test]
fn dropping_the_last_handle_ends_the_server_without_a_runtime_and_without_waiting() {
    // Given a server that ignores everything, and a runtime that is gone
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = runtime.block_on(async {
        let mut server = Server::start("trap '' TERM; echo ready; sleep 1000", SOON);
        assert_eq!(server.line().await.as_deref(), Some("ready"));
        server
    });
    let Server { stdin, process, .. } = server;
    let pid = process.pid();
    drop(stdin);
    drop(runtime);
    // When the last of two handles is dropped
    drop(process.clone());
    let before = Instant::now();
    drop(process);
    let took = before.elapsed();
    // Then that took no time, and the server is ended and reaped all the same
    assert!(took < SOON, "{took:?}");
    let deadline = Instant::now() + NEVER;
    while is_our_child(pid) {
        assert!(Instant::now() < deadline);
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn a_program_that_waits_for_all_its_children_does_no_harm() {
    // Given a server whose status something else in the program takes
    let server = Server::start("read -r line; exit 5", NEVER);
    let pid = Pid::from_raw(i32::try_from(server.process.pid()).unwrap());
    let thief = std::thread::spawn(move || rustix::process::waitpid(pid, WaitOptions::empty()).is_ok());
    // When it ends
    let departure = server.close().await;
    // Then that is seen; whether the status could be read before it was taken is a matter of luck
    thief.join().unwrap();
    assert!(matches!(departure.exit, Some(ExitStatus::Code(5)) | None), "{departure:?}");
    assert_eq!(departure.step, Step::CloseStdin);
}
