//! Which response answers which request.

use codexkit_testkit::model::{Model, Response, Script, prompt_contains, prompt_is};

use crate::client::ask;

#[tokio::test]
async fn the_queue_is_played_in_order() {
    let model =
        Model::start(Model::script().text("one").times(2, Response::new().text("two"))).await.unwrap();

    for expected in ["one", "two", "two"] {
        assert_eq!(ask(&model, "go").await.text(), [expected]);
    }

    model.assert_finished();
}

#[tokio::test]
async fn a_route_has_a_queue_of_its_own() {
    let script = Model::script()
        .when(prompt_is("agent 1"), Model::script().text("1a").text("1b"))
        .when(prompt_contains("agent 2"), Response::new().text("2"))
        .text("nobody");
    let model = Model::start(script).await.unwrap();

    let prompts = ["you are agent 2!", "agent 1", "agent 17", "agent 1"];
    let mut texts = Vec::new();
    for prompt in prompts {
        texts.extend(ask(&model, prompt).await.text());
    }

    assert_eq!(texts, ["2", "1a", "nobody", "1b"]);
    model.assert_finished();
}

#[tokio::test]
async fn an_exhausted_route_does_not_take_what_is_meant_for_others() {
    let script = Model::script().when(prompt_contains("mine"), Script::new()).text("theirs");
    let model = Model::start(script).await.unwrap();

    assert_eq!(ask(&model, "mine").await.status, 400);

    assert_eq!(ask(&model, "else").await.text(), ["theirs"]);
}

#[tokio::test]
async fn a_responder_answers_what_the_queue_does_not() {
    let script = Model::script().text("first").respond_with(|request| {
        Response::new().text(format!("{}: {}", request.number(), request.last_user_text()))
    });
    let model = Model::start(script).await.unwrap();

    assert_eq!(ask(&model, "a").await.text(), ["first"]);
    assert_eq!(ask(&model, "b").await.text(), ["2: b"]);
    model.assert_finished();
}

#[tokio::test]
async fn a_request_without_a_script_is_refused_and_reported() {
    let model = Model::start(Model::script()).await.unwrap();

    let reply = ask(&model, "surprise").await;

    assert_eq!(reply.status, 400);
    assert!(reply.body.contains("nothing is scripted") && reply.body.contains("surprise"), "{}", reply.body);
    let unfinished = model.check().unwrap_err();
    assert_eq!((unfinished.left(), unfinished.unexpected().len()), (0, 1));
    assert_eq!(model.requests().len(), 1);
}

#[tokio::test]
async fn responses_that_nobody_asked_for_are_reported() {
    let script = Model::script().text("a").text("b").when(|_| false, Model::script().text("c"));
    let model = Model::start(script).await.unwrap();

    ask(&model, "go").await;

    assert_eq!(model.check().unwrap_err().left(), 2);
}

#[tokio::test]
#[should_panic(expected = "1 responses are left")]
async fn an_unfinished_script_fails_the_test() {
    let model = Model::start(Model::script().text("a")).await.unwrap();

    model.assert_finished();
}

#[tokio::test]
async fn a_panic_in_the_script_is_reported_and_the_model_lives_on() {
    let script = Model::respond_with(|request| match request.number() {
        1 => panic!("mistake in the test"),
        _ => Response::new().text("fine"),
    });
    let model = Model::start(script).await.unwrap();

    let reply = ask(&model, "go").await;

    assert_eq!(reply.status, 400);
    assert!(reply.body.contains("mistake in the test"), "{}", reply.body);
    assert_eq!(ask(&model, "go").await.text(), ["fine"]);
    assert!(model.check().is_err());
}
