//! Invitations: each step is one transaction, and the first to decide wins.

use protocol::{
    Millis,
    chat::{Entry, Happening},
    id::{AgentId, ChatId, InvitationId, OrganizationId, VisitId, VisitorId},
    invitation::{Answer, InvitationState},
    refusal::Refusal,
};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    ChatRecord, Remember, Result, Store, VisitRecord,
    chats::{self, Wanted},
    row::{id, unreadable},
    visitors,
};

/// An invitation to be sent.
#[derive(Clone, Debug)]
pub struct NewInvitation {
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
    /// The time.
    pub now: Millis,
    /// When it ends by itself.
    pub expires_at: Millis,
    /// An invited visitor is remembered, silent or not.
    pub remember: Remember,
}

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
}

/// What came of an answer.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "read once and taken apart")]
pub enum Answered {
    /// The visitor is left alone.
    Denied {
        /// The invitation.
        invitation: InvitationRecord,
        /// Until then.
        quiet_until: Millis,
    },
    /// There is a chat.
    Accepted {
        /// The invitation; of a late yes it keeps the state in which the yes found it.
        invitation: InvitationRecord,
        /// The chat.
        chat: ChatRecord,
        /// What was written into it.
        entries: Vec<Entry>,
        /// The invitation had expired or was withdrawn.
        late: bool,
    },
    /// The same answer had come before, from another tab.
    Same(InvitationRecord),
}

/// An open invitation and its visit, for the floor to stand again.
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

const OF_ID: &str = invitations!("WHERE id = $1");

