//! The one writer: commits whatever has queued in one transaction, and answers only when that is on the disk.
//!
//! With `synchronous=FULL` a commit costs a flush of the disk, whether it holds one write or 256.

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
    database_lock::{FIRST_PAUSE, Home, LONGEST_PAUSE},
    message_batch::{PendingMessage, Waiting, is_followed, store_messages},
    sql::Db,
    stats::Counters,
    write_job::{Committed, Failed, Job, NEXT},
};

/// The most writes in one transaction.
const GROUP: usize = 256;
/// How often it is tried to empty the log while somebody reads an older state.
const TRIES_TO_CLEAR: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_millis(200);
/// The most writes that wait before those who ask must wait.
const QUEUE: usize = 4_096;

enum Order {
    Write(Waiting),
    ClearLog(oneshot::Sender<Result<bool>>),
    Stop(oneshot::Sender<()>),
}

/// The way to the writer.
pub(super) struct Writer {
    orders: mpsc::Sender<Order>,
}

impl Writer {
    /// Starts the writer, with the one connection that writes; it ends with [`Writer::stop`], or when nobody can reach it any more.
    pub(super) fn start(db: Db, home: Home, counters: Arc<Counters>) -> Self {
        let (orders, queue) = mpsc::channel(QUEUE);
        tokio::spawn(run(db, home, queue, counters));
        Self { orders }
    }

    /// How many writes wait for their turn.
    pub(super) fn waiting(&self) -> u64 {
        (self.orders.max_capacity() - self.orders.capacity()) as u64
    }

    /// Makes a write, and returns when it is on the disk. What it refuses, leaves no trace.
    pub(super) async fn write<T, F>(&self, write: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.hand_in(Waiting::Job(Job::of(write, answer)), answered).await
    }

    /// Stores a message, and returns when it is on the disk. Those that wait at once are stored together.
    pub(super) async fn send_message(&self, new: NewMessage) -> Result<StoredMessage> {
        let (answer, answered) = oneshot::channel();
        self.hand_in(Waiting::Message(PendingMessage { new, answer }), answered).await
    }

