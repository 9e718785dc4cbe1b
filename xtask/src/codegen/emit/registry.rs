//! For the tests: every type by its name.

use crate::codegen::model::Model;
use crate::error::Result;
use std::fmt::Write as _;

pub(crate) fn emit(model: &Model) -> Result<String> {
    let mut text = String::from(
        "//! Every type by its name.\n\nuse codexkit_protocol::types::*;\nuse serde_json::{Error, Value};\n\n\
         /// Reads a value as the type of that name and writes it back; none for a type that there is not.\n\
         pub fn through(name: &str, json: &str) -> Option<Result<Value, Error>> {\nSome(match name {\n",
    );
    for name in model.schema.types.keys() {
        let _ = writeln!(text, "{name:?} => super::through::<{name}>(json),");
    }
    text.push_str("_ => return None,\n})\n}\n\n");
    text.push_str("/// All types.\npub const NAMES: &[&str] = &[\n");
    for name in model.schema.types.keys() {
        let _ = writeln!(text, "{name:?},");
    }
    text.push_str("];\n\n/// The parameters of every method that need no choice, written.\n");
    text.push_str(
        "pub fn params(method: &str, json: &str) -> Option<Result<Value, Error>> {\nSome(match method {\n",
    );
    for call in &model.schema.requests {
        let ty = model.params(call).unwrap_or_default();
        if model.overrides.units.contains_key(&call.method) {
            let _ = writeln!(text, "{:?} => serde_json::to_value({ty}::new()),", call.method);
        } else {
            let _ = writeln!(text, "{:?} => super::through::<{ty}>(json),", call.method);
        }
    }
    text.push_str("_ => return None,\n})\n}\n");
    Ok(text)
}
