//! The methods of a twin: each calls that of the async half, and waits for it.

use super::adapt::{self, Argument, Returned, Twin};
use super::emit::attributes;
use super::prose::Context;
use super::source::{Block, Members, Method};
use quote::ToTokens;
use syn::Type;

/// Methods that have no twin, since they lend out what has one.
const LENT: [(&str, &str); 1] = [("Steps", "turn")];

/// Methods whose twin does something of its own with the async half.
const BODIES: [(&str, &str, &str); 1] = [(
    "Configuration",
    "update",
    "let mut change = change;\nlet update = self.inner.update(|now, write| change(now, write.wrap(&self.runtime)).inner);\nself.runtime.wait(update)",
)];

/// Writes what one type can do.
pub(super) struct Writer<'a> {
    pub(super) name: &'a str,
    /// Whether it has a connection, and so a runtime.
    pub(super) connected: bool,
    pub(super) context: &'a Context<'a>,
}

impl Writer<'_> {
    /// The twin of an `impl`, and of the stream that is in it.
    pub(super) fn block(&self, block: &Block) -> String {
        let (parameters, _, clause) = block.generics.split_for_impl();
        let (parameters, of) = (parameters.to_token_stream(), block.of.to_token_stream());
        let (mut docs, mut methods, mut iterators) = (String::new(), String::new(), String::new());
        match &block.members {
            Members::Methods(written) => {
                docs = attributes(&block.attributes, self.context);
                for method in written {
                    methods.push_str(&self.method(method));
                    iterators.extend(iterator(block, method));
                }
            }
            Members::Awaited(output) => methods.push_str(&self.wait(block, output)),
        }
        if methods.is_empty() {
            return iterators;
        }
        format!("{docs}impl{parameters} {of} {} {{\n{methods}}}\n\n{iterators}", clause.to_token_stream())
    }

    fn method(&self, method: &Method) -> String {
        let called = method.name();
        // A `next` that cannot fail is the iterator's.
        if LENT.contains(&(self.name, &called)) || (called == "next" && method.signature.asyncness.is_some())
        {
            return String::new();
        }
        let twin = adapt::adapt(method);
        let body = match BODIES.iter().find(|(of, name, _)| (*of, *name) == (self.name, &called)) {
            Some((_, _, body)) => (*body).to_owned(),
            None => self.body(method, &twin),
        };
        let docs = attributes(&method.attributes, self.context);
        format!("{docs}pub {} {{\n{body}\n}}\n\n", twin.signature.to_token_stream())
    }

    fn body(&self, method: &Method, twin: &Twin) -> String {
        let (name, connected) = (self.name, self.connected);
        let arguments: Vec<String> = twin.arguments.iter().map(argument).collect();
        let arguments = arguments.join(", ");
        let called = method.name();
        if !method.has_receiver() {
            let made = format!("crate::{name}::{called}({arguments})");
            return match (twin.waits, twin.returned) {
                (true, _) => format!("Runtime::found({made})"),
                (false, Returned::Itself) => format!("Self {{ inner: {made} }}"),
                (false, _) => {
                    let output = method.signature.output.to_token_stream().to_string();
                    format!("{} {{ inner: {made} }}", output.trim_start_matches("-> "))
                }
            };
        }
        let made = format!("self.inner.{called}({arguments})");
        match (twin.waits, twin.returned) {
            (true, _) if !connected => format!("Runtime::found({made})"),
            (true, returned) => {
                let waited = match twin.fallible {
                    true => format!("self.runtime.wait({made})"),
                    false => format!("self.runtime.wait(async {{ Ok({made}.await) }})"),
                };
                waited + wrapping(returned)
            }
            (false, Returned::Itself) if connected => {
                format!("Self {{ inner: {made}, runtime: self.runtime }}")
            }
            (false, Returned::Itself) => format!("Self {{ inner: {made} }}"),
            (false, returned) => made + wrapping(returned),
        }
    }

    /// The end of a builder.
    fn wait(&self, block: &Block, output: &Type) -> String {
        let name = self.name;
        let docs = match attributes(&block.attributes, self.context) {
            none if none.is_empty() => format!(
                "/// Does it and waits for what comes of it, as whoever awaits a [`{name}`](crate::{name}) does, with the same errors.\n"
            ),
            docs => docs,
        };
        let output_text = output.to_token_stream().to_string();
        let wrapping = wrapping(adapt::returned(output));
        format!(
            "{docs}pub fn wait(self) -> {output_text} {{\nself.runtime.wait(self.inner.into_future()){wrapping}\n}}\n"
        )
    }
}

fn argument(argument: &Argument) -> String {
    match argument {
        Argument::Plain(name) => name.clone(),
        Argument::Twin(name) => format!("{name}.inner"),
        Argument::Function(name, 1) => format!("offload({name})"),
        Argument::Function(name, _) => format!("offload_with_context({name})"),
    }
}

fn wrapping(returned: Returned) -> &'static str {
    match returned {
        Returned::Plain | Returned::Itself => "",
        Returned::Original => ".wrap(&self.runtime)",
        Returned::BorrowedOriginal => ".clone().wrap(&self.runtime)",
    }
}

/// What is read bit by bit can be gone through.
fn iterator(block: &Block, method: &Method) -> Option<String> {
    let called = method.name();
    let output = adapt::item_of_stream(&method.signature)?;
    let read = match called.as_str() {
        "try_next" => "self.inner.try_next()".to_owned(),
        "next" => "async { Ok(self.inner.next().await) }".to_owned(),
        _ => return None,
    };
    let (parameters, _, clause) = block.generics.split_for_impl();
    let text = format!(
        "/// Ends after an error that says that no wait is possible here.\nimpl{} Iterator for {} {} {{\n    type Item = Result<{}>;\n\n    fn next(&mut self) -> Option<Self::Item> {{\n        self.runtime.next({read})\n    }}\n}}\n\n",
        parameters.to_token_stream(),
        block.of.to_token_stream(),
        clause.to_token_stream(),
        output.to_token_stream(),
    );
    Some(text)
}
