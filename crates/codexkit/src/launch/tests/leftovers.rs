//! What outlives the server.

use super::fixture::{NEVER, Server, lives};
use std::process::{Command, Stdio};
use std::time::Instant;

#[cfg(target_os = "linux")]
#[tokio::test]
async fn commands_that_outlive_the_server_are_swept_and_nobody_else() {
    // Given a server with commands in sessions of their own, one of which starts another, and an innocent process
    let command = r#"setsid nohup sh -c 'echo $$; sleep 1000 & echo $!; wait' 2>/dev/null </dev/null"#;
    let mut server = Server::start(&format!("({command} &); read -r line"), NEVER);
    let outliving = [server.pid().await, server.pid().await];
    let mut innocent = Command::new("sleep").arg("1000").stdin(Stdio::null()).spawn().unwrap();
    // When the server has ended, in all order
    let departure = server.close().await;
    // Then its commands are gone and the innocent one is not
    assert_eq!(departure.swept, 2);
    assert!(outliving.iter().all(|pid| !lives(*pid)));
    assert!(innocent.try_wait().unwrap().is_none());
    innocent.kill().unwrap();
    innocent.wait().unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn commands_of_another_server_are_left_alone() {
    let text = "(setsid sh -c 'echo $$; exec sleep 1000' </dev/null &); read -r line";
    let (mut one, mut other) = (Server::start(text, NEVER), Server::start(text, NEVER));
    let (command, others_command) = (one.pid().await, other.pid().await);
    one.close().await;
    assert!(!lives(command) && lives(others_command));
    other.close().await;
    assert!(!lives(others_command));
}

#[tokio::test]
async fn the_threads_of_a_server_end_with_it() {
    // Given a server that has departed, with a process that holds its standard error open
    let server = Server::start("setsid sleep 1000 & exit 0", NEVER);
    let process = server.process.clone();
    server.close().await;
    // When the last handle is dropped
    let shared = process.shared_with_threads();
    drop(process);
    // Then nobody holds on to anything
    let deadline = Instant::now() + NEVER;
    while shared.0.strong_count() + shared.1.strong_count() > 0 {
        assert!(Instant::now() < deadline);
        std::thread::yield_now();
    }
}
