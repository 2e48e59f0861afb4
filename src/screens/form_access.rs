//! Checks who may submit which form, and how large it may be, before the form's body is read. Each operation checks its
//! permission again.

use engine::{Permission, Principal};
use protocol::refusal::Refusal;

use super::screen_address::Address;

/// How large a form may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormSize {
    /// Text fields only.
    Text,
    /// Includes a picture. Only signed-in agents have such forms.
    Picture,
}

/// Checks that a form may be submitted to this address, and returns how large it may be.
///
/// # Errors
/// Returns [`Refusal::NotFound`] if there is no such form, [`Refusal::NotSignedIn`] if it requires a signed-in agent,
/// and [`Refusal::Forbidden`] if the agent does not have the required permission.
pub fn check_form_access(me: Option<&Principal>, address: &str) -> Result<FormSize, Refusal> {
    let address = Address::parse(address);
    let (permission, size) = match address.segments().as_slice() {
        ["setup" | "join" | "reset", _] | ["sign-in", "code" | "forgotten"] => return Ok(FormSize::Text),
        ["account", "avatar"] => (Permission::ManageOwnAccount, FormSize::Picture),
        ["account", ..] => (Permission::ManageOwnAccount, FormSize::Text),
        ["settings"] | ["settings", "routing"] | ["settings", "teams", _] | ["settings", "teams", _, "up"] => {
            (Permission::ManageTeams, FormSize::Text)
        }
        ["settings", "privacy"] => (Permission::ManagePrivacy, FormSize::Text),
        ["settings", "mail"] => (Permission::ManageMail, FormSize::Text),
        ["settings", "concierges", _] | ["settings", "concierges", _, "pause"] => {
            (Permission::ManageConcierges, FormSize::Text)
        }
        ["settings", "agents", _] | ["settings", "agents", _, "active" | "reset"] => {
            (Permission::ManageAgents, FormSize::Text)
        }
        ["settings", "replies"] | ["settings", "replies", _] => (Permission::ManageOwnReplies, FormSize::Text),
        // An agent enters their password here before an export.
        ["history"] => (Permission::Export, FormSize::Text),
        // Which of these actions an agent may take depends on the visitor.
        ["history", "visitors" | "visits", _] | ["history", "visitors" | "visits", _, _] => {
            (Permission::Chat, FormSize::Text)
        }
        _ => {
            // People who are not signed in must not learn which addresses exist.
            return Err(me.map_or(Refusal::NotSignedIn, |_| Refusal::NotFound));
        }
    };
    me.ok_or(Refusal::NotSignedIn)?.may(permission)?;
    Ok(size)
}
