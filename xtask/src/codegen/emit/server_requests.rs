//! The enum of all requests of the server.

use crate::codegen::ir::Ty;
use crate::codegen::model::Model;
use crate::error::{Error, Result};
use std::fmt::Write as _;

pub(crate) fn emit(model: &Model) -> Result<String> {
    let mut text = String::from(
        "//! Everything that the server asks.\n\nuse crate::decode::read;\nuse crate::types::*;\n\
         use crate::wire::server_requests;\nuse crate::{Answerable, DecodeError, RawRequest};\n\nserver_requests! {\n",
    );
    for call in &model.schema.server_requests {
        let ty = model.params(call).ok_or_else(|| Error::at(&call.method, "a request without parameters"))?;
        let variant = ty.strip_suffix("Params").unwrap_or(&ty);
        let payload = model.payload(&Ty::Named(ty.clone()), "");
        let _ =
            writeln!(text, "    {:?} {variant}({payload}) {ty} => {},", call.method, model.response(call)?);
    }
    text.push_str("}\n");
    Ok(text)
}
