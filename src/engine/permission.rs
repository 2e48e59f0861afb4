//! Who may do what. Every permission of a person who has signed in stands here with the least role that may do it; nowhere else is it
//! decided. What belongs to another organization is not forbidden but not there: that is the store's business.

use protocol::{agent::Role, refusal::Refusal};

use crate::sessions::Principal;

macro_rules! permissions {
    ($($(#[$doc:meta])* $permission:ident: $least:ident;)*) => {
        /// Something that a person may want to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Permission {
            $($(#[$doc])* $permission,)*
        }

        impl Permission {
            /// Every permission.
            pub const ALL: &[Self] = &[$(Self::$permission,)*];

            /// The least role that may do it.
            pub fn min_role(self) -> Role {
                match self {
                    $(Self::$permission => Role::$least,)*
                }
            }
        }
    };
}

permissions! {
    /// See the board, who is who, and one's own chats.
    Watch: Agent;
    /// Invite a visitor, take the invitation back, claim a chat, write in it, end it.
    Chat: Agent;
    /// Serve a visitor no longer, for a while or for good, and serve him again: who is insulted need not wait for a supervisor.
    Block: Agent;
    /// Change what belongs to oneself: name, password, sign-ins, second factor.
    ManageOwnAccount: Agent;
    /// Take a chat over from an agent who can be reached.
    TakeOver: Supervisor;
    /// Read a colleague's chat along, whisper to him, tag it and hand it on.
    Supervise: Supervisor;
    /// Keep canned replies of one's own.
    ManageOwnReplies: Agent;
    /// Keep the canned replies of teams and of everyone.
    ManageSharedReplies: Supervisor;
    /// Read the history of the teams that one is in.
    ReadHistory: Agent;
    /// Read the history of every team.
    ReadAllHistory: Supervisor;
    /// Take chats out of the program, as files.
    Export: Supervisor;
    /// See and change how concierges look, speak and where they stand.
    ManageConcierges: Admin;
    /// Add and change teams.
    ManageTeams: Admin;
    /// Invite, change and deactivate agents.
    ManageAgents: Admin;
    /// See whether mail works, and what could not be mailed.
    ManageMail: Admin;
    /// Read what was changed, by whom and when.
    ReadAudit: Admin;
    /// Say how long things are kept; erase a visitor; take out what is known of one.
    ManagePrivacy: Admin;
}

impl Principal {
    /// Whether his role allows it.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn may(&self, permission: Permission) -> Result<(), Refusal> {
        if self.role >= permission.min_role() { Ok(()) } else { Err(Refusal::Forbidden) }
    }
}
