//! Futures whose code is compiled here, once.
//!
//! The code of an `async fn` is compiled in each program that awaits it, with all that it awaits in turn. Behind a box
//! that a plain function makes, it is compiled with this crate.

use std::pin::Pin;

/// A future whose code is compiled where it was boxed.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
