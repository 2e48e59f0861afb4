//! The stories of the product, in the domain's words, over real sockets and a real database; and the map of the house.
//! The numbers are those of the scenarios in the design: each race has one end, and the loser is told.

#![allow(clippy::unwrap_used, missing_docs)]

mod authorization;
mod bad_input;
mod database;
mod furnish;
mod house;
mod map;
mod neighbour;
mod post_office;
mod waiting;
mod stories {
    mod agents;
    mod availability;
    mod backup;
    mod block;
    mod board;
    mod command_line;
    mod contact;
    mod courtesy;
    mod doors;
    mod files;
    mod handing;
    mod history;
    mod inviting;
    mod language;
    mod load;
    mod mail;
    mod messages;
    mod metrics;
    mod organizations;
    mod own_account;
    mod preview;
    mod privacy;
    mod rating;
    mod restart;
    mod set_up;
    mod sheets;
    mod tabs;
    mod visitor_panel;
}
