//! A proxy between a client and a server, which loses what it is told to lose.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// What the proxy does with what it is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Way {
    #[default]
    Open,
    /// It takes what comes and passes nothing on.
    Lost,
}

#[derive(Clone, Copy, Debug, Default)]
struct Mood {
    to_server: Way,
    to_client: Way,
    /// How often all that was open has died in silence.
    deaths: usize,
    /// How long it keeps what it passes on.
    delay: Duration,
    /// What newcomers hear at once, instead of the server.
    greeting: Option<&'static str>,
}

/// A proxy at a port of its own, in front of another port.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    mood: watch::Sender<Mood>,
    cut: Arc<Notify>,
    lost: watch::Sender<usize>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// A proxy before the server at `ws://host:port`.
    pub async fn start(server: &str) -> Self {
        let server = server.trim_start_matches("ws://").trim_end_matches('/').to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let (mood, cut) = (watch::Sender::new(Mood::default()), Arc::new(Notify::new()));
        let lost = watch::Sender::new(0);
        let (moods, cuts, losses) = (mood.clone(), cut.clone(), lost.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let pass = pass(client, server.clone(), moods.subscribe(), cuts.clone(), losses.clone());
                tokio::spawn(pass);
            }
        });
        Self { address, mood, cut, lost, accepting }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Waits until something more was lost than what this gave before.
    pub async fn loses(&self, before: usize) -> usize {
        let mut lost = self.lost.subscribe();
        *lost.wait_for(|bytes| *bytes > before).await.expect("the proxy is there")
    }

    /// How many bytes were lost.
    pub fn lost(&self) -> usize {
        *self.lost.borrow()
    }

    /// Cuts all connections.
    pub fn cut(&self) {
        self.cut.notify_waiters();
    }

    /// Loses what clients say from now on, or no longer.
    pub fn lose_words_of_clients(&self, lose: bool) {
        self.mood.send_modify(|mood| mood.to_server = if lose { Way::Lost } else { Way::Open });
    }

    /// Loses what the server says from now on, or no longer.
    pub fn lose_words_of_the_server(&self, lose: bool) {
        self.mood.send_modify(|mood| mood.to_client = if lose { Way::Lost } else { Way::Open });
    }

    /// Loses everything on the connections that are open, without closing them. Newcomers are not concerned.
    pub fn let_die_in_silence(&self) {
        self.mood.send_modify(|mood| mood.deaths += 1);
    }

    /// Passes everything on a little later from now on.
    pub fn delay(&self, time: Duration) {
        self.mood.send_modify(|mood| mood.delay = time);
    }

    /// Sends newcomers away with these words, or lets them in again.
    pub fn turn_away(&self, words: Option<&'static str>) {
        self.mood.send_modify(|mood| mood.greeting = words);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

async fn pass(
    mut client: TcpStream,
    server: String,
    mood: watch::Receiver<Mood>,
    cut: Arc<Notify>,
    lost: watch::Sender<usize>,
) {
    let is_cut = cut.notified();
    let (greeting, born) = (mood.borrow().greeting, mood.borrow().deaths);
    if let Some(words) = greeting {
        // The request has to be read before, or the words would be lost with the connection.
        let _ = client.read(&mut [0; 4096]).await;
        let _ = client.write_all(words.as_bytes()).await;
        return;
    }
    let Ok(server) = TcpStream::connect(server).await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = is_cut => {}
        () = carry(from_client, to_server, mood.clone(), &lost, |mood| mood.deaths > born || mood.to_server == Way::Lost) => {}
        () = carry(from_server, to_client, mood, &lost, |mood| mood.deaths > born || mood.to_client == Way::Lost) => {}
    }
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mood: watch::Receiver<Mood>,
    lost: &watch::Sender<usize>,
    loses: impl Fn(&Mood) -> bool,
) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        let (is_lost, delay) = (loses(&mood.borrow()), mood.borrow().delay);
        if !delay.is_zero() {
            sleep(delay).await;
        }
        if is_lost {
            lost.send_modify(|bytes| *bytes += read);
        } else if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
