//! Invitations: sent, delivered, seen, ended. Each step is one transaction, and the first to decide wins.

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

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationRecord {
    /// Its name.
    pub id: InvitationId,
    /// Of which organization.
    pub organization: OrganizationId,
    /// To which visit.
    pub visit: VisitId,
    /// To whom.
    pub visitor: VisitorId,
    /// From whom.
    pub by: AgentId,
    /// What it says.
    pub text: String,
    /// How far it got.
    pub state: InvitationState,
    /// When it was sent.
    pub sent_at: Millis,
    /// When it ends by itself.
    pub expires_at: Millis,
    /// The end of the quiet that came of it.
    pub quiet_until: Option<Millis>,
    /// What the visitor said after the end; the state stays what it was.
    pub late_answer: Option<Answer>,
}

impl InvitationRecord {
    /// The visitor said no, in time or late.
    pub fn is_denied(&self) -> bool {
        self.state == InvitationState::Denied || self.late_answer == Some(Answer::Deny)
    }
}

/// An open invitation and its visit, for the hub to restore.
#[derive(Clone, Debug)]
pub struct OpenInvitation {
    /// The invitation.
    pub invitation: InvitationRecord,
    /// Where the visitor is.
    pub visit: VisitRecord,
}

macro_rules! invitations {
    ($which:literal) => {
        concat!("SELECT * FROM invitation ", $which)
    };
}

impl Store {
    /// Notes that an invitation was delivered or seen; none when it was already further.
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

    /// Ends an open invitation: it expired, was withdrawn (`by`), or the visitor left.
    ///
    /// # Errors
    /// `AlreadyDecided` when something else was first; `NotFound`.
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
                    // An open one was kept from the agent of another organization, who must not learn that it exists.
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

    /// An invitation of an organization.
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

    /// What stands between a visitor and us: his open invitation, or the one whose denial still keeps him from being asked.
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

    /// Every open invitation, with its visit.
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

/// Withdraws the open invitation of a visitor, in the transaction to which that belongs; none when there is none.
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
