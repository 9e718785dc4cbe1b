//! Random trouble, the same for the same seed.

use super::act::Act;
use super::rng::Rng;
use serde_json::json;
use std::time::Duration;

/// An endless supply of troubled turns.
///
/// ```
/// use codexkit_testkit::simulator::{Chaos, Simulator};
///
/// let mut chaos = Chaos::new(7);
/// let ordeal = chaos.ordeal();
/// let simulator = Simulator::new().turn(ordeal.act).turn(chaos.disaster());
/// ```
#[derive(Clone, Debug)]
pub struct Chaos {
    rng: Rng,
}

/// A turn with trouble that a client has to get through, and what it must have seen in the end.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ordeal {
    /// What the server does.
    pub act: Act,
    /// All text of the agent, in order.
    pub text: String,
}

impl Chaos {
    /// Trouble from this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed) }
    }

    /// A number below `bound`, for what else a test leaves to chance.
    pub fn below(&mut self, bound: usize) -> usize {
        self.rng.below(bound)
    }

    /// A turn that must complete with all its text, whatever else the server sends.
    pub fn ordeal(&mut self) -> Ordeal {
        let mut ordeal = self.troubled_speech();
        if self.below(4) == 0 {
            ordeal.act = ordeal.act.completes();
            ordeal.act = self.trouble(ordeal.act).item_completed(json!({ "type": "brandNew", "id": "late" }));
        }
        ordeal
    }

    /// A turn in which the server goes down, one way or another, before it has ended.
    pub fn disaster(&mut self) -> Act {
        let act = self.troubled_speech().act.partial_text("and then");
        match self.below(5) {
            0 => act.exits(0),
            1 => act.exits(101),
            2 => act.dies(),
            3 => act.bytes(r#"{"method":"item/agentMessage/delta","params":{"thr"#).exits(1),
            _ => act.closes_output(),
        }
    }

    fn troubled_speech(&mut self) -> Ordeal {
        let mut ordeal = Ordeal { act: Act::new(), text: String::new() };
        for _ in 0..self.below(5) {
            ordeal.act = self.trouble(ordeal.act);
        }
        for _ in 0..=self.below(3) {
            ordeal = self.speech(ordeal);
            ordeal.act = self.trouble(ordeal.act);
        }
        if self.below(4) == 0 {
            ordeal.act = ordeal.act.responds();
        }
        ordeal
    }

    fn speech(&mut self, ordeal: Ordeal) -> Ordeal {
        let Ordeal { act, mut text } = ordeal;
        match self.below(3) {
            0 => {
                let (count, bytes) = (1 + self.below(300), 1 + self.below(200));
                text.push_str(&super::flood_text(count, bytes));
                Ordeal { act: act.flood(count, bytes), text }
            }
            _ => {
                let words: Vec<String> = (0..=self.below(20)).map(|word| format!("wörd{word} ")).collect();
                text.push_str(&words.concat());
                Ordeal { act: act.chunks(words), text }
            }
        }
    }

    /// Something that must not hurt.
    fn trouble(&mut self, act: Act) -> Act {
        match self.below(17) {
            0 => act.junk("Segmentation fault (not really)"),
            1 => act.junk(""),
            2 => act.bytes([0xff, 0xfe, 0x00, b'\n']),
            3 => act.junk(r#"{"method":"item/started","params":{"item""#),
            4 => act.junk(r#"[{"id":1,"result":{}}]"#),
            5 => act.junk(r#"{"id":null,"result":{}}"#),
            6 => act.junk(format!(r#"{{"id":{},"result":{{}}}}"#, 1_000_000 + self.below(1000))),
            7 => act.junk(r#"{"id":1,"result":{"turn":{"id":"of another call"}}}"#),
            8 => act.notifies("brand/new", json!({ "field": [1, 2, 3] })),
            9 => act.item_completed(json!({ "type": "brandNew", "id": "x", "more": { "deep": true } })),
            10 => act.notifies("item/started", json!({ "item": { "type": "agentMessage" } })),
            11 => act.asks_in_passing("brand/newRequest", json!({})),
            12 => act.asks_to_run("touch file"),
            13 => {
                act.asks_in_passing("item/fileChange/requestApproval", json!({ "itemId": "x" })).withdraws()
            }
            14 => act.output_flood(1 + self.below(50), 1 + self.below(2000)),
            15 => act.child(Act::new().text("said by a child")),
            _ => act.wait(Duration::from_millis(u64::try_from(self.below(20)).unwrap_or_default())),
        }
    }
}