    async fn hand_in<T>(&self, waiting: Waiting, answered: oneshot::Receiver<Result<T>>) -> Result<T> {
        self.orders.send(Order::Write(waiting)).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// Brings everything that was written into the file itself, and empties the log beside it. Whoever reads an older state
    /// is waited for, not for ever: what is left then, the next time takes.
    pub(super) async fn clear_log(&self) -> Result<()> {
        for _ in 0..TRIES_TO_CLEAR {
            let (answer, answered) = oneshot::channel();
            self.orders.send(Order::ClearLog(answer)).await.map_err(|_| StoreError::Closed)?;
            if answered.await.map_err(|_| StoreError::Closed)?? {
                return Ok(());
            }
            tokio::time::sleep(BETWEEN_TRIES).await;
        }
        tracing::warn!("the log of the writes could not be emptied: somebody reads an older state");
        Ok(())
    }

    /// Makes every write that has queued, and closes the database.
    pub(super) async fn stop(&self) {
        let (stopped, done) = oneshot::channel();
        if self.orders.send(Order::Stop(stopped)).await.is_ok() {
            done.await.ok();
        }
    }
}

async fn run(mut db: Db, home: Home, mut queue: mpsc::Receiver<Order>, counters: Arc<Counters>) {
    let mut orders = Vec::with_capacity(GROUP);
    let mut waiting_for_stop = Vec::new();
    while queue.recv_many(&mut orders, GROUP).await > 0 {
        let mut jobs = Vec::with_capacity(orders.len());
        let mut clearing = Vec::new();
        for order in orders.drain(..) {
            match order {
                Order::Write(job) => jobs.push(job),
                Order::ClearLog(answer) => clearing.push(answer),
                Order::Stop(stopped) => {
                    queue.close();
                    waiting_for_stop.push(stopped);
                }
            }
        }
        let committed = commit_together(&mut db, &home, jobs, &counters).await;
        for answer in clearing {
            // Whoever asked may have gone.
            answer.send(home.clear_log(&mut db).await).ok();
        }
        if let Err(failed) = committed
            && home.has_lost(failed.error())
        {
            waiting_for_stop.extend(find_again(&mut db, &home, &mut queue).await);
        }
    }
    home.leave(db, !waiting_for_stop.is_empty()).await;
    for stopped in waiting_for_stop {
        stopped.send(()).ok();
    }
}

/// Makes the lost connection anew, with growing pauses. Whoever wants to write meanwhile is told at once that it cannot be.
async fn find_again(db: &mut Db, home: &Home, queue: &mut mpsc::Receiver<Order>) -> Vec<oneshot::Sender<()>> {
    let (mut waiting_for_stop, mut pause) = (Vec::new(), FIRST_PAUSE);
    // It may have been made anew already.
    if db.batch("SELECT 1").await.is_ok() {
        return waiting_for_stop;
    }
    while let Err(error) = home.connect(db).await {
        tracing::warn!(%error, "the database cannot be reached");
        let failed = Failed::NotCommitted(Arc::new(sqlx::Error::Io(io::ErrorKind::NotConnected.into())));
        let over = sleep(pause);
        tokio::pin!(over);
        loop {
            let order = tokio::select! {
                () = &mut over => break,
                order = queue.recv() => order,
            };
            match order {
                Some(Order::Write(waiting)) => {
                    (waiting.alone().make(Err(failed.clone())).await.answer)(Err(failed.clone()));
                }
                Some(Order::ClearLog(answer)) => drop(answer.send(Err(failed.clone().into()))),
                Some(Order::Stop(stopped)) => {
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

async fn commit_together(db: &mut Db, home: &Home, jobs: Vec<Waiting>, counters: &Counters) -> Committed {
    if jobs.is_empty() {
        return Ok(());
    }
    let began = Instant::now();
    let mut committed: Committed = home.begin(db).await.map_err(Failed::NotCommitted);
    let mut made = Vec::with_capacity(jobs.len());
    let mut jobs = VecDeque::from(jobs);
    while let Some(next) = jobs.pop_front() {
        let job = match next {
            Waiting::Message(first) if committed.is_ok() && is_followed(&jobs) && !db.is_postgres() => {
                committed = store_messages(db, first, &mut made, &mut jobs).await;
                continue;
            }
            next => next.alone(),
        };
        // Once the transaction is broken, no later write may run outside of it.
        let one = match &committed {
            Ok(()) => job.make(Ok(&mut *db)).await,
            Err(failed) => job.make(Err(failed.clone())).await,
        };
        if let Some(error) = &one.full {
            committed = Err(Failed::NotCommitted(Arc::clone(error)));
        }
        if committed.is_ok() {
            if one.keep {
                db.before_the_next(Some(NEXT));
            } else {
                committed = execute(db, "ROLLBACK TO job").await.map_err(Failed::NotCommitted);
            }
        }
        made.push(one);
    }
    db.before_the_next(None);
    if committed.is_ok() {
        committed = commit(db, home).await;
    }
    if let Err(failed) = &committed {
        tracing::error!(error = %failed.error(), writes = made.len(), "a group of writes was not committed");
        // SQLite may have rolled back by itself, as it does when the disk is full.
        execute(db, "ROLLBACK").await.ok();
    }
    counters.committed(made.iter().filter(|one| one.keep).count(), began.elapsed(), committed.is_ok());
    for one in made {
        (one.answer)(committed.clone());
    }
    committed
}

/// Commits; when the connection breaks before the answer, the database is asked what became of it.
async fn commit(db: &mut Db, home: &Home) -> Committed {
    let number = home.number(db).await.map_err(|error| Failed::NotCommitted(Arc::new(error)))?;
    match execute(db, "COMMIT").await {
        Err(error) if home.has_lost(&error) => match home.is_committed(db, number).await {
            Some(true) => Ok(()),
            Some(false) => Err(Failed::NotCommitted(error)),
            None => Err(Failed::Unknown(error)),
        },
        committed => committed.map_err(Failed::NotCommitted),
    }
}

async fn execute(db: &mut Db, sql: &'static str) -> Result<(), Arc<sqlx::Error>> {
    db.batch(sql).await.map_err(Arc::new)
}
