//! What the server asks, and who answers.
//!
//! Each ask has exactly one owner: the handlers or the stream of its turn, else the handlers of its thread, else those of the
//! connection. Without an owner, or when the owner fails, it gets the answer that permits nothing.

mod agent;
mod approval;
mod decide;
mod dispatch;
mod elicitation;
mod handlers;
mod host;
mod kind;
mod observe;
mod open;
mod origin;
mod owners;
mod permissions;
mod record;
mod user_input;

pub use approval::{Approval, ApprovalAnswer, CommandApproval, FileChangeApproval};
pub(crate) use dispatch::Dispatcher;
pub use elicitation::{Elicitation, ElicitationAnswer, McpToolAnswer, McpToolApproval};
pub use handlers::IntoAnswer;
pub(crate) use handlers::{Handlers, agent_ask_setters, handler, host_ask_setters, raw_handler};
pub use host::{AccountTokens, Attestation, AttestationRequest, CurrentTime, TimeRequest, TokenRefresh};
pub use observe::{AskObserver, ObservedAsk};
pub use open::{Ask, Asks, OpenAsk};
pub use origin::Origin;
pub(crate) use owners::{Owners, ThreadClaim, TurnClaim};
pub use permissions::{PermissionAnswer, PermissionRequest};
pub use user_input::{UserInputAnswers, UserInputRequest};
