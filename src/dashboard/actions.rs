//! Actions that an agent can take with one click. Each action calls a server function. Its button is busy until the
//! response arrives, and if the request is refused, the agent is told why.

use leptos::{prelude::*, task::spawn_local};
use protocol::{
    availability::AwayReason,
    chat::BoardChat,
    id::{ChatId, InvitationId},
    preferences::Preference,
    refusal::Refusal,
};
use uuid::Uuid;

use super::{
    api::{self, ApiError},
    app_state::AppState,
};

/// Returns the path to a chat's page.
pub fn chat_path(chat: ChatId) -> String {
    format!("/chats/{chat}")
}

/// Extracts the chat from a path returned by [`chat_path`]. Returns `None` for any other path.
pub fn chat_from_path(address: &str) -> Option<ChatId> {
    address.strip_prefix("/chats/")?.trim_end_matches('/').parse().ok()
}

/// Claims a chat and opens it.
pub fn claim(app: AppState, chat: ChatId) {
    run_once(app, chat.0, async move {
        match api::claim(chat).await {
            Ok(()) => {
                app.dismiss_claim_notice(chat);
                app.go.set(Some(chat_path(chat)));
            }
            Err(error) => {
                if matches!(error.refusal, Refusal::AlreadyClaimed { .. } | Refusal::ChatEnded | Refusal::NotFound) {
                    app.dismiss_claim_notice(chat);
                }
                report_error(app, &error);
            }
        }
    });
}

/// Declines a chat that was offered to me.
pub fn decline(app: AppState, chat: ChatId) {
    run_once(app, chat.0, async move {
        match api::decline(chat).await {
            // The offer had already ended.
            Ok(()) | Err(ApiError { refusal: Refusal::ChatChanged { .. } | Refusal::NotFound, .. }) => {}
            Err(error) => report_error(app, &error),
        }
    });
}

/// Adds a tag to a chat or removes it.
pub fn tag(app: AppState, chat: ChatId, name: String, on: bool) {
    run_once(app, chat.0, async move {
        if let Err(error) = api::tag(chat, name, on).await {
            report_error(app, &error);
        }
    });
}

/// Takes over a chat and opens it. This only succeeds if the agent and version shown on the screen are still current.
pub fn take_over(app: AppState, chat: &BoardChat) {
    let (id, version) = (chat.id, chat.version);
    let Some(owner) = chat.agent else { return };
    run_once(app, id.0, async move {
        match api::take_over(id, owner, version).await {
            Ok(()) => app.go.set(Some(chat_path(id))),
            Err(error) => report_error(app, &error),
        }
    });
}

/// Withdraws an invitation.
pub fn withdraw(app: AppState, invitation: InvitationId) {
    run_once(app, invitation.0, async move {
        if let Err(error) = api::withdraw(invitation).await {
            report_error(app, &error);
        }
    });
}

/// Makes me available for chats, or away for the given reason.
pub fn set_availability(app: AppState, away: Option<AwayReason>) {
    run_once(app, app.me.0, async move {
        if let Err(error) = api::set_availability(away).await {
            report_error(app, &error);
        }
    });
}

/// Ends a chat.
pub fn end(app: AppState, chat: ChatId) {
    run_once(app, chat.0, async move {
        if let Err(error) = api::end_chat(chat).await {
            report_error(app, &error);
        }
    });
}

/// Changes my board preferences and saves them on the server. Only one save runs at a time, and the latest value wins.
/// If saving fails, the change is rolled back.
pub fn update_preference(app: AppState, change: impl FnOnce(&mut Preference)) {
    let mut kept = app.preference.get_untracked();
    app.preference.update(change);
    run_once(app, Uuid::nil(), async move {
        loop {
            let liked = app.preference.get_untracked();
            if liked == kept {
                return;
            }
            if let Err(error) = api::keep_preference(liked.clone()).await {
                app.preference.set(kept);
                return report_error(app, &error);
            }
            kept = liked;
        }
    });
}

pub(super) fn report_error(app: AppState, error: &ApiError) {
    if error.refusal == Refusal::NotSignedIn {
        // This must be a full page load because the sign-in page uses the browser's language.
        let _ = window().location().set_href("/sign-in");
    } else {
        app.show_failure(untrack(|| app.sentence(error)));
    }
}

fn run_once(app: AppState, id: Uuid, request: impl Future<Output = ()> + 'static) {
    if app.busy.with_untracked(|busy| busy.contains(&id)) {
        return;
    }
    app.busy.update(|busy| {
        busy.insert(id);
    });
    spawn_local(async move {
        request.await;
        app.busy.try_update(|busy| busy.remove(&id));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chat_path_round_trips() {
        let chat = ChatId(Uuid::from_u128(7));
        assert_eq!(chat_from_path(&chat_path(chat)), Some(chat));
        assert_eq!(chat_from_path(&format!("{}/", chat_path(chat))), Some(chat));
        for other in ["/chats", "/chats/", "/chats/7", "/visitors"] {
            assert_eq!(chat_from_path(other), None, "{other}");
        }
    }
}
