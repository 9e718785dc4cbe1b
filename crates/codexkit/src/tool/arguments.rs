//! Reading the arguments of a call, so that the model learns where they are wrong.

use super::reply::ToolError;
use crate::json_read;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads the arguments. The error names the place and the problem.
pub(super) fn read<A: DeserializeOwned>(arguments: &Value) -> Result<A, ToolError> {
    json_read::read(arguments).map_err(|error| {
        let problem = error.problem();
        ToolError::new(match error.path() {
            "" => format!("the arguments do not fit: {problem}"),
            path => format!("the argument `{path}` does not fit: {problem}"),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Trip {
        name: String,
        #[serde(default)]
        stops: Vec<Stop>,
        #[serde(default)]
        days: u8,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Stop {
        city: String,
        by: Means,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Means {
        Train,
        Ship,
    }

    fn refused(arguments: Value) -> String {
        read::<Trip>(&arguments).unwrap_err().text().to_owned()
    }

    #[test]
    fn arguments_that_fit_are_read() {
        let arguments = json!({ "name": "x", "days": 3, "stops": [{ "city": "Bonn", "by": "ship" }] });
        let trip: Trip = read(&arguments).unwrap();
        assert_eq!((trip.name.as_str(), trip.days, trip.stops.len()), ("x", 3, 1));
        assert_eq!(read::<Value>(&arguments).unwrap(), arguments);
    }

    #[test]
    fn a_problem_is_told_with_its_place() {
        let refusals = [
            (json!({}), "the arguments do not fit: missing field `name`"),
            (json!([1, 2]), "the argument `[0]` does not fit: invalid type: integer `1`, expected a string"),
            (json!("x"), "the arguments do not fit: invalid type: string \"x\", expected struct Trip"),
            (
                json!({ "name": 5, "stops": [] }),
                "the argument `name` does not fit: invalid type: integer `5`, expected a string",
            ),
            (
                json!({ "name": { "a": 1 } }),
                "the argument `name` does not fit: invalid type: map, expected a string",
            ),
            (
                json!({ "name": "a,b\"}\\", "days": 300 }),
                "the argument `days` does not fit: invalid value: integer `300`, expected u8",
            ),
            (
                json!({ "name": "x", "stops": [{ "city": "a", "by": "ship" }, { "by": "train" }] }),
                "the argument `stops[1]` does not fit: missing field `city`",
            ),
            (
                json!({ "name": "x", "stops": [{ "city": "a", "by": "foot" }] }),
                "the argument `stops[0].by` does not fit: unknown variant `foot`, expected `train` or `ship`",
            ),
            (
                json!({ "name": "x", "other": 1 }),
                "the arguments do not fit: unknown field `other`, expected one of `name`, `stops`, `days`",
            ),
        ];
        for (arguments, expected) in refusals {
            assert_eq!(refused(arguments), expected);
        }
    }
}
