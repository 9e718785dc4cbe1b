//! Random trouble is the same each time, and a client gets through it.

use codexkit::protocol::types::TurnStatus;
use codexkit_testkit::simulator::{Chaos, Simulator};
use std::time::Duration;

#[test]
fn the_same_seed_gives_the_same_trouble() {
    let ordeals = |seed| {
        let mut chaos = Chaos::new(seed);
        (0..20).map(|_| format!("{:?}", chaos.ordeal())).collect::<Vec<_>>()
    };
    assert_eq!(ordeals(1), ordeals(1));
    assert_ne!(ordeals(1), ordeals(2));
}

#[tokio::test(start_paused = true)]
async fn no_trouble_costs_a_turn_its_text() {
    for seed in 0..100 {
        // Given a server that makes trouble in ten turns
        let mut chaos = Chaos::new(seed);
        let ordeals: Vec<_> = (0..10).map(|_| chaos.ordeal()).collect();
        let mut simulator =
            ordeals.iter().fold(Simulator::new(), |simulator, ordeal| simulator.turn(ordeal.act.clone()));
        if chaos.below(2) == 0 {
            simulator = simulator.in_pieces_of(1 + chaos.below(500));
        }
        let (codex, server) = simulator.connect().await.unwrap();
        let thread = codex.start_thread().await.unwrap();
        for ordeal in ordeals {
            // When a turn runs
            let run = thread.run("Go").outcome();
            let output = tokio::time::timeout(Duration::from_secs(600), run.into_future()).await;
            // Then it ends well, with all its text and none twice
            let output = output.unwrap_or_else(|_| panic!("seed {seed}: the turn did not end")).unwrap();
            assert_eq!(output.status, TurnStatus::Completed, "seed {seed}");
            assert_eq!(output.streamed_text, ordeal.text, "seed {seed}");
        }
        assert_eq!(server.rejected(), 0, "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_disaster_is_told() {
    for seed in 0..100 {
        let (codex, _server) = Simulator::new().turn(Chaos::new(seed).disaster()).connect().await.unwrap();
        let thread = codex.start_thread().await.unwrap();
        let run = thread.run("Go").outcome().into_future();
        let error = tokio::time::timeout(Duration::from_secs(600), run).await.unwrap().unwrap_err();
        assert!(error.is_closed(), "seed {seed}: {error}");
    }
}
