//! Runs one process of a load test. It connects all clients, runs the measured phase, and waits until everything in
//! flight has arrived.

mod agent;
mod agent_actions;
mod schedule;
mod shared_state;
mod visitor_tab;

use std::{collections::HashMap, fs, io, sync::Arc, time::Duration};

use protocol::id::ChatId;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep},
};
use tokio_util::task::TaskTracker;

use crate::{
    codec::Wire,
    http::{Http, HttpError},
    metrics::{Count, Metrics},
    options::Options,
};
use shared_state::{Phase, Shared};

/// How often to check whether everything has arrived.
const LOOKS_EVERY: Duration = Duration::from_millis(250);
/// The number of checks without a change after which everything is assumed to have arrived.
const QUIET_LOOKS: u32 = 3;
/// The maximum time to wait for messages in flight.
const ARRIVES_WITHIN: Duration = Duration::from_secs(15);
/// The maximum time to wait for all clients to connect or for the chats to start.
const READY_WITHIN: Duration = Duration::from_secs(300);

/// The reason a load test could not be run.
#[derive(Debug, thiserror::Error)]
pub enum LoadTestError {
    /// The agents' credentials could not be read.
    #[error("{0}")]
    Agents(String),
    /// An agent could not sign in.
    #[error("{email} could not sign in: {error}")]
    SignIn {
        /// The agent's email address.
        email: String,
        /// The error that the request returned.
        error: HttpError,
    },
    /// Not all clients connected in time.
    #[error("only {came} of {expected} clients connected in time; {turned} attempts were rejected")]
    Missing {
        /// The number of clients that connected.
        came: u64,
        /// The expected number.
        expected: u64,
        /// The number of rejected attempts.
        turned: u64,
    },
    /// Some clients lost their connection before the measurement began.
    #[error("{0} clients lost their connection before the measurement began")]
    CutOff(u64),
    /// Not all chats started in time.
    #[error("only {begun} of {expected} chats started in time")]
    Chats {
        /// The number of chats that started.
        begun: u64,
        /// The expected number.
        expected: u64,
    },
    /// Another process of the load test exited or sent an unexpected line.
    #[error("a load test process failed: {0}")]
    Part(String),
    /// Another process of the load test could not be started or reached.
    #[error("a load test process could not be started or reached: {0}")]
    Unreached(#[from] io::Error),
}

/// A process of a load test.
pub(crate) struct Runner {
    shared: Arc<Shared>,
    phase: watch::Sender<Phase>,
    tasks: TaskTracker,
    dashboards: Vec<PendingDashboard>,
}

/// A dashboard that has not connected yet.
struct PendingDashboard {
    number: u32,
    cookie: String,
    claims: mpsc::UnboundedReceiver<ChatId>,
}

impl Runner {
    /// Signs in the agents.
    ///
    /// # Errors
    /// Returns a [`LoadTestError`] if the credentials cannot be read or an agent cannot sign in.
    pub(crate) async fn create(options: Options) -> Result<Self, LoadTestError> {
        let agents = if options.peer == Wire::Jumpin && options.agents > 0 { agents(&options)? } else { Vec::new() };
        let (phase, phase_seen) = watch::channel(Phase::Arriving);
        let own = options.own_agents();
        let (claims, to_claim): (Vec<_>, Vec<_>) = own.clone().map(|_| mpsc::unbounded_channel()).unzip();
        let shared = Shared::new(options, phase_seen, claims);
        let mut cookies: HashMap<&str, String> = HashMap::new();
        let mut dashboards = Vec::new();
        for (number, claims) in own.zip(to_claim) {
            let mut cookie = String::new();
            if let Some((email, password)) = (number as usize).checked_rem(agents.len()).map(|at| &agents[at]) {
                if !cookies.contains_key(email.as_str()) {
                    let mut http = Http::new(shared.options.authority(), shared.address_of_agent(number), "");
                    let signed_in = http.sign_in(email, password).await;
                    let signed_in = signed_in.map_err(|error| LoadTestError::SignIn { email: email.clone(), error })?;
                    cookies.insert(email, signed_in);
                }
                cookie.clone_from(&cookies[email.as_str()]);
            }
            dashboards.push(PendingDashboard { number, cookie, claims });
        }
        Ok(Self { shared: Arc::new(shared), phase, tasks: TaskTracker::new(), dashboards })
    }

