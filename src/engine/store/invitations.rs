//! Invitations, which are sent, delivered, seen, and finally ended. Each step is a separate transaction, and the first
//! decision wins.

use protocol::{
    Millis,
    id::{AgentId, InvitationId, OrganizationId, VisitId, VisitorId},
    invitation::{Answer, InvitationState},
    refusal::Refusal,
};

use super::{
    Result, Store, VisitRecord,
    row::{id, unreadable},
    sql::{self, Db, Row},
    visitors,
};

/// A stored invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationRecord {
    /// The invitation's id.
    pub id: InvitationId,
    /// The organization that it belongs to.
    pub organization: OrganizationId,
    /// The visit that it was sent to.
    pub visit: VisitId,
    /// The invited visitor.
    pub visitor: VisitorId,
    /// The agent who sent it.
    pub by: AgentId,
    /// The text shown to the visitor.
    pub text: String,
    /// Its current state.
    pub state: InvitationState,
    /// When it was sent.
    pub sent_at: Millis,
    /// When it expires.
    pub expires_at: Millis,
    /// When the resulting quiet period ends.
    pub quiet_until: Option<Millis>,
    /// The visitor's answer, if it came after the invitation had ended. It does not change the state.
    pub late_answer: Option<Answer>,
}

impl InvitationRecord {
    /// Returns whether the visitor denied the invitation, either in time or late.
    pub fn is_denied(&self) -> bool {
        self.state == InvitationState::Denied || self.late_answer == Some(Answer::Deny)
    }
}

/// An open invitation and its visit, which the hub needs to restore the invitation after a restart.
#[derive(Clone, Debug)]
pub struct OpenInvitation {
    /// The invitation.
    pub invitation: InvitationRecord,
    /// The visitor's visit.
    pub visit: VisitRecord,
}

macro_rules! invitations {
    ($which:literal) => {
        concat!("SELECT * FROM invitation ", $which)
    };
}

impl Store {
    /// Marks an invitation as delivered or seen. Returns `None` if it has already reached that step or a later one.
    pub async fn move_invitation(
        &self,
        invitation: InvitationId,
        to: InvitationState,
        now: Millis,
        expires_at: Millis,
    ) -> Result<Option<InvitationRecord>> {
        self.write(move |db| {
            Box::pin(async move {
                let row = sql::query(
                    "UPDATE invitation SET state = $2, expires_at = $4, \
                     delivered_at = coalesce(delivered_at, $3), \
                     seen_at = CASE WHEN $2 = 'seen' THEN $3 ELSE seen_at END \
                     WHERE id = $1 AND (state = 'sent' AND $2 IN ('delivered', 'seen') \
                     OR state = 'delivered' AND $2 = 'seen') \
                     RETURNING *",
                )
                .bind(invitation.to_string())
                .bind(to.as_str())
                .bind(now)
                .bind(expires_at)
                .fetch_optional(db)
                .await?;
                row.as_ref().map(read).transpose()
            })
        })
        .await
    }

    /// Ends an open invitation because it expired, the agent `by` withdrew it, or the visitor left.
    ///
    /// # Errors
    /// Returns [`Refusal::AlreadyDecided`] if the invitation has already ended, and `NotFound` if it does not exist or
    /// belongs to a different organization than the agent.
    pub async fn close_invitation(
        &self,
        invitation: InvitationId,
        to: InvitationState,
        by: Option<AgentId>,
        now: Millis,
        quiet_until: Option<Millis>,
    ) -> Result<InvitationRecord> {
        self.write(move |db| {
            Box::pin(async move {
                let row = sql::query(
                    "UPDATE invitation SET state = $2, decided_at = $3, decided_by = $4, quiet_until = $5 \
                     WHERE id = $1 AND state IN ('sent','delivered','seen') AND $2 IN ('expired','withdrawn','left') \
                     AND ($4 IS NULL OR organization_id = (SELECT organization_id FROM agent WHERE agent.id = $4)) \
                     RETURNING *",
                )
                .bind(invitation.to_string())
                .bind(to.as_str())
                .bind(now)
                .bind(by.map(|by| by.to_string()))
                .bind(quiet_until)
                .fetch_optional(&mut *db)
                .await?;
                let Some(row) = row else {
                    let known = sql::query(invitations!("WHERE id = $1"))
                        .bind(invitation.to_string())
                        .fetch_optional(db)
                        .await?;
                    let known = known.as_ref().map(read).transpose()?.ok_or(Refusal::NotFound)?;
                    // The invitation is still open, so `by` belongs to another organization and must not learn that it
                    // exists.
                    return Err(if known.state.is_open() {
                        Refusal::NotFound.into()
                    } else {
                        Refusal::AlreadyDecided { state: known.state }.into()
                    });
                };
                let closed = read(&row)?;
                if let Some(until) = quiet_until {
                    visitors::keep_quiet(db, closed.visitor, until).await?;
                }
                Ok(closed)
            })
        })
        .await
    }

