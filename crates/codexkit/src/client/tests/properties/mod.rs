//! Whatever the server sends and callers do, in any order.

mod inbound;
mod model;
mod router;
mod turns;
