//! Several messages in one trip to the connection, as only SQLite takes it. A trip wakes two threads, which costs more than to
//! store a message does: where many come, they go together.

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

/// The most messages that go together.
const MAX_BATCH_SIZE: usize = 8;

/// What one message takes: the entry if nothing speaks against it, then the last number of the chat and the chat as it is now, each
/// if the one before was done. `changes()` counts nothing that a trigger does. Names in braces are the values of [`PARAMETERS`].
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
     last_at = {at}, last_word_at = {at} WHERE id = {chat} AND changes() = 1; ",
    chats!(", {which} AS which", "WHERE chat.id = {chat} AND changes() = 1")
);

/// The values of one message, in the order in which [`insert_batch`] binds them.
const PARAMETERS: [&str; 10] =
    ["chat", "line", "by_visitor", "at", "author", "agent", "client_id", "text", "file", "organization"];

/// The statements for so many messages, one after the other: `$1` to `$10` are the first one's values, `$11` to `$20` the second's.
fn statements(messages: usize) -> String {
    let one = |which: usize| {
        let numbered = INSERT_MESSAGE.replace("{which}", &which.to_string());
        PARAMETERS.iter().enumerate().fold(numbered, |text, (place, name)| {
            text.replace(&format!("{{{name}}}"), &format!("${}", which * PARAMETERS.len() + place + 1))
        })
    };
    (0..messages).map(one).collect::<Vec<_>>().join("; ")
}

/// The statements for one message, and those for [`MAX_BATCH_SIZE`]: where fewer come, the values of the others are missing, and nothing is
/// in no chat. Made once, so that the database prepares two texts and no more.
static STATEMENTS: LazyLock<[String; 2]> = LazyLock::new(|| [statements(1), statements(MAX_BATCH_SIZE)]);

/// A message that waits for the writer, and who waits for what becomes of it.
pub(super) struct PendingMessage {
    pub(super) new: NewMessage,
    pub(super) answer: oneshot::Sender<Result<StoredMessage>>,
}

impl PendingMessage {
    /// Stored by itself, whatever it takes.
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

/// What waits for its turn in a group.
pub(super) enum QueuedWrite {
    Job(Job),
    Message(PendingMessage),
}

impl QueuedWrite {
    /// As a write like any other.
    pub(super) fn into_job(self) -> Job {
        match self {
            Self::Job(job) => job,
            Self::Message(saying) => saying.into_job(),
        }
    }
}

/// Whether the next that waits is a message as well.
pub(super) fn is_message_next(jobs: &VecDeque<QueuedWrite>) -> bool {
    matches!(jobs.front(), Some(QueuedWrite::Message(_)))
}

/// Stores a message and those right behind it; those that something speaks against come next, each alone.
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

/// What became of messages that went together.
struct BatchOutcome {
    /// They are stored.
    made: Vec<ExecutedWrite>,
    /// Each is to be stored alone, in this order, and is told there why it cannot be.
    left: Vec<PendingMessage>,
    /// Nothing can be done any more in this transaction.
    broken: Option<sqlx::Error>,
}

/// Stores those of several messages that nothing speaks against. When that fails, all are left, and nothing was done.
async fn store_batch(db: &mut Db, all: Vec<PendingMessage>) -> BatchOutcome {
    let news: Vec<&NewMessage> = all.iter().map(|one| &one.new).collect();
    // A panic here would end the writer, and with it every other write.
    let stored = AssertUnwindSafe(insert_batch(db, &news)).catch_unwind().await;
    let said = match stored {
        Ok(Ok(said)) => said,
        // SQLite may have rolled back the whole transaction by itself.
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

/// Stores messages, `MAX_BATCH_SIZE` at most; none in the place of one that something speaks against.
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
