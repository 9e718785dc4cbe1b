//! Names of the wire as names of Rust.

/// `input_text`, `on-request` and `openai/form` as `InputText`, `OnRequest` and `OpenaiForm`.
pub(crate) fn pascal(text: &str) -> String {
    let mut name = String::new();
    for word in text.split(|letter: char| !letter.is_ascii_alphanumeric()) {
        let mut letters = word.chars();
        if let Some(first) = letters.next() {
            name.push(first.to_ascii_uppercase());
            let rest = letters.as_str();
            if word.len() > 1 && word.chars().all(|letter| !letter.is_ascii_lowercase()) {
                name.push_str(&rest.to_ascii_lowercase());
            } else {
                name.push_str(rest);
            }
        }
    }
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        name.insert(0, 'V');
    }
    name
}

/// `threadId` and `gatewayOAuth` as `thread_id` and `gateway_oauth`.
pub(crate) fn snake(text: &str) -> String {
    let text = text.replace("OAuth", "Oauth").replace("OpenAI", "Openai").replace("ChatGPT", "Chatgpt");
    let mut name = String::new();
    let letters: Vec<char> = text.chars().collect();
    for (index, letter) in letters.iter().enumerate() {
        if !letter.is_ascii_alphanumeric() {
            if !name.is_empty() && !name.ends_with('_') {
                name.push('_');
            }
        } else if letter.is_ascii_uppercase() {
            let previous = index.checked_sub(1).map(|at| letters[at]);
            let after_lower = previous.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
            let ends_capitals = previous.is_some_and(|c| c.is_ascii_uppercase())
                && letters.get(index + 1).is_some_and(char::is_ascii_lowercase);
            if (after_lower || ends_capitals) && !name.ends_with('_') {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
        } else {
            name.push(*letter);
        }
    }
    name
}

const KEYWORDS: [&str; 14] = [
    "as", "async", "const", "enum", "for", "impl", "in", "loop", "match", "mod", "move", "ref", "type", "use",
];

/// A field or function name that is no keyword.
pub(crate) fn identifier(text: &str) -> String {
    let name = snake(text);
    if KEYWORDS.contains(&name.as_str()) { format!("r#{name}") } else { name }
}

/// `threadId` as serde's `rename_all = "camelCase"` makes it of `thread_id`.
pub(crate) fn camel(field: &str) -> String {
    let mut name = String::new();
    let mut raise = false;
    for letter in field.trim_start_matches("r#").chars() {
        if letter == '_' {
            raise = true;
        } else if raise {
            name.push(letter.to_ascii_uppercase());
            raise = false;
        } else {
            name.push(letter);
        }
    }
    name
}

/// `xhigh` as `XHIGH`.
pub(crate) fn constant(text: &str) -> String {
    snake(text).to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_kinds() {
        assert_eq!(pascal("on-request"), "OnRequest");
        assert_eq!(pascal("openai/form"), "OpenaiForm");
        assert_eq!(pascal("AVAILABLE"), "Available");
        assert_eq!(pascal("24h"), "V24h");
        assert_eq!(snake("httpStatusCode"), "http_status_code");
        assert_eq!(snake("MCPServer"), "mcp_server");
        assert_eq!(snake("_meta"), "meta");
        assert_eq!(snake("sha256Sum"), "sha256_sum");
        assert_eq!(identifier("type"), "r#type");
        assert_eq!(camel("thread_id"), "threadId");
    }
}
