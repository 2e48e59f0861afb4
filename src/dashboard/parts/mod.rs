//! The components that make up the pages, one per file.

pub mod availability;
pub mod avatar;
pub mod command_palette;
pub mod connection_bar;
pub mod icons;
pub mod keyboard_shortcuts;
pub mod notices;
pub mod rail;

pub mod agent_cell;
pub mod emoji_picker;
pub mod empty_board;
pub mod invitation_form;
pub mod status_filters;
pub mod visitor_panel;
pub mod visitor_row;
pub mod visitor_table;

pub mod canned_reply_picker;
pub mod chat_list_item;
pub mod composer;
pub mod conversation;
pub mod conversation_head;
pub mod entry;
pub mod file_attachment;
pub mod longest_waiting;
pub mod message_actions;
pub mod message_list;
pub mod note_form;
pub mod tags;
pub mod transfer_form;

pub mod screen;
