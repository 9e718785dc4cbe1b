//! The merged schema with everything that an emitter asks for.

use super::history::History;
use super::ir::{Call, Field, Integer, Object, Params, Schema, Shape, Ty};
use super::overrides::Overrides;
use crate::error::{Error, Result};
use std::collections::{BTreeMap, BTreeSet};

/// Payloads above this many bytes are boxed.
const LARGE: usize = 128;

#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) schema: Schema,
    pub(crate) overrides: Overrides,
    pub(crate) history: History,
    /// Types that programs build.
    sent: BTreeSet<String>,
    /// Types that the server writes.
    received: BTreeSet<String>,
    /// The tagged union of each payload.
    unions: BTreeMap<String, String>,
}

/// How a field stands for a member that may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Always there.
    Required,
    /// `Option`.
    Optional,
    /// A list or map that is empty when the member is missing.
    Many,
    /// A boolean that is false when the member is missing.
    Flag,
    /// `Patch`.
    Patch,
}

impl Model {
    pub(crate) fn new(schema: Schema, overrides: Overrides, history: History) -> Result<Self> {
        let (sent, received, unions) = (BTreeSet::new(), BTreeSet::new(), unions(&schema));
        let mut model = Self { schema, overrides, history, sent, received, unions };
        let (mut sent, mut received) = (Vec::new(), Vec::new());
        for call in &model.schema.requests {
            sent.extend(model.params(call));
            received.push(model.response(call)?);
        }
        for call in &model.schema.server_requests {
            received.extend(model.params(call));
            sent.push(model.response(call)?);
        }
        received.extend(model.schema.notifications.iter().filter_map(|call| model.params(call)));
        model.sent = model.reach(sent)?;
        model.received = model.reach(received)?;
        Ok(model)
    }

    /// The type of a method's parameters, units included.
    pub(crate) fn params(&self, call: &Call) -> Option<String> {
        match &call.params {
            Params::Type(ty) | Params::Nullable(ty) => Some(ty.clone()),
            Params::None => self.overrides.units.get(&call.method).cloned(),
        }
    }

    /// The type of a method's answer.
    pub(crate) fn response(&self, call: &Call) -> Result<String> {
        let named = match self.overrides.responses.get(&call.method) {
            Some(name) => Some(name.clone()),
            None => self
                .params(call)
                .and_then(|ty| ty.strip_suffix("Params").map(|base| format!("{base}Response"))),
        };
        named.filter(|name| self.schema.types.contains_key(name)).ok_or_else(|| {
            Error::new(format!("overrides.toml: no answer for `{}`; name it in [responses]", call.method))
        })
    }

    pub(crate) fn is_sent(&self, ty: &str) -> bool {
        self.sent.contains(ty)
    }

    fn reach(&self, mut open: Vec<String>) -> Result<BTreeSet<String>> {
        let mut reached = BTreeSet::new();
        while let Some(name) = open.pop() {
            if self.overrides.external.contains_key(&name) || !reached.insert(name.clone()) {
                continue;
            }
            match self.schema.types.get(&name) {
                Some(shape) => shape.visit(&mut |ty| open.push(ty.to_owned())),
                None if self.overrides.units.values().any(|unit| *unit == name) => {}
                None => return Err(Error::at(&name, "is used but not defined")),
            }
        }
        Ok(reached)
    }

    pub(crate) fn object(&self, name: &str) -> Option<&Object> {
        match self.schema.types.get(name) {
            Some(Shape::Object(object)) => Some(object),
            _ => None,
        }
    }

    /// How a field of a type is written in Rust.
    pub(crate) fn mode(&self, owner: &str, field: &Field) -> Mode {
        let required = if self.received.contains(owner) { field.required } else { field.required_now };
        if self.overrides.patch.contains(&format!("{owner}.{}", field.name)) {
            return Mode::Patch;
        }
        match &field.ty {
            _ if required => Mode::Required,
            Ty::List(_) | Ty::Map(_) if field.default.as_ref().is_none_or(is_empty) => Mode::Many,
            Ty::Bool if field.default == Some(false.into()) => Mode::Flag,
            _ => Mode::Optional,
        }
    }

    /// A Rust type; `owner` and `field` decide which strings are ids.
    pub(crate) fn rust(&self, ty: &Ty, owner: &str, field: &str) -> String {
        match ty {
            Ty::Any => "Value".into(),
            Ty::Bool => "bool".into(),
            Ty::Integer(integer) => match integer {
                Integer::I32 => "i32",
                Integer::I64 => "i64",
                Integer::U16 => "u16",
                Integer::U32 => "u32",
                Integer::U64 => "u64",
            }
            .into(),
            Ty::Float => "f64".into(),
            Ty::Text => {
                let union = self.unions.get(owner).map_or("", String::as_str);
                self.overrides.id(owner, union, field).unwrap_or("String").into()
            }
            Ty::List(inner) => format!("Vec<{}>", self.rust(inner, owner, field)),
            Ty::Map(inner) => format!("BTreeMap<String, {}>", self.rust(inner, owner, field)),
            Ty::Nullable(inner) => format!("Option<{}>", self.rust(inner, owner, field)),
            Ty::Named(name) => self.overrides.external.get(name).unwrap_or(name).clone(),
        }
    }

