use super::{StrictSchema, fits, strict};
use crate::ErrorKind;
use serde_json::{Value, json};

fn strict(schema: Value) -> StrictSchema {
    StrictSchema::new(schema).unwrap()
}

fn object(name: &str, schema: Value) -> Value {
    json!({ "type": "object", "properties": { name: schema }, "required": [name], "additionalProperties": false })
}

#[test]
fn a_schema_in_the_strict_form_is_left_as_it_is() {
    let schema = json!({
        "type": "object",
        "properties": {
            "kind": { "type": "string", "enum": ["a", "b"], "description": "Which" },
            "next": { "anyOf": [{ "$ref": "#" }, { "type": "null" }] },
            "when": { "type": "string", "format": "date-time" },
            "counts": { "type": "array", "items": { "type": "integer", "minimum": 0 }, "maxItems": 3 },
        },
        "required": ["counts", "kind", "next", "when"],
        "additionalProperties": false,
    });
    let strict = strict(schema.clone());
    assert_eq!((strict.as_value(), strict.changes()), (&schema, &[][..]));
}

#[test]
fn optional_properties_become_nullable_and_objects_closed() {
    let strict = strict(json!({
        "type": "object",
        "properties": {
            "plain": { "type": "string" },
            "choice": { "type": "string", "enum": ["a"] },
            "already": { "type": ["integer", "null"] },
            "other": { "$ref": "#/$defs/Other" },
            "needed": { "type": "boolean" },
        },
        "required": ["needed"],
        "$defs": { "Other": { "type": "object", "properties": {}, "additionalProperties": false } },
    }));

    let properties = &strict.as_value()["properties"];
    assert_eq!(properties["plain"]["type"], json!(["string", "null"]));
    assert_eq!(properties["choice"], json!({ "type": ["string", "null"], "enum": ["a", null] }));
    assert_eq!(properties["already"]["type"], json!(["integer", "null"]));
    assert_eq!(properties["other"], json!({ "anyOf": [{ "$ref": "#/$defs/Other" }, { "type": "null" }] }));
    assert_eq!(properties["needed"]["type"], "boolean");
    assert_eq!(strict.as_value()["required"], json!(["already", "choice", "needed", "other", "plain"]));
    assert_eq!(strict.as_value()["additionalProperties"], false);
    let changed: Vec<_> = strict.changes().iter().map(|change| change.path.as_str()).collect();
    assert_eq!(changed, ["", "already", "choice", "other", "plain"]);
}

#[test]
fn what_has_another_way_of_saying_it_is_said_that_way() {
    let strict = strict(object(
        "part",
        json!({
            "description": "A part",
            "oneOf": [{ "const": 1 }, { "allOf": [{ "type": "string" }] }, { "$ref": "#/$defs/P", "description": "p" }],
            "default": 1,
        }),
    )
    .as_object()
    .cloned()
    .map(|mut node| {
        node.insert("$defs".to_owned(), json!({ "P": { "type": "number", "format": "double" } }));
        Value::Object(node)
    })
    .unwrap());

    let part = &strict.as_value()["properties"]["part"];
    assert_eq!(
        *part,
        json!({
            "description": "A part",
            "anyOf": [
                { "const": 1, "type": "integer" },
                { "type": "string" },
                { "description": "p", "anyOf": [{ "$ref": "#/$defs/P" }] },
            ],
        })
    );
    assert_eq!(strict.as_value()["$defs"]["P"], json!({ "type": "number" }));
    assert_eq!(strict.changes(), []);
}

