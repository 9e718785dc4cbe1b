//! What the client asks for, and how that is answered.

use super::{Engine, threads};
use crate::simulator::act::Act;
use crate::simulator::reply::{Reply, Says};
use crate::simulator::wire;
use serde_json::{Value, json};

/// An answer, or the text of a refusal. Nearly all refusals of the real server have the same code.
type Answer = Result<Value, String>;

/// The code of nearly all refusals.
const INVALID: i64 = -32600;

impl Engine {
    /// Takes in a call of the client.
    pub(super) fn call(&mut self, method: &str, id: &Value, params: &Value) {
        let reply = self.script.take_reply(method);
        if let Says::Usual = reply.says {
            match (method, self.hello) {
                ("initialize", true) => return self.reply(id, &reply, Err("Already initialized".into())),
                ("initialize", false) => {
                    self.hello = true;
                    self.reply(id, &reply, Ok(wire::hello(&params["clientInfo"])));
                    return self.greet();
                }
                (_, false) => return self.reply(id, &reply, Err("Not initialized".into())),
                ("thread/start", true) => return self.start_thread(id, &reply, params),
                ("turn/start", true) => return self.start_turn(id, &reply, params),
                _ => {}
            }
        }
        let usual = match reply.says {
            Says::Usual => self.usual(method, params),
            _ => Ok(Value::Null),
        };
        self.reply(id, &reply, usual);
    }

    fn usual(&mut self, method: &str, params: &Value) -> Answer {
        match method {
            "account/read" => Ok(wire::account()),
            "turn/interrupt" => self.interrupt(params),
            "turn/steer" => self.steer(params),
            "thread/read" => self.read_thread(params),
            "thread/resume" => {
                let thread = self.known(params)?.read(params["excludeTurns"] != true, self.now_ms());
                Ok(wire::thread_opened(&thread, params))
            }
            "thread/turns/list" => self.list_turns(params),
            "thread/items/list" => self.list_items(params),
            "thread/list" | "thread/loaded/list" => Ok(self.list_threads(method)),
            "thread/backgroundTerminals/list" => Ok(json!({ "data": [], "nextCursor": null })),
            "thread/backgroundTerminals/clean" | "thread/name/set" | "thread/archive" => Ok(json!({})),
            "thread/unsubscribe" => Ok(json!({ "status": "unsubscribed" })),
            "command/exec" => Ok(json!({ "exitCode": 0, "stdout": "", "stderr": "" })),
            "model/list" => Ok(json!({ "data": [], "nextCursor": null })),
            unknown => {
                Err(format!("Invalid request: unknown variant `{unknown}`, expected one of `initialize`"))
            }
        }
    }

    fn start_thread(&mut self, id: &Value, reply: &Reply, params: &Value) {
        let thread = self.fresh_id();
        let info = threads::make(&thread, None, params, self.now_ms());
        self.threads.add(thread, info.clone());
        self.reply(id, reply, Ok(wire::thread_opened(&info, params)));
        self.notify("thread/started", &json!({ "thread": info }));
    }

    /// On a busy thread, `turn/start` is taken for more input, and answered with the turn that runs.
    fn start_turn(&mut self, id: &Value, reply: &Reply, params: &Value) {
        let thread = match self.known(params) {
            Ok(thread) => thread,
            Err(refusal) => return self.reply(id, reply, Err(refusal)),
        };
        let thread_id = params["threadId"].as_str().unwrap_or_default().to_owned();
        if let Some(turn) = &thread.active {
            let told =
                thread.turns.iter().find(|known| known.id == *turn).map(|turn| turn.told(self.now_ms()));
            self.add_input(&thread_id, params);
            return self.reply(id, reply, Ok(json!({ "turn": told })));
        }
        let act: Act = self.script.take_act(&params["input"]);
        self.begin_run(&thread_id, act, params, Some((id.clone(), reply.clone())));
    }

