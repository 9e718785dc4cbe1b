//! Sessions on the real codex.

use super::trouble::{Tally, Trouble, ends, holds};
use crate::Stage;
use crate::model::{Model, ModelRequest, Response};
use crate::processes::{family, gone, kill};
use crate::simulator::Chaos;
use codexkit::protocol::types::{ThreadLoadedListParams, TurnStatus};
use codexkit::{Codex, Event};

/// What the model does when it is asked, by the first word of the question.
fn respond(request: &ModelRequest) -> Response {
    let question = request.last_user_text();
    match question.split(' ').next() {
        Some("run") if request.function_outputs().is_empty() => Response::new().exec("echo ran"),
        Some("fail") => Response::new().http_error(400),
        Some("stall") => Response::new().text("Wait").stall(),
        _ => Response::new().text(question),
    }
}

/// A server with some turns and many calls, which is left, closed or killed.
pub(super) async fn session(mut chaos: Chaos) -> Result<Tally, Trouble> {
    let stage = Stage::new(Model::respond_with(respond)).await;
    let codex = ends("starting", stage.codex().await.start()).await??;
    let processes = family(codex.pid().unwrap_or_default());
    let mut tally = Tally { real: 1, ..Tally::default() };
    for number in 0..3 + chaos.below(6) {
        match chaos.below(6) {
            0 => fails(&codex).await?,
            1 => {
                given_up(&codex, chaos.below(2) == 0).await?;
                tally.given_up += 1;
                continue;
            }
            2 => calls(&codex, 300).await?,
            3 => completes(&codex, format!("run {number}")).await?,
            _ => completes(&codex, format!("say {number}")).await?,
        }
        tally.turns += 1;
    }
    match chaos.below(3) {
        0 => {
            kill(codex.pid().unwrap_or_default());
            ends("a killed server", codex.closed()).await?;
        }
        1 => drop(codex),
        _ => drop(ends("closing", codex.close()).await?),
    }
    ends("a process", gone(&processes)).await?;
    Ok(tally)
}

async fn completes(codex: &Codex, question: String) -> Result<(), Trouble> {
    let output = ends("a turn", codex.ask(&question).into_future()).await??;
    holds("a turn has its answer", output.text() == question)
}

async fn fails(codex: &Codex) -> Result<(), Trouble> {
    let thread = ends("starting a thread", codex.start_thread().ephemeral(true).into_future()).await??;
    let output = ends("a failing turn", thread.run("fail").outcome().into_future()).await??;
    holds("a turn has failed", output.status == TurnStatus::Failed)
}

/// A turn whose model never ends is interrupted, or dropped.
async fn given_up(codex: &Codex, interrupted: bool) -> Result<(), Trouble> {
    let thread = ends("starting a thread", codex.start_thread().ephemeral(true).into_future()).await??;
    let mut turn = ends("a start", thread.run("stall").stream()).await??;
    while !matches!(ends("a text", turn.try_next()).await??, Some(Event::TextDelta { .. })) {}
    if interrupted {
        turn.control().interrupt().await?;
        let output = ends("an interrupted turn", turn.finish()).await??;
        holds("a turn was interrupted", output.status == TurnStatus::Interrupted)?;
    }
    Ok(())
}

/// Many calls at once, of which every second is given up.
async fn calls(codex: &Codex, count: usize) -> Result<(), Trouble> {
    let start = |_| {
        let codex = codex.clone();
        tokio::spawn(async move { codex.call(&ThreadLoadedListParams::new()).await })
    };
    for (number, call) in (0..count).map(start).collect::<Vec<_>>().into_iter().enumerate() {
        if number.is_multiple_of(2) {
            call.abort();
        } else {
            ends("a call", call).await?.map_err(|error| Trouble::new(error.to_string()))??;
        }
    }
    Ok(())
}