#[test]
fn what_the_strict_form_does_not_know_is_refused_with_its_place() {
    let cases = [
        (json!({ "type": "string" }), "the root"),
        (json!({ "anyOf": [object("a", json!({ "type": "null" }))] }), "the root"),
        (json!(true), "the root"),
        (object("a", json!(true)), "`a`"),
        (object("a", json!({ "description": "anything" })), "`a`"),
        (object("a", json!({ "type": "object" })), "`a`"),
        (object("a", json!({ "type": "object", "additionalProperties": { "type": "string" } })), "`a`"),
        (object("a", object("b", json!({ "type": "array" }))), "`a.b`"),
        (object("a", json!({ "type": "array", "items": { "not": {}, "type": "string" } })), "`a[]`"),
        (object("a", json!({ "type": "array", "prefixItems": [], "items": { "type": "null" } })), "`a`"),
        (object("a", json!({ "allOf": [{ "type": "string" }, { "minLength": 1 }] })), "`a`"),
        (object("a", json!({ "$ref": "#/$defs/Missing" })), "`a`"),
        (object("a", json!({ "$ref": "https://example.com/schema" })), "`a`"),
        (object("a", json!({ "type": "text" })), "`a`"),
        (object("a", json!({ "type": "string", "patternProperties": {} })), "`a`"),
        (json!({ "type": "object", "properties": {}, "required": ["a"] }), "the root"),
    ];
    for (schema, place) in cases {
        let error = StrictSchema::new(schema.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage, "{schema}");
        assert!(error.to_string().contains(&format!("at {place},")), "{schema}: {error}");
    }
}

#[test]
fn a_schema_that_is_too_large_is_refused() {
    let deep = (0..11).fold(json!({ "type": "null" }), |inner, _| object("a", inner));
    let values: Vec<_> = (0..1001).map(|n| format!("v{n}")).collect();
    let wide: serde_json::Map<_, _> =
        (0..5001).map(|n| (format!("p{n}"), json!({ "type": "null" }))).collect();
    let endless = (0..300).fold(json!({ "type": "null" }), |inner, _| json!({ "anyOf": [inner] }));
    for schema in [
        deep,
        object("a", json!({ "type": "string", "enum": values })),
        json!({ "type": "object", "properties": wide }),
        object("a", json!({ "const": "x".repeat(120_001) })),
        object("a", endless),
    ] {
        assert_eq!(StrictSchema::new(schema).unwrap_err().kind(), ErrorKind::Usage);
    }
    let ten = (0..10).fold(json!({ "type": "null" }), |inner, _| object("a", inner));
    assert!(StrictSchema::new(ten).is_ok());
}

#[test]
fn bounds_that_the_model_is_not_told_of_are_checked_here() {
    let strict = strict(object("a", json!({ "type": "string", "minLength": 2, "maxLength": 3 })));
    assert_eq!(strict.as_value()["properties"]["a"], json!({ "type": "string" }));
    assert_eq!(strict.changes().len(), 2);
    assert!(strict.check(&json!({ "a": "äö" })).is_ok());
    assert_eq!(strict.check(&json!({ "a": "x" })).unwrap_err().path(), "a");
    assert_eq!(strict.check(&json!({ "a": "1234" })).unwrap_err().path(), "a");
}

#[test]
fn an_answer_is_held_to_its_schema() {
    let schema = json!({
        "type": "object",
        "properties": {
            "n": { "type": "integer", "minimum": 0, "maximum": 10 },
            "x": { "type": "number", "multipleOf": 0.5, "exclusiveMinimum": 0, "exclusiveMaximum": 2 },
            "list": { "type": "array", "items": { "$ref": "#/$defs/E" }, "minItems": 1, "maxItems": 2, "uniqueItems": true },
            "or": { "anyOf": [{ "type": "boolean" }, { "$ref": "#/$defs/Inner" }] },
        },
        "$defs": {
            "E": { "type": "string", "enum": ["a", "b"] },
            "Inner": object("deep", json!({ "type": ["string", "null"] })),
        },
        "required": ["list", "n", "or", "x"],
        "additionalProperties": false,
    });
    let strict = strict(schema);
    let good = json!({ "n": 3.0, "x": 1.5, "list": ["a", "b"], "or": { "deep": null } });
    assert_eq!(strict.check(&good), Ok(()));

    let with = |name: &str, value: Value| {
        let mut answer = good.clone();
        answer[name] = value;
        strict.check(&answer).map_err(|error| error.path().to_owned())
    };
    let wrong = [
        ("n", json!("3"), "n"),
        ("n", json!(3.5), "n"),
        ("n", json!(-1), "n"),
        ("n", json!(11), "n"),
        ("x", json!(0), "x"),
        ("x", json!(2), "x"),
        ("x", json!(0.7), "x"),
        ("list", json!([]), "list"),
        ("list", json!(["a", "a"]), "list"),
        ("list", json!(["a", "c"]), "list[1]"),
        ("list", json!(["a", "b", "a"]), "list"),
        ("or", json!(1), "or"),
        ("or", json!({ "deep": 1 }), "or.deep"),
        ("or", json!({}), "or"),
        ("stranger", json!(1), ""),
    ];
    for (name, value, path) in wrong {
        assert_eq!(with(name, value.clone()), Err(path.to_owned()), "{name}: {value}");
    }
    assert_eq!(strict.check(&json!({})).unwrap_err().path(), "");
    assert_eq!(with("or", json!(true)), Ok(()));
}

