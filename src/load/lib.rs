//! Simulated visitors and agents over real sockets, for tests, for the demo and for load tests.
//!
//! [`connection`] carries frames. [`visitor`] and [`agent`] are the two clients. [`behavior`] decides what a simulated
//! visitor does, and [`visitors`] runs many of them.
//!
//! A [`load_test`] (`jumpin-load`) is configured by [`options`]. `runner` drives the visitors and agents of one
//! process, `trace_tag` marks each message so that the other side can time it, `metrics` counts and measures, and
//! [`report`] holds the results. [`codec`] implements our protocol and those of the peers. The clients in `runner` do
//! less than those for tests, because they must not be slower than the server that they measure.

pub mod agent;
pub mod behavior;
pub mod connection;
pub mod visitor;
pub mod visitors;

pub mod load_test;
pub mod options;
pub mod report;

mod runner;

pub mod codec;
mod http;
mod metrics;
mod process_usage;
mod trace_tag;

pub use agent::Agent;
pub use connection::ConnectionError;
pub use visitor::Visitor;
