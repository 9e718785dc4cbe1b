//! However the bytes are cut into reads, the frames are the same.

use super::{FrameSource, Frames, Lines, Transport};
use proptest::prelude::*;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};

/// A stream whose reads bring these bytes.
pub(super) struct Reads(VecDeque<Vec<u8>>);

impl Reads {
    pub(super) fn new(reads: Vec<Vec<u8>>) -> Self {
        Self(reads.into())
    }
}

impl AsyncRead for Reads {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(bytes) = self.0.pop_front() {
            let (now, later) = bytes.split_at(bytes.len().min(buffer.remaining()));
            buffer.put_slice(now);
            if !later.is_empty() {
                self.0.push_front(later.to_vec());
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// What comes of the reads: the frames, and whether a line was too long.
fn read(reads: Vec<Vec<u8>>, limit: usize) -> (Vec<Vec<u8>>, bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (mut reader, _) = Lines::new(Reads::new(reads), tokio::io::sink()).split();
        let (mut frames, mut all) = (Frames::new(limit), Vec::new());
        loop {
            frames.clear();
            let more = reader.read(&mut frames).await.unwrap();
            all.extend(frames.iter().map(<[u8]>::to_vec));
            if !more || frames.too_large().is_some() {
                return (all, frames.too_large().is_some());
            }
        }
    })
}

/// What should come: each line that is not blank, without white space behind it, up to one that is too long.
fn expected(bytes: &[u8], limit: usize) -> (Vec<Vec<u8>>, bool) {
    let lines: Vec<_> = bytes.split(|byte| *byte == b'\n').collect();
    let whole = lines.iter().take_while(|line| line.len() <= limit);
    let frames = whole.map(|line| line.trim_ascii_end()).filter(|line| !line.is_empty());
    (frames.map(<[u8]>::to_vec).collect(), lines.iter().any(|line| line.len() > limit))
}

fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![3 => Just(b'\n'), 1 => Just(b'\r'), 1 => Just(b' '), 10 => any::<u8>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn frames_do_not_depend_on_how_the_bytes_are_read(
        reads in prop::collection::vec(prop::collection::vec(byte(), 1..40), 0..20),
        limit in 0..40usize,
    ) {
        let bytes = reads.concat();
        prop_assert_eq!(&read(reads, limit), &expected(&bytes, limit));
        prop_assert_eq!(&read(vec![bytes.clone()], limit), &expected(&bytes, limit));
    }
}

#[test]
fn a_large_frame_is_found_across_many_reads() {
    let frame = vec![b'x'; 3_000_000];
    let reads = [&frame[..], b"\nlast"].concat().chunks(1000).map(<[u8]>::to_vec).collect();
    assert_eq!(read(reads, frame.len()), (vec![frame, b"last".to_vec()], false));
}
