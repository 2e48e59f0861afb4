//! Runs the real program in its own process and directory so that it can be killed.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use engine::{SignInLimits, sessions::Sessions, store::Store};
use jumpin::server::{Server, config::Config};
use load::{Agent, ConnectionError, Visitor, visitor::hello};
use protocol::{
    chat::Seq,
    codec,
    id::{ChatId, VisitorToken},
};

use crate::fixtures::{FIREFOX, KEY, PASSWORD, SHOP, create_fixtures, page};

/// The command-line argument that makes this binary act as the server.
pub(crate) const SERVE: &str = "serve-promises";
/// How long the server may take to start before the start is considered failed.
const READY_WITHIN: Duration = Duration::from_secs(20);
/// More chats than any trial ever has.
const MAX_CHATS: u32 = 1_000;
/// Raises the per-address limits because all visitors in a trial share one address, and turns off the check for free
/// disk space because a trial may run on a small disk.
const SETTINGS: &str = "min-free-disk-bytes = 0\n[limits]\nsockets-per-minute = 1000000\nframes-per-minute = 1000000\n\
                        [requests]\nper-agent-and-minute = 1000000\nper-organization-and-minute = 1000000\n\
                        [tabs]\nper-address = 100000\nper-visitor = 1000\n\
                        [files]\nper-hour = 1000000\nper-day = 1000000000000\n";
/// Raises the limits of each visitor.
const VISITORS: &str = "[visitors]\nmessages-per-ten-seconds = 1000000\nmessages-per-hour = 1000000\n\
                        chats-per-hour = 1000\nchats-per-address-and-hour = 1000\nresumes-per-minute = 1000\n";

