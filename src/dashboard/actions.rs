//! What an agent does with one click. Each is a question to the server; until it is answered its button waits, and when it
//! is refused the agent reads why.

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

/// The address of a chat's window.
pub fn chat_path(chat: ChatId) -> String {
    format!("/chats/{chat}")
}

/// The chat whose window an address is.
pub fn chat_from_path(address: &str) -> Option<ChatId> {
    address.strip_prefix("/chats/")?.trim_end_matches('/').parse().ok()
}

/// Claims a chat and goes into it.
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

/// Does not take a chat that is offered.
pub fn decline(app: AppState, chat: ChatId) {
    run_once(app, chat.0, async move {
        match api::decline(chat).await {
            // It was over already.
            Ok(()) | Err(ApiError { refusal: Refusal::ChatChanged { .. } | Refusal::NotFound, .. }) => {}
            Err(error) => report_error(app, &error),
        }
    });
}

/// Puts a tag on a chat, or takes it off.
pub fn tag(app: AppState, chat: ChatId, name: String, on: bool) {
    run_once(app, chat.0, async move {
        if let Err(error) = api::tag(chat, name, on).await {
            report_error(app, &error);
        }
    });
}

/// Takes a chat over, from the agent and the version that are on the screen, and goes into it.
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

/// Takes an invitation back.
pub fn withdraw(app: AppState, invitation: InvitationId) {
    run_once(app, invitation.0, async move {
        if let Err(error) = api::withdraw(invitation).await {
            report_error(app, &error);
        }
    });
}

/// Takes chats, or with a reason, does not.
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

/// Changes what I like to see, and has it kept: one after the other, the latest last. What cannot be kept is taken back.
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
        // Loaded anew: the sign-in speaks the language of the browser.
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
