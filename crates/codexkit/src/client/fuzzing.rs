//! Ways in for the fuzz targets, which see nothing else of what is inside. They exist only when fuzzing.

use super::outbox::Outgoing;
use super::pending::{Purpose, StartingTurn};
use super::state::{Effects, State};
use super::subscription::{Budget, Filter, Queue};
use crate::limits::Limits;
use crate::protocol::DecodeError;
use crate::protocol::envelope::Inbound;
use crate::transport::Frames;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Splits bytes into frames, in reads of the length that the first byte says, and all at once.
///
/// # Panics
///
/// When the frames are not the same.
pub fn lines(data: &[u8]) {
    let Some((length, data)) = data.split_first() else { return };
    let limit = data.len() / 2;
    let (small, large) = (usize::from(*length).max(1), data.len().max(1));
    assert_eq!(split(data, small, limit), split(data, large, limit), "reads of {small} bytes");
}

fn split(data: &[u8], read: usize, limit: usize) -> (Vec<Vec<u8>>, bool) {
    let (mut frames, mut all) = (Frames::new(limit), Vec::new());
    for bytes in data.chunks(read) {
        frames.clear();
        frames.buffer().extend_from_slice(bytes);
        frames.split_lines();
        all.extend(frames.iter().map(<[u8]>::to_vec));
        if frames.too_large().is_some() {
            return (all, false);
        }
    }
    frames.clear();
    frames.finish_line();
    all.extend(frames.iter().map(<[u8]>::to_vec));
    (all, true)
}

/// Has a connection take in a frame for each line, with calls and subscriptions waiting, until it is given up.
///
/// # Panics
///
/// When the connection cannot be used any more although it was not given up.
pub fn inbound(data: &[u8]) {
    let mut state = State::new(&Limits::default().open_asks(4), true);
    let budget = Arc::new(Budget::new(64 * 1024));
    let queues = [Filter::All, Filter::Thread("t".into())].map(|filter| {
        let queue = Arc::new(Queue::new(16 * 1024, budget.clone()));
        state.router.subscribe(&filter, queue.clone());
        queue
    });
    let _waiting =
        [call(&mut state, Purpose::Call), call(&mut state, start_turn()), call(&mut state, start_turn())];
    state.pending.forget(3);

    for line in data.split(|byte| *byte == b'\n') {
        if receive(&mut state, line).is_err() {
            return;
        }
    }
    let (id, mut answer) = call(&mut state, Purpose::Call);
    let response = format!(r#"{{"id":{id},"result":null}}"#);
    assert!(receive(&mut state, response.as_bytes()).is_ok());
    assert!(answer.try_recv().is_ok(), "a call is answered");
    drop((state, queues));
}

type Waiting = (i64, oneshot::Receiver<super::pending::Answer>);

fn call(state: &mut State, purpose: Purpose) -> Waiting {
    let (waiter, answer) = oneshot::channel();
    let id = state.pending.add(Some(waiter), purpose);
    assert!(state.pending.claim(id));
    (id, answer)
}

fn start_turn() -> Purpose {
    Purpose::StartTurn(StartingTurn {
        thread: "t".into(),
        joinable: None,
        owned: false,
        completed: Vec::new(),
    })
}

fn receive(state: &mut State, line: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(line).map_err(|error| DecodeError::new(error.to_string()));
    let mut effects = Effects::default();
    state.receive(text.and_then(Inbound::parse), &mut effects)?;
    effects.answer_callers();
    for (queue, notification) in effects.deliveries {
        queue.push([notification]);
    }
    effects.outgoing.iter().for_each(assert_one_line);
    Ok(())
}

fn assert_one_line(outgoing: &Outgoing) {
    assert!(!outgoing.frame.contains('\n') && !outgoing.frame.is_empty());
}
