//! The imports of a twin's file.

use super::source::{Half, Original, first_names, name_of};
use crate::error::{Error, Result};
use proc_macro2::TokenStream;
use std::collections::{BTreeMap, BTreeSet};

/// What twins are made with, and the module that it is in.
const SUPPORT: [(&str, &str); 4] =
    [("Runtime", "runtime"), ("Wrap", "wrap"), ("offload", "offload"), ("offload_with_context", "offload")];

/// The imports for the names that a file uses, some of them only on a condition.
pub(super) fn uses(
    name: &str,
    always: &str,
    sometimes: &[(String, String)],
    original: &Original,
    half: &Half,
) -> Result<String> {
    let names = |text: &str| {
        let tokens = text.parse::<TokenStream>();
        tokens.map(first_names).map_err(|error| Error::new(format!("the twin of `{name}`: {error}")))
    };
    let known = names(always)?;
    let mut lines = use_lines("", known.iter().filter_map(|used| path(name, always, used, original, half)));
    for (condition, text) in sometimes {
        let more = names(text)?;
        let more = more.difference(&known).filter_map(|used| path(name, text, used, original, half));
        lines.push_str(&use_lines(condition, more));
    }
    Ok(lines + "\n")
}

/// The path of a name that a file uses, as the module that it is in and the rest.
fn path(name: &str, text: &str, used: &str, original: &Original, half: &Half) -> Option<(String, String)> {
    let alias = half.aliases.iter().find(|alias| alias.ident == used);
    let of = alias.and_then(|alias| name_of(&alias.ty)).unwrap_or_else(|| used.to_owned());
    let of_here = |module: &str| Some((module.to_owned(), used.to_owned()));
    if of == name {
        return None;
    }
    if half.originals.contains_key(&of) {
        return of_here("super");
    }
    if let Some((_, module)) = SUPPORT.iter().find(|(item, _)| *item == used) {
        return of_here(&format!("crate::blocking::{module}"));
    }
    if half.exported.path(used).is_some() {
        return of_here("crate");
    }
    // An argument may be called like a module.
    let is_value = used.starts_with(char::is_lowercase) && !text.contains(&format!("{used} ::"));
    let (module, item) = original.imports.path(used).filter(|_| !is_value)?.rsplit_once("::")?;
    Some((module.to_owned(), item.to_owned()))
}

fn use_lines(condition: &str, imports: impl Iterator<Item = (String, String)>) -> String {
    let mut by_module: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (module, item) in imports {
        by_module.entry(module).or_default().insert(item);
    }
    let lines = by_module.into_iter().map(|(module, items)| {
        let items: Vec<String> = items.into_iter().collect();
        format!("{condition}use {module}::{{{}}};\n", items.join(", "))
    });
    lines.collect()
}
