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
    desk::Desk,
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
pub fn claim(desk: Desk, chat: ChatId) {
    once(desk, chat.0, async move {
        match api::claim(chat).await {
            Ok(()) => {
                desk.settle(chat);
                desk.go.set(Some(window_of(chat)));
            }
            Err(error) => {
                if matches!(error.refusal, Refusal::AlreadyClaimed { .. } | Refusal::ChatEnded | Refusal::NotFound) {
                    desk.settle(chat);
                }
                failed(desk, &error);
            }
        }
    });
}

/// Does not take a chat that is offered.
pub fn decline(desk: Desk, chat: ChatId) {
    once(desk, chat.0, async move {
        match api::decline(chat).await {
            // It was over already.
            Ok(()) | Err(ApiError { refusal: Refusal::Changed { .. } | Refusal::NotFound, .. }) => {}
            Err(error) => failed(desk, &error),
        }
    });
}

/// Puts a tag on a chat, or takes it off.
pub fn tag(desk: Desk, chat: ChatId, name: String, on: bool) {
    once(desk, chat.0, async move {
        if let Err(error) = api::tag(chat, name, on).await {
            failed(desk, &error);
        }
    });
}

/// Takes a chat over, from the agent and the version that are on the screen, and goes into it.
pub fn take_over(desk: Desk, chat: &BoardChat) {
    let (id, version) = (chat.id, chat.version);
    let Some(owner) = chat.agent else { return };
    once(desk, id.0, async move {
        match api::take_over(id, owner, version).await {
            Ok(()) => desk.go.set(Some(window_of(id))),
            Err(error) => failed(desk, &error),
        }
    });
}

/// Takes an invitation back.
pub fn withdraw(desk: Desk, invitation: InvitationId) {
    once(desk, invitation.0, async move {
        if let Err(error) = api::withdraw(invitation).await {
            failed(desk, &error);
        }
    });
}

/// Takes chats, or with a reason, does not.
pub fn be(desk: Desk, away: Option<AwayReason>) {
    once(desk, desk.me.0, async move {
        if let Err(error) = api::set_availability(away).await {
            failed(desk, &error);
        }
    });
}

/// Ends a chat.
pub fn end(desk: Desk, chat: ChatId) {
    once(desk, chat.0, async move {
        if let Err(error) = api::end_chat(chat).await {
            failed(desk, &error);
        }
    });
}

/// Changes what I like to see, and has it kept: one after the other, the latest last. What cannot be kept is taken back.
pub fn prefer(desk: Desk, change: impl FnOnce(&mut Preference)) {
    let mut kept = desk.preference.get_untracked();
    desk.preference.update(change);
    once(desk, Uuid::nil(), async move {
        loop {
            let liked = desk.preference.get_untracked();
            if liked == kept {
                return;
            }
            if let Err(error) = api::keep_preference(liked.clone()).await {
                desk.preference.set(kept);
                return failed(desk, &error);
            }
            kept = liked;
        }
    });
}

pub(super) fn failed(desk: Desk, error: &ApiError) {
    if error.refusal == Refusal::NotSignedIn {
        // Loaded anew: the sign-in speaks the language of the browser.
        let _ = window().location().set_href("/sign-in");
    } else {
        desk.fail(untrack(|| desk.sentence(error)));
    }
}

fn once(desk: Desk, id: Uuid, deed: impl Future<Output = ()> + 'static) {
    if desk.busy.with_untracked(|busy| busy.contains(&id)) {
        return;
    }
    desk.busy.update(|busy| {
        busy.insert(id);
    });
    spawn_local(async move {
        deed.await;
        desk.busy.try_update(|busy| busy.remove(&id));
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