impl Store {
    /// Invites a visitor and remembers him.
    ///
    /// # Errors
    /// `Quiet`, `AlreadyChatting`, or `AlreadyInvited` with who was first.
    pub async fn invite(&self, new: NewInvitation) -> Result<InvitationRecord> {
        self.write(move |db| Box::pin(async move { invite(db, new).await })).await
    }

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
                let row = sqlx::query(
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

    /// The visitor answers. Never a "sorry" to one who says yes: after the end, an unclaimed chat comes of it all the same.
    ///
    /// # Errors
    /// `NotFound` when it is not this visitor's; `AlreadyDecided` when the other answer came first.
    pub async fn answer(
        &self,
        invitation: InvitationId,
        visitor: VisitorId,
        answer: Answer,
        now: Millis,
        quiet_until: Millis,
        reserved_until: Millis,
    ) -> Result<Answered> {
        self.write(move |db| {
            Box::pin(async move {
                let (known, late_answer) = of_visitor(db, invitation, visitor).await?;
                let open = known.state.is_open();
                let given = match known.state {
                    InvitationState::Accepted => Some(Answer::Accept),
                    InvitationState::Denied => Some(Answer::Deny),
                    _ => late_answer,
                };
                match given {
                    Some(given) if given == answer => return Ok(Answered::Same(known)),
                    Some(_) => return Err(Refusal::AlreadyDecided { state: known.state }.into()),
                    None => {}
                }
                match answer {
                    Answer::Deny => {
                        let quiet_until = visitors::keep_quiet(db, visitor, quiet_until, true).await?;
                        let invitation = decide(db, invitation, answer, open, now, Some(quiet_until)).await?;
                        Ok(Answered::Denied { invitation, quiet_until })
                    }
                    Answer::Accept => {
                        let invitation = decide(db, invitation, answer, open, now, None).await?;
                        let wanted = Wanted {
                            id: ChatId(Uuid::now_v7()),
                            organization: invitation.organization,
                            visit: invitation.visit,
                            visitor,
                            team: chats::team_of_visit(db, invitation.visit).await?,
                            // Who withdrew, or let it run out, need not be there any more.
                            reserved: open.then_some((invitation.by, reserved_until)),
                            because: Happening::Accepted { by: invitation.by, late: !open },
                            now,
                        };
                        let (chat, entries) = chats::want(db, wanted).await?;
                        Ok(Answered::Accepted { invitation, chat, entries, late: !open })
                    }
                }
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
                let row = sqlx::query(
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
                    let known = sqlx::query(OF_ID).bind(invitation.to_string()).fetch_optional(db).await?;
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
                    visitors::keep_quiet(db, closed.visitor, until, false).await?;
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
        let row = sqlx::query(invitations!("WHERE id = $1 AND organization_id = $2"))
            .bind(invitation.to_string())
            .bind(organization.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The open invitation of a visitor.
    pub async fn open_invitation_of(&self, visitor: VisitorId) -> Result<Option<InvitationRecord>> {
        let row = sqlx::query(invitations!("WHERE visitor_id = $1 AND state IN ('sent','delivered','seen')"))
            .bind(visitor.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Every open invitation, with its visit.
    pub async fn open_invitations(&self) -> Result<Vec<OpenInvitation>> {
        let rows = sqlx::query(invitations!("WHERE state IN ('sent','delivered','seen') ORDER BY sent_at"))
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

async fn invite(db: &mut SqliteConnection, new: NewInvitation) -> Result<InvitationRecord> {
    visitors::remember(db, new.organization, new.visitor, new.visit, &new.remember, new.now).await?;
    let quiet_until: Option<Millis> = sqlx::query_scalar("SELECT quiet_until FROM visitor WHERE id = $1")
        .bind(new.visitor.to_string())
        .fetch_one(&mut *db)
        .await?;
    if let Some(until) = quiet_until.filter(|until| new.now < *until) {
        return Err(Refusal::Quiet { until }.into());
    }
    if let Some(chat) = chats::live_of(db, new.visitor).await? {
        return Err(Refusal::AlreadyChatting { with: chat.agent }.into());
    }
    let row = sqlx::query(
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
        return read(&row);
    }
    let first = sqlx::query(invitations!("WHERE visit_id = $1 AND state IN ('sent','delivered','seen')"))
        .bind(new.visit.to_string())
        .fetch_one(db)
        .await?;
    let first = read(&first)?;
    Err(Refusal::AlreadyInvited { by: first.by, at: first.sent_at }.into())
}

async fn of_visitor(
    db: &mut SqliteConnection,
    invitation: InvitationId,
    visitor: VisitorId,
) -> Result<(InvitationRecord, Option<Answer>)> {
    let row = sqlx::query(invitations!("WHERE id = $1 AND visitor_id = $2"))
        .bind(invitation.to_string())
        .bind(visitor.to_string())
        .fetch_optional(db)
        .await?
        .ok_or(Refusal::NotFound)?;
    let late_answer = match row.try_get::<Option<&str>, _>("late_answer")? {
        Some("accepted") => Some(Answer::Accept),
        Some("denied") => Some(Answer::Deny),
        _ => None,
    };
    Ok((read(&row)?, late_answer))
}

/// Writes the answer down: as the state while the invitation is open, beside it afterwards. A final state is final.
async fn decide(
    db: &mut SqliteConnection,
    invitation: InvitationId,
    answer: Answer,
    open: bool,
    now: Millis,
    quiet_until: Option<Millis>,
) -> Result<InvitationRecord> {
    let word = match answer {
        Answer::Accept => InvitationState::Accepted,
        Answer::Deny => InvitationState::Denied,
    }
    .as_str();
    let sql = if open {
        "UPDATE invitation SET state = $2, decided_at = $3, quiet_until = $4 \
         WHERE id = $1 AND state IN ('sent','delivered','seen') RETURNING *"
    } else {
        "UPDATE invitation SET late_answer = $2, decided_at = coalesce(decided_at, $3), \
         quiet_until = max(coalesce(quiet_until, $4), $4) \
         WHERE id = $1 AND late_answer IS NULL RETURNING *"
    };
    let row =
        sqlx::query(sql).bind(invitation.to_string()).bind(word).bind(now).bind(quiet_until).fetch_one(db).await?;
    read(&row)
}

fn read(row: &SqliteRow) -> Result<InvitationRecord> {
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
    })
}
