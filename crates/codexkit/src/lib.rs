//! Drive OpenAI's Codex coding agent.
