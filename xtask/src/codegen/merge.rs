//! Two schemas in one: everything that either has, and required only what both require.

use super::ir::{Call, Field, Mixed, Object, Params, Schema, Shape, Tagged, Ty};
use crate::error::{Error, Result};
use std::collections::BTreeMap;

/// Merges the oldest schema into the newest.
pub(crate) fn merge(oldest: &Schema, newest: &Schema) -> Result<Schema> {
    let mut merged = newest.clone();
    let payloads = payloads_of_new_unions(oldest, newest);
    for (name, old) in &oldest.types {
        let shape = match newest.types.get(name) {
            Some(new) => shape(name, old, new)?,
            None => old.clone(),
        };
        merged.types.insert(name.clone(), shape);
    }
    for (old, payload) in payloads {
        if let Some(Shape::Object(object)) = merged.types.get_mut(&payload) {
            weaken(object, &old);
        }
    }
    calls(&mut merged.requests, &oldest.requests)?;
    calls(&mut merged.server_requests, &oldest.server_requests)?;
    calls(&mut merged.notifications, &oldest.notifications)?;
    Ok(merged)
}

/// Makes optional what a version between the two did not require; the keys are `Type` or `Union.tag`.
pub(crate) fn weaken_in_between(
    schema: &mut Schema,
    fields: &BTreeMap<String, Vec<String>>,
    payload: impl Fn(&str, &str) -> String,
) {
    for (place, fields) in fields {
        let name = match place.split_once('.') {
            Some((union, tag)) => payload(union, tag),
            None => place.clone(),
        };
        if let Some(Shape::Object(object)) = schema.types.get_mut(&name) {
            for field in object.fields.iter_mut().filter(|field| fields.contains(&field.name)) {
                field.required = false;
            }
        }
    }
}

fn calls(merged: &mut Vec<Call>, old: &[Call]) -> Result<()> {
    for call in old {
        match merged.iter_mut().find(|other| other.method == call.method) {
            None => merged.push(call.clone()),
            Some(other) if other == call => {}
            // A method that took null learned to take parameters.
            Some(Call { params: Params::Nullable(_), .. }) if call.params == Params::None => {}
            Some(_) => return Err(Error::at(&call.method, "the parameters have another type than before")),
        }
    }
    Ok(())
}

fn shape(path: &str, old: &Shape, new: &Shape) -> Result<Shape> {
    Ok(match (old, new) {
        (Shape::Object(old), Shape::Object(new)) => Shape::Object(object(path, old, new)?),
        (Shape::Text(old) | Shape::Enum(old), Shape::Text(new)) => Shape::Text(union(old, new)),
        (Shape::Enum(old), Shape::Enum(new)) => Shape::Enum(union(old, new)),
        (Shape::Tagged { variants: old, tag: old_tag }, Shape::Tagged { variants: new, tag })
            if old_tag == tag =>
        {
            let gone = old.iter().filter(|old| !new.iter().any(|new| new.text == old.text));
            let variants: Vec<Tagged> = new.iter().chain(gone).cloned().collect();
            Shape::Tagged { tag: tag.clone(), variants }
        }
        // See `payloads_of_new_unions`.
        (Shape::Object(_), Shape::Tagged { .. }) => new.clone(),
        (Shape::Mixed(old), Shape::Mixed(new)) => Shape::Mixed(mixed(path, old, new)?),
        (Shape::Untagged(old), Shape::Untagged(new)) if old == new => Shape::Untagged(new.clone()),
        _ => return Err(Error::at(path, "the oldest and the newest schema have different shapes")),
    })
}

fn union(old: &[String], new: &[String]) -> Vec<String> {
    let gone = old.iter().filter(|text| !new.contains(text));
    new.iter().chain(gone).cloned().collect()
}

