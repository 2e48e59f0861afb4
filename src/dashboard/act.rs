//! What an agent does with one click. Each is a question to the server; until it is answered its button waits, and when it
//! is refused the agent reads why.

use leptos::{prelude::*, task::spawn_local};
use protocol::{
    availability::AwayReason,
    chat::BoardChat,
    id::{ChatId, InvitationId},
    preference::Preference,
    refusal::Refusal,
};
use uuid::Uuid;

use super::{
    api::{self, ApiError},
    app_state::AppState,
};

/// The address of a chat's window.
pub fn window_of(chat: ChatId) -> String {
    format!("/chats/{chat}")
}

/// The chat whose window an address is.
pub fn chat_at(address: &str) -> Option<ChatId> {
    address.strip_prefix("/chats/")?.trim_end_matches('/').parse().ok()
}

/// Claims a chat and goes into it.
pub fn claim(app: AppState, chat: ChatId) {
    once(app, chat.0, async move {
        match api::claim(chat).await {
            Ok(()) => {
                app.settle(chat);
                app.go.set(Some(window_of(chat)));
            }
            Err(error) => {
                if matches!(error.refusal, Refusal::AlreadyClaimed { .. } | Refusal::ChatEnded | Refusal::NotFound) {
                    app.settle(chat);
                }
                failed(app, &error);
            }
        }
    });
}

/// Does not take a chat that is offered.
pub fn decline(app: AppState, chat: ChatId) {
    once(app, chat.0, async move {
        match api::decline(chat).await {
            // It was over already.
            Ok(()) | Err(ApiError { refusal: Refusal::Changed { .. } | Refusal::NotFound, .. }) => {}
            Err(error) => failed(app, &error),
        }
    });
}

/// Puts a tag on a chat, or takes it off.
pub fn tag(app: AppState, chat: ChatId, name: String, on: bool) {
    once(app, chat.0, async move {
        if let Err(error) = api::tag(chat, name, on).await {
            failed(app, &error);
        }
    });
}

/// Takes a chat over, from the agent and the version that are on the screen, and goes into it.
pub fn take_over(app: AppState, chat: &BoardChat) {
    let (id, version) = (chat.id, chat.version);
    let Some(owner) = chat.agent else { return };
    once(app, id.0, async move {
        match api::take_over(id, owner, version).await {
            Ok(()) => app.go.set(Some(window_of(id))),
            Err(error) => failed(app, &error),
        }
    });
}

/// Takes an invitation back.
pub fn withdraw(app: AppState, invitation: InvitationId) {
    once(app, invitation.0, async move {
        if let Err(error) = api::withdraw(invitation).await {
            failed(app, &error);
        }
    });
}

/// Takes chats, or with a reason, does not.
pub fn be(app: AppState, away: Option<AwayReason>) {
    once(app, app.me.0, async move {
        if let Err(error) = api::set_availability(away).await {
            failed(app, &error);
        }
    });
}

/// Ends a chat.
pub fn end(app: AppState, chat: ChatId) {
    once(app, chat.0, async move {
        if let Err(error) = api::end_chat(chat).await {
            failed(app, &error);
        }
    });
}

/// Changes what I like to see, and has it kept: one after the other, the latest last. What cannot be kept is taken back.
pub fn prefer(app: AppState, change: impl FnOnce(&mut Preference)) {
    let mut kept = app.preference.get_untracked();
    app.preference.update(change);
    once(app, Uuid::nil(), async move {
        loop {
            let liked = app.preference.get_untracked();
            if liked == kept {
                return;
            }
            if let Err(error) = api::keep_preference(liked.clone()).await {
                app.preference.set(kept);
                return failed(app, &error);
            }
            kept = liked;
        }
    });
}

pub(super) fn failed(app: AppState, error: &ApiError) {
    if error.refusal == Refusal::NotSignedIn {
        // Loaded anew: the sign-in speaks the language of the browser.
        let _ = window().location().set_href("/sign-in");
    } else {
        app.fail(untrack(|| app.sentence(error)));
    }
}

fn once(app: AppState, id: Uuid, permission: impl Future<Output = ()> + 'static) {
    if app.busy.with_untracked(|busy| busy.contains(&id)) {
        return;
    }
    app.busy.update(|busy| {
        busy.insert(id);
    });
    spawn_local(async move {
        permission.await;
        app.busy.try_update(|busy| busy.remove(&id));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_the_chat_whose_window_it_is() {
        let chat = ChatId(Uuid::from_u128(7));
        assert_eq!(chat_at(&window_of(chat)), Some(chat));
        assert_eq!(chat_at(&format!("{}/", window_of(chat))), Some(chat));
        for other in ["/chats", "/chats/", "/chats/7", "/visitors"] {
            assert_eq!(chat_at(other), None, "{other}");
        }
    }
}
