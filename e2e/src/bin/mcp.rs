//! A small MCP server over stdio, for tests: one tool asks the user, one wants leave.

use serde_json::{Value, json};
use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    let mut lines = io::stdin().lock().lines();
    while let Some(line) = lines.next() {
        let message: Value = serde_json::from_str(&line?)?;
        let id = &message["id"];
        match message["method"].as_str() {
            Some("initialize") => answer(id, &hello(&message))?,
            Some("tools/list") => {
                answer(id, &json!({ "tools": [tool("ask", true), tool("danger", false)] }))?
            }
            Some("tools/call") if message["params"]["name"] == "ask" => {
                let schema = json!({ "type": "object", "properties": { "name": { "type": "string" } }, "required": ["name"] });
                let params = json!({ "message": "What is your name?", "requestedSchema": schema });
                say(
                    &json!({ "jsonrpc": "2.0", "id": "question", "method": "elicitation/create", "params": params }),
                )?;
                let told = loop {
                    let reply: Value =
                        serde_json::from_str(&lines.next().unwrap_or_else(|| Ok("{}".into()))?)?;
                    if reply["id"] == "question" {
                        break reply["result"].clone();
                    }
                };
                answer(id, &text(&format!("the user said {told}")))?;
            }
            Some("tools/call") => answer(id, &text("it is done"))?,
            _ if id.is_null() => {}
            _ => answer(id, &json!({}))?,
        }
    }
    Ok(())
}

fn hello(message: &Value) -> Value {
    json!({
        "protocolVersion": message["params"]["protocolVersion"],
        "capabilities": { "tools": {} },
        "serverInfo": { "name": "test", "version": "1" },
    })
}

fn tool(name: &str, harmless: bool) -> Value {
    json!({
        "name": name,
        "description": name,
        "inputSchema": { "type": "object", "properties": {} },
        "annotations": { "readOnlyHint": harmless, "destructiveHint": !harmless, "openWorldHint": !harmless },
    })
}

fn text(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

fn answer(id: &Value, result: &Value) -> io::Result<()> {
    say(&json!({ "jsonrpc": "2.0", "id": id, "result": result }))
}

fn say(message: &Value) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{message}")?;
    output.flush()
}
