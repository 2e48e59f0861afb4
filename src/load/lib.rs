//! Simulated visitors and agents over real sockets: for tests, for the demo's life, and for load.
//!
//! `connection` carries frames, `visitor` and `agent` are the two clients, `habits` says what a simulated visitor does, and
//! `crowd` lets many of them do it.
//!
//! A load test (`jumpin-load`) is a [`trial`] by [`options`]: `stage` has everybody of one process on it, `mark` is how each
//! thing said is known again at the other side, `figures` counts and times, `report` says what came out. `wire` speaks our
//! frames or a peer's. Its clients do less than those of the tests: they must not be slower than the server they measure.

pub mod agent;
pub mod connection;
pub mod crowd;
pub mod habits;
pub mod visitor;

pub mod options;
pub mod report;
pub mod trial;

mod stage;

mod figures;
mod http;
mod mark;
mod usage;
pub mod wire;

pub use agent::Agent;
pub use connection::Lost;
pub use visitor::Visitor;
