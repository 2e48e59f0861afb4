//! What pages are made of, one part a file.

pub mod availability;
pub mod avatar;
pub mod icon;
pub mod key_list;
pub mod link_bar;
pub mod notices;
pub mod palette;
pub mod rail;

pub mod agent_cell;
pub mod chips;
pub mod emoji;
pub mod empty;
pub mod invite;
pub mod row;
pub mod table;
pub mod visitor_panel;

pub mod change;
pub mod chat_line;
pub mod composer;
pub mod conversation;
pub mod conversation_head;
pub mod entry;
pub mod file;
pub mod hand_over;
pub mod log;
pub mod note_form;
pub mod replies;
pub mod tags;
pub mod waits_longest;

pub mod screen;
