//! Every method of the client.

use crate::registry;
use crate::sample::{Schema, Size};
use codexkit_protocol::{ALL_METHODS, CallClass, Method, Request, Version, types};
use coverage::covers;
use serde_json::{Value, json};

#[test]
fn every_method_of_both_schemas_is_there_and_no_other() {
    covers!["000-041"];
    let (oldest, newest) = (Schema::load("oldest"), Schema::load("newest"));
    let mut names: Vec<&str> = Vec::new();
    for schema in [&oldest, &newest] {
        names.extend(schema.methods("ClientRequest").iter().map(|(name, _)| *name));
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names, ALL_METHODS.iter().map(|method| method.name).collect::<Vec<_>>());
    for name in names {
        assert_eq!(Method::find(name).map(|method| method.name), Some(name));
    }
}

/// No method takes params that cannot be written, and none is sent null that wants an object.
#[test]
fn the_parameters_of_every_method_are_written_as_the_schema_wants_them() {
    covers!["000-061", "001-078", "002-108", "003-249"];
    for schema in [Schema::load("oldest"), Schema::load("newest")] {
        for (method, params) in schema.methods("ClientRequest") {
            for size in [Size::Minimal, Size::Maximal] {
                let samples = match params.get("anyOf") {
                    Some(alternatives) => schema.samples(&alternatives[0], size),
                    None => schema.samples(params, size),
                };
                for mut sample in samples {
                    if method == "thread/start" {
                        sample.as_object_mut().map(|members| members.remove("dynamicTools"));
                    }
                    let json = if sample.is_null() { "{}".to_owned() } else { sample.to_string() };
                    let written = registry::params(method, &json).unwrap().unwrap();
                    let learned_parameters = sample.is_null() && written == json!({});
                    assert!(written == sample || learned_parameters, "{method}: {written}");
                }
            }
        }
    }
}

/// The fields of a method that not every server takes are fields of its parameters.
#[test]
fn fields_are_listed_under_their_names() {
    covers!["001-078", "002-108"];
    let schemas = [Schema::load("oldest"), Schema::load("newest")];
    let has = |method: &str, field: &str| {
        schemas.iter().any(|schema| {
            let mut methods = schema.methods("ClientRequest").into_iter().filter(|(name, _)| *name == method);
            let target = methods
                .find_map(|(_, params)| params["$ref"].as_str().or(params["anyOf"][0]["$ref"].as_str()));
            target.is_some_and(|target| schema.get(target).unwrap()["properties"].get(field).is_some())
        })
    };
    for method in ALL_METHODS {
        for field in method.fields {
            assert!(has(method.name, field.name), "{}.{}", method.name, field.name);
        }
    }
}

#[test]
fn what_is_known_about_methods() {
    let start = types::ThreadStartParams::METHOD;
    let tools = start.fields.iter().find(|field| field.name == "dynamicTools").unwrap();
    assert!(tools.experimental && !start.experimental && start.class == CallClass::Quick);
    let find = |name| Method::find(name).unwrap();
    assert_eq!(find("turn/steer").class, CallClass::Control);
    assert_eq!(find("command/exec").class, CallClass::Long);
    assert_eq!(find("thread/rollback").until, Some(Version::new(0, 163, 0)));
    assert_eq!(find("thread/revert").since, Version::new(0, 154, 0));
    assert!(find("thread/backgroundTerminals/clean").experimental);
}

#[test]
fn parameters_are_built_by_chaining() {
    covers!["000-061"];
    let params = types::ThreadListParams::new()
        .limit(10u32)
        .project_id("p")
        .source_kinds([types::ThreadSourceKind::Cli]);
    let written = serde_json::to_value(&params).unwrap();
    assert_eq!(written, json!({ "limit": 10, "projectId": "p", "sourceKinds": ["cli"] }));
    let params =
        types::TurnStartParams::new("t", [types::UserInput::text("hi")]).effort(types::ReasoningEffort::HIGH);
    let written = serde_json::to_value(&params).unwrap();
    let expected: Value =
        json!({ "threadId": "t", "input": [{ "type": "text", "text": "hi" }], "effort": "high" });
    assert_eq!(written, expected);
    let input = types::UserInput::image_file_id("f");
    assert_eq!(serde_json::to_value(&input).unwrap(), json!({ "type": "image", "fileId": "f" }));
}
