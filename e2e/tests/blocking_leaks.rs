//! A connection of the blocking half leaves nothing behind. Alone in its program, since it counts what the program holds.

use codexkit::blocking::CodexBuilder;
use e2e::model::Model;
use e2e::resources::{Resources, back_to};
use e2e::{Stage, skipped, soon};
use tokio::runtime::Runtime;

#[test]
fn connections_take_their_threads_descriptors_and_children_with_them() {
    if skipped() {
        return;
    }
    let runtime = Runtime::new().unwrap();
    let script = (0..6).fold(Model::script(), |script, _| script.text("Hello"));
    let (stage, settings) = runtime.block_on(soon("the stage", async {
        let stage = Stage::new(script).await;
        let settings = stage.codex().await;
        (stage, settings)
    }));
    let connect = || CodexBuilder::from(settings.clone()).start().unwrap();
    // The first one has things set up that stay.
    assert_eq!(connect().ask("Hi").unwrap().text(), "Hello");
    let before = Resources::now();

    for _ in 0..4 {
        let codex = connect();
        assert_eq!(codex.ask("Hi").unwrap().text(), "Hello");
        assert!(!Resources::now().within(&before), "a connection has a thread and a child of its own");
    }
    // One that ends in the midst of a turn.
    let codex = connect();
    let turn = codex.start_thread().wait().unwrap().run("Hi").stream().unwrap();
    drop((codex, turn));

    let after = runtime.block_on(back_to(&before));
    assert!(after.within(&before), "{before:?} {after:?}");
    drop(stage);
}
