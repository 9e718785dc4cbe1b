//! The generated types against the schemas that they were made from.

#![allow(clippy::unwrap_used, reason = "helpers of tests count as no tests")]

mod methods;
#[path = "../generated/registry.rs"]
mod registry;
mod sample;
mod told;
mod traffic;
mod types;

use codexkit_protocol::{DecodeError, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Error, Value};

/// Reads a value as a type and writes it back; the registry calls this for the type of a name.
fn through<T: DeserializeOwned + Serialize>(json: &str) -> Result<Value, Error> {
    serde_json::to_value(serde_json::from_str::<T>(json)?)
}

/// Reads the answer to a request and shows it.
fn answer<R: Request<Response: std::fmt::Debug>>(json: &str) -> Result<String, DecodeError> {
    Ok(format!("{:?}", R::decode(serde_json::from_str(json)?)?))
}
