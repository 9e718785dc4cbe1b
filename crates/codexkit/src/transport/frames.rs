//! The frames that one read has brought.

use std::ops::Range;

/// The messages that one read has brought. The connection uses it again for each read.
#[derive(Debug)]
pub struct Frames {
    bytes: Vec<u8>,
    whole: Vec<Range<usize>>,
    /// Where the frame begins that has not wholly come yet.
    partial: usize,
    /// Up to where the partial frame has been searched for its end.
    searched: usize,
    /// The largest frame that is accepted.
    limit: usize,
    too_large: bool,
}

/// Buffers beyond this size are given back once they are empty.
const KEPT_CAPACITY: usize = 1024 * 1024;

impl Frames {
    /// `limit` is the largest frame that is accepted, in bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), whole: Vec::new(), partial: 0, searched: 0, limit, too_large: false }
    }

    /// Adds a message. One that is larger than [`Limits::inbound_frame`](crate::Limits::inbound_frame) ends the connection.
    pub fn push(&mut self, frame: &[u8]) {
        if !self.admits(frame.len()) {
            return;
        }
        self.bytes.extend_from_slice(frame);
        self.finish_line();
    }

    /// Whether a frame of that many bytes is small enough; that none came that was not is [remembered](Self::too_large).
    pub(crate) fn admits(&mut self, length: usize) -> bool {
        self.too_large |= length > self.limit;
        length <= self.limit
    }

    /// The limit, if a frame has gone beyond it; what came before that one is there.
    pub(crate) fn too_large(&self) -> Option<usize> {
        self.too_large.then_some(self.limit)
    }

    /// The whole frames, in the order in which they came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.whole.iter().map(|range| &self.bytes[range.clone()])
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.whole.is_empty()
    }

    /// Bytes of the frame that has not wholly come yet.
    fn partial_len(&self) -> usize {
        self.bytes.len() - self.partial
    }

    /// Forgets the whole frames and keeps the beginning of the next one.
    pub(crate) fn clear(&mut self) {
        self.whole.clear();
        self.bytes.drain(..self.partial);
        self.searched -= self.partial;
        self.partial = 0;
        if self.bytes.is_empty() && self.bytes.capacity() > KEPT_CAPACITY {
            self.bytes = Vec::new();
        }
    }

    /// Room to read into; what was read is at its end.
    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Finds the lines that end in what was read since the last call, up to one that is too large.
    pub(crate) fn split_lines(&mut self) {
        while let Some(offset) = memchr::memchr(b'\n', &self.bytes[self.searched..]) {
            let end = self.searched + offset;
            if !self.admits(end - self.partial) {
                return;
            }
            self.push_line(end);
            self.partial = end + 1;
            self.searched = end + 1;
        }
        self.searched = self.bytes.len();
        self.admits(self.partial_len());
    }

    /// Takes the rest as a line, as at the end of the stream.
    pub(crate) fn finish_line(&mut self) {
        self.push_line(self.bytes.len());
        self.partial = self.bytes.len();
        self.searched = self.bytes.len();
    }

    /// Blank lines are no frames.
    fn push_line(&mut self, end: usize) {
        let line = &self.bytes[self.partial..end];
        let length = line.trim_ascii_end().len();
        if length > 0 && !line.trim_ascii_start().is_empty() {
            self.whole.push(self.partial..self.partial + length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coverage::covers;

    fn texts(frames: &Frames) -> Vec<&str> {
        frames.iter().map(|frame| std::str::from_utf8(frame).unwrap()).collect()
    }

    #[test]
    fn lines_are_found_across_reads_and_blank_ones_left_out() {
        covers!["002-107"];
        let mut frames = Frames::new(4 * KEPT_CAPACITY);
        frames.buffer().extend_from_slice(b"one\r\n\n  \ntwo\nthr");
        frames.split_lines();
        assert_eq!(texts(&frames), ["one", "two"]);

        frames.clear();
        assert!(frames.is_empty());
        frames.buffer().extend_from_slice(b"ee\nfour");
        frames.split_lines();
        assert_eq!(texts(&frames), ["three"]);

        frames.clear();
        frames.finish_line();
        assert_eq!(texts(&frames), ["four"]);
    }

    #[test]
    fn a_large_buffer_is_given_back() {
        let mut frames = Frames::new(4 * KEPT_CAPACITY);
        frames.buffer().resize(2 * KEPT_CAPACITY, b'x');
        frames.buffer().push(b'\n');
        frames.split_lines();
        frames.clear();
        assert!(frames.buffer().capacity() <= KEPT_CAPACITY);
    }
}