    fn interrupt(&mut self, params: &Value) -> Answer {
        let thread = params["threadId"].as_str().unwrap_or_default().to_owned();
        let turn = params["turnId"].as_str().unwrap_or_default();
        let active = self.known(params)?.active.clone();
        let run = active.as_deref().and_then(|turn| self.run_of(&thread, turn)).filter(|run| run.announced);
        match (run, active.as_deref()) {
            (Some(run), Some(active)) if active == turn => {
                if !run.ignores_interrupts {
                    run.interrupt();
                }
                Ok(json!({}))
            }
            (Some(_), Some(active)) => Err(format!("expected active turn id {turn} but found {active}")),
            _ => Err("no active turn to interrupt".into()),
        }
    }

    fn steer(&mut self, params: &Value) -> Answer {
        let thread = params["threadId"].as_str().unwrap_or_default().to_owned();
        let expected = params["expectedTurnId"].as_str().unwrap_or_default();
        match &self.known(params)?.active {
            None => Err("no active turn to steer".into()),
            Some(active) if active != expected => {
                Err(format!("expected active turn id `{expected}` but found `{active}`"))
            }
            Some(active) => {
                let active = active.clone();
                self.add_input(&thread, params);
                Ok(json!({ "turnId": active }))
            }
        }
    }

    fn read_thread(&self, params: &Value) -> Answer {
        let thread = self.known(params)?;
        let last = thread.turns.last().map(|turn| json!({ "type": "turn", "turnId": turn.id }));
        let state = json!({ "firstUnread": last, "revision": "00000000-0000-4000-8000-000000000000" });
        Ok(
            json!({ "thread": thread.read(params["includeTurns"] == true, self.now_ms()), "readState": state }),
        )
    }

    fn list_turns(&self, params: &Value) -> Answer {
        let thread = self.known(params)?;
        let from = params["cursor"].as_str().and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        let limit = params["limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(25);
        let view = params["itemsView"].as_str().unwrap_or("summary");
        let (data, next) = thread.page(from, limit, view, self.now_ms());
        Ok(
            json!({ "data": data, "nextCursor": next.map(|at| at.to_string()), "backwardsCursor": from.to_string() }),
        )
    }

    fn list_items(&self, params: &Value) -> Answer {
        let turns = &self.known(params)?.turns;
        let items = turns.iter().flat_map(|turn| turn.items.iter().map(|item| (&turn.id, item)));
        let entry = |(turn, item): (&String, &Value)| {
            json!({
                "turnId": turn, "item": item, "startedAtMs": item["startedAtMs"],
                "completedAtMs": item["completedAtMs"],
            })
        };
        let data: Vec<Value> = items.map(entry).collect();
        Ok(json!({ "data": data, "nextCursor": null, "backwardsCursor": null }))
    }

    fn list_threads(&self, method: &str) -> Value {
        let newest_first = self.threads.iter().rev();
        if method == "thread/loaded/list" {
            let ids: Vec<&Value> = newest_first.map(|thread| &thread.info["id"]).collect();
            return json!({ "data": ids, "nextCursor": null });
        }
        let infos: Vec<Value> = newest_first.map(|thread| thread.read(false, self.now_ms())).collect();
        json!({ "data": infos, "readStates": {}, "nextCursor": null, "backwardsCursor": null })
    }

    fn known(&self, params: &Value) -> Result<&threads::Thread, String> {
        let id = params["threadId"].as_str().unwrap_or_default();
        self.threads.get(id).ok_or_else(|| format!("thread not found: {id}"))
    }

    /// Sends an answer as the script wants it.
    pub(super) fn reply(&mut self, id: &Value, reply: &Reply, usual: Answer) {
        let id = reply.id.as_ref().unwrap_or(id);
        let frame = match (&reply.says, usual) {
            (Says::Result(result), _) => json!({ "id": id, "result": result }),
            (Says::Error(error), _) => json!({ "id": id, "error": error }),
            (Says::Usual, Ok(result)) => json!({ "id": id, "result": result }),
            (Says::Usual, Err(text)) => json!({ "id": id, "error": { "code": INVALID, "message": text } }),
        };
        if reply.after.is_zero() {
            (0..reply.times).for_each(|_| self.send(&frame));
        } else {
            self.next_id += 1;
            self.late.insert((self.now + reply.after, self.next_id), vec![frame; reply.times]);
        }
        self.afterwards(reply.then.clone());
    }
}
