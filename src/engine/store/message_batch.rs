//! Stores several messages in one round trip to the database thread (SQLite only). A round trip wakes two threads,
//! which costs more than storing a message does.

use std::{
    collections::VecDeque,
    panic::AssertUnwindSafe,
    sync::{Arc, LazyLock},
};

use futures::FutureExt as _;
use protocol::chat::{Author, Entry};
use tokio::sync::oneshot;

use super::{
    NewMessage, Result, StoreError, StoredMessage,
    chats::{self, chats},
    entries::Columns,
    messages::{preview, send_message},
    sql::{self, Db, Row},
    write_job::{CommitError, CommitResult, ExecutedWrite, Job, NEXT_SAVEPOINT},
};

/// The maximum number of messages in a batch.
const MAX_BATCH_SIZE: usize = 8;

/// The statements for one message. The first inserts the entry if nothing prevents it. The other two update the chat's
/// last message and read the chat, but only if the previous statement changed a row. `changes()` does not count changes
/// made by triggers. Names in braces refer to [`PARAMETERS`].
const INSERT_MESSAGE: &str = concat!(
    "INSERT INTO entry (chat_id, seq, at, author, author_agent, client_id, text, file) \
     SELECT chat.id, chat.last_seq + 1, {at}, {author}, {agent}, {client_id}, {text}, {file} \
     FROM chat WHERE chat.id = {chat} AND chat.organization_id = {organization} \
     AND chat.state <> 'ended' AND ({agent} IS NULL OR chat.agent_id = {agent}) \
     AND NOT EXISTS (SELECT 1 FROM chat AS one JOIN entry ON entry.chat_id = one.id \
     WHERE one.visitor_id = chat.visitor_id AND entry.client_id = {client_id}) \
     AND ({by_visitor} = 0 OR NOT EXISTS \
     (SELECT 1 FROM visitor_block WHERE visitor_block.visitor_id = chat.visitor_id)); \
     UPDATE chat SET last_seq = last_seq + 1, last_text = {line}, last_from_visitor = {by_visitor}, \
     last_at = {at}, last_word_at = {at}, unread = unread + {by_visitor} WHERE id = {chat} AND changes() = 1; ",
    chats!(", {which} AS which", "WHERE chat.id = {chat} AND changes() = 1")
);

/// The parameters for one message, in the order in which [`insert_batch`] binds them.
const PARAMETERS: [&str; 10] =
    ["chat", "line", "by_visitor", "at", "author", "agent", "client_id", "text", "file", "organization"];

/// Returns the statements for this many messages. `$1` to `$10` are the parameters for the first one, `$11` to `$20`
/// are those for the second, and so on.
fn statements(messages: usize) -> String {
    let one = |which: usize| {
        let numbered = INSERT_MESSAGE.replace("{which}", &which.to_string());
        PARAMETERS.iter().enumerate().fold(numbered, |text, (place, name)| {
            text.replace(&format!("{{{name}}}"), &format!("${}", which * PARAMETERS.len() + place + 1))
        })
    };
    (0..messages).map(one).collect::<Vec<_>>().join("; ")
}

/// The statements for one message and for [`MAX_BATCH_SIZE`] messages. A smaller batch leaves the remaining parameters
/// unbound, which is safe because a null chat id matches no chat. With two fixed statements, there are only ever two
/// prepared statements.
static STATEMENTS: LazyLock<[String; 2]> = LazyLock::new(|| [statements(1), statements(MAX_BATCH_SIZE)]);

/// A message waiting for the writer, along with the channel for its result.
pub(super) struct PendingMessage {
    pub(super) new: NewMessage,
    pub(super) answer: oneshot::Sender<Result<StoredMessage>>,
}

impl PendingMessage {
    /// Converts the message into a job that stores it on its own and handles every case.
    pub(super) fn into_job(self) -> Job {
        let new = self.new;
        Job::new(move |db| Box::pin(async move { send_message(db, new).await }), self.answer)
    }

    fn into_executed(self, said: StoredMessage) -> ExecutedWrite {
        let answer = self.answer;
        ExecutedWrite::successful(move |committed| {
            drop(answer.send(committed.map(|()| said).map_err(StoreError::from)));
        })
    }
}

/// A write waiting in the writer's queue.
pub(super) enum QueuedWrite {
    Job(Job),
    Message(PendingMessage),
}

impl QueuedWrite {
    /// Converts the write into an ordinary job.
    pub(super) fn into_job(self) -> Job {
        match self {
            Self::Job(job) => job,
            Self::Message(saying) => saying.into_job(),
        }
    }
}

