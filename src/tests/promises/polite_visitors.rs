//! Visitors who do as much as they are allowed to, and no more: messages, page changes, requests for the chat and
//! receipts, each just under its limit. They run in a separate process with the lowest priority, so that they do not
//! slow down the clients being measured, and they can be paused.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdout, Command, ExitCode, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use anyhow::{Context, ensure};
use load::Visitor;
use protocol::{
    refusal::Refusal,
    visitor::{FromVisitor, ToVisitor},
};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::{fixtures::page, server_process};

/// The first command-line argument of the process.
pub(crate) const ARGUMENT: &str = "polite-visitors";
/// 18 messages in 10 s; 20 are allowed.
const MESSAGE_EVERY: Duration = Duration::from_millis(550);
/// One message fewer than the number allowed per hour.
const MESSAGES: u32 = 199;
/// At most one page view per second is stored.
const PAGE_EVERY: Duration = Duration::from_millis(1_050);
/// 28 requests per minute; 30 are allowed.
const RESUME_EVERY: Duration = Duration::from_millis(2_100);
/// Typing is passed on at most once per second.
const TYPING_EVERY: Duration = Duration::from_millis(1_050);

/// The running process.
pub(crate) struct PoliteVisitors {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl PoliteVisitors {
    /// Starts the process and waits until all visitors are in a chat.
    pub(crate) fn start(server: &str, count: usize) -> anyhow::Result<Self> {
        let mut command = Command::new("nice");
        command.arg("-n19").arg(std::env::current_exe()?).args([ARGUMENT, server, &count.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = BufReader::new(child.stdout.take().context("its output is piped")?);
        let mut visitors = Self { child, output };
        ensure!(visitors.line()? == "ready", "the polite visitors could not connect");
        Ok(visitors)
    }

    /// Starts or pauses the visitors' writing.
    pub(crate) fn set_active(&mut self, active: bool) -> anyhow::Result<()> {
        self.tell(if active { "write" } else { "pause" })
    }

    /// Ends the process. Returns how many messages were stored and how many frames were refused.
    pub(crate) fn end(mut self) -> anyhow::Result<(u64, u64)> {
        self.tell("end")?;
        let line = self.line()?;
        self.child.wait()?;
        let (stored, refused) = line.split_once(' ').context("two counts are expected")?;
        Ok((stored.parse()?, refused.parse()?))
    }

    fn tell(&mut self, word: &str) -> anyhow::Result<()> {
        let input = self.child.stdin.as_mut().context("its input is piped")?;
        Ok(writeln!(input, "{word}").and_then(|()| input.flush())?)
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }
}

impl Drop for PoliteVisitors {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[derive(Default)]
struct Shared {
    active: AtomicBool,
    stored: AtomicU64,
    refused: AtomicU64,
}

/// Runs the visitors. The arguments are `ws://HOST:PORT COUNT`.
pub(crate) fn run(words: &[String]) -> ExitCode {
    let [server, count] = words else { return ExitCode::FAILURE };
    let count: usize = count.parse().expect("the count is a number");
    let shared = Arc::new(Shared::default());
    let runtime = tokio::runtime::Runtime::new().expect("the runtime starts");
    runtime.block_on(async {
        for number in 0..count {
            let Ok(tab) = chatting(server).await else { return };
            tokio::spawn(write(tab, number, Arc::clone(&shared)));
        }
    });
    println!("ready");
    for line in std::io::stdin().lines().map_while(Result::ok) {
        match line.as_str() {
            "end" => break,
            word => shared.active.store(word == "write", Relaxed),
        }
    }
    println!("{} {}", shared.stored.load(Relaxed), shared.refused.load(Relaxed));
    runtime.shutdown_background();
    ExitCode::SUCCESS
}

async fn chatting(server: &str) -> Result<Visitor, load::ConnectionError> {
    let mut tab = server_process::tab(server, None, 0).await?;
    tab.send_frame(&FromVisitor::AskForPerson).await?;
    while tab.chat.is_none() {
        tab.next().await?;
    }
    Ok(tab)
}

/// While the visitors are active, does everything that a visitor may do, as often as allowed.
async fn write(mut tab: Visitor, number: usize, shared: Arc<Shared>) -> Result<(), load::ConnectionError> {
    // Spreads the visitors' writes over time.
    tokio::time::sleep(Duration::from_millis(number as u64 * 7 % 1_000)).await;
    let [mut messages, mut pages, mut resumes, mut typing] =
        [MESSAGE_EVERY, PAGE_EVERY, RESUME_EVERY, TYPING_EVERY].map(paced);
    let (mut said, mut seen) = (0, 0);
    loop {
        let active = shared.active.load(Relaxed);
        tokio::select! {
            frame = tab.next() => match frame? {
                ToVisitor::Acknowledged { .. } => drop(shared.stored.fetch_add(1, Relaxed)),
                ToVisitor::Refused { refusal: Refusal::TooMany { .. } | Refusal::StorageFull, .. } => {
                    shared.refused.fetch_add(1, Relaxed);
                }
                _ => {}
            },
            _ = messages.tick() => if active && said < MESSAGES {
                said += 1;
                tab.send_message("I have a lot to say, but I keep to the limits.").await?;
            },
            _ = pages.tick() => if active {
                seen += 1;
                tab.navigate(page(&format!("/polite/{number}/{seen}"))).await?;
            },
            _ = resumes.tick() => if active {
                tab.send_frame(&FromVisitor::Resume(tab.head())).await?;
            },
            _ = typing.tick() => if active {
                tab.send_frame(&FromVisitor::Typing).await?;
                tab.send_receipt().await?;
            },
        }
    }
}

fn paced(every: Duration) -> Interval {
    let mut pace = interval(every);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pace
}
