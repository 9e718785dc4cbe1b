//! Turns whose answer has a form.

use super::strict::{SchemaChange, StrictSchema};
use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::json_read;
use crate::output::TurnOutput;
use crate::protocol::DecodeError;
use crate::protocol::types::UserInput;
use crate::turn::Run;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::future::IntoFuture;

/// A turn whose final answer is to have a form; await it. Made by `Run::json` and [`Run::json_schema`].
#[must_use = "a turn is started when this is awaited"]
pub struct StructuredRun<T> {
    run: Run,
    schema: Result<StrictSchema>,
    repair: bool,
    read: fn(&Value) -> Result<T, DecodeError>,
}

/// The answer of a turn in the form that was asked for, and all else that the turn gave.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Structured<T> {
    /// The answer.
    pub value: T,
    /// What the turn gave. With a repair, this is the turn that mended the answer.
    pub output: TurnOutput,
    /// The turn whose answer did not have the form, if it was mended.
    pub rejected: Option<TurnOutput>,
    /// What had to be changed in the schema.
    pub changes: Vec<SchemaChange>,
}

impl Run {
    /// Asks for a final answer of a type that knows its schema: a struct. The comments on its fields describe them to the
    /// model. Needs the feature `schema`.
    ///
    /// The schema is brought into the [strict form](StrictSchema) and checked before anything is sent. It replaces one
    /// that was set by [`output_schema`](Run::output_schema).
    ///
    /// ```no_run
    /// # async fn example(thread: codexkit::Thread) -> codexkit::Result<()> {
    /// use schemars::JsonSchema;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize, JsonSchema)]
    /// struct Report {
    ///     /// From 0, none, to 10.
    ///     risk: u8,
    ///     notes: Vec<String>,
    /// }
    ///
    /// let report = thread.run("Assess the risk of this change").json::<Report>().await?;
    /// println!("risk {}, for {:?}", report.value.risk, report.output.usage);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "schema")]
    pub fn json<T: DeserializeOwned + schemars::JsonSchema>(self) -> StructuredRun<T> {
        StructuredRun { run: self, schema: StrictSchema::of::<T>(), repair: false, read: json_read::read }
    }

    /// Asks for a final answer that follows a JSON schema, and reads it into a type, or a [`Value`].
    ///
    /// The schema is brought into the [strict form](StrictSchema) and checked before anything is sent, and the answer is
    /// checked against it.
    ///
    /// ```no_run
    /// # async fn example(thread: codexkit::Thread) -> codexkit::Result<()> {
    /// use serde_json::{Value, json};
    ///
    /// let schema = json!({
    ///     "type": "object",
    ///     "properties": { "files": { "type": "array", "items": { "type": "string" } } },
    ///     "required": ["files"],
    ///     "additionalProperties": false,
    /// });
    /// let answer = thread.run("Which files matter?").json_schema::<Value>(schema).repair().await?;
    /// println!("{}", answer.value["files"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn json_schema<T: DeserializeOwned>(self, schema: impl Into<Value>) -> StructuredRun<T> {
        StructuredRun {
            run: self,
            schema: StrictSchema::new(schema.into()),
            repair: false,
            read: json_read::read,
        }
    }
}

impl<T> StructuredRun<T> {
    /// If the answer does not have the form, tells the agent what is wrong and asks once more, in a turn of its own on the
    /// same thread with the same options. Default: no.
    pub fn repair(mut self) -> Self {
        self.repair = true;
        self
    }

    async fn finish(self) -> Result<Structured<T>> {
        let schema = self.schema?;
        let run = self.run.output_schema(schema.as_value().clone());
        let again = self.repair.then(|| run.clone());
        let output = run.await?;
        let problem = match understand(&output, &schema, self.read) {
            Ok(value) => {
                return Ok(Structured { value, output, rejected: None, changes: schema.changes });
            }
            Err(problem) => problem,
        };
        let Some(again) = again else { return Err(Error::invalid_output(problem, output)) };

        let input = format!(
            "Your last answer does not have the required form: {problem}. Give the whole answer again as JSON in the \
             required form, and nothing else."
        );
        let again = again.params(|mut params| {
            params.input = vec![UserInput::text(input)];
            (params.tool_output, params.client_user_message_id) = (None, None);
            params
        });
        let mended = match again.await {
            Ok(mended) => mended,
            Err(error) => return Err(Error::invalid_output(problem, output).with_source(error)),
        };
        match understand(&mended, &schema, self.read) {
            Ok(value) => {
                Ok(Structured { value, output: mended, rejected: Some(output), changes: schema.changes })
            }
            Err(problem) => Err(Error::invalid_output(problem, mended)),
        }
    }
}

fn understand<T>(
    output: &TurnOutput,
    schema: &StrictSchema,
    read: fn(&Value) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let value = parse(output)?;
    schema.check(&value)?;
    read(&value)
}

fn parse(output: &TurnOutput) -> Result<Value, DecodeError> {
    let text = output.final_text().ok_or_else(|| DecodeError::new("the agent gave no final answer"))?;
    serde_json::from_str(text).map_err(|error| DecodeError::new(format!("it is no JSON: {error}")))
}

impl TurnOutput {
    /// The final answer, read as JSON into a type.
    ///
    /// # Errors
    ///
    /// `InvalidOutput`, with the place and the problem; the error carries a copy of the output.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let value = parse(self).and_then(|value| json_read::read(&value));
        value.map_err(|problem| Error::invalid_output(problem, self.clone()))
    }
}

/// The turn ends as a plain run does, but for an answer without the form: that is `InvalidOutput`. A schema that cannot be
/// used is `Usage`, before anything is sent. Cancel safe: dropping the future interrupts the turn.
impl<T: Send + 'static> IntoFuture for StructuredRun<T> {
    type Output = Result<Structured<T>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.finish())
    }
}

impl<T> fmt::Debug for StructuredRun<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StructuredRun")
            .field("run", &self.run)
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}
