//! Our macros of setters, as far as signatures need them.

use crate::error::{Error, Result};
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{format_ident, quote};
use std::collections::BTreeMap;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, ImplItem, Item, Token, Type};

/// The macros that write setters, by name: what each of them leaves behind.
pub(super) struct Macros(BTreeMap<String, TokenStream>);

/// The macro whose setters hand their value on.
const FORWARD: &str = "forward_to_params";

impl Macros {
    /// All macros of these items whose name says that they write setters.
    pub(super) fn of<'a>(items: impl Iterator<Item = &'a Item>) -> Self {
        let macros = items.filter_map(|item| match item {
            Item::Macro(item) => {
                let name = item.ident.as_ref()?.to_string();
                name.ends_with("_setters").then(|| (name, item.mac.tokens.clone()))
            }
            _ => None,
        });
        Self(macros.filter_map(|(name, rules)| Some((name, only_rule(rules)?))).collect())
    }

    /// The items of an `impl`, with those that the macros in it stand for.
    pub(super) fn expand(&self, items: &[ImplItem]) -> Result<Vec<ImplItem>> {
        let mut expanded = Vec::new();
        for item in items {
            let ImplItem::Macro(call) = item else {
                expanded.push(item.clone());
                continue;
            };
            let name = call.mac.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            if name == FORWARD {
                let setters: Forwarded = call.mac.parse_body().map_err(problem)?;
                expanded.extend(setters.0);
            } else {
                let body =
                    self.0.get(&name).ok_or_else(|| Error::new(format!("what does `{name}!` write?")))?;
                let items: Items = syn::parse2(fill(body.clone(), &call.mac.tokens)).map_err(problem)?;
                expanded.extend(self.expand(&items.0)?);
            }
        }
        Ok(expanded)
    }
}

/// What the only rule of a macro leaves behind.
fn only_rule(rules: TokenStream) -> Option<TokenStream> {
    let groups: Vec<Group> = rules
        .into_iter()
        .filter_map(|token| match token {
            TokenTree::Group(group) => Some(group),
            _ => None,
        })
        .collect();
    match groups.as_slice() {
        [_, body] if body.delimiter() == Delimiter::Brace => Some(body.stream()),
        _ => None,
    }
}

/// Puts the argument of a macro where its body names it, and leaves out the bodies of functions.
fn fill(body: TokenStream, argument: &TokenStream) -> TokenStream {
    let mut filled = TokenStream::new();
    let mut in_signature = false;
    let mut tokens = body.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(dollar) if dollar.as_char() == '$' => match tokens.next() {
                Some(TokenTree::Ident(name)) if name == "crate" => filled.extend(quote!(crate)),
                Some(TokenTree::Ident(_)) => filled.extend(argument.clone()),
                _ => {}
            },
            TokenTree::Group(group) if in_signature && group.delimiter() == Delimiter::Brace => {
                in_signature = false;
                filled.extend([TokenTree::Group(Group::new(Delimiter::Brace, TokenStream::new()))]);
            }
            TokenTree::Group(group) => {
                let inner = fill(group.stream(), argument);
                filled.extend([TokenTree::Group(Group::new(group.delimiter(), inner))]);
            }
            token => {
                in_signature |= matches!(&token, TokenTree::Ident(word) if word == "fn");
                filled.extend([token]);
            }
        }
    }
    filled
}

struct Items(Vec<ImplItem>);

impl Parse for Items {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut items = Vec::new();
        while !input.is_empty() {
            items.push(input.parse()?);
        }
        Ok(Self(items))
    }
}

/// Setters in the words of the macro that hands values on.
struct Forwarded(Vec<ImplItem>);

impl Parse for Forwarded {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut setters = Vec::new();
        while !input.is_empty() {
            let docs = input.call(Attribute::parse_outer)?;
            let (how, name): (Ident, Ident) = (input.parse()?, input.parse()?);
            input.parse::<Token![:]>()?;
            let value: Type = input.parse()?;
            input.parse::<Token![;]>()?;
            let taken = match how.to_string().as_str() {
                "into" => quote!(impl Into<#value>),
                "plain" => quote!(#value),
                "path" => quote!(impl AsRef<std::path::Path>),
                "paths" => quote!(impl IntoIterator<Item = impl AsRef<std::path::Path>>),
                "list" => quote!(impl IntoIterator<Item = impl Into<#value>>),
                _ => {
                    return Err(syn::Error::new(
                        how.span(),
                        "`into`, `plain`, `path`, `paths` or `list` is wanted",
                    ));
                }
            };
            let name = format_ident!("{name}");
            setters.push(syn::parse2(quote!(#(#docs)* pub fn #name(self, #name: #taken) -> Self {}))?);
        }
        Ok(Self(setters))
    }
}

fn problem(error: syn::Error) -> Error {
    Error::new(error.to_string())
}
