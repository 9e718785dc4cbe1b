//! Reading the async half: what its handles and builders are, and what they can do.

use super::expand::Macros;
use super::imports::Imports;
use crate::error::{Error, Result, read};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::{Attribute, FnArg, Generics, ImplItem, Item, ItemStruct, ItemType, Signature, Type, Visibility};

/// The async half, as far as it gets a twin.
pub(super) struct Half {
    pub(super) originals: BTreeMap<String, Original>,
    /// Other names for originals, as `Review` is one for a `Run`.
    pub(super) aliases: Vec<ItemType>,
    /// What the crate exports at its root.
    pub(super) exported: Imports,
}

/// A handle or builder of the async half.
pub(super) struct Original {
    pub(super) item: ItemStruct,
    pub(super) blocks: Vec<Block>,
    pub(super) imports: Imports,
    pub(super) is_clone: bool,
    /// The module that defines it.
    module: Vec<String>,
}

/// What is awaited apart from any connection, for which there is `blocking::wait`; the asks in the midst of others; the
/// far end of a transport in memory.
const ASYNC_ONLY: [&str; 6] = ["Endpoint", "OpenAsk", "Provision", "Memory", "MemorySink", "MemorySource"];

/// A file of the async half.
struct Module {
    path: Vec<String>,
    items: Vec<Item>,
    imports: Imports,
    /// On what it is compiled.
    conditions: Vec<Attribute>,
}

/// An `impl` of it.
pub(super) struct Block {
    pub(super) attributes: Vec<Attribute>,
    pub(super) generics: Generics,
    pub(super) of: Type,
    pub(super) members: Members,
}

pub(super) enum Members {
    Methods(Vec<Method>),
    /// It can be awaited, for this.
    Awaited(Box<Type>),
}

pub(super) struct Method {
    pub(super) attributes: Vec<Attribute>,
    pub(super) signature: Signature,
}

impl Half {
    /// Reads all files of a crate.
    pub(super) fn read(src: &Path, names: &[&str]) -> Result<Self> {
        let mut modules = Vec::new();
        for path in rust_files(src)? {
            let file = syn::parse_file(&read(&path)?).map_err(|error| Error::file(&path, error))?;
            let (path, items) = (module(src, &path), file.items);
            let imports = Imports::of(&items, &path, false);
            modules.push(Module { path, items, imports, conditions: Vec::new() });
        }
        let conditions = conditions(&modules);
        for module in &mut modules {
            module.conditions = conditions.get(&module.path).cloned().unwrap_or_default();
        }

        let root = modules.iter().find(|module| module.path.is_empty());
        let exported = root.map(|root| Imports::of(&root.items, &[], true)).unwrap_or_default();
        let macros = Macros::of(modules.iter().flat_map(|module| &module.items));
        let mut half = Self { originals: BTreeMap::new(), aliases: Vec::new(), exported };
        for module in &modules {
            half.take_types(module, names);
        }
        for module in &modules {
            half.take_blocks(module, &macros)?;
        }
        if let Some(missing) = names.iter().find(|name| !half.originals.contains_key(**name)) {
            return Err(Error::new(format!("the async half has no `{missing}` any more")));
        }
        half.check_that_all_have_twins(&modules)?;
        Ok(half)
    }

    /// Fails when something has come up that users have to await and that has no twin.
    fn check_that_all_have_twins(&self, modules: &[Module]) -> Result<()> {
        for module in modules {
            for item in &module.items {
                let Item::Impl(block) = item else { continue };
                let Some(name) = name_of(&block.self_ty) else { continue };
                let is_awaited = |item: &ImplItem| matches!(item, ImplItem::Fn(function) if is_public(&function.vis) && function.sig.asyncness.is_some());
                let is_known = self.originals.contains_key(&name) || ASYNC_ONLY.contains(&&*name);
                if block.items.iter().any(is_awaited) && !is_known {
                    return Err(Error::new(format!("`{name}` can be awaited and has no twin")));
                }
            }
        }
        Ok(())
    }

