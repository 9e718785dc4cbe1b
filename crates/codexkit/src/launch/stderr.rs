//! The server's standard error: always drained, its end kept.

use crate::limits::STDERR_RING;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::VecDeque;
use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{Notify, watch};

/// More than any pipe holds. What an ended server wrote is in the pipe, so after its end no more than this is read, even
/// if some other process goes on writing.
const PIPE_CAPACITY: usize = 1024 * 1024;

/// The end of what the server wrote to its standard error.
#[derive(Debug)]
pub(super) struct StderrTail {
    ring: Mutex<Ring>,
    settled: watch::Sender<bool>,
    /// Told whenever something was read, and when nothing more will be.
    changed: Notify,
    secrets: Vec<String>,
}

#[derive(Debug, Default)]
struct Ring {
    bytes: VecDeque<u8>,
    overflowed: bool,
}

/// Tells the draining thread how the server fares. Dropping it ends the thread, even if some other process still holds the
/// pipe open.
#[derive(Debug)]
pub(super) struct DrainSignals {
    sender: PipeWriter,
    thread: JoinHandle<()>,
}

impl DrainSignals {
    /// The server has ended: what it wrote is in the pipe already, so the tail can settle.
    pub(super) fn server_ended(&mut self) {
        // It fails only if the thread has seen the end of the pipe and is gone, with everything settled.
        let _ = self.sender.write_all(&[0]);
    }

    /// Ends the thread and waits for it: it only has to read what is in the pipe.
    pub(super) fn finish(self) {
        drop(self.sender);
        // It fails if the thread has panicked; then there is nothing more to come.
        let _ = self.thread.join();
    }
}

impl StderrTail {
    /// Starts the thread that drains `pipe`. It ends at the end of the pipe or when the returned signals are dropped.
    pub(super) fn drain(mut pipe: PipeReader, secrets: Vec<String>) -> io::Result<(Arc<Self>, DrainSignals)> {
        let tail = Arc::new(Self {
            ring: Mutex::default(),
            settled: watch::Sender::new(false),
            changed: Notify::new(),
            secrets,
        });
        let (mut signals, sender) = io::pipe()?;
        let drained = Arc::clone(&tail);
        let thread = super::thread("codexkit-stderr", move || {
            let _ = drained.drain_until_told(&mut pipe, &mut signals);
            drained.settle();
        })?;
        Ok((tail, DrainSignals { sender, thread }))
    }

    fn drain_until_told(&self, pipe: &mut PipeReader, signals: &mut PipeReader) -> io::Result<()> {
        let mut chunk = [0; 8 * 1024];
        loop {
            let (readable, signalled) = wait(pipe, Some(signals), None)?;
            if readable && self.read_some(pipe, &mut chunk)? == 0 {
                return Ok(());
            }
            if signalled {
                let server_ended = signals.read(&mut [0])? > 0;
                self.read_what_is_there(pipe, &mut chunk)?;
                self.settle();
                if !server_ended {
                    return Ok(());
                }
            }
        }
    }

