//! Gates, silence, and who ended the connection.

use codexkit_testkit::model::{Gate, Message, Model, Outcome, Response};
use coverage::covers;

use crate::client::{ask, send};

#[tokio::test]
async fn nothing_passes_a_closed_gate() {
    covers!["O47"];
    let gate = Gate::new();
    let model =
        Model::start(Model::script().text(Message::new("Hel").gate(&gate).chunk("lo"))).await.unwrap();

    let mut opened = send(&model, "go").await.open().await;
    let before = opened.until("Hel").await;
    gate.reached().await;
    gate.open();
    let after = opened.finish().await;

    assert!(!before.contains("\"lo\""));
    assert!(after.whole);
    assert_eq!(after.text(), ["lo"]);
    assert_eq!(model.requests()[0].outcome().await, Outcome::Finished);
}

#[tokio::test]
async fn a_gate_before_the_response_holds_back_even_an_error() {
    let gate = Gate::new();
    let model = Model::start(Model::script().gate(&gate).fail(429).text("free")).await.unwrap();

    let asked = send(&model, "go").await;
    gate.reached().await;
    assert_eq!(ask(&model, "other").await.text(), ["free"]);
    gate.open();

    assert_eq!(asked.open().await.status, 429);
}

#[tokio::test]
async fn one_gate_gathers_many_responses() {
    let gate = Gate::new();
    let response = Response::new().gate(&gate).text("x");
    let model = Model::start(Model::script().times(20, response)).await.unwrap();

    let mut asked = Vec::new();
    for _ in 0..20 {
        asked.push(send(&model, "go").await);
    }
    gate.reached_by(20).await;
    gate.open();

    for asked in asked {
        assert_eq!(asked.open().await.finish().await.text(), ["x"]);
    }
    assert_eq!(gate.arrivals(), 20);
}

#[tokio::test]
async fn a_client_that_leaves_at_a_gate_is_noticed() {
    let gate = Gate::new();
    let model = Model::start(Model::script().text(Message::new("Hel").gate(&gate))).await.unwrap();

    let mut opened = send(&model, "go").await.open().await;
    opened.until("Hel").await;
    let request = model.next_request().await;
    assert_eq!(request.outcome_now(), None);
    drop(opened);

    assert_eq!(request.outcome().await, Outcome::CutByClient);
}

#[tokio::test]
async fn a_client_that_leaves_before_the_response_is_noticed() {
    let model = Model::start(Model::script().never()).await.unwrap();

    let asked = send(&model, "go").await;
    let request = model.next_request().await;
    drop(asked);

    assert_eq!(request.outcome().await, Outcome::CutByClient);
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_a_flood_is_noticed() {
    let piece = "x".repeat(64 * 1024);
    let flood = Message::chunks((0..512).map(|_| piece.clone()));
    let model = Model::start(Model::script().text(flood)).await.unwrap();

    let mut opened = send(&model, "go").await.open().await;
    opened.until("delta").await;
    drop(opened);

    assert_eq!(model.next_request().await.outcome().await, Outcome::CutByClient);
}

#[tokio::test]
async fn a_stalled_stream_says_what_it_said_and_stays_open() {
    let model = Model::start(Response::new().text("Hello").stall().text("never")).await.unwrap();

    let mut opened = send(&model, "go").await.open().await;
    opened.until("response.output_item.done").await;
    let request = model.next_request().await;

    assert_eq!(request.outcome_now(), None);
    drop(opened);
    assert_eq!(request.outcome().await, Outcome::CutByClient);
}

#[tokio::test]
async fn a_client_may_leave_with_the_last_event() {
    let model = Model::start(Model::script().text("x")).await.unwrap();

    let mut opened = send(&model, "go").await.open().await;
    opened.until("response.completed").await;
    drop(opened);

    assert_eq!(model.next_request().await.outcome().await, Outcome::Finished);
}

#[tokio::test]
async fn a_dropped_model_closes_its_connections() {
    let model = Model::start(Model::script().never()).await.unwrap();
    let asked = send(&model, "go").await;
    let request = model.next_request().await;

    drop(model);

    assert!(asked.ends_without_a_byte().await);
    assert_eq!(request.outcome().await, Outcome::Stopped);
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "pauses.rs")]
async fn a_wait_for_a_gate_ends_and_names_who_waited() {
    Gate::new().reached_by(2).await;
}
