//! Many clients, and what is left of them: nothing (Linux).
//!
//! One test alone, because the threads and descriptors of others in the same process would be counted, too.

use codexkit::Codex;
use e2e::model::Model;
use e2e::processes::{family, gone, is_alive};
use e2e::resources::{Resources, back_to};
use e2e::simulator::Simulator;
use e2e::{Simulated, Stage, Transport, skipped, soon};
use std::future::Future;

/// Lets `workers` run at the same time, each `rounds` times, one after another.
async fn crowd<F: Future<Output = ()> + Send + 'static>(
    workers: usize,
    rounds: usize,
    client: impl Fn(usize) -> F + Clone + Send + 'static,
) {
    let workers: Vec<_> = (0..workers)
        .map(|worker| {
            let client = client.clone();
            tokio::spawn(async move {
                for _ in 0..rounds {
                    client(worker).await;
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.expect("every client gets its answers");
    }
}

/// How a client leaves.
#[derive(Clone, Copy)]
enum Leave {
    /// It closes the connection, and then nothing is left.
    Close,
    /// It drops its handles, and soon nothing is left.
    Drop,
}

impl Leave {
    fn by_turns(number: usize) -> Self {
        if number.is_multiple_of(2) { Self::Close } else { Self::Drop }
    }

    /// A turn, and then the client leaves. The fixture, which would end what is left, goes only afterwards.
    async fn after_a_turn(self, codex: Codex) {
        soon("the answer", codex.ask("Hi")).await.unwrap();
        let processes = family(codex.pid().unwrap());
        match self {
            Self::Close => {
                soon("the end", codex.close()).await;
                assert!(!processes.into_iter().any(is_alive));
            }
            Self::Drop => {
                drop(codex);
                soon("the end of its processes", gone(&processes)).await;
            }
        }
    }
}

async fn simulated_client(leave: Leave) {
    let simulated = Simulated::new(env!("CARGO_BIN_EXE_simulator"), &Simulator::new());
    leave.after_a_turn(simulated.start().await).await;
}

async fn real_client(leave: Leave) {
    let stage = Stage::new(Model::script().text("Hello")).await;
    leave.after_a_turn(stage.start().await).await;
}

/// A client of a server that another one has started to listen.
async fn socket_client(leave: Leave, on: Transport) {
    let stage = Stage::new(Model::script().text("Hello").text("Hello")).await.over(on);
    let owner = stage.start().await;
    let guest = Codex::connect(owner.endpoint().unwrap()).await.unwrap();
    soon("the answer", guest.ask("Hi")).await.unwrap();
    match leave {
        Leave::Close => drop(soon("the end", guest.close()).await),
        Leave::Drop => drop(guest),
    }
    leave.after_a_turn(owner).await;
}

#[tokio::test]
async fn two_hundred_clients_leave_nothing_behind() {
    let real = !skipped();
    // Given what this program holds once it has had a client
    simulated_client(Leave::Close).await;
    if real {
        real_client(Leave::Close).await;
    }
    let before = Resources::now();

    // When two hundred come and go one after another, then it holds no more than before
    crowd(1, 200, |_| simulated_client(Leave::Close)).await;
    back_to(&before).await;
    if real {
        crowd(1, 200, |_| real_client(Leave::Close)).await;
        back_to(&before).await;
    }

    // And when eight at a time do so, by closing and by dropping, neither
    crowd(8, 25, |worker| simulated_client(Leave::by_turns(worker))).await;
    back_to(&before).await;
    if real {
        crowd(8, 3, |worker| real_client(Leave::by_turns(worker))).await;
        back_to(&before).await;
        for on in [Transport::WebSocket, Transport::Unix] {
            crowd(4, 3, move |worker| socket_client(Leave::by_turns(worker), on)).await;
            back_to(&before).await;
        }
    }
}