/// Serves the data in a directory. [`ServerProcess`] uses this when `JUMPIN_BIN` is not set.
pub(crate) fn serve(folder: &str) -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("the runtime starts");
    let served = runtime.block_on(async {
        let config = Config::read(Some(&Path::new(folder).join("Leptos.toml")))?;
        let listener = tokio::net::TcpListener::bind(config.listen).await?;
        let end = async {
            let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).unwrap();
            terminate.recv().await;
        };
        Server::prepare(config, listener).await?.serve(end).await
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// A server, running or stopped, along with its directory.
pub(crate) struct ServerProcess {
    folder: PathBuf,
    _temp_dir: Option<tempfile::TempDir>,
    pub(crate) address: SocketAddr,
    child: Option<Child>,
    /// The command line to put in front of the program, such as `strace`.
    before: Vec<String>,
}

impl ServerProcess {
    /// Creates a stopped server with one organization, its concierge, and its agents. `timers` contains lines for the
    /// `[timers]` table of the settings.
    pub(crate) async fn with_fixtures(timers: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        create_fixtures(&folder.path().join("jumpin.db"), MAX_CHATS).await;
        let mut server = Self::in_folder(folder.path(), timers)?;
        server._temp_dir = Some(folder);
        Ok(server)
    }

    /// Creates a stopped server on top of the existing data in a directory.
    pub(crate) fn in_folder(folder: &Path, timers: &str) -> anyhow::Result<Self> {
        // The port is free at this point. If another process takes it first, the server visibly fails to start.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let data = folder.display();
        // Clients may claim another address, as if this machine were a proxy.
        let trusted = "trusted-proxies = [\"127.0.0.1\"]";
        let server = format!(
            "[server]\nlisten = \"{address}\"\ndata = \"{data}\"\n{trusted}\n{SETTINGS}{VISITORS}[timers]\n{timers}\n"
        );
        std::fs::write(folder.join("Leptos.toml"), server)?;
        Ok(Self { folder: folder.into(), _temp_dir: None, address, child: None, before: Vec::new() })
    }

    /// Applies the default limits to each visitor.
    pub(crate) fn use_default_visitor_limits(&self) -> anyhow::Result<()> {
        let file = self.folder.join("Leptos.toml");
        Ok(std::fs::write(&file, std::fs::read_to_string(&file)?.replace(VISITORS, ""))?)
    }

    /// Returns the server's data directory.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs the server under another program.
    pub(crate) fn set_wrapper(&mut self, words: &[&str]) {
        self.before = words.iter().map(|word| (*word).to_owned()).collect();
    }

    /// Starts the server, waits until it is ready, and returns how long that took.
    pub(crate) async fn start(&mut self) -> anyhow::Result<Duration> {
        let began = Instant::now();
        let mut words = self.before.clone();
        match std::env::var("JUMPIN_BIN") {
            Ok(program) => words.extend([
                program,
                "serve".into(),
                "--config".into(),
                self.folder.join("Leptos.toml").display().to_string(),
            ]),
            Err(_) => words.extend([
                std::env::current_exe()?.display().to_string(),
                SERVE.into(),
                self.folder.display().to_string(),
            ]),
        }
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.folder.join("log"))?;
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.child = Some(command.spawn().with_context(|| format!("failed to start {}", words[0]))?);
        while !self.is_ready().await {
            ensure!(began.elapsed() < READY_WITHIN, "not ready within {READY_WITHIN:?}: {}", self.log());
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().transpose()) {
                bail!("the server exited with {}: {}", status?, self.log());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(began.elapsed())
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Returns whether the readiness check succeeds.
    pub(crate) async fn is_ready(&self) -> bool {
        let asked = reqwest::Client::builder().timeout(Duration::from_secs(1)).build().unwrap();
        let answer = asked.get(self.http("/readyz")).send().await;
        answer.is_ok_and(|answer| answer.status() == 200)
    }

    /// Kills the server with SIGKILL, which it cannot handle.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        let mut child = self.child.take().context("the server is not running")?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Sends SIGTERM, as a deployment would. Returns the process so that the caller can wait for it to exit.
    pub(crate) fn terminate(&mut self) -> anyhow::Result<Child> {
        let child = self.child.take().context("the server is not running")?;
        signal("-TERM", child.id())?;
        Ok(child)
    }

    /// Shuts the server down gracefully.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        let mut child = self.terminate()?;
        let status = tokio::task::spawn_blocking(move || child.wait()).await??;
        ensure!(status.success(), "the server exited with {status}");
        Ok(())
    }

    /// Gracefully shuts down a server that runs under another program. That program then exits too.
    pub(crate) async fn stop_traced(&mut self) -> anyhow::Result<()> {
        let children = format!("/proc/{0}/task/{0}/children", self.id());
        let server = std::fs::read_to_string(children)?.trim().parse()?;
        signal("-TERM", server)?;
        let mut child = self.child.take().context("the server is not running")?;
        tokio::task::spawn_blocking(move || child.wait()).await??;
        Ok(())
    }

    /// Runs one of the program's commands with this server's settings. Returns its standard output.
    pub(crate) fn command(&self, words: &[&str]) -> anyhow::Result<String> {
        let program = std::env::var("JUMPIN_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_jumpin").into());
        let done = Command::new(program).args(words).arg("--config").arg(self.folder.join("Leptos.toml")).output()?;
        ensure!(done.status.success(), "jumpin {}: {}", words.join(" "), String::from_utf8_lossy(&done.stderr));
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    }

    /// Checks a stopped server's database for corruption.
    pub(crate) fn check_database(&self) -> anyhow::Result<()> {
        let output = self.command(&["check"])?;
        ensure!(output.contains(": OK"), "the database is corrupt: {output}");
        Ok(())
    }

    /// Returns the process id, or 0 if the server is not running.
    pub(crate) fn id(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    /// Returns the server's resident memory, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() * 1_024
    }

    pub(crate) fn http(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn ws(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Claims a waiting chat as the agent with this session cookie.
    pub(crate) async fn claim_chat(&self, cookie: &str, chat: ChatId) -> anyhow::Result<()> {
        let asked = reqwest::Client::new().post(self.http("/api/claim")).header("cookie", cookie);
        let asked = asked.header("content-type", "application/octet-stream").body(codec::encode(&chat));
        let status = asked.send().await?.status();
        ensure!(status == 200, "failed to claim the chat: {status}");
        Ok(())
    }

    /// Opens the dashboard of the agent with this session cookie.
    pub(crate) async fn dashboard(&self, cookie: &str) -> Result<Agent, ConnectionError> {
        Agent::connect(&self.ws(), &self.http(""), cookie, None).await
    }

    /// Signs in an agent and returns the cookie `jumpin-session=…`. The server must not be running. Sessions persist
    /// across restarts.
    pub(crate) async fn cookie(&self, who: &str) -> anyhow::Result<String> {
        ensure!(self.child.is_none(), "the database is locked while the server runs");
        let store = Store::open(&self.folder.join("jumpin.db")).await?;
        let (sessions, email, ip) =
            (Sessions::new(store.clone(), SignInLimits::default()), format!("{who}@acme.test"), "127.0.0.1".parse()?);
        let signed_in = sessions.sign_in(&email, PASSWORD, ip, "a promise", engine::clock::now()).await;
        let (token, _) =
            signed_in.map_err(|refusal| refused(&refusal))?.into_session().context("a second factor is required")?;
        store.close().await;
        Ok(format!("jumpin-session={token}"))
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

/// Opens a tab for a new visitor or, if a token is given, for the visitor with that token, who already has the chat up
/// to `head`. `at` may be the address of a [`FaultyProxy`](crate::faulty_network::FaultyProxy).
pub(crate) async fn tab(at: &str, token: Option<VisitorToken>, head: Seq) -> Result<Visitor, ConnectionError> {
    let mut first = hello(KEY, SHOP, page("/boots"), token);
    first.head = head;
    Visitor::connect(at, first, FIREFOX).await
}

fn refused(refusal: &protocol::refusal::Refusal) -> anyhow::Error {
    anyhow::anyhow!("refused: {}", refusal.code())
}

/// Sends a signal to a process.
pub(crate) fn signal(which: &str, process: u32) -> anyhow::Result<()> {
    ensure!(
        Command::new("kill").args([which, &process.to_string()]).status()?.success(),
        "kill {which} {process} failed"
    );
    Ok(())
}
