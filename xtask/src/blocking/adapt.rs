//! From the signature of an async method to that of its twin.

use super::source::{Method, first_names, name_of};
use super::{ALIASES, TWINS, UNCONNECTED};
use quote::{ToTokens as _, format_ident};
use syn::{
    FnArg, GenericArgument, GenericParam, Pat, PathArguments, ReturnType, Signature, Type, TypeParamBound,
    WherePredicate, parse_quote,
};

/// How a value gets from the twin to the async half.
pub(super) enum Argument {
    /// As it is.
    Plain(String),
    /// A twin, of which the async half wants what is in it.
    Twin(String),
    /// A function that may block, with so many arguments.
    Function(String, usize),
}

/// What comes back from the async half.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Returned {
    /// A value that is the same in both halves.
    Plain,
    /// The builder itself.
    Itself,
    /// What has a twin.
    Original,
    /// A reference to what has one.
    BorrowedOriginal,
}

/// A method of a twin.
pub(super) struct Twin {
    pub(super) signature: Signature,
    pub(super) arguments: Vec<Argument>,
    pub(super) returned: Returned,
    pub(super) waits: bool,
    /// Whether what the async half gives may be an error.
    pub(super) fallible: bool,
}

pub(super) fn adapt(method: &Method) -> Twin {
    let mut signature = method.signature.clone();
    let waits = signature.asyncness.take().is_some();
    let functions = take_functions_that_block(&mut signature);
    let mut arguments = Vec::new();
    for input in &mut signature.inputs {
        match input {
            // Only that of a value can be `mut self` by itself.
            FnArg::Receiver(receiver) => receiver.mutability = None,
            FnArg::Typed(input) => {
                let Pat::Ident(name) = &mut *input.pat else { continue };
                name.mutability = None;
                let (name, ty) = (name.ident.to_string(), name_of(&input.ty).unwrap_or_default());
                arguments.push(match functions.iter().find(|(function, _)| *function == ty) {
                    Some((_, inputs)) => Argument::Function(name, *inputs),
                    None if is_twin(&ty) => Argument::Twin(name),
                    None => Argument::Plain(name),
                });
            }
        }
    }
    let (returned, fallible) = match &mut signature.output {
        ReturnType::Default => (Returned::Plain, false),
        ReturnType::Type(_, ty) => {
            let fallible = name_of(ty).is_some_and(|name| name == "Result");
            let returned = returned(ty);
            if let (Returned::BorrowedOriginal, Type::Reference(reference)) = (returned, &**ty) {
                *ty = reference.elem.clone();
            }
            (returned, fallible)
        }
    };
    if waits && !fallible {
        // Where no wait is possible, there has to be a way to say so.
        signature.output = match signature.output {
            ReturnType::Default => parse_quote!(-> Result<()>),
            ReturnType::Type(_, ty) => parse_quote!(-> Result<#ty>),
        };
    }
    Twin { signature, arguments, returned, waits, fallible }
}

fn is_twin(name: &str) -> bool {
    [&TWINS[..], &UNCONNECTED, &ALIASES].iter().any(|names| names.contains(&name))
}

pub(super) fn returned(ty: &Type) -> Returned {
    match ty {
        Type::Path(path) if path.path.is_ident("Self") => Returned::Itself,
        Type::Reference(reference) if name_of(&reference.elem).is_some_and(|name| is_twin(&name)) => {
            Returned::BorrowedOriginal
        }
        _ if first_names(ty.to_token_stream()).iter().any(|name| is_twin(name)) => Returned::Original,
        _ => Returned::Plain,
    }
}

/// Where a function is wanted that gives a future, wants one that gives the value. Returns the names of the types of such
/// functions, and how many arguments they have.
fn take_functions_that_block(signature: &mut Signature) -> Vec<(String, usize)> {
    let Some(clause) = &mut signature.generics.where_clause else { return Vec::new() };
    let mut future = None;
    clause.predicates = std::mem::take(&mut clause.predicates)
        .into_iter()
        .filter(|predicate| {
            let output = output_of_future(predicate);
            let is_one = output.is_some();
            future = future.take().or(output);
            !is_one
        })
        .collect();
    let Some((parameter, output)) = future else { return Vec::new() };

    let (value, bound): (Type, Option<WherePredicate>) = match output {
        FutureOutput::Is(ty) => (*ty, None),
        FutureOutput::Fulfils(bounds) => {
            let name = format_ident!("A");
            (parse_quote!(#name), Some(parse_quote!(#name: #bounds + Send + 'static)))
        }
    };
    let mut functions = Vec::new();
    for predicate in &mut clause.predicates {
        let WherePredicate::Type(predicate) = predicate else { continue };
        let mut is_function = false;
        for bound in &mut predicate.bounds {
            if let Some(inputs) = give_value(bound, &parameter, &value) {
                is_function = true;
                functions.push((name_of(&predicate.bounded_ty).unwrap_or_default(), inputs));
            }
        }
        if !is_function {
            // It goes to another thread and back.
            predicate.bounds.extend::<[TypeParamBound; 2]>([parse_quote!(Send), parse_quote!('static)]);
        }
    }
    let parameters =
        std::mem::take(&mut signature.generics.params).into_iter().filter_map(|given| match given {
            GenericParam::Type(given) if given.ident == parameter => bound.is_some().then(|| parse_quote!(A)),
            given => Some(given),
        });
    signature.generics.params = parameters.collect();
    if let Some(clause) = &mut signature.generics.where_clause {
        clause.predicates.extend(bound);
    }
    functions
}

enum FutureOutput {
    Is(Box<Type>),
    Fulfils(syn::punctuated::Punctuated<TypeParamBound, syn::Token![+]>),
}

/// What a type parameter gives when it is awaited, and its name.
fn output_of_future(predicate: &WherePredicate) -> Option<(String, FutureOutput)> {
    let WherePredicate::Type(predicate) = predicate else { return None };
    let name = name_of(&predicate.bounded_ty)?;
    let arguments = predicate.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => match bound.path.segments.last() {
            Some(last) if last.ident == "Future" => Some(&last.arguments),
            _ => None,
        },
        _ => None,
    })?;
    let PathArguments::AngleBracketed(arguments) = arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::AssocType(output) => Some((name, FutureOutput::Is(Box::new(output.ty.clone())))),
        GenericArgument::Constraint(output) => Some((name, FutureOutput::Fulfils(output.bounds.clone()))),
        _ => None,
    }
}

/// Makes a function that gives the future give the value. Returns how many arguments it has, if it is one.
fn give_value(bound: &mut TypeParamBound, future: &str, value: &Type) -> Option<usize> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    let PathArguments::Parenthesized(function) = &mut bound.path.segments.last_mut()?.arguments else {
        return None;
    };
    match &mut function.output {
        ReturnType::Type(_, ty) if name_of(ty).is_some_and(|name| name == future) => {
            **ty = value.clone();
            Some(function.inputs.len())
        }
        _ => None,
    }
}

/// What a method gives that is called until it gives nothing more.
pub(super) fn item_of_stream(signature: &Signature) -> Option<Type> {
    signature.asyncness?;
    let ReturnType::Type(_, ty) = &signature.output else { return None };
    let within = match name_of(ty)?.as_str() {
        "Result" => only_argument(ty)?,
        _ => (**ty).clone(),
    };
    if name_of(&within)? == "Option" { only_argument(&within) } else { None }
}

fn only_argument(ty: &Type) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    match &path.path.segments.last()?.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
            GenericArgument::Type(ty) => Some(ty.clone()),
            _ => None,
        },
        _ => None,
    }
}
