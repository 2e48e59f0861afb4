//! One process of a load test, from the first visitor to the last figure: everybody comes, what is measured happens, what is
//! under way arrives.

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

/// How often it is looked whether everything has arrived.
const LOOKS_EVERY: Duration = Duration::from_millis(250);
/// Nothing has happened for so many looks: everything has arrived.
const QUIET_LOOKS: u32 = 3;
/// The longest that is waited for what is under way.
const ARRIVES_WITHIN: Duration = Duration::from_secs(15);
/// The longest that is waited for everybody to come, or for the chats.
const READY_WITHIN: Duration = Duration::from_secs(300);

/// Why a load test cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum LoadTestError {
    /// The agents cannot be read.
    #[error("{0}")]
    Agents(String),
    /// An agent cannot sign in.
    #[error("{email} cannot sign in: {error}")]
    SignIn {
        /// Who.
        email: String,
        /// Why.
        error: HttpError,
    },
    /// Not everybody came.
    #[error("{came} of {expected} came in time; {turned} tries were turned away")]
    Missing {
        /// How many came.
        came: u64,
        /// How many should have.
        expected: u64,
        /// How often somebody was turned away.
        turned: u64,
    },
    /// Somebody who should do something is not there any more.
    #[error("{0} were cut off before anything was measured")]
    CutOff(u64),
    /// Not every chat began.
    #[error("{begun} of {expected} chats began in time")]
    Chats {
        /// How many began.
        begun: u64,
        /// How many should have.
        expected: u64,
    },
    /// What other processes of the test said is not understood, or they are gone.
    #[error("a part of the test failed: {0}")]
    Part(String),
    /// They cannot be started or spoken to.
    #[error("a part of the test cannot be reached: {0}")]
    Unreached(#[from] io::Error),
}

/// One process of a load test.
pub(crate) struct Runner {
    shared: Arc<Shared>,
    phase: watch::Sender<Phase>,
    tasks: TaskTracker,
    dashboards: Vec<PendingDashboard>,
}

/// Who is to sit at a dashboard.
struct PendingDashboard {
    number: u32,
    cookie: String,
    claims: mpsc::UnboundedReceiver<ChatId>,
}

impl Runner {
    /// Signs the agents in.
    ///
    /// # Errors
    /// [`LoadTestError`] when one cannot.
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

    /// What was counted.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// The visitors come, then the dashboards. Returns how long the visitors took.
    ///
    /// # Errors
    /// [`LoadTestError`] when somebody is missing.
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

    /// The chats begin that the scenario needs.
    ///
    /// # Errors
    /// [`LoadTestError`] when one does not.
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

    /// What is measured happens, as long as was said; then what is under way arrives.
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

    /// Everybody goes.
    pub(crate) async fn stop(&self) {
        self.phase.send_replace(Phase::Over);
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Waits until so many were counted.
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

/// The agents of the file, or the one that was said.
fn agents(options: &Options) -> Result<Vec<(String, String)>, LoadTestError> {
    if let (Some(email), Some(password)) = (&options.email, &options.password) {
        return Ok(vec![(email.clone(), password.clone())]);
    }
    let none =
        || LoadTestError::Agents("agents need --agents-file, or --email and --password; or say --agents 0".into());
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

/// One line a second on standard error.
fn progress(metrics: &Metrics, second: u32) {
    let counts = metrics.counts();
    let said: Vec<_> = counts.iter().map(|(what, count)| format!("{count} {what}")).collect();
    eprintln!("{second:4} s  {}", said.join(", "));
}