    fn read_what_is_there(&self, pipe: &mut PipeReader, chunk: &mut [u8]) -> io::Result<()> {
        let mut total = 0;
        while total < PIPE_CAPACITY && wait(pipe, None, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))?.0 {
            match self.read_some(pipe, chunk)? {
                0 => break,
                count => total += count,
            }
        }
        Ok(())
    }

    fn read_some(&self, pipe: &mut PipeReader, chunk: &mut [u8]) -> io::Result<usize> {
        let count = match pipe.read(chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return self.read_some(pipe, chunk),
            result => result?,
        };
        self.ring().push(chunk.get(..count).unwrap_or_default());
        self.changed.notify_waiters();
        Ok(count)
    }

    /// Waits until all that the server wrote before it ended has been read. Cancel safe.
    pub(super) async fn settled(&self) {
        // The sender lives in `self`, so there is always somebody to wait for.
        let _ = self.settled.subscribe().wait_for(|settled| *settled).await;
    }

    /// Waits until `find` finds something in the text; none if it never will. Cancel safe.
    pub(super) async fn says<T>(&self, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            // From here on no change is missed.
            changed.as_mut().enable();
            // Asked first: once settled, the text is complete.
            let settled = *self.settled.borrow();
            match find(&self.text()) {
                None if !settled => changed.await,
                found => return found,
            }
        }
    }

    fn settle(&self) {
        self.settled.send_replace(true);
        self.changed.notify_waiters();
    }

    /// The text kept so far: invalid UTF-8 replaced, no control sequences, no values that should stay secret.
    pub(super) fn text(&self) -> String {
        let mut text = readable(&self.ring().to_text());
        for secret in &self.secrets {
            text = text.replace(secret.as_str(), "[hidden]");
        }
        text
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    fn push(&mut self, bytes: &[u8]) {
        let overflow = (self.bytes.len() + bytes.len()).saturating_sub(STDERR_RING);
        self.overflowed |= overflow > 0;
        self.bytes.drain(..overflow.min(self.bytes.len()));
        let kept = bytes.len().min(STDERR_RING);
        self.bytes.extend(bytes.iter().skip(bytes.len() - kept));
    }

    /// Begins with a whole line, unless one line fills the ring.
    fn to_text(&self) -> String {
        let first_whole = match self.bytes.iter().position(|byte| *byte == b'\n') {
            Some(newline) if self.overflowed && newline + 1 < self.bytes.len() => newline + 1,
            _ => 0,
        };
        let bytes: Vec<u8> = self.bytes.iter().skip(first_whole).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Waits until the pipe, or the signals, can be read or have ended.
fn wait(
    pipe: &PipeReader,
    signals: Option<&PipeReader>,
    patience: Option<&Timespec>,
) -> io::Result<(bool, bool)> {
    // Without signals the pipe stands in for them; its answer is then not looked at.
    let mut fds = [PollFd::new(pipe, PollFlags::IN), PollFd::new(signals.unwrap_or(pipe), PollFlags::IN)];
    while let Err(error) = poll(&mut fds, patience) {
        if error != rustix::io::Errno::INTR {
            return Err(error.into());
        }
    }
    let [pipe, signal] = fds.map(|fd| !fd.revents().is_empty());
    Ok((pipe, signal && signals.is_some()))
}

/// Without escape sequences, other control characters, and the frames of backtraces that name nothing: codex is
/// stripped, so with `RUST_BACKTRACE` in the environment they would push out what matters.
fn readable(text: &str) -> String {
    let plain = without_control(text);
    let mut lines: Vec<&str> = Vec::new();
    for line in plain.split_inclusive('\n') {
        match line.trim() {
            frame if frame.ends_with(": <unknown>") && frame.starts_with(|c: char| c.is_ascii_digit()) => {
                while lines.last().is_some_and(|last| matches!(last.trim(), "Stack backtrace:" | "")) {
                    lines.pop();
                }
            }
            _ => lines.push(line),
        }
    }
    lines.concat()
}

fn without_control(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.next() {
                // Control sequence: parameters up to one final letter.
                Some('[') => {
                    chars.find(|c| ('@'..='~').contains(c));
                }
                // Operating system command: up to BEL or ESC backslash.
                Some(']') => {
                    let end = chars.find(|c| matches!(c, '\u{7}' | '\u{1b}'));
                    if end == Some('\u{1b}') {
                        chars.next_if_eq(&'\\');
                    }
                }
                _ => {}
            },
            '\n' | '\t' => plain.push(c),
            c if c.is_control() => {}
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring_after(chunks: &[&[u8]]) -> Ring {
        let mut ring = Ring::default();
        chunks.iter().for_each(|chunk| ring.push(chunk));
        ring
    }

    #[test]
    fn the_ring_keeps_the_end_and_begins_with_a_whole_line() {
        let flood = [b"torn line\n".as_slice(), &vec![b'x'; STDERR_RING - 5], b"\nlast\n"].concat();
        for chunk in [1024, 8 * 1024, flood.len()] {
            let ring = ring_after(&flood.chunks(chunk).collect::<Vec<_>>());
            assert_eq!(ring.bytes.len(), STDERR_RING);
            assert_eq!(ring.to_text(), "last\n");
        }
    }

    #[test]
    fn one_line_that_fills_the_ring_is_kept() {
        let ring = ring_after(&[&vec![b'y'; 3 * STDERR_RING]]);
        assert_eq!(ring.to_text().len(), STDERR_RING);
    }

    #[test]
    fn colours_titles_and_control_characters_are_taken_out() {
        let text =
            "\u{1b}[2m2026\u{1b}[0m \u{1b}[31mERROR\u{1b}[0m ä\u{1b}]0;title\u{7}b\u{1b}]0;t\u{1b}\\c\0\r\n";
        assert_eq!(without_control(text), "2026 ERROR äbc\n");
        assert_eq!(without_control("cut \u{1b}["), "cut ");
    }

    #[test]
    fn backtraces_that_name_nothing_are_left_out() {
        let text = "Error: broken\n\nStack backtrace:\n   0: <unknown>\n   1: <unknown>\nWARNING: more\n";
        assert_eq!(readable(text), "Error: broken\nWARNING: more\n");
        let named = "Stack backtrace:\n   0: codex::main\n";
        assert_eq!(readable(named), named);
    }

    #[test]
    fn a_secret_is_hidden() {
        let (reader, mut writer) = io::pipe().unwrap();
        writer.write_all(b"key sk-123456 refused").unwrap();
        drop(writer);
        let (tail, _signals) = StderrTail::drain(reader, vec!["sk-123456".into()]).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(tail.settled());
        assert_eq!(tail.text(), "key [hidden] refused");
    }
}
