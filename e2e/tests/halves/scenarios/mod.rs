//! What a program can do, whichever half it uses.

mod asks;
mod ends;
mod server;
mod threads;
mod turns;
