//! Standard output and standard error.

use super::fixture::{NEVER, Server};
use crate::error::ExitStatus;
use crate::limits::STDERR_RING;

#[tokio::test]
async fn a_flood_on_standard_error_blocks_nobody_and_its_end_is_kept() {
    // Given a server that writes much more than a pipe holds, not all of it UTF-8
    let flood =
        "head -c 400000 /dev/zero | tr '\\0' 'x' >&2; printf '\\n\\377 last \\303\\244\\n' >&2; echo done";
    let mut server = Server::start(flood, NEVER);
    // Then it gets through, though nobody asks for its standard error
    assert_eq!(server.line().await.as_deref(), Some("done"));
    server.process.exited().await;
    // And the end is there to be read
    let tail = server.process.settled_stderr().await;
    assert!(tail.len() <= STDERR_RING + 2 && tail.ends_with("\u{fffd} last ä\n"), "{}", tail.len());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_grandchild_that_holds_the_pipes_open_blocks_nothing() {
    // Given a server that leaves behind a process with its output and standard error, and ends
    let mut server = Server::start("setsid sleep 1000 & echo out; echo why >&2; exit 3", NEVER);
    // Then its end, its output and its standard error are known
    assert_eq!(server.process.exited().await, Some(ExitStatus::Code(3)));
    assert_eq!(server.line().await.as_deref(), Some("out"));
    assert_eq!(server.process.settled_stderr().await, "why\n");
    // And when it is shut down, its output ends too
    server.process.shut_down();
    assert_eq!(server.process.closed().await.swept, 1);
    assert_eq!(server.line().await, None);
}

#[tokio::test]
async fn a_server_that_closes_its_output_still_lives() {
    let mut server = Server::start("exec >&-; read -r line; exit 6", NEVER);
    assert_eq!(server.line().await, None);
    assert!(!server.process.has_exited());
    assert_eq!(server.close().await.exit, Some(ExitStatus::Code(6)));
}

#[tokio::test]
async fn silence_is_an_empty_tail() {
    let server = Server::start("exit 0", NEVER);
    server.process.exited().await;
    assert_eq!(server.process.settled_stderr().await, "");
}