#[test]
fn a_schema_that_leads_in_a_circle_fits_nothing_and_ends() {
    let mut schema = object("a", json!({ "$ref": "#/$defs/A" }));
    schema["$defs"] = json!({ "A": { "anyOf": [{ "$ref": "#/$defs/A" }, { "$ref": "#/$defs/A" }] } });
    assert!(fits::fits(&json!({ "a": 1 }), &schema, strict::Leniency::None).is_err());
}

#[cfg(feature = "schema")]
mod typed {
    use super::*;
    use schemars::JsonSchema;
    use serde::Deserialize;
    use std::collections::{BTreeSet, HashMap};

    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code)]
    struct Report {
        /// From 0 to 10.
        #[schemars(range(max = 10))]
        risk: u8,
        remark: Option<String>,
        #[serde(default)]
        notes: Vec<Note>,
        /// What to do.
        verdict: Verdict,
        tags: BTreeSet<String>,
        follow_up: Option<Box<Report>>,
    }

    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code)]
    struct Note {
        line: u32,
        letter: char,
    }

    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code)]
    enum Verdict {
        /// As it is.
        Merge,
        Reject {
            why: String,
        },
    }

    #[test]
    fn the_schema_of_a_type_is_made_strict() {
        let strict = StrictSchema::of::<Report>().unwrap();
        let schema = strict.as_value();
        assert_eq!(
            schema["required"],
            json!(["follow_up", "notes", "remark", "risk", "tags", "verdict"]),
            "{schema:#}"
        );
        assert_eq!(schema["properties"]["remark"]["type"], json!(["string", "null"]));
        assert_eq!(schema["properties"]["notes"]["type"], "array", "the type cannot read null here");
        assert_eq!(schema["properties"]["risk"]["description"], "From 0 to 10.");
        assert_eq!(schema["$defs"]["Note"]["additionalProperties"], false);
        let changes: Vec<_> = strict.changes().iter().map(ToString::to_string).collect();
        for expected in [
            "at `remark`: it is required now: `null` stands for leaving it out",
            "at `notes`: it is required now",
            "at `tags`: the model is not told of `uniqueItems`; the answer is checked for it",
        ] {
            assert!(changes.iter().any(|change| change == expected), "{expected}: {changes:#?}");
        }
        let answer = json!({
            "risk": 3, "remark": null, "notes": [{ "line": 1, "letter": "x" }], "tags": ["a"],
            "verdict": { "Reject": { "why": "late" } }, "follow_up": null,
        });
        assert_eq!(strict.check(&answer), Ok(()));
        assert!(strict.check(&json!({ "risk": 11 })).is_err());
    }

    #[test]
    fn types_without_a_strict_form_are_refused_with_the_field() {
        #[derive(Deserialize, JsonSchema)]
        #[allow(dead_code)]
        struct Bad<T> {
            field: T,
        }
        for error in [
            StrictSchema::of::<Bad<HashMap<String, u8>>>().unwrap_err(),
            StrictSchema::of::<Bad<(u8, String)>>().unwrap_err(),
            StrictSchema::of::<Bad<Value>>().unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Usage);
            assert!(error.to_string().contains("`field`"), "{error}");
        }
        assert!(StrictSchema::of::<Verdict>().is_err());
        assert!(StrictSchema::of::<Vec<String>>().is_err());
    }
}
