//! Every bound of the crate and its default.

use std::time::Duration;

/// The bounds within which a connection works.
///
/// Each bound has a default that suits many agents on one server; change one with its setter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The largest frame that is accepted from the server, in bytes. 64 MiB; a larger one closes the connection.
    pub inbound_frame: usize,
    /// Frames that wait to be written. 64; a caller waits for a place.
    pub outbound_queue: usize,
    /// Quick calls under way at once. 64, since the server loses answers beyond about 128; a caller waits for a place.
    pub calls_in_flight: usize,
    /// How long a quick or control call may take from the moment it is made. 60 s.
    pub call_deadline: Duration,
    /// Requests of the server that wait for our answer. 64; further ones are refused at once.
    pub open_asks: usize,
    /// How long a handler may take to answer the server before the safe answer is given. 300 s.
    pub ask_deadline: Duration,
    /// Bytes of unread events that one subscription keeps before it merges text and leaves out output. 16 MiB.
    pub subscription: usize,
    /// Bytes of unread events that all subscriptions of a connection keep. 64 MiB.
    pub subscriptions: usize,
    /// How long opening the transport may take. 10 s.
    pub connect: Duration,
    /// How long the first answer of the server may take. 10 s.
    pub initialize: Duration,
    /// How long the server may take for each step of its shutdown before the next harder one. 2 s.
    pub shutdown_step: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            inbound_frame: 64 * MIB,
            outbound_queue: 64,
            calls_in_flight: 64,
            call_deadline: Duration::from_secs(60),
            open_asks: 64,
            ask_deadline: Duration::from_secs(300),
            subscription: 16 * MIB,
            subscriptions: 64 * MIB,
            connect: Duration::from_secs(10),
            initialize: Duration::from_secs(10),
            shutdown_step: Duration::from_secs(2),
        }
    }
}

const MIB: usize = 1024 * 1024;

/// Bytes of the server's standard error that are kept; the oldest go first.
pub(crate) const STDERR_RING: usize = 64 * 1024;

/// Bytes of an undecodable text that an error keeps.
pub(crate) const RAW_IN_ERRORS: usize = 4 * 1024;

/// Frames in a row that make no sense before the connection is given up.
pub(crate) const BAD_FRAMES_IN_A_ROW: u32 = 100;

/// How long installing codex may take unless the program says otherwise; it is a download of some 100 MB.
pub(crate) const PROVISION: Duration = Duration::from_secs(600);
