//! Overrides that no longer concern anything.

use super::ir::{Schema, Shape};
use super::overrides::Overrides;
use crate::error::{Error, Result};
use std::collections::BTreeSet;

/// Fails when an override names a type, a member or a method that there is not.
pub(crate) fn check(overrides: &Overrides, schema: &Schema) -> Result<()> {
    let places = places(overrides, schema);
    let calls = [&schema.requests, &schema.server_requests, &schema.notifications];
    let methods: BTreeSet<&str> = calls.into_iter().flatten().map(|call| call.method.as_str()).collect();
    let mut stale: Vec<&str> = Vec::new();
    let named = overrides
        .docs
        .keys()
        .chain(&overrides.patch)
        .chain(&overrides.hot)
        .chain(overrides.names.suffix.keys());
    stale.extend(named.map(String::as_str).filter(|name| !places.contains(*name)));
    let ids = overrides.ids.values().flatten().filter(|id| id.contains('.'));
    stale.extend(ids.map(String::as_str).filter(|id| !places.contains(*id)));
    let (classes, delivery) = (&overrides.classes, &overrides.delivery);
    let lists = [&classes.long, &classes.control, &delivery.merge, &delivery.drop, &delivery.latest];
    let named = lists.into_iter().flatten().chain(overrides.responses.keys()).chain(overrides.units.keys());
    stale.extend(named.map(String::as_str).filter(|method| !methods.contains(*method)));
    if stale.is_empty() {
        return Ok(());
    }
    Err(Error::new(format!("overrides.toml names what there is not: {}", stale.join(", "))))
}

/// Every type, `Type.member` and `Union.text`, and the members of a union's payloads as `Union.member`.
fn places(overrides: &Overrides, schema: &Schema) -> BTreeSet<String> {
    let mut places: BTreeSet<String> = overrides.units.values().cloned().collect();
    for (name, shape) in &schema.types {
        places.insert(name.clone());
        let members: Vec<String> = match shape {
            Shape::Object(object) => object.fields.iter().map(|field| field.name.clone()).collect(),
            Shape::Text(texts) | Shape::Enum(texts) => texts.clone(),
            Shape::Mixed(variants) => variants.iter().map(|variant| variant.text.clone()).collect(),
            Shape::Untagged(_) => Vec::new(),
            Shape::Tagged { variants, .. } => {
                let mut members: Vec<String> = variants.iter().map(|variant| variant.text.clone()).collect();
                for variant in variants {
                    if let Some(Shape::Object(object)) = schema.types.get(&variant.payload) {
                        members.extend(object.fields.iter().map(|field| field.name.clone()));
                    }
                }
                members
            }
        };
        places.extend(members.iter().map(|member| format!("{name}.{member}")));
    }
    places
}
