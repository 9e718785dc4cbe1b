//! Real processes: small shell scripts in the place of the server.

mod errors;
pub(super) mod fixture;
mod leftovers;
mod output;
mod shutdown;