fn mixed(path: &str, old: &[Mixed], new: &[Mixed]) -> Result<Vec<Mixed>> {
    let mut variants = new.to_vec();
    for variant in old {
        let same = |other: &&mut Mixed| {
            other.text == variant.text && other.payload.is_some() == variant.payload.is_some()
        };
        match (variants.iter_mut().find(same), &variant.payload) {
            (None, _) => variants.push(variant.clone()),
            (Some(other), Some(old)) => {
                if let Some(new) = &mut other.payload {
                    *new = ty(path, old, new)?;
                }
            }
            (Some(_), None) => {}
        }
    }
    Ok(variants)
}

fn object(path: &str, old: &Object, new: &Object) -> Result<Object> {
    let mut merged = new.clone();
    for field in &mut merged.fields {
        match old.fields.iter().find(|other| other.name == field.name) {
            Some(other) => {
                field.ty = ty(&format!("{path}.{}", field.name), &other.ty, &field.ty)?;
                field.required &= other.required;
            }
            None => field.required = false,
        }
    }
    for field in &old.fields {
        let known =
            new.source.contains(&field.name) || new.fields.iter().any(|other| other.name == field.name);
        if !known {
            merged.fields.push(Field { required: false, required_now: false, ..field.clone() });
        }
    }
    Ok(merged)
}

/// The newest type, when both are written alike.
fn ty(path: &str, old: &Ty, new: &Ty) -> Result<Ty> {
    match (old, new) {
        (Ty::List(old), Ty::List(new)) => Ok(Ty::List(Box::new(ty(path, old, new)?))),
        (Ty::Map(old), Ty::Map(new)) => Ok(Ty::Map(Box::new(ty(path, old, new)?))),
        (Ty::Nullable(old), new) => Ok(Ty::Nullable(Box::new(ty(path, old, new.bare())?))),
        (old, Ty::Nullable(new)) => Ok(Ty::Nullable(Box::new(ty(path, old, new)?))),
        (Ty::Integer(_), Ty::Integer(_)) => Ok(new.clone()),
        _ if old == new => Ok(new.clone()),
        _ => Err(Error::at(path, format!("was {old:?} and is {new:?}"))),
    }
}

/// Plain objects that became unions since: what the old object did not require, the payloads cannot require either.
fn payloads_of_new_unions(oldest: &Schema, newest: &Schema) -> Vec<(Object, String)> {
    let mut found = Vec::new();
    for (name, old) in &oldest.types {
        if let (Shape::Object(old), Some(Shape::Tagged { variants, .. })) = (old, newest.types.get(name)) {
            found.extend(variants.iter().map(|variant| (old.clone(), variant.payload.clone())));
        }
    }
    found
}

fn weaken(object: &mut Object, old: &Object) {
    for field in &mut object.fields {
        let before = old.fields.iter().find(|other| other.name == field.name);
        if before.is_some_and(|before| !before.required) {
            field.required = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(name: &str, fields: &[(&str, bool, Ty)]) -> Schema {
        let fields = fields.iter().map(|(name, required, ty)| Field {
            name: (*name).to_owned(),
            ty: ty.clone(),
            required: *required,
            required_now: *required,
            default: None,
        });
        let object = Object { fields: fields.collect(), ..Object::default() };
        Schema { types: [(name.to_owned(), Shape::Object(object))].into(), ..Schema::default() }
    }

    #[test]
    fn required_is_what_both_require() {
        let old =
            schema("T", &[("both", true, Ty::Text), ("gone", true, Ty::Text), ("loose", false, Ty::Text)]);
        let new =
            schema("T", &[("both", true, Ty::Text), ("new", true, Ty::Text), ("loose", true, Ty::Text)]);
        let merged = merge(&old, &new).unwrap();
        let Shape::Object(object) = &merged.types["T"] else { panic!() };
        let required =
            |name: &str| object.fields.iter().find(|field| field.name == name).map(|field| field.required);
        assert_eq!(required("both"), Some(true));
        for name in ["gone", "new", "loose"] {
            assert_eq!(required(name), Some(false), "{name}");
        }
    }

    #[test]
    fn a_type_that_changed_is_an_error_with_its_path() {
        let error = merge(&schema("T", &[("f", true, Ty::Text)]), &schema("T", &[("f", true, Ty::Bool)]));
        assert!(error.unwrap_err().to_string().contains("`T.f`"));
    }
}
