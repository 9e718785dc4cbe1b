//! The enum of all notifications.

use super::distinct;
use crate::codegen::ir::{Call, Params, Ty};
use crate::codegen::model::Model;
use crate::codegen::names::pascal;
use crate::error::{Error, Result};
use std::fmt::Write as _;

struct Notification<'m> {
    method: &'m str,
    variant: String,
    ty: &'m str,
    payload: String,
    hot: bool,
}

pub(crate) fn emit(model: &Model) -> Result<String> {
    let all = notifications(model)?;
    let mut text = String::from(
        "//! Everything that the server tells.\n\nuse crate::decode::{read, read_direct};\nuse crate::types::*;\n\
         use crate::wire::notifications;\nuse crate::{DecodeError, Delivery, RawNotification};\nuse serde_json::value::RawValue;\n\n\
         notifications! {\n",
    );
    for one in &all {
        let how = if one.hot { "read_direct" } else { "read" };
        let _ = writeln!(text, "    {:?} {}({}) {how},", one.method, one.variant, one.payload);
    }
    text.push_str("}\n\nimpl Delivery {\n/// How notifications of a method are delivered; those that nobody knows are kept.\n");
    text.push_str("pub fn of(method: &str) -> Self {\nmatch method {\n");
    let delivery = &model.overrides.delivery;
    for (name, methods) in
        [("Merge", &delivery.merge), ("Drop", &delivery.drop), ("Latest", &delivery.latest)]
    {
        for method in methods {
            if !all.iter().any(|one| one.method == method) {
                return Err(Error::new(format!(
                    "overrides.toml: [delivery] names `{method}`, which does not exist"
                )));
            }
        }
        let methods: Vec<String> = methods.iter().map(|method| format!("{method:?}")).collect();
        let _ = writeln!(text, "{} => Self::{name},", methods.join(" | "));
    }
    text.push_str("_ => Self::Keep,\n}\n}\n}\n");
    Ok(text)
}

fn notifications(model: &Model) -> Result<Vec<Notification<'_>>> {
    let calls = &model.schema.notifications;
    let mut all = Vec::new();
    for call in calls {
        let Call { method, params: Params::Type(ty) } = call else {
            return Err(Error::at(&call.method, "a notification without parameters"));
        };
        let shared = calls.iter().filter(|other| other.params == call.params).count() > 1;
        let variant = match ty.strip_suffix("Notification") {
            Some(name) if !shared => name.to_owned(),
            _ => pascal(method),
        };
        let hot = model.overrides.hot.contains(ty);
        let payload = if hot { ty.clone() } else { model.payload(&Ty::Named(ty.clone()), "") };
        all.push(Notification { method, variant, ty, payload, hot });
    }
    distinct("ServerNotification", all.iter().map(|one| one.variant.as_str()))?;
    for hot in &model.overrides.hot {
        if !all.iter().any(|one| one.ty == hot) {
            return Err(Error::new(format!("overrides.toml: `hot` names `{hot}`, which is no notification")));
        }
    }
    Ok(all)
}
