//! Writes the events of the Responses API.

use bytes::Bytes;
use serde_json::{Value, json};

use super::pause::Pause;
use super::usage::Usage;

/// One step of a reply on its way to the client.
#[derive(Debug)]
pub(super) enum Beat {
    Send(Bytes),
    Pause(Pause),
    /// The connection ends here, in the middle of the stream.
    Cut,
}

/// Turns what a response says into beats, with the numbering that the API wants.
#[derive(Debug)]
pub(super) struct Sse {
    request: usize,
    sequence: u64,
    output: Vec<Value>,
    beats: Vec<Beat>,
}

impl Sse {
    /// Opens the stream that answers this request.
    pub(super) fn open(request: usize) -> Self {
        let mut sse = Self { request, sequence: 0, output: Vec::new(), beats: Vec::new() };
        let response = sse.response("in_progress");
        sse.event("response.created", json!({ "response": response }));
        sse
    }

    /// A fresh id for the next item, such as `msg_3_0` for the first item of the third request.
    pub(super) fn item_id(&self, prefix: &str) -> String {
        format!("{prefix}_{}_{}", self.request, self.output.len())
    }

    pub(super) fn event(&mut self, kind: &str, mut fields: Value) {
        fields["type"] = kind.into();
        fields["sequence_number"] = self.sequence.into();
        self.sequence += 1;
        self.raw_event(kind, &fields);
    }

    /// Sends the event as it is, whatever it is.
    pub(super) fn raw_event(&mut self, kind: &str, data: &Value) {
        self.beats.push(Beat::Send(format!("event: {kind}\ndata: {data}\n\n").into()));
    }

    pub(super) fn pause(&mut self, pause: Pause) {
        self.beats.push(Beat::Pause(pause));
    }

    pub(super) fn cut(&mut self) {
        self.beats.push(Beat::Cut);
    }

    pub(super) fn open_item(&mut self, item: &Value) {
        let index = self.output.len();
        self.event("response.output_item.added", json!({ "output_index": index, "item": item }));
    }

    /// An event inside the item that is open.
    pub(super) fn item_event(&mut self, kind: &str, item_id: &str, mut fields: Value) {
        fields["item_id"] = item_id.into();
        fields["output_index"] = self.output.len().into();
        self.event(kind, fields);
    }

    pub(super) fn close_item(&mut self, item: Value) {
        let index = self.output.len();
        self.event("response.output_item.done", json!({ "output_index": index, "item": item }));
        self.output.push(item);
    }

    pub(super) fn complete(mut self, usage: Usage) -> Vec<Beat> {
        let mut response = self.response("completed");
        response["usage"] = usage.to_json();
        self.event("response.completed", json!({ "response": response }));
        self.beats
    }

    pub(super) fn fail(mut self, code: &str, message: &str) -> Vec<Beat> {
        let mut response = self.response("failed");
        response["error"] = json!({ "code": code, "message": message });
        self.event("response.failed", json!({ "response": response }));
        self.beats
    }

    pub(super) fn leave_incomplete(mut self, reason: &str, usage: Usage) -> Vec<Beat> {
        let mut response = self.response("incomplete");
        response["incomplete_details"] = json!({ "reason": reason });
        response["usage"] = usage.to_json();
        self.event("response.incomplete", json!({ "response": response }));
        self.beats
    }

    fn response(&self, status: &str) -> Value {
        let id = format!("resp_{}", self.request);
        json!({
            "id": id,
            "object": "response",
            "status": status,
            "output": self.output,
            "error": null,
            "incomplete_details": null,
            "usage": null,
        })
    }
}
