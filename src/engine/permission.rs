//! Who may do what. This is the only place that decides it: a table of every permission and the lowest role that has
//! it. Data of another organization is reported as not found rather than forbidden; that is done by the store.

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
            /// Every permission.
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
    /// See the board, the colleagues, and one's own chats.
    Watch: Agent;
    /// Invite a visitor, withdraw an invitation, claim a chat, write in it, end it.
    Chat: Agent;
    /// Block a visitor temporarily or permanently, and unblock them. Agents may do so, because they need not wait for a
    /// supervisor when they are insulted.
    Block: Agent;
    /// Change one's own name, password, sign-ins and second factor.
    ManageOwnAccount: Agent;
    /// Take over a chat from an agent who is reachable.
    TakeOver: Supervisor;
    /// Observe a colleague's chat, whisper to them, tag the chat and transfer it.
    Supervise: Supervisor;
    /// Manage one's own canned replies.
    ManageOwnReplies: Agent;
    /// Manage the canned replies of teams and of the organization.
    ManageSharedReplies: Supervisor;
    /// Read the history of one's own teams.
    ReadHistory: Agent;
    /// Read the history of every team.
    ReadAllHistory: Supervisor;
    /// Export chats to files.
    Export: Supervisor;
    /// View and change concierges: their look, texts and sites.
    ManageConcierges: Admin;
    /// Add and change teams.
    ManageTeams: Admin;
    /// Invite, change and deactivate agents.
    ManageAgents: Admin;
    /// See whether mail works, and which e-mails could not be sent.
    ManageMail: Admin;
    /// Read the audit log.
    ReadAudit: Admin;
    /// Set retention periods, erase a visitor, and export a visitor's data.
    ManagePrivacy: Admin;
}

impl Principal {
    /// Checks that the agent's role has a permission.
    ///
    /// # Errors
    /// `Forbidden` if it does not.
    pub fn may(&self, permission: Permission) -> Result<(), Refusal> {
        if self.role >= permission.min_role() { Ok(()) } else { Err(Refusal::Forbidden) }
    }
}
