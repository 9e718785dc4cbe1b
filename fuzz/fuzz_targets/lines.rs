//! Any bytes in any pieces: the frames do not depend on the pieces.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| codexkit::fuzzing::lines(data));