    /// Returns an invitation if it belongs to the organization.
    pub async fn invitation(
        &self,
        organization: OrganizationId,
        invitation: InvitationId,
    ) -> Result<Option<InvitationRecord>> {
        let row = sql::query(invitations!("WHERE id = $1 AND organization_id = $2"))
            .bind(invitation.to_string())
            .bind(organization.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Returns the visitor's open invitation, or the one they denied while its quiet period lasts.
    pub async fn current_invitation_of(&self, visitor: VisitorId, now: Millis) -> Result<Option<InvitationRecord>> {
        let row = sql::query(
            "SELECT invitation.*, visitor.quiet_until AS quiet FROM invitation \
             JOIN visitor ON visitor.id = invitation.visitor_id WHERE invitation.visitor_id = $1 \
             ORDER BY invitation.state IN ('sent','delivered','seen') DESC, invitation.sent_at DESC, invitation.id DESC \
             LIMIT 1",
        )
        .bind(visitor.to_string())
        .fetch_optional(&self.inner.readers)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let mut last = read(&row)?;
        let quiet_until: Option<Millis> = row.try_get("quiet")?;
        if last.is_denied() {
            last.quiet_until = quiet_until;
        }
        let is_quiet = quiet_until.is_some_and(|until| now < until);
        Ok((last.state.is_open() || last.is_denied() && is_quiet).then_some(last))
    }

    /// Returns every open invitation along with its visit.
    pub async fn open_invitations(&self) -> Result<Vec<OpenInvitation>> {
        let rows = sql::query(invitations!("WHERE state IN ('sent','delivered','seen') ORDER BY sent_at"))
            .fetch_all(&self.inner.readers)
            .await?;
        let mut open = Vec::with_capacity(rows.len());
        for row in &rows {
            let invitation = read(row)?;
            open.push(OpenInvitation { visit: self.visit(invitation.visit).await?, invitation });
        }
        Ok(open)
    }
}

/// Withdraws the visitor's open invitation, if any, as part of the caller's transaction.
pub(super) async fn withdraw_open_invitation(
    db: &mut Db,
    visitor: VisitorId,
    by: AgentId,
    now: Millis,
) -> Result<Option<InvitationRecord>> {
    let row = sql::query(
        "UPDATE invitation SET state = 'withdrawn', decided_at = $2, decided_by = $3 \
         WHERE visitor_id = $1 AND state IN ('sent','delivered','seen') RETURNING *",
    )
    .bind(visitor.to_string())
    .bind(now)
    .bind(by.to_string())
    .fetch_optional(db)
    .await?;
    row.as_ref().map(read).transpose()
}

pub(super) fn read(row: &Row) -> Result<InvitationRecord> {
    let state: &str = row.try_get("state")?;
    Ok(InvitationRecord {
        id: id(row, "id")?,
        organization: id(row, "organization_id")?,
        visit: id(row, "visit_id")?,
        visitor: id(row, "visitor_id")?,
        by: id(row, "by_agent")?,
        text: row.try_get("text")?,
        state: InvitationState::from_word(state).ok_or_else(|| unreadable("state", state))?,
        sent_at: row.try_get("sent_at")?,
        expires_at: row.try_get("expires_at")?,
        quiet_until: row.try_get("quiet_until")?,
        late_answer: match row.try_get::<Option<&str>, _>("late_answer")? {
            Some("accepted") => Some(Answer::Accept),
            Some("denied") => Some(Answer::Deny),
            _ => None,
        },
    })
}
