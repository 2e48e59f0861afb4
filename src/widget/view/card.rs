//! The card beside the launcher: who would like to chat, his words, `Accept` and `Deny` of equal size.

use protocol::{
    id::InvitationId,
    invitation::{Answer, VisitorInvitation},
    words::{self, Language},
};
use web_sys::HtmlElement;

use crate::{
    Dispatch,
    state::Event,
    view::{button, element},
};

/// The card, in the document only while it shows.
pub struct Card {
    body: HtmlElement,
    dispatch: Dispatch,
    shown: Option<(InvitationId, HtmlElement)>,
}

impl Card {
    /// A card that does not show yet.
    pub fn new(body: &HtmlElement, dispatch: &Dispatch) -> Self {
        Self { body: body.clone(), dispatch: dispatch.clone(), shown: None }
    }

    /// Shows this invitation, or none.
    pub fn render(&mut self, invitation: Option<&VisitorInvitation>, language: Language) {
        if self.shown.as_ref().map(|(id, _)| *id) == invitation.map(|invitation| invitation.id) {
            return;
        }
        if let Some((_, card)) = self.shown.take() {
            card.remove();
        }
        let Some(invitation) = invitation else { return };
        let card = element(&self.body, "section", "#jumpin-card");
        drop(card.set_attribute("role", "alertdialog"));
        drop(card.set_attribute("aria-live", "polite"));
        drop(card.set_attribute("aria-label", &words::fill(words::invites_you(language), invitation.by.first_name())));
        question(&card, invitation, language, &self.dispatch);
        self.shown = Some((invitation.id, card));
    }

    /// How high it is, px.
    pub fn height(&self) -> i32 {
        self.shown.as_ref().map_or(0, |(_, card)| card.offset_height())
    }
}

/// The question itself, the same in the card and in the panel.
pub(super) fn question(parent: &HtmlElement, invitation: &VisitorInvitation, language: Language, dispatch: &Dispatch) {
    let who = element(parent, "p", "jumpin-who");
    let initials = element(&who, "span", "jumpin-initials");
    drop(initials.set_attribute("aria-hidden", "true"));
    initials.set_text_content(Some(&invitation.by.initials()));
    element(&who, "span", "jumpin-name")
        .set_text_content(Some(&words::fill(words::invites_you(language), &invitation.by.name)));
    element(parent, "p", "jumpin-words").set_text_content(Some(&invitation.text));
    let answers = element(parent, "div", "jumpin-answers");
    button(&answers, "jumpin-accept", dispatch, || Event::Answered(Answer::Accept))
        .set_text_content(Some(words::accept(language)));
    button(&answers, "jumpin-deny", dispatch, || Event::Answered(Answer::Deny))
        .set_text_content(Some(words::deny(language)));
}
