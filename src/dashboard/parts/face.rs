//! An agent's picture beside his name.

use leptos::prelude::*;
use protocol::id::AgentId;

use crate::dashboard::app_state::AppState;

/// His picture, when he has one. His name stands beside it, so it says nothing.
pub fn face(app: AppState, agent: AgentId) -> impl IntoView {
    move || app.picture(agent).map(picture)
}

/// The picture at an address.
pub fn picture(address: String) -> AnyView {
    view! { <img class="face" src=address alt="" /> }.into_any()
}
