//! The product's stories: scenarios 1–20 of `docs/testing.md`, run over real sockets with a real database, and checks
//! of the source code layout. Every race has exactly one outcome, and the losing side is told what happened.

#![allow(clippy::unwrap_used, missing_docs)]

mod architecture;
mod authorization;
mod bad_input;
mod client_ext;
mod documents;
mod fixtures;
mod second_tenant;
mod smtp_server;
mod test_database;
mod test_server;
mod stories {
    mod agents;
    mod availability;
    mod backup;
    mod block;
    mod board;
    mod command_line;
    mod database_tls;
    mod files;
    mod history;
    mod invitation_policy;
    mod invitations;
    mod language;
    mod left_messages;
    mod limits;
    mod load;
    mod mail;
    mod message_form;
    mod messages;
    mod metrics;
    mod network_warnings;
    mod organizations;
    mod origins_and_sessions;
    mod own_account;
    mod preview;
    mod privacy;
    mod rating;
    mod reauthentication;
    mod restart;
    mod screens;
    mod set_up;
    mod slow_bodies;
    mod transfers;
    mod visitor_panel;
    mod visitor_tabs;
}