    fn take_types(&mut self, module: &Module, names: &[&str]) {
        for item in &module.items {
            match item {
                Item::Struct(item) if is_public(&item.vis) && names.contains(&&*item.ident.to_string()) => {
                    let name = item.ident.to_string();
                    if !self.is_exported(&name, module) {
                        continue;
                    }
                    let is_clone = item.attrs.iter().any(|attribute| {
                        attribute.path().is_ident("derive")
                            && attribute.to_token_stream().to_string().contains("Clone")
                    });
                    let mut item = item.clone();
                    item.attrs.retain(|attribute| !attribute.path().is_ident("derive"));
                    let (blocks, imports, module) = (Vec::new(), Imports::default(), module.path.clone());
                    self.originals.insert(name, Original { item, blocks, imports, is_clone, module });
                }
                Item::Type(item) => {
                    let of = name_of(&item.ty).unwrap_or_default();
                    if is_public(&item.vis) && names.contains(&&*of) {
                        self.aliases.push(item.clone());
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether a name means, in a module, what the root exports under it.
    fn is_exported(&self, name: &str, module: &Module) -> bool {
        let Some(exported) = self.exported.path(name).and_then(|path| path.split("::").next()) else {
            return false;
        };
        match module.imports.path(name) {
            Some(path) => path.strip_prefix("crate::").is_some_and(|path| path.starts_with(exported)),
            None => module.path.first().is_some_and(|first| first == exported),
        }
    }

    fn take_blocks(&mut self, module: &Module, macros: &Macros) -> Result<()> {
        for item in &module.items {
            match item {
                Item::Type(alias) if self.aliases.iter().any(|known| known.ident == alias.ident) => {
                    let original = name_of(&alias.ty).and_then(|name| self.originals.get_mut(&name));
                    original.into_iter().for_each(|original| original.imports.merge(&module.imports));
                }
                Item::Impl(block) => {
                    let Some(name) = name_of(&block.self_ty) else { continue };
                    if !self.originals.contains_key(&name) || !self.is_exported(&name, module) {
                        continue;
                    }
                    let Some(members) = members(block, macros)? else { continue };
                    let block = Block {
                        attributes: module.conditions.iter().chain(&block.attrs).cloned().collect(),
                        generics: block.generics.clone(),
                        of: (*block.self_ty).clone(),
                        members,
                    };
                    if let Some(original) = self.originals.get_mut(&name) {
                        original.imports.merge(&module.imports);
                        original.take(block, module);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Original {
    /// Adds an `impl`, to one of the same kind if there is one. Those beside the definition come first.
    fn take(&mut self, block: Block, module: &Module) {
        let is_beside = self.module == module.path;
        let header = |block: &Block| {
            let (generics, clause) = (&block.generics, &block.generics.where_clause);
            let of = &block.of;
            quote::quote!(#generics #of #clause).to_string()
        };
        let same = self.blocks.iter_mut().find(|there| {
            there.attributes.is_empty() && block.attributes.is_empty() && header(there) == header(&block)
        });
        match (same.map(|same| &mut same.members), block) {
            (Some(Members::Methods(there)), Block { members: Members::Methods(more), .. }) => {
                let at = if is_beside { 0 } else { there.len() };
                there.splice(at..at, more);
            }
            (_, block) if is_beside => self.blocks.insert(0, block),
            (_, block) => self.blocks.push(block),
        }
    }
}

/// What is of interest in an `impl`, if anything is.
fn members(block: &syn::ItemImpl, macros: &Macros) -> Result<Option<Members>> {
    match &block.trait_ {
        None => {
            let methods = public_methods(macros.expand(&block.items)?);
            Ok((!methods.is_empty()).then_some(Members::Methods(methods)))
        }
        Some((path, _)) if path.is_ident("IntoFuture") => {
            Ok(output(&block.items).map(|output| Members::Awaited(Box::new(output))))
        }
        Some(_) => Ok(None),
    }
}

/// On what modules are compiled that are not always.
fn conditions(modules: &[Module]) -> BTreeMap<Vec<String>, Vec<Attribute>> {
    let mut conditions = BTreeMap::new();
    for module in modules {
        for item in &module.items {
            let Item::Mod(child) = item else { continue };
            let path: Vec<String> = module.path.iter().cloned().chain([child.ident.to_string()]).collect();
            let of_child: Vec<_> =
                child.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect();
            conditions.insert(path, of_child);
        }
    }
    conditions
}

/// The names with which the paths in a text of Rust begin.
pub(super) fn first_names(tokens: TokenStream) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    // A path goes on after `::`, and what comes after `.` and `fn` is no path.
    let (mut colons, mut is_name) = (0, false);
    for token in tokens {
        let mut keeps = false;
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ':' => {
                (colons, keeps) = (colons + 1, true);
            }
            TokenTree::Punct(punct) => keeps = punct.as_char() == '.',
            TokenTree::Ident(word) if colons < 2 && !is_name => {
                keeps = word == "fn";
                names.insert(word.to_string());
            }
            TokenTree::Group(group) => names.extend(first_names(group.stream())),
            _ => {}
        }
        is_name = keeps && colons == 0;
        if !keeps {
            colons = 0;
        }
    }
    names
}

impl Method {
    pub(super) fn name(&self) -> String {
        self.signature.ident.to_string()
    }

    pub(super) fn has_receiver(&self) -> bool {
        matches!(self.signature.inputs.first(), Some(FnArg::Receiver(_)))
    }
}

/// The name of a type that is named without a module.
pub(super) fn name_of(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    let mut segments = path.path.segments.iter();
    segments.next().filter(|_| segments.next().is_none()).map(|only| only.ident.to_string())
}

fn public_methods(items: Vec<ImplItem>) -> Vec<Method> {
    let methods = items.into_iter().filter_map(|item| match item {
        ImplItem::Fn(function) if is_public(&function.vis) && !is_hidden(&function.attrs) => {
            Some(Method { attributes: function.attrs, signature: function.sig })
        }
        _ => None,
    });
    methods.collect()
}

fn output(items: &[ImplItem]) -> Option<Type> {
    items.iter().find_map(|item| match item {
        ImplItem::Type(output) if output.ident == "Output" => Some(output.ty.clone()),
        _ => None,
    })
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("doc") && attribute.to_token_stream().to_string().contains("hidden")
    })
}

/// All Rust files of the async half, in order.
fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder).map_err(|error| Error::file(folder, error))?;
    for entry in entries {
        let path = entry.map_err(|error| Error::file(folder, error))?.path();
        if path.is_dir() {
            // What is generated must not depend on what was generated.
            if !path.ends_with("src/blocking") {
                found.extend(rust_files(&path)?);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The path of the module that a file holds.
fn module(src: &Path, file: &Path) -> Vec<String> {
    let within = file.strip_prefix(src).unwrap_or(file).with_extension("");
    let mut path: Vec<String> = within.iter().map(|segment| segment.to_string_lossy().into_owned()).collect();
    if path.last().is_some_and(|last| last == "mod" || last == "lib") {
        path.pop();
    }
    path
}
