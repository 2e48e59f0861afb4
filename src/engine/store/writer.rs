//! The single writer, which commits all queued writes in one transaction and reports their results only once they are
//! on disk.
//!
//! With `synchronous=FULL`, a commit costs one disk flush whether it contains one write or 256.

use std::{
    collections::VecDeque,
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::future::BoxFuture;
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep,
};

use super::{
    NewMessage, Result, StoreError, StoredMessage,
    database_lock::{ConnectionSource, FIRST_PAUSE, LONGEST_PAUSE},
    message_batch::{PendingMessage, QueuedWrite, is_message_next, store_messages},
    sql::Db,
    stats::Counters,
    write_job::{CommitError, CommitResult, Job, NEXT_SAVEPOINT},
};

/// The maximum number of writes in one transaction.
const GROUP: usize = 256;
/// The number of attempts to truncate the WAL while a reader is using an older snapshot.
const TRIES_TO_CLEAR: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_millis(200);
/// The maximum number of queued writes. Further callers have to wait.
const QUEUE: usize = 4_096;

enum WriterCommand {
    Write(QueuedWrite),
    TruncateWal(oneshot::Sender<Result<bool>>),
    Stop(oneshot::Sender<()>),
}

/// A handle to the writer task.
pub(super) struct Writer {
    commands: mpsc::Sender<WriterCommand>,
}

impl Writer {
    /// Starts the writer on the only connection that can write. It runs until [`Writer::stop`] is called or all handles
    /// are dropped.
    pub(super) fn start(db: Db, source: ConnectionSource, counters: Arc<Counters>) -> Self {
        let (commands, queue) = mpsc::channel(QUEUE);
        tokio::spawn(run(db, source, queue, counters));
        Self { commands }
    }

    /// Returns the number of queued writes.
    pub(super) fn waiting(&self) -> u64 {
        (self.commands.max_capacity() - self.commands.capacity()) as u64
    }

    /// Executes a write and returns once it has been committed. A refused write is rolled back.
    pub(super) async fn write<T, F>(&self, write: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.enqueue(QueuedWrite::Job(Job::new(write, answer)), answered).await
    }

    /// Stores a message and returns once it has been committed. Messages that are waiting at the same time are stored
    /// in a batch.
    pub(super) async fn send_message(&self, new: NewMessage) -> Result<StoredMessage> {
        let (answer, answered) = oneshot::channel();
        self.enqueue(QueuedWrite::Message(PendingMessage { new, answer }), answered).await
    }

