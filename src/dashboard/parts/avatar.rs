//! The avatar shown next to an agent's name.

use leptos::prelude::*;
use protocol::id::AgentId;

use crate::dashboard::app_state::AppState;

/// The agent's avatar, if they have one. Its alternative text is empty because the name is right next to it.
pub fn avatar(app: AppState, agent: AgentId) -> impl IntoView {
    move || app.avatar(agent).map(avatar_image)
}

/// The avatar at a URL.
pub fn avatar_image(address: String) -> AnyView {
    view! { <img class="avatar" src=address alt="" /> }.into_any()
}
