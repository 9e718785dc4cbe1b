//! What the server asks, and who answers.

mod answers;
mod approval;

pub use approval::{Approval, ApprovalAnswer, CommandApproval, FileChangeApproval};

use crate::client::{AskAnswer, AskFuture, AskHandler};
use crate::future::BoxFuture;
use crate::protocol::{RawRequest, ServerRequest};
use std::fmt;
use std::sync::Arc;

type ApprovalHandler = Arc<dyn Fn(Approval) -> BoxFuture<'static, ApprovalAnswer> + Send + Sync>;

/// Who answers what the server asks. What has no handler gets the answer that permits nothing.
#[derive(Clone, Default)]
pub(crate) struct Handlers {
    pub(crate) approval: Option<ApprovalHandler>,
}

impl AskHandler for Handlers {
    fn answer(&self, request: RawRequest) -> AskFuture {
        match (ServerRequest::decode(&request), &self.approval) {
            (Ok(ServerRequest::CommandExecutionRequestApproval(ask)), Some(handler)) => {
                let answer = handler(Approval::command(ask));
                Box::pin(async move { answer.await.into_answer() })
            }
            (Ok(ServerRequest::FileChangeRequestApproval(ask)), Some(handler)) => {
                let answer = handler(Approval::file_change(ask));
                Box::pin(async move { answer.await.into_answer() })
            }
            (Ok(_), _) => self.at_once(&request),
            (Err(error), _) => {
                tracing::warn!(method = %request.method, %error, "a request of the server did not decode");
                self.at_once(&request)
            }
        }
    }

    fn safe_answer(&self, request: &RawRequest) -> AskAnswer {
        answers::safe(&request.method)
    }
}

impl Handlers {
    fn at_once(&self, request: &RawRequest) -> AskFuture {
        let answer = self.safe_answer(request);
        Box::pin(async move { answer })
    }
}

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handlers").field("approval", &self.approval.is_some()).finish()
    }
}
