//! What rules can be made of.

use super::anything::Anything;
use super::command::{Command, Program};
use super::files::{Files, FilesMatching};
use super::ground::Ground;
use super::mcp::McpTool;
use super::network::Network;
use super::permissions::Permissions;
use super::permit::Permit;
use super::subject::Part;
use std::fmt;

/// What an allow rule can be about: a [`Command`], [`Files`] in a folder, [`Network`], [`McpTool`], [`Permissions`].
/// Nothing as wide as "any" or "this program" is among them.
#[derive(Clone)]
pub struct Grant(Narrow);

/// What a deny or an ask rule can be about: all that a [`Grant`] can, and [`Program`], [`FilesMatching`] and
/// [`Anything`] of one kind.
#[derive(Clone)]
pub struct Pattern(Wide);

#[derive(Clone)]
enum Narrow {
    Command(Command),
    Files(Files),
    Network(Network),
    McpTool(McpTool),
    Permissions(Permissions),
}

#[derive(Clone)]
enum Wide {
    Narrow(Narrow),
    Program(Program),
    FilesMatching(FilesMatching),
    Anything(Anything),
}

impl Grant {
    pub(super) fn permits(&self, part: &Part<'_>, ground: &Ground) -> Permit {
        match (&self.0, part) {
            (Narrow::Command(rule), Part::Command(asked)) => rule.permits(asked, ground),
            (Narrow::Files(rule), Part::File(file)) => rule.permits(file, &*ground.files),
            (Narrow::Network(rule), Part::Network(connection)) => rule.permits(connection).into(),
            (Narrow::McpTool(rule), Part::McpTool(call)) => rule.permits(call),
            (Narrow::Permissions(rule), Part::Permission(wanted)) => {
                rule.permits(wanted, &*ground.files).into()
            }
            _ => Permit::No,
        }
    }
}

impl Pattern {
    pub(super) fn concerns(&self, part: &Part<'_>, ground: &Ground) -> bool {
        match (&self.0, part) {
            (Wide::Anything(rule), part) => rule.concerns(part),
            (Wide::Program(rule), Part::Command(asked)) => rule.concerns(asked),
            (Wide::FilesMatching(rule), Part::File(file)) => rule.concerns(file, &*ground.files),
            (Wide::Narrow(rule), part) => match (rule, part) {
                (Narrow::Command(rule), Part::Command(asked)) => rule.concerns(asked),
                (Narrow::Files(rule), Part::File(file)) => rule.concerns(file, &*ground.files),
                (Narrow::Network(rule), Part::Network(connection)) => rule.concerns(connection),
                (Narrow::McpTool(rule), Part::McpTool(call)) => rule.concerns(call),
                (Narrow::Permissions(rule), Part::Permission(wanted)) => {
                    rule.concerns(wanted, &*ground.files)
                }
                _ => false,
            },
            _ => false,
        }
    }
}

macro_rules! narrow {
    ($($rule:ident),+) => {$(
        impl From<$rule> for Grant {
            fn from(rule: $rule) -> Self {
                Self(Narrow::$rule(rule))
            }
        }

        impl From<$rule> for Pattern {
            fn from(rule: $rule) -> Self {
                Self(Wide::Narrow(Narrow::$rule(rule)))
            }
        }
    )+};
}

macro_rules! wide {
    ($($rule:ident),+) => {$(
        impl From<$rule> for Pattern {
            fn from(rule: $rule) -> Self {
                Self(Wide::$rule(rule))
            }
        }
    )+};
}

narrow!(Command, Files, Network, McpTool, Permissions);
wide!(Program, FilesMatching, Anything);

impl fmt::Debug for Narrow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(rule) => rule.fmt(f),
            Self::Files(rule) => rule.fmt(f),
            Self::Network(rule) => rule.fmt(f),
            Self::McpTool(rule) => rule.fmt(f),
            Self::Permissions(rule) => rule.fmt(f),
        }
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Wide::Narrow(rule) => rule.fmt(f),
            Wide::Program(rule) => rule.fmt(f),
            Wide::FilesMatching(rule) => rule.fmt(f),
            Wide::Anything(rule) => rule.fmt(f),
        }
    }
}
