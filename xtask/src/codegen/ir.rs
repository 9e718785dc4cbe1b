//! The schema as the generator sees it: few shapes, everything named.

use serde_json::Value;
use std::collections::BTreeMap;

/// All types and all methods of one schema, or of two merged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schema {
    pub(crate) types: BTreeMap<String, Shape>,
    pub(crate) requests: Vec<Call>,
    pub(crate) server_requests: Vec<Call>,
    pub(crate) notifications: Vec<Call>,
}

/// A method with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) params: Params,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Params {
    /// Always null.
    None,
    /// A type, or null.
    Nullable(String),
    /// A type.
    Type(String),
}

/// What a type is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Object(Object),
    /// A free text, of which some values are known.
    Text(Vec<String>),
    /// One of some texts.
    Enum(Vec<String>),
    /// Objects told apart by the text in one member.
    Tagged {
        tag: String,
        variants: Vec<Tagged>,
    },
    /// Texts, and objects with one member that names the variant.
    Mixed(Vec<Mixed>),
    /// Told apart by structure.
    Untagged(Vec<Ty>),
}

/// A variant of a tagged union: its text, and the type of its object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tagged {
    pub(crate) text: String,
    pub(crate) payload: String,
}

/// A variant of a mixed union.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mixed {
    pub(crate) text: String,
    pub(crate) payload: Option<Ty>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Object {
    pub(crate) fields: Vec<Field>,
    /// Members of which at least one must be there.
    pub(crate) source: Vec<String>,
    /// The tag that the object carries as the payload of a tagged union: member and text.
    pub(crate) tag: Option<(String, String)>,
    /// Whether any other member is part of the value.
    pub(crate) open: bool,
    /// Whether no other member is allowed.
    pub(crate) closed: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) ty: Ty,
    /// Whether every schema that has the type requires the field.
    pub(crate) required: bool,
    /// Whether the newest schema that has the type requires it.
    pub(crate) required_now: bool,
    pub(crate) default: Option<Value>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ty {
    Any,
    Bool,
    Integer(Integer),
    Float,
    Text,
    List(Box<Ty>),
    Map(Box<Ty>),
    Nullable(Box<Ty>),
    Named(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Integer {
    I32,
    I64,
    U16,
    U32,
    U64,
}

impl Ty {
    /// The type without null.
    pub(crate) fn bare(&self) -> &Ty {
        match self {
            Ty::Nullable(inner) => inner.bare(),
            other => other,
        }
    }

    pub(crate) fn is_nullable(&self) -> bool {
        matches!(self, Ty::Nullable(_))
    }

    /// The names of the types in it.
    pub(crate) fn visit(&self, visit: &mut impl FnMut(&str)) {
        match self {
            Ty::List(inner) | Ty::Map(inner) | Ty::Nullable(inner) => inner.visit(visit),
            Ty::Named(name) => visit(name),
            Ty::Any | Ty::Bool | Ty::Integer(_) | Ty::Float | Ty::Text => {}
        }
    }
}

impl Shape {
    /// The names of the types that it is made of.
    pub(crate) fn visit(&self, visit: &mut impl FnMut(&str)) {
        match self {
            Shape::Object(object) => object.fields.iter().for_each(|field| field.ty.visit(visit)),
            Shape::Text(_) | Shape::Enum(_) => {}
            Shape::Tagged { variants, .. } => variants.iter().for_each(|variant| visit(&variant.payload)),
            Shape::Mixed(variants) => {
                variants.iter().filter_map(|variant| variant.payload.as_ref()).for_each(|ty| ty.visit(visit));
            }
            Shape::Untagged(alternatives) => alternatives.iter().for_each(|ty| ty.visit(visit)),
        }
    }
}