    /// Returns this process's metrics.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// Connects the visitors and then the dashboards. Returns how long it took to connect the visitors.
    ///
    /// # Errors
    /// Returns a [`LoadTestError`] if not all clients connect in time.
    pub(crate) async fn fill(&mut self) -> Result<Duration, LoadTestError> {
        let began = Instant::now();
        let visitors = self.shared.options.own_visitors();
        let expected = visitors.len() as u64;
        for number in visitors {
            self.tasks.spawn(visitor_tab::run_visitor(Arc::clone(&self.shared), number));
        }
        self.until(Count::Connected, expected, |came, turned| LoadTestError::Missing { came, expected, turned })
            .await?;
        let took = began.elapsed();
        let expected = expected + self.dashboards.len() as u64;
        for pending in self.dashboards.drain(..) {
            let shared = Arc::clone(&self.shared);
            if shared.options.peer == Wire::Jumpin {
                let from = shared.address_of_agent(pending.number);
                let http = Http::new(shared.options.authority(), from, &pending.cookie);
                self.tasks.spawn(agent_actions::run_agent_actions(
                    Arc::clone(&shared),
                    pending.number,
                    http,
                    pending.claims,
                ));
            }
            self.tasks.spawn(agent::run_dashboard(shared, pending.number, pending.cookie));
        }
        self.until(Count::Connected, expected, |came, turned| LoadTestError::Missing { came, expected, turned })
            .await?;
        self.settle().await;
        Ok(took)
    }

    /// Starts the chats that the scenario needs.
    ///
    /// # Errors
    /// Returns a [`LoadTestError`] if not all chats start in time or a client has lost its connection.
    pub(crate) async fn prepare(&self) -> Result<(), LoadTestError> {
        let chats = self.shared.options.chats();
        let expected = self.shared.options.own_visitors().filter(|visitor| *visitor < chats).count() as u64;
        if expected > 0 {
            self.phase.send_replace(Phase::Preparing);
            self.until(Count::Claimed, expected, |begun, _| LoadTestError::Chats { begun, expected }).await?;
            self.settle().await;
        }
        match self.metrics().counted(Count::CutOff) {
            0 => Ok(()),
            cut_off => Err(LoadTestError::CutOff(cut_off)),
        }
    }

    /// Runs the measured phase for the configured time, then waits until everything in flight has arrived.
    pub(crate) async fn run(&self) {
        let metrics = self.metrics();
        metrics.begin();
        self.phase.send_replace(Phase::Running(Instant::now()));
        for second in 1..=self.shared.options.seconds {
            sleep(Duration::from_secs(1)).await;
            progress(metrics, second);
        }
        metrics.count(Count::InTime, metrics.counted(Count::Acknowledged));
        self.phase.send_replace(Phase::Ending);
        self.settle().await;
        metrics.end();
    }

    /// Disconnects all clients.
    pub(crate) async fn stop(&self) {
        self.phase.send_replace(Phase::Over);
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Waits until a counter reaches the given value.
    async fn until(
        &self,
        what: Count,
        many: u64,
        missing: impl Fn(u64, u64) -> LoadTestError,
    ) -> Result<(), LoadTestError> {
        let until = Instant::now() + READY_WITHIN;
        loop {
            let counted = self.metrics().counted(what);
            if counted >= many {
                return Ok(());
            }
            if Instant::now() >= until {
                return Err(missing(counted, self.metrics().counted(Count::Rejected)));
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until nothing more arrives.
    async fn settle(&self) {
        let until = Instant::now() + ARRIVES_WITHIN;
        let (mut before, mut quiet) = (self.metrics().sum(), 0);
        while quiet < QUIET_LOOKS && Instant::now() < until {
            sleep(LOOKS_EVERY).await;
            let sum = self.metrics().sum();
            quiet = if sum == before { quiet + 1 } else { 0 };
            before = sum;
        }
    }
}

/// Returns the agents' credentials, either from the file or of the single agent given on the command line.
fn agents(options: &Options) -> Result<Vec<(String, String)>, LoadTestError> {
    if let (Some(email), Some(password)) = (&options.email, &options.password) {
        return Ok(vec![(email.clone(), password.clone())]);
    }
    let none = || {
        LoadTestError::Agents(
            "agents need either --agents-file or --email and --password; to run without any, use --agents 0".into(),
        )
    };
    let file = options.agents_file.as_ref().ok_or_else(none)?;
    let text =
        fs::read_to_string(file).map_err(|error| LoadTestError::Agents(format!("{}: {error}", file.display())))?;
    let agents: Vec<_> = text
        .lines()
        .filter_map(|line| line.split_once(char::is_whitespace))
        .map(|(email, password)| (email.to_owned(), password.trim().to_owned()))
        .collect();
    if agents.is_empty() { Err(none()) } else { Ok(agents) }
}

/// Prints a line with the current counters to standard error.
fn progress(metrics: &Metrics, second: u32) {
    let counts = metrics.counts();
    let said: Vec<_> = counts.iter().map(|(what, count)| format!("{count} {what}")).collect();
    eprintln!("{second:4} s  {}", said.join(", "));
}
