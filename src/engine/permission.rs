//! Defines who may do what, as a table of all permissions and the lowest role that has each one. This is the only place
//! where that is decided. Data of another organization is reported as not found rather than forbidden; the store takes
//! care of that.

use protocol::{agent::Role, refusal::Refusal};

use crate::sessions::Principal;

macro_rules! permissions {
    ($($(#[$doc:meta])* $permission:ident: $least:ident;)*) => {
        /// An action that requires a role.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Permission {
            $($(#[$doc])* $permission,)*
        }

        impl Permission {
            /// All permissions.
            pub const ALL: &[Self] = &[$(Self::$permission,)*];

            /// Returns the lowest role that has the permission.
            pub fn min_role(self) -> Role {
                match self {
                    $(Self::$permission => Role::$least,)*
                }
            }
        }
    };
}

permissions! {
    /// View the board, colleagues, and one's own chats.
    Watch: Agent;
    /// Invite visitors, withdraw invitations, and claim, write in, and end chats.
    Chat: Agent;
    /// Block visitors temporarily or permanently, and unblock them. Agents may do this because no one should have to
    /// wait for a supervisor while being insulted.
    Block: Agent;
    /// Change one's own name, password, sign-ins, and second factor.
    ManageOwnAccount: Agent;
    /// Take over a chat from an agent who is still reachable.
    TakeOver: Supervisor;
    /// Observe a colleague's chat, whisper to the colleague, and tag and transfer the chat.
    Supervise: Supervisor;
    /// Manage one's own canned replies.
    ManageOwnReplies: Agent;
    /// Manage the canned replies of teams and of the entire organization.
    ManageSharedReplies: Supervisor;
    /// Read the history of one's own teams.
    ReadHistory: Agent;
    /// Read the history of all teams.
    ReadAllHistory: Supervisor;
    /// Export chats to files.
    Export: Supervisor;
    /// View and change concierges, including their look, wording, and sites.
    ManageConcierges: Admin;
    /// Add and change teams.
    ManageTeams: Admin;
    /// Invite, change, and deactivate agents.
    ManageAgents: Admin;
    /// See whether email works and which emails could not be sent.
    ManageMail: Admin;
    /// Read the audit log.
    ReadAudit: Admin;
    /// Set retention periods, and delete or export a visitor's data.
    ManagePrivacy: Admin;
}

impl Principal {
    /// Checks whether the agent's role has a permission.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the role does not have the permission.
    pub fn may(&self, permission: Permission) -> Result<(), Refusal> {
        if self.role >= permission.min_role() { Ok(()) } else { Err(Refusal::Forbidden) }
    }
}