    async fn enqueue<T>(&self, waiting: QueuedWrite, answered: oneshot::Receiver<Result<T>>) -> Result<T> {
        self.commands.send(WriterCommand::Write(waiting)).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// Moves all writes into the file and truncates its WAL. Waits a limited time for readers that are using older
    /// snapshots. Anything left after that is truncated the next time.
    pub(super) async fn truncate_wal(&self) -> Result<()> {
        for _ in 0..TRIES_TO_CLEAR {
            let (answer, answered) = oneshot::channel();
            self.commands.send(WriterCommand::TruncateWal(answer)).await.map_err(|_| StoreError::Closed)?;
            if answered.await.map_err(|_| StoreError::Closed)?? {
                return Ok(());
            }
            tokio::time::sleep(BETWEEN_TRIES).await;
        }
        tracing::warn!("failed to truncate the WAL because a reader is still using an older snapshot");
        Ok(())
    }

    /// Executes all queued writes and closes the database.
    pub(super) async fn stop(&self) {
        let (stopped, done) = oneshot::channel();
        if self.commands.send(WriterCommand::Stop(stopped)).await.is_ok() {
            done.await.ok();
        }
    }
}

async fn run(mut db: Db, source: ConnectionSource, mut queue: mpsc::Receiver<WriterCommand>, counters: Arc<Counters>) {
    let mut commands = Vec::with_capacity(GROUP);
    let mut waiting_for_stop = Vec::new();
    while queue.recv_many(&mut commands, GROUP).await > 0 {
        let mut jobs = Vec::with_capacity(commands.len());
        let mut clearing = Vec::new();
        for command in commands.drain(..) {
            match command {
                WriterCommand::Write(job) => jobs.push(job),
                WriterCommand::TruncateWal(answer) => clearing.push(answer),
                WriterCommand::Stop(stopped) => {
                    queue.close();
                    waiting_for_stop.push(stopped);
                }
            }
        }
        let committed = commit_group(&mut db, &source, jobs, &counters).await;
        for answer in clearing {
            // The caller may be gone.
            answer.send(source.truncate_wal(&mut db).await).ok();
        }
        if let Err(failed) = committed
            && source.is_connection_lost(failed.error())
        {
            waiting_for_stop.extend(reconnect(&mut db, &source, &mut queue).await);
        }
    }
    source.release(db, !waiting_for_stop.is_empty()).await;
    for stopped in waiting_for_stop {
        stopped.send(()).ok();
    }
}

/// Reestablishes the lost connection, with increasing pauses between attempts. Writes requested in the meantime fail
/// immediately.
async fn reconnect(
    db: &mut Db,
    source: &ConnectionSource,
    queue: &mut mpsc::Receiver<WriterCommand>,
) -> Vec<oneshot::Sender<()>> {
    let (mut waiting_for_stop, mut pause) = (Vec::new(), FIRST_PAUSE);
    // The commit may already have reconnected.
    if db.batch("SELECT 1").await.is_ok() {
        return waiting_for_stop;
    }
    while let Err(error) = source.connect(db).await {
        tracing::warn!(%error, "failed to reconnect to the database");
        let failed = CommitError::NotCommitted(Arc::new(sqlx::Error::Io(io::ErrorKind::NotConnected.into())));
        let over = sleep(pause);
        tokio::pin!(over);
        loop {
            let command = tokio::select! {
                () = &mut over => break,
                command = queue.recv() => command,
            };
            match command {
                Some(WriterCommand::Write(waiting)) => {
                    (waiting.into_job().execute(Err(failed.clone())).await.answer)(Err(failed.clone()));
                }
                Some(WriterCommand::TruncateWal(answer)) => drop(answer.send(Err(failed.clone().into()))),
                Some(WriterCommand::Stop(stopped)) => {
                    queue.close();
                    waiting_for_stop.push(stopped);
                }
                None => return waiting_for_stop,
            }
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    waiting_for_stop
}

async fn commit_group(
    db: &mut Db,
    source: &ConnectionSource,
    jobs: Vec<QueuedWrite>,
    counters: &Counters,
) -> CommitResult {
    if jobs.is_empty() {
        return Ok(());
    }
    let began = Instant::now();
    let mut committed: CommitResult = source.begin(db).await.map_err(CommitError::NotCommitted);
    let mut made = Vec::with_capacity(jobs.len());
    let mut jobs = VecDeque::from(jobs);
    while let Some(next) = jobs.pop_front() {
        let job = match next {
            QueuedWrite::Message(first) if committed.is_ok() && is_message_next(&jobs) && !db.is_postgres() => {
                committed = store_messages(db, first, &mut made, &mut jobs).await;
                continue;
            }
            next => next.into_job(),
        };
        // Once the transaction has failed, no later write may run outside of it.
        let one = match &committed {
            Ok(()) => job.execute(Ok(&mut *db)).await,
            Err(failed) => job.execute(Err(failed.clone())).await,
        };
        if let Some(error) = &one.full {
            committed = Err(CommitError::NotCommitted(Arc::clone(error)));
        }
        if committed.is_ok() {
            if one.keep {
                db.set_next_prefix(Some(NEXT_SAVEPOINT));
            } else {
                committed = execute(db, "ROLLBACK TO job").await.map_err(CommitError::NotCommitted);
            }
        }
        made.push(one);
    }
    db.set_next_prefix(None);
    if committed.is_ok() {
        committed = commit(db, source).await;
    }
    if let Err(failed) = &committed {
        tracing::error!(error = %failed.error(), writes = made.len(), "failed to commit a group of writes");
        // SQLite may have already rolled back, as it does when the disk is full.
        execute(db, "ROLLBACK").await.ok();
    }
    counters.record_commit(made.iter().filter(|one| one.keep).count(), began.elapsed(), committed.is_ok());
    for one in made {
        (one.answer)(committed.clone());
    }
    committed
}

/// Commits the transaction. If the connection is lost before the response arrives, queries the database for the result.
async fn commit(db: &mut Db, source: &ConnectionSource) -> CommitResult {
    let number = source.transaction_id(db).await.map_err(|error| CommitError::NotCommitted(Arc::new(error)))?;
    match execute(db, "COMMIT").await {
        Err(error) if source.is_connection_lost(&error) => match source.is_committed(db, number).await {
            Some(true) => Ok(()),
            Some(false) => Err(CommitError::NotCommitted(error)),
            None => Err(CommitError::Unknown(error)),
        },
        committed => committed.map_err(CommitError::NotCommitted),
    }
}

async fn execute(db: &mut Db, sql: &'static str) -> Result<(), Arc<sqlx::Error>> {
    db.batch(sql).await.map_err(Arc::new)
}
