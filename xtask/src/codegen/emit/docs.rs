//! The documentation of types: our own words where there are any, else what the type is for.

use crate::codegen::model::Model;
use crate::codegen::names::snake;
use std::collections::BTreeMap;

pub(crate) struct Docs<'a> {
    model: &'a Model,
    roles: BTreeMap<String, Vec<String>>,
}

impl<'a> Docs<'a> {
    pub(crate) fn new(model: &'a Model) -> Self {
        Self { model, roles: model.roles() }
    }

    /// Doc comment lines of a type.
    pub(crate) fn of_type(&self, name: &str) -> String {
        let own = self.model.overrides.doc(name).map(str::to_owned);
        let roles = self.roles.get(name).map(|roles| roles.join("\n\n"));
        let words = || format!("The protocol's {}.", snake(name).replace('_', " "));
        let text = match (own, roles) {
            (Some(own), Some(roles)) => format!("{own}\n\n{roles}"),
            (own, roles) => own.or(roles).unwrap_or_else(words),
        };
        comment(&text)
    }

    /// Doc comment lines of a field or variant, if we have words for it.
    pub(crate) fn of_member(&self, owner: &str, member: &str) -> String {
        self.model.overrides.doc(&format!("{owner}.{member}")).map(comment).unwrap_or_default()
    }
}

fn comment(text: &str) -> String {
    text.lines()
        .map(|line| if line.is_empty() { "///\n".to_owned() } else { format!("/// {line}\n") })
        .collect()
}
