//! Any frames: the state of a connection stays usable.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| codexkit::fuzzing::inbound(data));
