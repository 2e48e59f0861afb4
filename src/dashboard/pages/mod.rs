//! The pages, one a file, and the frame around those of who is signed in.

pub mod layout;

pub mod sign_in;

pub mod chats;
pub mod visitors;

pub mod screen;
