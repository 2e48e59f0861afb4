//! Answers to invitations. The first answer counts. Repeating it, for example from another tab, changes nothing.

use protocol::{
    Millis,
    chat::{ChatEvent, Entry},
    id::{ChatId, InvitationId, VisitorId},
    invitation::{Answer, InvitationState},
    refusal::Refusal,
};
use uuid::Uuid;

use super::{
    ChatRecord, InvitationRecord, Result, Store, blocks, invitations,
    queue::{self, ChatToOpen},
    sql::{self, Db},
    visitors,
};

/// Deadlines that apply after an answer, computed by the caller.
#[derive(Clone, Copy, Debug)]
pub struct AnswerTerms {
    /// After a denial, the visitor is not invited again until this time.
    pub quiet_until: Millis,
    /// After a second denial, the visitor is not invited again until this time.
    pub quiet_until_after_two: Millis,
    /// If the invitation is accepted while it is open, the chat is reserved for the inviting agent until this time.
    pub reserved_until: Millis,
}

/// The result of an answer.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "destructured right after it is returned")]
pub enum AnswerOutcome {
    /// The visitor denied the invitation and will not be invited again for a while.
    Denied {
        /// The invitation.
        invitation: InvitationRecord,
        /// When the visitor may be invited again.
        quiet_until: Millis,
    },
    /// The visitor accepted the invitation, and a chat now exists.
    Accepted {
        /// The invitation. If it was accepted late, it keeps the state it had already ended in.
        invitation: InvitationRecord,
        /// The chat.
        chat: ChatRecord,
        /// The entries added to the chat.
        entries: Vec<Entry>,
        /// Whether the invitation had already ended because it expired, was withdrawn, or the visitor left.
        late: bool,
    },
    /// The same answer had already been stored, for example from another tab.
    Same(InvitationRecord),
}

impl Store {
    /// Stores the visitor's answer. Accepting an ended invitation still opens an unclaimed chat.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the invitation does not exist or belongs to another visitor, `AlreadyDecided`
    /// if the opposite answer came first, and `Blocked` if the visitor is blocked.
    pub async fn answer(
        &self,
        invitation: InvitationId,
        visitor: VisitorId,
        answer: Answer,
        now: Millis,
        then: AnswerTerms,
    ) -> Result<AnswerOutcome> {
        self.write(move |db| {
            Box::pin(async move {
                let known = find_for_visitor(db, invitation, visitor).await?;
                blocks::refuse_blocked(db, visitor, now).await?;
                let given = match known.state {
                    InvitationState::Accepted => Some(Answer::Accept),
                    InvitationState::Denied => Some(Answer::Deny),
                    _ => known.late_answer,
                };
                match given {
                    Some(given) if given == answer => Ok(AnswerOutcome::Same(known)),
                    Some(_) => Err(Refusal::AlreadyDecided { state: known.state }.into()),
                    None if answer == Answer::Deny => deny(db, known, now, then).await,
                    None => accept(db, known, now, then).await,
                }
            })
        })
        .await
    }
}

async fn deny(db: &mut Db, known: InvitationRecord, now: Millis, then: AnswerTerms) -> Result<AnswerOutcome> {
    let denials: u32 = sql::query_scalar("UPDATE visitor SET denials = denials + 1 WHERE id = $1 RETURNING denials")
        .bind(known.visitor.to_string())
        .fetch_one(&mut *db)
        .await?;
    let until = if denials > 1 { then.quiet_until_after_two } else { then.quiet_until };
    let quiet_until = visitors::keep_quiet(db, known.visitor, until).await?;
    let invitation = decide(db, &known, Answer::Deny, now, Some(quiet_until)).await?;
    Ok(AnswerOutcome::Denied { invitation, quiet_until })
}

async fn accept(db: &mut Db, known: InvitationRecord, now: Millis, then: AnswerTerms) -> Result<AnswerOutcome> {
    let open = known.state.is_open();
    let invitation = decide(db, &known, Answer::Accept, now, None).await?;
    let to_open = ChatToOpen {
        id: ChatId(Uuid::now_v7()),
        organization: invitation.organization,
        visit: invitation.visit,
        visitor: invitation.visitor,
        team: queue::team_of_visit(db, invitation.visit).await?,
        // Once the invitation has ended, the inviting agent may be unavailable, so a chat that was accepted late is not
        // reserved.
        reserved: open.then_some((invitation.by, then.reserved_until)),
        event: ChatEvent::Accepted { by: invitation.by, late: !open },
        now,
    };
    let (chat, entries) = queue::find_or_open(db, to_open).await?;
    Ok(AnswerOutcome::Accepted { invitation, chat, entries, late: !open })
}

async fn find_for_visitor(db: &mut Db, invitation: InvitationId, visitor: VisitorId) -> Result<InvitationRecord> {
    let row = sql::query("SELECT * FROM invitation WHERE id = $1 AND visitor_id = $2")
        .bind(invitation.to_string())
        .bind(visitor.to_string())
        .fetch_optional(db)
        .await?
        .ok_or(Refusal::NotFound)?;
    invitations::read(&row)
}

/// Stores the answer. It becomes the state of an open invitation. The state of an ended invitation is final, so the
/// answer is stored in `late_answer` instead.
async fn decide(
    db: &mut Db,
    known: &InvitationRecord,
    answer: Answer,
    now: Millis,
    quiet_until: Option<Millis>,
) -> Result<InvitationRecord> {
    let word = match answer {
        Answer::Accept => InvitationState::Accepted,
        Answer::Deny => InvitationState::Denied,
    }
    .as_str();
    let sql = if known.state.is_open() {
        "UPDATE invitation SET state = $2, decided_at = $3, quiet_until = $4 \
         WHERE id = $1 AND state IN ('sent','delivered','seen') RETURNING *"
    } else {
        "UPDATE invitation SET late_answer = $2, decided_at = coalesce(decided_at, $3), \
         quiet_until = CASE WHEN quiet_until > $4 THEN quiet_until ELSE $4 END \
         WHERE id = $1 AND late_answer IS NULL RETURNING *"
    };
    let row = sql::query(sql).bind(known.id.to_string()).bind(word).bind(now).bind(quiet_until).fetch_one(db).await?;
    invitations::read(&row)
}
