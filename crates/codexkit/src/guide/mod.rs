//! Guides: how things are done, with code that compiles.
//!
//! | guide | for the question |
//! |---|---|
//! | [`getting_started`] | How do I get an answer, and a conversation? |
//! | [`streaming`] | How do I watch a turn, steer it, stop it? |
//! | [`approvals`] | Who decides what the agent may do? |
//! | [`tools`] | How does the agent call my functions? |
//! | [`cancellation`] | What happens to what I drop? |
//! | [`errors`] | What went wrong, and may I try again? |
//! | [`timeouts`] | What if nothing happens any more? |
//! | [`compatibility`] | Which codex, which Rust, what if they change? |
//! | [`testing`] | How do I test without a login and tokens? |
//! | [`faq`] | What do people stumble over? |
//! | [`migrating`] | What do I write in place of another SDK's names? |

// What the texts link to.
#[cfg(doc)]
use crate::{protocol::Patch, rules::Command, rules::Rules, *};

#[doc = include_str!("getting_started.md")]
///
/// Next: [`streaming`], [`approvals`].
pub mod getting_started {}

#[doc = include_str!("streaming.md")]
///
/// Next: [`approvals`], [`cancellation`], [`timeouts`].
pub mod streaming {}

#[doc = include_str!("approvals.md")]
///
/// Next: [`tools`]; [`rules`] in full.
pub mod approvals {}

#[doc = include_str!("tools.md")]
///
/// Next: [`cancellation`].
pub mod tools {}

#[doc = include_str!("cancellation.md")]
///
/// Next: [`errors`], [`timeouts`].
pub mod cancellation {}

#[doc = include_str!("errors.md")]
///
/// Next: [`timeouts`].
pub mod errors {}

#[doc = include_str!("timeouts.md")]
///
/// Next: [`cancellation`], [`compatibility`].
pub mod timeouts {}

#[doc = include_str!("compatibility.md")]
///
/// Next: [`testing`]; [`protocol`] in full.
pub mod compatibility {}

#[doc = include_str!("testing.md")]
///
/// Next: [`faq`].
pub mod testing {}

#[doc = include_str!("faq.md")]
pub mod faq {}

pub mod migrating;
