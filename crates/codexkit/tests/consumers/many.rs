//! Many subscriptions that share the budget of one connection.

use crate::heap::{self, Mark};
use crate::peer::connected;
use codexkit::{Event, Limits, Notifications};
use serde_json::json;

const MIB: usize = 1024 * 1024;
const SUBSCRIPTIONS: usize = 1000;

async fn read(subscription: &mut Notifications, until: &str) -> (usize, u64) {
    let (mut texts, mut missed) = (0, 0);
    loop {
        match subscription.try_next().await.expect("it goes on").expect("it goes on") {
            Event::TextDelta { text, .. } => texts += text.len(),
            Event::Lagged { missed: more } => missed += more,
            Event::Notification(last) if last.method() == until => return (texts, missed),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_subscriptions_stay_within_the_budget_and_lose_no_text() {
    let _alone = heap::alone().await;
    let limits = Limits::default();
    let budget = limits.subscriptions;
    let (codex, mut peer) = connected(limits).await;
    let mut reading = codex.subscribe().expect("it is open");
    let mut all: Vec<_> = (1..SUBSCRIPTIONS).map(|_| codex.subscribe().expect("it is open")).collect();

    let mark = Mark::now();
    let mut texts = 0;
    for _ in 0..10 {
        let text = json!({ "threadId": "t", "turnId": "u", "itemId": "m", "delta": "y".repeat(30) });
        for _ in 0..100 {
            peer.notify("item/agentMessage/delta", text.clone()).await;
            texts += 30;
        }
        let output = json!({ "threadId": "t", "turnId": "u", "itemId": "c", "delta": "z".repeat(300) });
        for _ in 0..200 {
            peer.notify("item/commandExecution/outputDelta", output.clone()).await;
        }
        peer.notify("brand/new", json!({})).await;
        read(&mut reading, "brand/new").await;
    }
    peer.notify("the/last", json!({})).await;
    read(&mut reading, "the/last").await;
    eprintln!("{SUBSCRIPTIONS} subscriptions: at most {} MiB", mark.most() / MIB);
    assert!(mark.most() <= 2 * budget, "{} MiB", mark.most() / MIB);

    for late in &mut all {
        let (text, missed) = read(late, "the/last").await;
        assert_eq!(text, texts, "all text is there");
        assert!(missed > 0, "output was left out, and it was told");
    }
    drop((reading, all));
    assert!(mark.kept() < 4 * MIB, "{} bytes are kept for nobody", mark.kept());
}
