//! Every bound of the crate and its default.

use crate::retry::RetryPolicy;
use std::time::Duration;

/// Writes the bounds with their defaults and setters, so that each stands once.
macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident: $value:ty = $default:expr;)+) => {
        /// The bounds within which a connection works.
        ///
        /// Each has a default that suits many agents on one server, and a setter of its name.
        ///
        /// ```
        /// use codexkit::Limits;
        /// use std::time::Duration;
        ///
        /// let limits = Limits::default().call_deadline(Duration::from_secs(10)).open_asks(8);
        /// assert_eq!(limits.open_asks, 8);
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Limits {
            $($(#[doc = $doc])+ pub $name: $value,)+
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl Limits {
            $($(#[doc = $doc])+
            #[must_use]
            pub fn $name(mut self, $name: $value) -> Self {
                self.$name = $name;
                self
            })+
        }
    };
}

limits! {
    /// The largest frame that is accepted from the server, in bytes. 64 MiB; a larger one closes the connection.
    inbound_frame: usize = 64 * MIB;
    /// Frames that wait to be written. 64; a caller waits for a place.
    outbound_queue: usize = 64;
    /// Quick calls under way at once. 64, since the server loses answers beyond about 128; a caller waits for a place.
    calls_in_flight: usize = 64;
    /// How long a quick or control call may take from the moment it is made. 60 s.
    call_deadline: Duration = Duration::from_secs(60);
    /// How a call is repeated that the server was too busy to take, which it says: 5 tries, and no later than the call's
    /// deadline. What may have been taken is never repeated.
    overload: RetryPolicy = RetryPolicy::default();
    /// Requests of the server that wait for our answer. 64; further ones are refused at once.
    open_asks: usize = 64;
    /// How long a handler may take to answer the server before the safe answer is given. 300 s.
    ask_deadline: Duration = Duration::from_secs(300);
    /// Bytes of unread events that one subscription keeps before it merges text and leaves out output. 16 MiB.
    subscription: usize = 16 * MIB;
    /// Bytes of unread events that all subscriptions of a connection keep. 64 MiB.
    subscriptions: usize = 64 * MIB;
    /// How long nothing may be heard of a turn before its wait ends with `Stalled`. 600 s; `None` waits for ever. It is fed
    /// by events of this very turn, and what excuses silence (an ask that is open, a command or tool at work) is excused.
    turn_idle: Option<Duration> = Some(Duration::from_secs(600));
    /// How long the server may do nothing for a turn but try again to reach the model. 120 s; `None` waits for ever.
    turn_network: Option<Duration> = Some(Duration::from_secs(120));
    /// How long a turn may take in all. `None`: for ever.
    turn_total: Option<Duration> = None;
    /// The largest message that is sent over a socket, in bytes. 16 MiB, since the server resets the connection at a
    /// larger one; such a call is refused with `InputTooLarge` instead. Pipes take any size.
    outbound_message: usize = 16 * MIB;
    /// How long it may take to reach a server over a socket: name, connection, encryption, WebSocket handshake. 10 s.
    connect: Duration = Duration::from_secs(10);
    /// How often a socket carries a sign of life. 30 s.
    ping: Duration = Duration::from_secs(30);
    /// How long nothing may be heard of the server over a socket before the connection ends with `Closed`. 90 s.
    silence: Duration = Duration::from_secs(90);
    /// How long the first answer of the server may take. 40 s: on a home that others are starting on, codex itself waits
    /// up to 30 s for its database.
    initialize: Duration = Duration::from_secs(40);
    /// How long the server may take for each step of its shutdown before the next harder one. 2 s.
    shutdown_step: Duration = Duration::from_secs(2);
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
