//! However the bytes of a server are cut into reads, the messages are the same, and no bytes make the client panic.

use super::shared::Shared;
use super::source::WebSocketSource;
use super::{BoxStream, Stream};
use crate::transport::properties::Reads;
use crate::transport::{FrameSource, Frames};
use proptest::prelude::*;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{join, sink, split};

const LIMIT: usize = 1000;

/// What comes of the reads: the messages, and how it ended.
fn read(reads: Vec<Vec<u8>>) -> (Vec<Vec<u8>>, io::Result<bool>) {
    let stream: BoxStream = Box::new(join(Reads::new(reads), sink())) as Box<dyn Stream>;
    let shared = Arc::new(Shared::new());
    let mut source = WebSocketSource::new(split(stream).0, Vec::new(), Duration::from_secs(60), shared);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let (mut frames, mut all) = (Frames::new(LIMIT), Vec::new());
        loop {
            frames.clear();
            let more = source.read(&mut frames).await;
            all.extend(frames.iter().map(<[u8]>::to_vec));
            if !matches!(more, Ok(true)) || frames.too_large().is_some() {
                return (all, more);
            }
        }
    })
}

/// A frame as a server writes it.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = payload.len() as u16;
    let head = match length {
        0..126 => vec![first, length as u8],
        _ => [&[first, 126][..], &length.to_be_bytes()].concat(),
    };
    [&head, payload].concat()
}

/// A message in parts of this length, with a ping before each part.
fn message(text: &str, part: usize) -> Vec<u8> {
    let parts: Vec<&[u8]> = text.as_bytes().chunks(part).collect();
    let last = parts.len() - 1;
    let frames = parts.iter().enumerate().flat_map(|(n, part)| {
        let kind = if n == 0 { 0x01 } else { 0x00 };
        let end = if n == last { 0x80 } else { 0x00 };
        [frame(0x89, b"ping"), frame(kind | end, part)]
    });
    frames.collect::<Vec<_>>().concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn messages_do_not_depend_on_how_the_bytes_are_read(
        messages in prop::collection::vec(("[a-z]{1,400}", 1..500usize), 0..10),
        read_of in 1..600usize,
    ) {
        let bytes: Vec<u8> = messages.iter().flat_map(|(text, part)| message(text, *part)).collect();
        let expected: Vec<_> = messages.iter().map(|(text, _)| text.as_bytes().to_vec()).collect();
        let (all, end) = read(bytes.chunks(read_of).map(<[u8]>::to_vec).collect());
        prop_assert_eq!((all, end.ok()), (expected, Some(false)));
    }

    #[test]
    fn no_bytes_make_it_panic_or_hang(reads in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..20)) {
        let (all, _) = read(reads);
        prop_assert!(all.iter().all(|message| message.len() <= LIMIT));
    }
}
