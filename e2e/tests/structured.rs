//! Answers in a form that the program has asked for, on the real codex.

use codexkit::{ErrorKind, StrictSchema};
use e2e::model::Model;
use e2e::{Stage, covers, skipped, soon};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Report {
    /// From 0, none, to 10.
    #[schemars(range(max = 10))]
    risk: u8,
    remark: Option<String>,
}

#[tokio::test]
async fn an_answer_comes_as_a_value_of_a_type() {
    covers!["003-267", "T22"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script().text(r#"{"risk":3,"remark":null}"#)).await;
    let thread = stage.thread().await;

    let report = soon("the report", thread.run("Assess").json::<Report>().into_future()).await.unwrap();

    assert_eq!(report.value, Report { risk: 3, remark: None });
    assert_eq!(report.output.text(), r#"{"risk":3,"remark":null}"#);
    assert!(report.rejected.is_none());
    assert_eq!(report.changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), ["remark"]);
    // The model was held to the strict schema of the type.
    let requests = stage.model.requests();
    let format = &requests[0].body()["text"]["format"];
    assert_eq!((&format["type"], &format["strict"]), (&json!("json_schema"), &json!(true)));
    assert_eq!(format["schema"], *StrictSchema::of::<Report>().unwrap().as_value());
    assert_eq!(format["schema"]["required"], json!(["remark", "risk"]));
    assert_eq!(format["schema"]["additionalProperties"], false);
}

#[tokio::test]
async fn an_answer_without_the_form_is_an_error_that_keeps_it() {
    if skipped() {
        return;
    }
    let stage =
        Stage::new(Model::script().text("Not at all risky.").text(r#"{"risk":11,"remark":null}"#)).await;
    let thread = stage.thread().await;

    let error = soon("the end", thread.run("Assess").json::<Report>().into_future()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidOutput);
    assert_eq!(error.output().unwrap().text(), "Not at all risky.");
    assert_eq!(error.thread(), Some(thread.id()));

    let error = soon("the end", thread.run("Assess").json::<Report>().into_future()).await.unwrap_err();
    let (problem, raw) = error.undecodable().unwrap();
    assert_eq!((problem.path(), raw), ("risk", r#"{"risk":11,"remark":null}"#));
}

#[tokio::test]
async fn an_answer_is_repaired_in_one_more_turn() {
    if skipped() {
        return;
    }
    let script = Model::script().text(r#"{"remark":"x"}"#).text(r#"{"risk":1,"remark":"x"}"#);
    let stage = Stage::new(script).await;
    let thread = stage.thread().await;

    let run = thread.run("Assess").json::<Report>().repair();
    let report = soon("the report", run.into_future()).await.unwrap();

    assert_eq!(report.value.risk, 1);
    assert_eq!(report.rejected.unwrap().text(), r#"{"remark":"x"}"#);
    let requests = stage.model.requests();
    assert_eq!(requests.len(), 2);
    let asked = requests[1].last_user_text();
    assert!(asked.contains("missing field `risk`"), "{asked}");
    assert_eq!(requests[1].body()["text"]["format"], requests[0].body()["text"]["format"]);
}

#[tokio::test]
async fn there_is_no_second_repair() {
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script().text("no").text("still no")).await;
    let thread = stage.thread().await;

    let run = thread.run("Assess").json::<Report>().repair();
    let error = soon("the end", run.into_future()).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::InvalidOutput);
    assert_eq!(error.output().unwrap().text(), "still no");
    stage.model.assert_finished();
}

#[tokio::test]
async fn a_schema_can_be_given_as_it_is() {
    covers!["T22"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script().text(r#"{"files":["a"],"more":null}"#)).await;
    let thread = stage.thread().await;
    let schema = json!({
        "type": "object",
        "properties": {
            "files": { "type": "array", "items": { "type": "string" } },
            "more": { "type": "string" },
        },
        "required": ["files"],
    });

    let answer = soon("it", thread.run("Which?").json_schema::<Value>(schema).into_future()).await.unwrap();

    assert_eq!(answer.value, json!({ "files": ["a"], "more": null }));
    assert_eq!(answer.changes.len(), 2);
    let requests = stage.model.requests();
    let sent = &requests[0].body()["text"]["format"]["schema"];
    assert_eq!(sent["properties"]["more"]["type"], json!(["string", "null"]));
}

#[tokio::test]
async fn a_schema_that_cannot_be_asked_for_is_refused_before_anything_is_sent() {
    if skipped() {
        return;
    }
    #[derive(Debug, Deserialize, JsonSchema)]
    #[allow(dead_code)]
    struct Counts {
        by_name: std::collections::HashMap<String, u32>,
    }
    let stage = Stage::new(Model::script()).await;
    let thread = stage.thread().await;

    let error = soon("the refusal", thread.run("Count").json::<Counts>().into_future()).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Usage);
    assert!(error.to_string().contains("`by_name`"), "{error}");
    assert!(stage.model.requests().is_empty());
}

#[tokio::test]
async fn an_answer_can_be_read_afterwards() {
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script().text(r#"{"risk":3}"#)).await;
    let output = soon("a turn", stage.thread().await.run("Assess").into_future()).await.unwrap();

    assert_eq!(output.json::<Report>().unwrap(), Report { risk: 3, remark: None });
    let error = output.json::<Vec<u8>>().unwrap_err();
    assert_eq!((error.kind(), error.output().unwrap().text()), (ErrorKind::InvalidOutput, r#"{"risk":3}"#));
}
