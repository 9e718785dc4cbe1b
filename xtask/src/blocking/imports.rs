//! Where the names come from that signatures and docs use.

use std::collections::BTreeMap;
use syn::{Item, UseTree, Visibility};

/// Names, and the paths that they stand for.
#[derive(Clone, Default)]
pub(super) struct Imports(BTreeMap<String, String>);

impl Imports {
    /// What the items of a module import, or only what they export.
    pub(super) fn of(items: &[Item], module: &[String], exported: bool) -> Self {
        let mut imports = Self::default();
        for item in items {
            match item {
                Item::Use(item) if !exported || matches!(item.vis, Visibility::Public(_)) => {
                    imports.take(&item.tree, &mut Vec::new(), module);
                }
                _ => {}
            }
        }
        imports
    }

    pub(super) fn merge(&mut self, others: &Self) {
        self.0.extend(others.0.iter().map(|(name, path)| (name.clone(), path.clone())));
    }

    /// The path that a name stands for.
    pub(super) fn path(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn take(&mut self, tree: &UseTree, path: &mut Vec<String>, module: &[String]) {
        match tree {
            UseTree::Path(step) => {
                path.push(step.ident.to_string());
                self.take(&step.tree, path, module);
                path.pop();
            }
            UseTree::Name(name) if name.ident == "self" => {
                if let Some(last) = path.last().cloned() {
                    self.0.insert(last, absolute(path, module));
                }
            }
            UseTree::Name(name) => {
                path.push(name.ident.to_string());
                self.0.insert(name.ident.to_string(), absolute(path, module));
                path.pop();
            }
            UseTree::Rename(rename) if rename.rename == "_" => {}
            UseTree::Rename(rename) => {
                path.push(rename.ident.to_string());
                let absolute = format!("{} as {}", absolute(path, module), rename.rename);
                self.0.insert(rename.rename.to_string(), absolute);
                path.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|item| self.take(item, path, module)),
            UseTree::Glob(_) => {}
        }
    }
}

/// A path as it reads in any module.
fn absolute(path: &[String], module: &[String]) -> String {
    let ups = path.iter().take_while(|step| *step == "super").count();
    let from = path.first().map(String::as_str);
    if ups == 0 && from != Some("self") {
        return path.join("::");
    }
    let base = &module[..module.len().saturating_sub(ups)];
    let rest = path.iter().skip_while(|step| *step == "super" || *step == "self");
    let steps: Vec<&str> = std::iter::once("crate")
        .chain(base.iter().map(String::as_str))
        .chain(rest.map(String::as_str))
        .collect();
    steps.join("::")
}
