//! The invitation prompt: the agent's name and message, and equally sized `Accept` and `Deny` buttons. There is only
//! one prompt. It is in the panel while the panel is open, and otherwise in the card above the launcher.

use alloc::string::String;

use protocol::{
    agent::AgentCard,
    i18n::fill,
    id::InvitationId,
    invitation::{Answer, VisitorInvitation},
    widget_strings::{StringKey, WidgetStrings},
};

use crate::{
    Dispatch,
    browser::{Node, by_id},
    event::Event,
    view::button,
};

/// The elements of the invitation prompt.
pub struct Question {
    all: Node,
    avatar: Node,
    name: Node,
    text: Node,
    shown: Option<InvitationId>,
}

impl Question {
    /// Binds the elements in the frame's HTML.
    pub fn new(dispatch: Dispatch) -> Self {
        button("jumpin-accept", dispatch, || Event::Answered(Answer::Accept));
        button("jumpin-deny", dispatch, || Event::Answered(Answer::Deny));
        Self {
            all: by_id("jumpin-question"),
            avatar: by_id("jumpin-initials"),
            name: by_id("jumpin-name"),
            text: by_id("jumpin-text"),
            shown: None,
        }
    }

    /// Shows an invitation inside the given element.
    pub fn render(&mut self, invitation: Option<&VisitorInvitation>, place: &Node, strings: &WidgetStrings) {
        let Some(invitation) = invitation else { return };
        // Move the prompt only when necessary, because moving an element makes it lose focus.
        if !place.holds(&self.all) {
            place.append(&self.all);
        }
        if self.shown != Some(invitation.id) {
            self.shown = Some(invitation.id);
            draw_avatar(&self.avatar, &invitation.by);
            self.name.set_text(&fill(strings.get(StringKey::InvitesYou), &invitation.by.name));
            self.text.set_text(&invitation.text);
        }
    }
}

/// Draws an agent's avatar on top of the initials, which stay visible if the image fails to load.
pub(crate) fn draw_avatar(place: &Node, agent: &AgentCard) {
    place.set_text(&initials(&agent.name));
    if !agent.avatar.is_empty() {
        place.add_child("img", "").set("src", &agent.avatar);
    }
}

/// Returns the first letters of the first and last words. CSS capitalizes them.
fn initials(name: &str) -> String {
    let (mut first, mut last, mut begins) = (None, None, true);
    for letter in name.chars() {
        if begins && letter != ' ' {
            *if first.is_none() { &mut first } else { &mut last } = Some(letter);
        }
        begins = letter == ' ';
    }
    first.into_iter().chain(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_come_from_the_first_and_last_words() {
        let cases = [("Ann Lee", "AL"), ("ann", "a"), ("Ann van der Łee", "AŁ"), (" Ann  ", "A"), ("", "")];
        for (name, expected) in cases {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}
