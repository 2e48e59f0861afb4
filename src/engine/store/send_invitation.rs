//! Sends invitations. A visit can have at most one open invitation, and visitors who are in a chat or in a quiet period
//! are not invited.

use protocol::{
    Millis,
    id::{AgentId, InvitationId, OrganizationId, VisitId, VisitorId},
    refusal::Refusal,
};

use super::{
    InvitationRecord, PersistVisitor, Result, Store, blocks, chats, invitations,
    sql::{self, Db},
    visitors,
};

/// An invitation to send.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// The new invitation's id.
    pub id: InvitationId,
    /// The organization that it belongs to.
    pub organization: OrganizationId,
    /// The visit that it is sent to.
    pub visit: VisitId,
    /// The invited visitor.
    pub visitor: VisitorId,
    /// The agent who sends it.
    pub by: AgentId,
    /// The text shown to the visitor.
    pub text: String,
    /// The current time.
    pub now: Millis,
    /// When the invitation expires.
    pub expires_at: Millis,
    /// What to store about the visitor. Every invited visitor is stored.
    pub remember: PersistVisitor,
}

impl Store {
    /// Invites a visitor and stores the visitor.
    ///
    /// # Errors
    /// Returns [`Refusal::Blocked`] if the visitor is blocked, `Quiet` if they are in a quiet period, `AlreadyChatting`
    /// if they are in a chat, and `AlreadyInvited` with the other agent if there already is an open invitation.
    pub async fn invite(&self, new: NewInvitation) -> Result<InvitationRecord> {
        self.write(move |db| Box::pin(async move { invite(db, new).await })).await
    }
}

async fn invite(db: &mut Db, new: NewInvitation) -> Result<InvitationRecord> {
    visitors::remember(db, new.organization, new.visitor, new.visit, &new.remember, new.now).await?;
    blocks::refuse_blocked(db, new.visitor, new.now).await?;
    let quiet_until: Option<Millis> = sql::query_scalar("SELECT quiet_until FROM visitor WHERE id = $1")
        .bind(new.visitor.to_string())
        .fetch_one(&mut *db)
        .await?;
    if let Some(until) = quiet_until.filter(|until| new.now < *until) {
        return Err(Refusal::Quiet { until }.into());
    }
    if let Some(chat) = chats::live_of(db, new.visitor).await? {
        return Err(Refusal::AlreadyChatting { with: chat.agent }.into());
    }
    let row = sql::query(
        "INSERT INTO invitation (id, organization_id, visit_id, visitor_id, by_agent, text, state, sent_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, 'sent', $7, $8) ON CONFLICT DO NOTHING RETURNING *",
    )
    .bind(new.id.to_string())
    .bind(new.organization.to_string())
    .bind(new.visit.to_string())
    .bind(new.visitor.to_string())
    .bind(new.by.to_string())
    .bind(new.text)
    .bind(new.now)
    .bind(new.expires_at)
    .fetch_optional(&mut *db)
    .await?;
    if let Some(row) = row {
        return invitations::read(&row);
    }
    let first = sql::query("SELECT * FROM invitation WHERE visit_id = $1 AND state IN ('sent','delivered','seen')")
        .bind(new.visit.to_string())
        .fetch_one(db)
        .await?;
    let first = invitations::read(&first)?;
    Err(Refusal::AlreadyInvited { by: first.by, at: first.sent_at }.into())
}
