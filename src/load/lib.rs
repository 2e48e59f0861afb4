//! Simulated visitors and agents over real sockets: for tests, for the demo's life, and for load.
//!
//! `connection` carries frames, `visitor` and `agent` are the two clients, `behavior` says what a simulated visitor does, and
//! `visitors` lets many of them do it.
//!
//! A load test (`jumpin-load`) is a [`load_test`] by [`options`]: `runner` drives everybody of one process, `trace_tag` is how each
//! thing said is known again at the other side, `metrics` counts and times, `report` says what came out. `codec` speaks our
//! frames or a peer's. Its clients do less than those of the tests: they must not be slower than the server they measure.

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
