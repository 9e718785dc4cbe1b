//! How a frame is written.

use std::hash::{BuildHasher, RandomState};

/// What a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Opcode {
    fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xa => Self::Pong,
            _ => return None,
        })
    }

    fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0x0,
            Self::Text => 0x1,
            Self::Binary => 0x2,
            Self::Close => 0x8,
            Self::Ping => 0x9,
            Self::Pong => 0xa,
        }
    }

    /// Whether it is about the connection, and may stand between the parts of a message.
    pub(super) fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// The beginning of a frame from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Whether it is the last part of its message.
    pub(super) last: bool,
    pub(super) opcode: Opcode,
    /// Bytes that follow.
    pub(super) payload: usize,
    /// Bytes of the header itself.
    pub(super) length: usize,
}

/// The longest payload of a control frame.
const LONGEST_CONTROL: usize = 125;

const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;

impl Header {
    /// Reads a header; none if it has not wholly come yet. An error says which rule was broken.
    pub(super) fn read(bytes: &[u8]) -> Result<Option<Self>, &'static str> {
        let (Some(first), Some(second)) = (bytes.first(), bytes.get(1)) else { return Ok(None) };
        if first & 0x70 != 0 {
            return Err("a frame uses an extension that was not agreed on");
        }
        let opcode = Opcode::from_bits(first & 0x0f).ok_or("a frame is of an unknown kind")?;
        if second & MASKED != 0 {
            return Err("a frame of the server is masked");
        }
        let (payload, length) = match second & 0x7f {
            126 => match bytes.get(2..4).and_then(|length| length.try_into().ok()) {
                Some(length) => (u64::from(u16::from_be_bytes(length)), 4),
                None => return Ok(None),
            },
            127 => match bytes.get(2..10).and_then(|length| length.try_into().ok()) {
                Some(length) => (u64::from_be_bytes(length), 10),
                None => return Ok(None),
            },
            short => (u64::from(short), 2),
        };
        let payload = usize::try_from(payload).map_err(|_| "a frame is longer than can be addressed")?;
        let last = first & FIN != 0;
        if opcode.is_control() && (!last || payload > LONGEST_CONTROL) {
            return Err("a control frame is cut in parts or too long");
        }
        Ok(Some(Self { last, opcode, payload, length }))
    }
}

/// Appends a frame of the client, which is a whole message and masked as the protocol asks for.
pub(super) fn write(buffer: &mut Vec<u8>, opcode: Opcode, payload: &[u8], mask: [u8; 4]) {
    buffer.reserve(payload.len() + 14);
    buffer.push(FIN | opcode.bits());
    match payload.len() {
        // It fits, since the arm says so.
        short @ 0..126 => buffer.push(MASKED | short as u8),
        medium @ 126..65_536 => {
            buffer.push(MASKED | 126);
            buffer.extend_from_slice(&(medium as u16).to_be_bytes());
        }
        long => {
            buffer.push(MASKED | 127);
            buffer.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    buffer.extend_from_slice(&mask);
    let start = buffer.len();
    buffer.extend_from_slice(payload);
    apply(&mut buffer[start..], mask);
}

/// Masks a payload, or takes the mask off. Eight bytes at a time: messages can be large.
pub(super) fn apply(payload: &mut [u8], mask: [u8; 4]) {
    let wide = u64::from_ne_bytes([mask[0], mask[1], mask[2], mask[3], mask[0], mask[1], mask[2], mask[3]]);
    let mut chunks = payload.chunks_exact_mut(8);
    for chunk in &mut chunks {
        let mut eight = [0; 8];
        eight.copy_from_slice(chunk);
        chunk.copy_from_slice(&(u64::from_ne_bytes(eight) ^ wide).to_ne_bytes());
    }
    chunks.into_remainder().iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
}

/// Masks that nobody can foresee: so no program can have its words read as something else by what lies between.
#[derive(Debug, Default)]
pub(super) struct Masks {
    secret: RandomState,
    used: u64,
}

impl Masks {
    pub(super) fn next(&mut self) -> [u8; 4] {
        self.used += 1;
        let [a, b, c, d, ..] = self.secret.hash_one(self.used).to_ne_bytes();
        [a, b, c, d]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_samples_of_the_standard_are_read_and_written() {
        let header = Header::read(&[0x81, 0x05, b'H']).unwrap().unwrap();
        assert_eq!(header, Header { last: true, opcode: Opcode::Text, payload: 5, length: 2 });
        let header = Header::read(&[0x82, 0x7e, 0x01, 0x00]).unwrap().unwrap();
        assert_eq!((header.payload, header.length), (256, 4));
        let header = Header::read(&[0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]).unwrap().unwrap();
        assert_eq!((header.payload, header.length), (65_536, 10));

        let mut buffer = Vec::new();
        write(&mut buffer, Opcode::Text, b"Hello", [0x37, 0xfa, 0x21, 0x3d]);
        assert_eq!(buffer, [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
    }

    #[test]
    fn a_frame_against_the_rules_is_refused() {
        for bytes in [[0xc1, 0x00], [0x83, 0x00], [0x81, 0x80], [0x09, 0x00], [0x89, 0x7e]] {
            let bytes = [&bytes[..], &[0xff; 8]].concat();
            assert!(Header::read(&bytes).is_err(), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn a_frame_is_what_was_written(length in 0..70_000usize, mask in any::<[u8; 4]>()) {
            let payload: Vec<u8> = (0..length).map(|n| n as u8).collect();
            let mut buffer = Vec::new();
            write(&mut buffer, Opcode::Text, &payload, mask);
            buffer[1] ^= MASKED;
            let header = Header::read(&buffer).unwrap().unwrap();
            let body = header.length + 4;
            prop_assert_eq!((header.payload, body + length), (length, buffer.len()));
            apply(&mut buffer[body..], mask);
            prop_assert_eq!(&buffer[body..], &payload[..]);
            for cut in 0..header.length {
                prop_assert_eq!(Header::read(&buffer[..cut]), Ok(None));
            }
        }

        #[test]
        fn no_bytes_make_a_header_panic(bytes in prop::collection::vec(any::<u8>(), 0..14)) {
            let _ = Header::read(&bytes);
        }
    }
}
