//! Give the agent functions of this program as tools.
//!
//! ```text
//! cargo run --example tools --features schema
//! ```

mod support;

use codexkit::{Tool, ToolError};
use codexkit_testkit::model::{Call, Model, Response};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex};

/// What the model has to call the tool with; the doc comments are part of what it is told.
#[derive(Deserialize, JsonSchema)]
struct Order {
    /// The name of the article.
    article: String,
    /// How many are wanted.
    count: u32,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let call =
        |article: &str, count: u32| Call::function("order", json!({ "article": article, "count": count }));
    let offline = support::offline(
        Model::script()
            // Two calls in one answer: they run side by side.
            .respond(Response::new().item(call("tea", 2).id("tea")).item(call("unicorn", 1).id("unicorn")))
            .text("The tea is ordered. Unicorns are out of stock."),
    )
    .await?;

    // The state of the tool is what its closure holds.
    let stock = Arc::new(Mutex::new(BTreeMap::from([("tea".to_owned(), 10)])));
    let shelf = stock.clone();
    let order = Tool::typed("order", "Orders an article from stock", move |order: Order| {
        let shelf = shelf.clone();
        async move {
            let mut shelf = shelf.lock().map_err(|_| ToolError::new("the shelf is broken"))?;
            match shelf.get_mut(&order.article) {
                Some(left) if *left >= order.count => {
                    *left -= order.count;
                    Ok(format!("ordered; {left} left"))
                }
                Some(left) => Err(ToolError::new(format!("only {left} left"))),
                None => Err(ToolError::new(format!("there is no {}", order.article))),
            }
        }
    });

    let codex = offline.codex().start().await?;
    let thread = codex.start_thread().tool(order).await?;
    let output = thread.run("Order two teas and a unicorn").await?;

    println!("agent: {}", output.text());
    println!("left: {:?}", stock.lock().map_err(|_| "the shelf is broken")?);
    codex.close().await;
    Ok(())
}
