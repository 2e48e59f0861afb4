//! Simulated visitors and agents that use real sockets, for tests, the demo, and load tests.
//!
//! [`connection`] sends and receives frames. [`visitor`] and [`agent`] are the two clients. [`behavior`] decides what a
//! simulated visitor does, and [`visitors`] runs many of them.
//!
//! A [`load_test`] (`jumpin-load`) is configured by [`options`]. `runner` drives one process's visitors and agents,
//! `trace_tag` marks each message so that the receiver can measure its latency, `metrics` collects counters and
//! latencies, and [`report`] contains the results. [`codec`] implements our protocol and the peers' protocols. The
//! clients in `runner` do less work than the test clients because they must not be slower than the server they measure.

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
