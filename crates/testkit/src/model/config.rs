//! What codex must be told to use a scripted model.

/// The name of the provider in the configuration.
const PROVIDER: &str = "scripted";

/// The configuration that points codex at a [`Model`](super::Model).
///
/// It needs no login. By default codex does not retry, so that failures are quick; the retries of codex itself can be
/// tested by allowing some.
#[derive(Clone, Debug)]
#[must_use]
pub struct ModelConfig {
    base_url: String,
    model: String,
    request_retries: u32,
    stream_retries: u32,
}

impl ModelConfig {
    pub(super) fn new(base_url: String) -> Self {
        Self { base_url, model: "gpt-5.5".to_owned(), request_retries: 0, stream_retries: 0 }
    }

    /// Sets the model that codex asks for. The tools that codex offers depend on it. Default: `gpt-5.5`.
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.model = model.into();
        self
    }

    /// How often codex repeats a request that failed with an HTTP error, in silence. Default: 0.
    pub fn request_retries(mut self, retries: u32) -> Self {
        self.request_retries = retries;
        self
    }

    /// How often codex starts a stream again that broke off, with an `error` notification each time.
    /// Default: 0.
    pub fn stream_retries(mut self, retries: u32) -> Self {
        self.stream_retries = retries;
        self
    }

    /// The settings as dotted keys with values in TOML, in the form of `codex --config key=value`.
    #[must_use]
    pub fn overrides(&self) -> Vec<(String, String)> {
        let top = [("model", quoted(&self.model)), ("model_provider", quoted(PROVIDER))];
        let provider = [
            ("name", quoted("Scripted model")),
            ("base_url", quoted(&self.base_url)),
            ("wire_api", quoted("responses")),
            ("requires_openai_auth", "false".to_owned()),
            ("supports_websockets", "false".to_owned()),
            ("request_max_retries", self.request_retries.to_string()),
            ("stream_max_retries", self.stream_retries.to_string()),
        ];
        let top = top.map(|(key, value)| (key.to_owned(), value));
        let provider = provider.map(|(key, value)| (format!("model_providers.{PROVIDER}.{key}"), value));
        top.into_iter().chain(provider).collect()
    }

    /// The settings as the text of a `config.toml`. Dotted keys, so that other settings can follow in any order.
    #[must_use]
    pub fn to_toml(&self) -> String {
        self.overrides().into_iter().map(|(key, value)| format!("{key} = {value}\n")).collect()
    }
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    // JSON escapes are a subset of those of TOML.
    serde_json::Value::from(text).to_string()
}