/// Returns whether the next queued write is also a message.
pub(super) fn is_message_next(jobs: &VecDeque<QueuedWrite>) -> bool {
    matches!(jobs.front(), Some(QueuedWrite::Message(_)))
}

/// Stores a message and the messages queued right behind it. Messages that the batch could not store become separate
/// jobs, which run next.
pub(super) async fn store_messages(
    db: &mut Db,
    first: PendingMessage,
    made: &mut Vec<ExecutedWrite>,
    jobs: &mut VecDeque<QueuedWrite>,
) -> CommitResult {
    let mut all = vec![first];
    while all.len() < MAX_BATCH_SIZE {
        match jobs.pop_front() {
            Some(QueuedWrite::Message(next)) => all.push(next),
            other => {
                other.into_iter().for_each(|other| jobs.push_front(other));
                break;
            }
        }
    }
    let together = store_batch(db, all).await;
    if !together.made.is_empty() {
        db.set_next_prefix(Some(NEXT_SAVEPOINT));
    }
    made.extend(together.made);
    together.left.into_iter().rev().for_each(|one| jobs.push_front(QueuedWrite::Job(one.into_job())));
    together.broken.map_or(Ok(()), |error| Err(CommitError::NotCommitted(Arc::new(error))))
}

/// The result of a batch of messages.
struct BatchOutcome {
    /// The stored messages.
    made: Vec<ExecutedWrite>,
    /// Messages that the batch skipped. They must be stored one by one, in this order, to find out why.
    left: Vec<PendingMessage>,
    /// The error that made the transaction unusable, if any.
    broken: Option<sqlx::Error>,
}

/// Stores all messages in a batch that nothing prevents from being stored. If the batch fails, nothing is stored and
/// all messages are left.
async fn store_batch(db: &mut Db, all: Vec<PendingMessage>) -> BatchOutcome {
    let news: Vec<&NewMessage> = all.iter().map(|one| &one.new).collect();
    // A panic here would take down the writer and every other write with it.
    let stored = AssertUnwindSafe(insert_batch(db, &news)).catch_unwind().await;
    let said = match stored {
        Ok(Ok(said)) => said,
        // SQLite may have rolled back the whole transaction.
        Ok(Err(StoreError::Sqlx(error))) if sql::is_full(&error) => {
            return BatchOutcome { made: Vec::new(), left: all, broken: Some(error) };
        }
        Ok(Err(_)) | Err(_) => {
            let broken = db.batch("ROLLBACK TO job").await.err();
            return BatchOutcome { made: Vec::new(), left: all, broken };
        }
    };
    let (mut made, mut left) = (Vec::with_capacity(all.len()), Vec::new());
    for (one, said) in all.into_iter().zip(said) {
        match said {
            Some(said) => made.push(one.into_executed(said)),
            None => left.push(one),
        }
    }
    BatchOutcome { made, left, broken: None }
}

/// Stores up to [`MAX_BATCH_SIZE`] messages. The result is `None` for each message that could not be stored.
pub(super) async fn insert_batch(db: &mut Db, all: &[&NewMessage]) -> Result<Vec<Option<StoredMessage>>> {
    let [one, several] = &*STATEMENTS;
    let text: &'static str = if all.len() == 1 { one } else { several };
    let query = all.iter().fold(sql::query(text), |query, new| {
        let columns = Columns::of(new.author, &new.body);
        query
            .bind(new.chat.to_string())
            .bind(preview(&new.body))
            .bind(new.author == Author::Visitor)
            .bind(new.now)
            .bind(columns.author)
            .bind(columns.agent)
            .bind(new.client_id.to_string())
            .bind(columns.text)
            .bind(columns.file)
            .bind(new.organization.to_string())
    });
    let mut said: Vec<Option<StoredMessage>> = all.iter().map(|_| None).collect();
    for row in query.fetch_all(db).await? {
        let which = usize::try_from(row.try_get::<i64, _>("which")?).unwrap_or(usize::MAX);
        if let (Some(new), Some(place)) = (all.get(which), said.get_mut(which)) {
            *place = Some(read(&row, new)?);
        }
    }
    Ok(said)
}

fn read(row: &Row, new: &NewMessage) -> Result<StoredMessage> {
    let chat = chats::read(row)?;
    let (author, client_id, body) = (new.author, Some(new.client_id), new.body.clone());
    let entry = Entry { seq: chat.last_seq, at: new.now, author, client_id, body };
    Ok(StoredMessage { chat, entry, fresh: true, reopened: None })
}
