//! The one writer: commits whatever has queued in one transaction, and answers only when that is on the disk.
//!
//! With `synchronous=FULL` a commit costs a flush of the disk, whether it holds one write or 256.

use std::{
    fs::File,
    panic::AssertUnwindSafe,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::{FutureExt as _, future::BoxFuture};
use tokio::sync::{mpsc, oneshot};

use super::{
    Result, StoreError,
    figures::Counters,
    sql::{Db, Pool, is_full, query},
};

/// The most writes in one transaction.
const GROUP: usize = 256;
/// How often it is tried to empty the log while somebody reads an older state.
const TRIES_TO_CLEAR: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_millis(200);
/// The most writes that wait before those who ask must wait.
const QUEUE: usize = 4_096;

type Committed = Result<(), Arc<sqlx::Error>>;

/// A write that was made, and waits for its commit.
struct Made {
    keep: bool,
    /// There was no room for it. SQLite may then have rolled back the whole transaction by itself.
    full: Option<Arc<sqlx::Error>>,
    answer: Box<dyn FnOnce(Committed) + Send>,
}

type Job = Box<dyn for<'c> FnOnce(Result<&'c mut Db, Arc<sqlx::Error>>) -> BoxFuture<'c, Made> + Send>;

enum Order {
    Write(Job),
    ClearLog(oneshot::Sender<Result<bool>>),
    Stop(oneshot::Sender<()>),
}

/// That this process, and no other, has the database open.
pub(super) struct Hold {
    /// Locked as long as it is open.
    pub(super) lock: File,
    /// Stands beside the database from the opening to the orderly end.
    pub(super) marker: PathBuf,
}

/// The way to the writer.
pub(super) struct Writer {
    orders: mpsc::Sender<Order>,
}

impl Writer {
    /// Starts the writer, with the one connection of a pool; it ends with [`Writer::stop`], or when nobody can reach it any more.
    pub(super) fn start(db: Db, pool: Pool, hold: Hold, counters: Arc<Counters>) -> Self {
        let (orders, queue) = mpsc::channel(QUEUE);
        tokio::spawn(run(db, pool, hold, queue, counters));
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
        let job: Job = Box::new(move |db| {
            Box::pin(async move {
                let result = match db {
                    // A panic here would end the writer, and with it every other write.
                    Ok(db) => AssertUnwindSafe(write(db))
                        .catch_unwind()
                        .await
                        .unwrap_or_else(|_| Err(StoreError::Unreadable("a write panicked".into()))),
                    Err(error) => Err(StoreError::NotCommitted(error)),
                };
                let (result, full) = match result {
                    Err(StoreError::Sqlx(error)) if is_full(&error) => {
                        let error = Arc::new(error);
                        (Err(StoreError::NotCommitted(Arc::clone(&error))), Some(error))
                    }
                    result => (result, None),
                };
                let keep = result.is_ok();
                let answer = Box::new(move |committed: Committed| {
                    let result = result.and_then(|value| committed.map(|()| value).map_err(StoreError::NotCommitted));
                    // Whoever asked may have gone; the write stands.
                    answer.send(result).ok();
                });
                Made { keep, full, answer }
            })
        });
        self.orders.send(Order::Write(job)).await.map_err(|_| StoreError::Closed)?;
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

async fn run(mut db: Db, pool: Pool, hold: Hold, mut queue: mpsc::Receiver<Order>, counters: Arc<Counters>) {
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
        commit_together(&mut db, jobs, &counters).await;
        for answer in clearing {
            // Whoever asked may have gone.
            answer.send(clear_log(&mut db).await).ok();
        }
    }
    let ended = db.batch("PRAGMA wal_checkpoint(TRUNCATE)").await;
    drop(db);
    pool.close().await;
    match ended {
        Ok(()) if !waiting_for_stop.is_empty() => {
            std::fs::remove_file(&hold.marker).ok();
        }
        Ok(()) => {}
        Err(error) => tracing::warn!(%error, "the database was not closed in order; it is checked at the next start"),
    }
    drop(hold.lock);
    for stopped in waiting_for_stop {
        stopped.send(()).ok();
    }
}

/// Whether the log is empty now.
async fn clear_log(db: &mut Db) -> Result<bool> {
    let row = query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(db).await?;
    Ok(row.try_get::<i64, _>(0)? == 0)
}

async fn commit_together(db: &mut Db, jobs: Vec<Job>, counters: &Counters) {
    if jobs.is_empty() {
        return;
    }
    let began = Instant::now();
    let mut committed: Committed = execute(db, "BEGIN IMMEDIATE; SAVEPOINT job").await;
    let mut made = Vec::with_capacity(jobs.len());
    for job in jobs {
        // Once the transaction is broken, no later write may run outside of it.
        let one = match &committed {
            Ok(()) => job(Ok(&mut *db)).await,
            Err(error) => job(Err(error.clone())).await,
        };
        if let Some(error) = &one.full {
            committed = Err(Arc::clone(error));
        }
        if committed.is_ok() {
            // One trip to the thread of the connection, not two: there is one for every write.
            let next = if one.keep { "RELEASE job; SAVEPOINT job" } else { "ROLLBACK TO job" };
            committed = execute(db, next).await;
        }
        made.push(one);
    }
    if committed.is_ok() {
        committed = execute(db, "COMMIT").await;
    }
    if let Err(error) = &committed {
        tracing::error!(%error, writes = made.len(), "a group of writes was not committed");
        // SQLite may have rolled back by itself, as it does when the disk is full.
        execute(db, "ROLLBACK").await.ok();
    }
    counters.committed(made.iter().filter(|one| one.keep).count(), began.elapsed(), committed.is_ok());
    for one in made {
        (one.answer)(committed.clone());
    }
}

async fn execute(db: &mut Db, sql: &'static str) -> Committed {
    db.batch(sql).await.map_err(Arc::new)
}
