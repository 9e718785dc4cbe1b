//! Every definition of the oldest and of the newest schema, read and written back.

use crate::registry;
use crate::sample::{Schema, Size, TEXT};
use coverage::covers;
use serde_json::{Value, json};

/// Definitions that are no generated types: lists of methods and frames (tested beside them), and parameters that
/// may be null.
fn is_no_type(name: &str) -> bool {
    name.starts_with("JSONRPC")
        || name.starts_with("Nullable")
        || ["ClientRequest", "ClientNotification", "ServerRequest", "ServerNotification"].contains(&name)
}

/// The definitions that are generated types.
fn types(schema: &Schema) -> impl Iterator<Item = (&String, &Value)> {
    let hand_written = ["RequestId", "ThreadId"];
    let strings = ["AbsolutePathBuf", "AgentPath", "LegacyAppPathString", "PathUri"];
    schema.definitions().filter(move |(name, definition)| {
        if strings.contains(&name.as_str()) {
            assert_eq!(definition["type"], "string", "{name}");
        }
        !is_no_type(name) && !hand_written.contains(&name.as_str()) && !strings.contains(&name.as_str())
    })
}

/// In 0.133 a tool had no tag. We send the tag, which that version ignores, and nobody sends us tools.
const OLD_TOOL: &str = "DynamicToolSpec";

/// Each sample of each definition; returns how many there were.
fn check(schema_name: &str, size: Size) -> usize {
    let schema = Schema::load(schema_name);
    let (mut count, mut problems) = (0, Vec::new());
    let exempt = |name: &str| schema_name == "oldest" && name == OLD_TOOL;
    for (name, definition) in types(&schema).filter(|(name, _)| !exempt(name)) {
        for mut sample in schema.samples(definition, size) {
            if schema_name == "oldest" && name == "ThreadStartParams" {
                sample.as_object_mut().map(|members| members.remove("dynamicTools"));
            }
            count += 1;
            match registry::through(name, &sample.to_string()) {
                None => problems.push(format!("{name}: no such type")),
                Some(Err(error)) => problems.push(format!("{name}: {error}\n{sample:#}")),
                Some(Ok(written)) => {
                    let (written, sample) = match size {
                        Size::Null => (without_nulls(written), without_nulls(sample)),
                        _ => (written, sample),
                    };
                    if written != sample {
                        problems.push(format!("{name}: read\n{sample}\nand wrote\n{written}"));
                    }
                }
            }
        }
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n\n"));
    count
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        Value::Array(values) => values.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

#[test]
fn the_least_that_the_newest_schema_allows() {
    assert!(check("newest", Size::Minimal) > 1000);
}

#[test]
fn everything_that_the_newest_schema_allows() {
    covers!["000-060", "000-063", "000-064", "T26", "D32"];
    assert!(check("newest", Size::Maximal) > 1000);
}

#[test]
fn the_least_that_the_oldest_schema_allows() {
    assert!(check("oldest", Size::Minimal) > 600);
}

#[test]
fn everything_that_the_oldest_schema_allows() {
    covers!["000-064"];
    assert!(check("oldest", Size::Maximal) > 600);
}

#[test]
fn null_is_absence_in_both() {
    check("newest", Size::Null);
    check("oldest", Size::Null);
}

#[test]
fn every_type_is_in_a_schema_or_part_of_a_union() {
    covers!["000-058", "O46"];
    let (oldest, newest) = (Schema::load("oldest"), Schema::load("newest"));
    let defined =
        registry::NAMES.iter().filter(|name| newest.get(name).or(oldest.get(name)).is_some()).count();
    assert_eq!(
        defined,
        types(&newest).count() + types(&oldest).filter(|(name, _)| newest.get(name).is_none()).count()
    );
}

/// Any text for an enum, any tag for a union, any member for a union by member: kept and written back.
#[test]
fn the_future_is_kept_and_written_back() {
    let schema = Schema::load("newest");
    let (mut enums, mut tags, mut members) = (0, 0, 0);
    for (name, definition) in types(&schema) {
        let through = |value: &Value| registry::through(name, &value.to_string()).unwrap();
        for sample in schema.samples(definition, Size::Minimal) {
            match &sample {
                Value::String(text) if text != TEXT => {
                    assert_eq!(through(&json!("fromTheFuture")).unwrap(), "fromTheFuture", "{name}");
                    enums += 1;
                }
                Value::Object(_) if definition.get("oneOf").is_some() => {
                    if let Some(tag) = tag(definition) {
                        let mut future = sample.clone();
                        future[tag] = json!("fromTheFuture");
                        future["new"] = json!({ "a": [null] });
                        assert_eq!(through(&future).unwrap(), future, "{name}");
                        tags += 1;
                    } else {
                        let future = json!({ "fromTheFuture": { "a": [1, 2.5] } });
                        assert_eq!(through(&future).unwrap(), future, "{name}");
                        members += 1;
                    }
                }
                _ => {}
            }
        }
    }
    assert!(enums > 400 && tags > 150 && members > 10, "{enums} {tags} {members}");
}

fn tag(definition: &Value) -> Option<&str> {
    let first = definition["oneOf"][0]["properties"].as_object()?;
    let fixed =
        first.iter().find(|(_, member)| member["enum"].as_array().is_some_and(|texts| texts.len() == 1));
    fixed.map(|(name, _)| name.as_str())
}

/// Tolerance is for the tag only: what both schemas require must be there, and the error says where.
#[test]
fn a_missing_member_is_an_error_that_names_it() {
    let (oldest, newest) = (Schema::load("oldest"), Schema::load("newest"));
    let history = Schema::load("history").into_value();
    let mut count = 0;
    for (name, definition) in types(&newest) {
        let before = oldest.get(name).unwrap_or(definition);
        let required = |definition: &Value| definition["required"].as_array().cloned().unwrap_or_default();
        if definition.get("oneOf").is_some() || definition.get("anyOf").is_some() {
            continue;
        }
        let between = history["optional_in_between"][name].as_array().cloned().unwrap_or_default();
        let always = |member: &&Value| required(before).contains(member) && !between.contains(member);
        for member in required(definition).iter().filter(always) {
            let member = member.as_str().unwrap();
            let mut sample = newest.samples(definition, Size::Minimal).remove(0);
            sample.as_object_mut().unwrap().remove(member);
            match registry::through(name, &sample.to_string()).unwrap() {
                Err(error) => assert!(error.to_string().contains(member), "{name}: {error}"),
                Ok(_) => panic!("{name} does without {member}"),
            }
            count += 1;
        }
    }
    assert!(count > 1000, "{count}");
}