    /// The type of a field, with what its mode adds.
    pub(crate) fn field_type(&self, owner: &str, field: &Field) -> String {
        match self.mode(owner, field) {
            Mode::Required | Mode::Many | Mode::Flag => self.rust(&field.ty, owner, &field.name),
            Mode::Optional => format!("Option<{}>", self.rust(field.ty.bare(), owner, &field.name)),
            Mode::Patch => format!("Patch<{}>", self.rust(field.ty.bare(), owner, &field.name)),
        }
    }

    /// Whether a payload is boxed.
    pub(crate) fn is_large(&self, ty: &Ty) -> bool {
        self.size(ty, &mut Vec::new()) > LARGE
    }

    fn size(&self, ty: &Ty, within: &mut Vec<String>) -> usize {
        match ty {
            Ty::Any => 32,
            Ty::Bool => 1,
            Ty::Integer(Integer::U16) => 2,
            Ty::Integer(Integer::I32 | Integer::U32) => 4,
            Ty::Integer(_) | Ty::Float => 8,
            Ty::Text | Ty::List(_) | Ty::Map(_) => 24,
            Ty::Nullable(inner) => match inner.as_ref() {
                Ty::Integer(_) | Ty::Float => 2 * self.size(inner, within),
                _ => self.size(inner, within),
            },
            Ty::Named(name) => self.size_of(name, within),
        }
    }

    fn size_of(&self, name: &str, within: &mut Vec<String>) -> usize {
        if within.iter().any(|outer| outer == name) {
            return LARGE + 1;
        }
        within.push(name.to_owned());
        let mut payload = |ty: &Ty| {
            let size = self.size(ty, within);
            if size > LARGE { 8 } else { size }
        };
        const UNRECOGNIZED: usize = 48;
        let size = match self.schema.types.get(name) {
            Some(Shape::Object(object)) => {
                let source = if object.source.is_empty() { 0 } else { 32 };
                object
                    .fields
                    .iter()
                    .map(|field| self.size(&field.ty, within).next_multiple_of(4))
                    .sum::<usize>()
                    + source
            }
            Some(Shape::Text(_) | Shape::Enum(_)) | None => 24,
            Some(Shape::Tagged { variants, .. }) => {
                let named = |variant: &super::ir::Tagged| payload(&Ty::Named(variant.payload.clone()));
                8 + variants.iter().map(named).max().unwrap_or(0).max(UNRECOGNIZED)
            }
            Some(Shape::Mixed(variants)) => {
                let payloads = variants.iter().filter_map(|variant| variant.payload.as_ref());
                8 + payloads.map(payload).max().unwrap_or(0).max(UNRECOGNIZED)
            }
            Some(Shape::Untagged(alternatives)) => {
                8 + alternatives.iter().map(payload).max().unwrap_or(0).max(UNRECOGNIZED)
            }
        };
        within.pop();
        size
    }

    /// A type as the payload of a variant.
    pub(crate) fn payload(&self, ty: &Ty, owner: &str) -> String {
        let rust = self.rust(ty, owner, "");
        if self.is_large(ty) { format!("Box<{rust}>") } else { rust }
    }

    /// All that a type does, for its documentation.
    pub(crate) fn roles(&self) -> BTreeMap<String, Vec<String>> {
        let history = &self.history;
        let mut roles: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut add = |ty: Option<String>, role: String| {
            if let Some(ty) = ty {
                roles.entry(ty).or_default().push(role);
            }
        };
        for call in &self.schema.requests {
            let method = &call.method;
            let remark = history.remark(&history.requests, method);
            add(self.params(call), format!("Parameters of `{method}`{remark}."));
            add(self.response(call).ok(), format!("Answer to `{method}`."));
        }
        for call in &self.schema.server_requests {
            let method = &call.method;
            let remark = history.remark(&history.server_requests, method);
            add(self.params(call), format!("Parameters of the server's request `{method}`{remark}."));
            add(self.response(call).ok(), format!("Our answer to the server's request `{method}`."));
        }
        for call in &self.schema.notifications {
            let remark = history.remark(&history.notifications, &call.method);
            add(self.params(call), format!("Parameters of the notification `{}`{remark}.", call.method));
        }
        for (name, shape) in &self.schema.types {
            if let Shape::Tagged { variants, .. } = shape {
                for variant in variants {
                    add(
                        Some(variant.payload.clone()),
                        format!("The variant `{}` of [`{name}`].", variant.text),
                    );
                }
            }
        }
        roles
    }
}

fn unions(schema: &Schema) -> BTreeMap<String, String> {
    let mut unions = BTreeMap::new();
    for (name, shape) in &schema.types {
        if let Shape::Tagged { variants, .. } = shape {
            unions.extend(variants.iter().map(|variant| (variant.payload.clone(), name.clone())));
        }
    }
    unions
}

fn is_empty(value: &serde_json::Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}
