//! What rules decide about.

use super::command;
use super::files::ChangedFile;
use super::mcp::ToolCall;
use super::network::Connection;
use super::paths::hides_something;
use super::permissions::{self, Wanted};
use crate::protocol::types::{
    CommandExecutionApprovalKind, CommandExecutionRequestApprovalParams, FileUpdateChange,
    McpServerElicitationRequestParams, NetworkApprovalProtocol, PatchChangeKind,
    PermissionsRequestApprovalParams, RequestPermissionProfile,
};
use serde_json::Value;
use std::fmt;

/// Longer descriptions are cut. In characters.
const LONGEST: usize = 4096;

/// Something that the agent asks for.
///
/// The server's own reading of a command (`commandActions`) and its proposals for rules are no part of it: they leave
/// out what a pipeline does.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Subject<'a> {
    /// To run a command.
    Command {
        /// The server's text, such as `/bin/bash -lc 'touch x && ls'`.
        line: &'a str,
        /// The folder in which it runs.
        cwd: Option<&'a str>,
        /// What accepting would permit besides. No rule allows it then.
        beyond: Option<&'static str>,
    },
    /// To change files.
    Files {
        /// The changes, from the item that was started before.
        changes: &'a [FileUpdateChange],
        /// The folder that relative paths begin at.
        cwd: Option<&'a str>,
        /// What accepting would permit besides. No rule allows it then.
        beyond: Option<&'static str>,
    },
    /// To reach a host.
    Network {
        /// Its name or address.
        host: &'a str,
        /// How.
        protocol: &'a NetworkApprovalProtocol,
    },
    /// To call a tool of an MCP server.
    McpTool {
        /// The server's name in the configuration.
        server: &'a str,
        /// The tool.
        tool: &'a str,
        /// The arguments, when they are told.
        arguments: Option<&'a Value>,
    },
    /// To get more permissions.
    Permissions {
        /// All of them.
        profile: &'a RequestPermissionProfile,
        /// The folder that relative paths begin at.
        cwd: Option<&'a str>,
    },
}

