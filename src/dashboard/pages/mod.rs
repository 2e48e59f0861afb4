//! The pages, one per file, and the layout of the pages that require signing in.

pub mod layout;

pub mod sign_in;

pub mod chats;
pub mod visitors;

pub mod screen;
