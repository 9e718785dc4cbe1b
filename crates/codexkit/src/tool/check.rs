//! What a tool may be called, and what it may take.
//!
//! The server refuses most of what is wrong with the names by itself. Not so when it has a tool of the same name: then it
//! takes the calls, and nobody hears of it.

use super::definition::Tool;
use super::namespace::Namespace;
use super::set::ToolSet;
use crate::error::{Error, ErrorKind, Result};
use std::collections::HashSet;

const LONGEST_TOOL_NAME: usize = 128;
const LONGEST_NAMESPACE_NAME: usize = 64;
const LONGEST_NAMESPACE_DESCRIPTION: usize = 1024;

/// The tools whose calls codex keeps to itself, on one model or another.
const CODEX_TOOLS: [&str; 10] = [
    "apply_patch",
    "create_goal",
    "exec_command",
    "get_goal",
    "request_user_input",
    "shell_command",
    "tool_search",
    "update_goal",
    "view_image",
    "write_stdin",
];

/// The namespaces that belong to codex or to the provider of the model.
const TAKEN_NAMESPACES: [&str; 15] = [
    "api_tool",
    "browser",
    "computer",
    "container",
    "file_search",
    "functions",
    "image_gen",
    "multi_agent_v1",
    "multi_tool_use",
    "python",
    "python_user_visible",
    "submodel_delegator",
    "terminal",
    "tool_search",
    "web",
];

pub(super) fn check(set: &ToolSet) -> Result<()> {
    check_tools(&set.tools, None)?;
    let mut names = HashSet::new();
    for namespace in &set.namespaces {
        check_namespace(namespace)?;
        if !names.insert(namespace.name.as_str()) {
            let text = format!("there are two namespaces `{}`; put their tools into one", namespace.name);
            return Err(usage(text));
        }
    }
    Ok(())
}

fn check_namespace(namespace: &Namespace) -> Result<()> {
    let Namespace { name, description, tools } = namespace;
    check_name("namespace", name, LONGEST_NAMESPACE_NAME)?;
    if TAKEN_NAMESPACES.contains(&name.as_str()) {
        return Err(usage(format!("the namespace `{name}` is taken; give it another name")));
    }
    if description.chars().count() > LONGEST_NAMESPACE_DESCRIPTION {
        return Err(usage(format!(
            "the description of the namespace `{name}` is longer than {LONGEST_NAMESPACE_DESCRIPTION} characters"
        )));
    }
    if tools.is_empty() {
        return Err(usage(format!("the namespace `{name}` holds no tools; add one or leave it out")));
    }
    check_tools(tools, Some(name))
}

fn check_tools(tools: &[Tool], namespace: Option<&str>) -> Result<()> {
    let mut names = HashSet::new();
    for tool in tools {
        let name = &tool.name;
        check_name("tool", name, LONGEST_TOOL_NAME)?;
        if !names.insert(name) {
            return Err(usage(format!("there are two tools `{name}`; give one of them another name")));
        }
        if namespace.is_none() && CODEX_TOOLS.contains(&name.as_str()) {
            return Err(usage(format!(
                "codex has a tool `{name}` and would take its calls; give yours another name or a namespace"
            )));
        }
        if namespace.is_none() && tool.defer_loading {
            let text =
                format!("the tool `{name}` is to be found by searching, so it has to be in a namespace");
            return Err(usage(text));
        }
        if tool.schema["type"] != "object" {
            return Err(usage(format!(
                "the schema of the arguments of `{name}` does not describe an object: its `type` must be \"object\", as \
                 that of a struct"
            )));
        }
    }
    Ok(())
}

fn check_name(what: &str, name: &str, longest: usize) -> Result<()> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.is_empty() || name.len() > longest || !name.bytes().all(allowed) {
        return Err(usage(format!(
            "a {what} cannot be called {name:?}: a name is 1 to {longest} ASCII letters, digits, `_` and `-`"
        )));
    }
    if name == "mcp" || name.starts_with("mcp__") {
        return Err(usage(format!("a {what} cannot be called `{name}`: such names are for MCP servers")));
    }
    Ok(())
}

fn usage(text: String) -> Error {
    Error::new(ErrorKind::Usage, text)
}
