//! An agent's avatar beside his name.

use leptos::prelude::*;
use protocol::id::AgentId;

use crate::dashboard::app_state::AppState;

/// His avatar, when he has one. His name stands beside it, so it says nothing.
pub fn avatar(app: AppState, agent: AgentId) -> impl IntoView {
    move || app.avatar(agent).map(avatar_image)
}

/// The avatar at an address.
pub fn avatar_image(address: String) -> AnyView {
    view! { <img class="avatar" src=address alt="" /> }.into_any()
}
