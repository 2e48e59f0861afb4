//! Simulated visitors and agents over real sockets: for tests, for the demo's life, and for load.
//!
//! `connection` carries frames, `visitor` and `agent` are the two clients, `habits` says what a simulated visitor does, and
//! `crowd` lets many of them do it.

pub mod agent;
pub mod connection;
pub mod crowd;
pub mod habits;
pub mod visitor;

pub use agent::Agent;
pub use connection::Lost;
pub use visitor::Visitor;