/// A part of what is asked for. All of them must be allowed; one that is denied is enough.
#[derive(Debug)]
pub(super) enum Part<'a> {
    Command(command::Asked<'a>),
    File(ChangedFile<'a>),
    Network(Connection<'a>),
    McpTool(ToolCall<'a>),
    Permission(Wanted<'a>),
    /// No rule is about this.
    Beyond(&'static str),
}

impl<'a> Subject<'a> {
    /// A command in an unknown folder.
    ///
    /// ```
    /// use codexkit::rules::{Rules, Subject, Verdict};
    ///
    /// assert_eq!(Rules::new().decide(&Subject::command("ls")).verdict, Verdict::Ask);
    /// ```
    pub fn command(line: &'a str) -> Self {
        Self::Command { line, cwd: None, beyond: None }
    }

    /// The changes that `item/fileChange/requestApproval` is about. The request names a `grant_root` when accepting it
    /// permits every later change below.
    pub fn files(changes: &'a [FileUpdateChange], cwd: Option<&'a str>, grant_root: Option<&str>) -> Self {
        Self::Files { changes, cwd, beyond: grant_root.map(|_| "to write in a whole folder from now on") }
    }

    /// The tool that an elicitation asks to call. None if it asks for something else.
    pub fn mcp_tool(asked: &'a McpServerElicitationRequestParams) -> Option<Self> {
        let McpServerElicitationRequestParams::Form(form) = asked else { return None };
        let meta = form.meta.as_ref()?;
        if meta.get("codex_approval_kind")? != "mcp_tool_call" {
            return None;
        }
        let tool = meta.get("tool_name")?.as_str()?;
        Some(Self::McpTool { server: &form.server_name, tool, arguments: meta.get("tool_params") })
    }

    pub(super) fn parts(&self) -> Vec<Part<'a>> {
        match *self {
            Self::Command { line, cwd, beyond } => {
                let command = Part::Command(command::Asked::new(line, cwd));
                [command].into_iter().chain(beyond.map(Part::Beyond)).collect()
            }
            Self::Files { changes, cwd, beyond } => {
                let changes = changes.iter().flat_map(|change| file_parts(change, cwd));
                changes.chain(beyond.map(Part::Beyond)).collect()
            }
            Self::Network { host, protocol } => vec![Part::Network(Connection { host, protocol })],
            Self::McpTool { server, tool, arguments } => {
                vec![Part::McpTool(ToolCall { server, tool, arguments })]
            }
            Self::Permissions { profile, cwd } => {
                permissions::wanted(profile, cwd).into_iter().map(Part::Permission).collect()
            }
        }
    }
}

fn file_parts<'a>(change: &'a FileUpdateChange, cwd: Option<&'a str>) -> impl Iterator<Item = Part<'a>> {
    let (target, beyond) = match &change.kind {
        PatchChangeKind::Add(_) | PatchChangeKind::Delete(_) => (None, None),
        PatchChangeKind::Update(update) => (update.move_path.as_deref(), None),
        _ => (None, Some(Part::Beyond("a change of an unknown kind"))),
    };
    let paths = [Some(change.path.as_str()), target];
    paths.into_iter().flatten().map(move |path| Part::File(ChangedFile { path, cwd })).chain(beyond)
}

impl<'a> From<&'a CommandExecutionRequestApprovalParams> for Subject<'a> {
    /// The connection, when the request is about one; else the command.
    fn from(asked: &'a CommandExecutionRequestApprovalParams) -> Self {
        if let Some(network) = &asked.network_approval_context {
            return Self::Network { host: &network.host, protocol: &network.protocol };
        }
        let beyond = match &asked.kind {
            None | Some(CommandExecutionApprovalKind::Command) if asked.additional_permissions.is_some() => {
                Some("additional permissions")
            }
            None | Some(CommandExecutionApprovalKind::Command) => None,
            Some(CommandExecutionApprovalKind::WriteStdin) => Some("input for a running program"),
            Some(_) => Some("something else than to run the command"),
        };
        Self::Command {
            line: asked.command.as_deref().unwrap_or_default(),
            cwd: asked.cwd.as_deref(),
            beyond,
        }
    }
}

impl<'a> From<&'a PermissionsRequestApprovalParams> for Subject<'a> {
    fn from(asked: &'a PermissionsRequestApprovalParams) -> Self {
        Self::Permissions { profile: &asked.permissions, cwd: Some(&asked.cwd) }
    }
}

/// For people and for logs: without contents and arguments, on one line, cut when it is long.
impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Command { line, cwd: Some(cwd), .. } => format!("run {line} in {cwd}"),
            Self::Command { line, .. } => format!("run {line}"),
            Self::Files { changes, .. } => {
                let paths: Vec<String> = changes.iter().map(change_text).collect();
                format!("change {}", paths.join(", "))
            }
            Self::Network { host, protocol } => format!("reach {host} over {}", protocol.as_str()),
            Self::McpTool { server, tool, .. } => format!("call the tool {tool} of {server}"),
            Self::Permissions { profile, cwd } => {
                let wanted: Vec<String> =
                    permissions::wanted(profile, *cwd).iter().map(ToString::to_string).collect();
                format!("be permitted to {}", wanted.join(", "))
            }
        };
        for character in text.chars().take(LONGEST) {
            if hides_something(character) {
                character.escape_default().try_for_each(|escaped| fmt::Write::write_char(f, escaped))?;
            } else {
                fmt::Write::write_char(f, character)?;
            }
        }
        if text.chars().nth(LONGEST).is_some() { f.write_str("...") } else { Ok(()) }
    }
}

fn change_text(change: &FileUpdateChange) -> String {
    match &change.kind {
        PatchChangeKind::Update(update) if update.move_path.is_some() => {
            format!("{} (moved to {})", change.path, update.move_path.as_deref().unwrap_or_default())
        }
        PatchChangeKind::Delete(_) => format!("{} (deleted)", change.path),
        _ => change.path.clone(),
    }
}
