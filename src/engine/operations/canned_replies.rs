//! Manages canned replies, which are personal, shared with a team, or shared with everyone. The scope determines who
//! may change them.

use protocol::{
    canned_reply::{Reply, Scope},
    id::ReplyId,
    limits::REPLY_NAME_CHARS,
    refusal::Refusal,
};

use super::{
    Engine,
    invitations::{checked, checked_within},
    refusal,
};
use crate::{
    clock,
    permission::Permission,
    sessions::Principal,
    store::{Actor, NewReply},
};

impl Engine {
    /// Returns the replies that the agent may use.
    ///
    /// # Errors
    /// Returns an error if the store fails.
    pub async fn replies(&self, me: &Principal) -> Result<Vec<Reply>, Refusal> {
        let every_team = me.may(Permission::ManageSharedReplies).is_ok();
        self.store().replies(me.organization, me.agent, every_team).await.map_err(refusal)
    }

    /// Returns a single reply for editing.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the reply does not exist or is another agent's personal reply, and
    /// [`Refusal::Forbidden`] if the agent may not change it.
    pub async fn reply(&self, me: &Principal, reply: ReplyId) -> Result<Reply, Refusal> {
        let found = self.store().reply(me.organization, me.agent, reply).await.map_err(refusal)?;
        let found = found.ok_or(Refusal::NotFound)?;
        me.may(permission(found.scope))?;
        Ok(found)
    }

    /// Adds or updates a reply.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not change replies in this scope, [`Refusal::NotFound`] if the
    /// reply to update does not exist, and [`Refusal::Empty`] or [`Refusal::TooLong`] if the name or the text is
    /// invalid.
    pub async fn put_reply(&self, me: &Principal, new: NewReply) -> Result<(), Refusal> {
        me.may(permission(new.scope))?;
        if !new.is_new {
            self.reply(me, new.id).await?;
        }
        let new = NewReply { name: checked_within(&new.name, REPLY_NAME_CHARS)?, text: checked(&new.text)?, ..new };
        self.store().put_reply(Actor::from(me), me.agent, new, clock::now()).await.map_err(refusal)
    }

    /// Deletes a reply.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the reply does not exist or is another agent's personal reply, and
    /// [`Refusal::Forbidden`] if the agent may not change it.
    pub async fn delete_reply(&self, me: &Principal, reply: ReplyId) -> Result<(), Refusal> {
        self.reply(me, reply).await?;
        self.store().delete_reply(Actor::from(me), reply, clock::now()).await.map_err(refusal)
    }
}

fn permission(scope: Scope) -> Permission {
    match scope {
        Scope::Mine => Permission::ManageOwnReplies,
        Scope::Team(_) | Scope::Everyone => Permission::ManageSharedReplies,
    }
}
