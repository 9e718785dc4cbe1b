//! Whether a value has the form that a strict schema describes.

use super::rewrite::type_of;
use super::strict::Leniency;
use super::walk::{resolve, types};
use crate::protocol::DecodeError;
use serde_json::{Map, Value};
use std::cell::Cell;

type Fits = Result<(), DecodeError>;

/// How many references may lead to one another without a value between them.
const REFERENCES: usize = 50;

/// How many steps a whole answer may take. Far more than a sensible schema needs, and less than a second.
const STEPS: u32 = 1_000_000;

pub(super) fn fits(value: &Value, schema: &Value, leniency: Leniency) -> Fits {
    Form { root: schema, leniency, steps: Cell::new(0) }.value(value, schema, 0)
}

struct Form<'a> {
    root: &'a Value,
    leniency: Leniency,
    steps: Cell<u32>,
}

impl Form<'_> {
    fn value(&self, value: &Value, schema: &Value, references: usize) -> Fits {
        let Value::Object(node) = schema else { return Ok(()) };
        self.steps.set(self.steps.get() + 1);
        if references > REFERENCES || self.steps.get() > STEPS {
            return wrong("the schema leads in a circle");
        }
        if let Some(reference) = node.get("$ref").and_then(Value::as_str) {
            let target = resolve(self.root, reference).unwrap_or(&Value::Null);
            return self.value(value, target, references + 1);
        }
        if let Some(Value::Array(alternatives)) = node.get("anyOf") {
            self.any(value, alternatives, references)?;
        }
        let allowed = types(node);
        let is = type_of(value);
        let whole = value.as_f64().is_some_and(|number| number.fract() == 0.0);
        let of_type = |name: &&str| {
            *name == is || (*name == "number" && value.is_number()) || (*name == "integer" && whole)
        };
        if !allowed.is_empty() && !allowed.iter().any(of_type) {
            return wrong(format!("it is of the type {is}, and {} is wanted", allowed.join(" or ")));
        }
        one_of(value, node)?;
        match value {
            Value::Object(fields) => self.object(fields, node),
            Value::Array(entries) => self.list(entries, node),
            Value::String(text) => length(text.chars().count(), node, "minLength", "maxLength", "characters"),
            Value::Number(number) => number.as_f64().map_or(Ok(()), |number| bounds(number, node)),
            _ => Ok(()),
        }
    }

    /// The problem is that of the alternative that comes farthest.
    fn any(&self, value: &Value, alternatives: &[Value], references: usize) -> Fits {
        let mut problems = Vec::new();
        for alternative in alternatives {
            match self.value(value, alternative, references + 1) {
                Ok(()) => return Ok(()),
                Err(problem) => problems.push(problem),
            }
        }
        match problems.into_iter().max_by_key(|problem| problem.path().len()) {
            Some(problem) if !problem.path().is_empty() || alternatives.len() == 1 => Err(problem),
            Some(_) => wrong(format!("it has none of the {} forms that are allowed", alternatives.len())),
            None => Ok(()),
        }
    }

    fn object(&self, fields: &Map<String, Value>, node: &Map<String, Value>) -> Fits {
        let Some(Value::Object(properties)) = node.get("properties") else { return Ok(()) };
        if self.leniency == Leniency::None {
            if let Some(missing) = properties.keys().find(|name| !fields.contains_key(*name)) {
                return wrong(format!("`{missing}` is missing"));
            }
            if let Some(stranger) = fields.keys().find(|name| !properties.contains_key(*name)) {
                return wrong(format!("`{stranger}` is not known"));
            }
        }
        for (name, value) in fields {
            if let Some(schema) = properties.get(name) {
                self.value(value, schema, 0).map_err(|error| error.under(name))?;
            }
        }
        length(fields.len(), node, "minProperties", "maxProperties", "properties")
    }

    fn list(&self, entries: &[Value], node: &Map<String, Value>) -> Fits {
        if let Some(schema) = node.get("items") {
            for (index, entry) in entries.iter().enumerate() {
                self.value(entry, schema, 0).map_err(|error| error.at(index))?;
            }
        }
        let unique = node.get("uniqueItems") == Some(&Value::Bool(true));
        let repeated = |(index, entry): (usize, &Value)| entries[..index].contains(entry);
        if unique && entries.iter().enumerate().any(repeated) {
            return wrong("an entry comes twice");
        }
        length(entries.len(), node, "minItems", "maxItems", "entries")
    }
}

fn wrong(problem: impl Into<String>) -> Fits {
    Err(DecodeError::new(problem))
}

fn one_of(value: &Value, node: &Map<String, Value>) -> Fits {
    let listed = node.get("enum").and_then(Value::as_array).is_none_or(|values| values.contains(value));
    if !listed || node.get("const").is_some_and(|only| only != value) {
        return wrong(format!("{value} is none of the values that are allowed"));
    }
    Ok(())
}

fn length(is: usize, node: &Map<String, Value>, least: &str, most: &str, what: &str) -> Fits {
    let bound =
        |keyword: &str| node.get(keyword).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    match (bound(least), bound(most)) {
        (Some(least), _) if is < least => {
            wrong(format!("there are {is} {what}, and at least {least} are wanted"))
        }
        (_, Some(most)) if is > most => {
            wrong(format!("there are {is} {what}, and at most {most} are allowed"))
        }
        _ => Ok(()),
    }
}

fn bounds(number: f64, node: &Map<String, Value>) -> Fits {
    let breaks = |keyword: &str, is_broken: fn(f64, f64) -> bool| {
        let bound = node.get(keyword).and_then(Value::as_f64);
        bound
            .filter(|bound| is_broken(number, *bound))
            .map(|bound| format!("{number} breaks `{keyword}` {bound}"))
    };
    let broken = breaks("minimum", |number, bound| number < bound)
        .or_else(|| breaks("maximum", |number, bound| number > bound))
        .or_else(|| breaks("exclusiveMinimum", |number, bound| number <= bound))
        .or_else(|| breaks("exclusiveMaximum", |number, bound| number >= bound))
        .or_else(|| {
            breaks("multipleOf", |number, step| ((number / step).round() * step - number).abs() > 1e-9)
        });
    broken.map_or(Ok(()), wrong)
}
