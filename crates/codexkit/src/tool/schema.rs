//! Tools whose schema is that of the type of their arguments.

use super::{Tool, ToolCall, ToolError, ToolReply};
use crate::schema_of::schema_of;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

impl Tool {
    /// A tool whose arguments are of a type that knows its schema: a struct. The comments on its fields describe them to
    /// the model. Needs the feature `schema`.
    ///
    /// Otherwise as [`new`](Self::new).
    ///
    /// ```
    /// use codexkit::Tool;
    /// use schemars::JsonSchema;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize, JsonSchema)]
    /// struct City {
    ///     /// In English.
    ///     name: String,
    /// }
    ///
    /// let weather = Tool::typed("weather", "Tells the weather of a city", |city: City| async move {
    ///     Ok(format!("sunny in {}", city.name))
    /// });
    /// ```
    pub fn typed<A, F, Fut, R>(name: impl Into<String>, description: impl Into<String>, function: F) -> Self
    where
        A: DeserializeOwned + JsonSchema,
        F: Fn(A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, ToolError>> + Send + 'static,
        R: Into<ToolReply>,
    {
        Self::new(name, description, schema_of::<A>(), function)
    }

    /// As [`typed`](Self::typed), for a function that also wants to know where the call comes from. Needs the feature
    /// `schema`.
    pub fn typed_with_context<A, F, Fut, R>(
        name: impl Into<String>,
        description: impl Into<String>,
        function: F,
    ) -> Self
    where
        A: DeserializeOwned + JsonSchema,
        F: Fn(ToolCall, A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, ToolError>> + Send + 'static,
        R: Into<ToolReply>,
    {
        Self::with_context(name, description, schema_of::<A>(), function)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Deserialize, JsonSchema)]
    struct City {
        /// In English.
        name: String,
        country: Option<Country>,
    }

    #[derive(Deserialize, JsonSchema)]
    struct Country {
        code: String,
    }

    #[test]
    fn the_schema_is_that_of_the_type() {
        let tool = Tool::typed("weather", "Tells the weather", |city: City| async move {
            Ok(city.country.map_or(city.name, |country| country.code))
        });

        assert_eq!(tool.schema["type"], "object");
        assert_eq!(tool.schema["required"], json!(["name"]));
        assert_eq!(tool.schema["properties"]["name"]["description"], "In English.");
        assert_eq!(tool.schema["$defs"]["Country"]["required"], json!(["code"]));
        assert_eq!(tool.schema.get("$schema"), None);
    }

    #[test]
    fn arguments_that_are_no_object_are_refused_before_a_thread_is_started() {
        let tool = Tool::typed("shout", "Shouts", |text: String| async move { Ok(text.to_uppercase()) });
        let error = crate::ToolSet::from(tool).check().unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Usage);
    }
}
