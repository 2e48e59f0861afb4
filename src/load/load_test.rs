//! Runs a load test in a single process, or in several child processes if it needs more sockets than one process can
//! open.
//!
//! The processes exchange lines of text. Each part prints `filled` and the number of seconds it took, then `prepared`,
//! and finally its metrics as JSON. Before each step that all parts must start together, a part waits for a line on
//! stdin.

use std::{
    io::{self, BufRead, BufReader, Lines, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use tokio::task;

use crate::{
    metrics::{Metrics, ProcessCounts},
    options::Options,
    process_usage::{Usage, load_average},
    report::{Report, UsageSamples},
    runner::{LoadTestError, Runner},
};

/// Runs a load test or one part of it. Returns `None` for a part, because only the main process creates a report.
///
/// # Errors
/// Returns a [`LoadTestError`] if the test cannot be run.
pub async fn load_test(options: Options) -> Result<Option<Report>, LoadTestError> {
    match options.part {
        Some(_) => run_part(options).await.map(|()| None),
        None if options.parts() > 1 => run_in_parts(&options).map(Some),
        None => run_in_one_process(options).await.map(Some),
    }
}

async fn run_in_one_process(options: Options) -> Result<Report, LoadTestError> {
    let mut runner = Runner::create(options.clone()).await?;
    let before = usage(&options);
    let filling = runner.fill().await?;
    let filled = usage(&options);
    runner.prepare().await?;
    let began = usage(&options);
    runner.run().await;
    let ended = usage(&options);
    let load = load_average();
    runner.stop().await;
    Ok(Report::new(&options, runner.metrics(), filling, usage_samples(before, filled, began, ended), load))
}

/// Runs one of several parts of a load test.
async fn run_part(options: Options) -> Result<(), LoadTestError> {
    let mut runner = Runner::create(options).await?;
    let filling = runner.fill().await?;
    println!("filled {}", filling.as_secs_f64());
    wait_for_go().await?;
    runner.prepare().await?;
    println!("prepared");
    wait_for_go().await?;
    runner.run().await;
    let counted =
        serde_json::to_string(&runner.metrics().take()).map_err(|error| LoadTestError::Part(error.to_string()))?;
    println!("{counted}");
    runner.stop().await;
    Ok(())
}

/// Waits until the main process sends a line.
async fn wait_for_go() -> Result<(), LoadTestError> {
    let line = task::spawn_blocking(|| io::stdin().lines().next()).await;
    match line {
        Ok(Some(Ok(_))) => Ok(()),
        _ => Err(LoadTestError::Part("the main process exited".into())),
    }
}

/// Starts all parts, coordinates them, and adds up their metrics.
fn run_in_parts(options: &Options) -> Result<Report, LoadTestError> {
    let before = usage(options);
    let mut parts: Vec<_> = (0..options.parts()).map(Part::start).collect::<Result<_, _>>()?;
    let mut filling = Duration::ZERO;
    for part in &mut parts {
        let said = part.line()?;
        let seconds = said.strip_prefix("filled ").and_then(|seconds| seconds.parse().ok());
        let took =
            seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).ok_or(LoadTestError::Part(said))?;
        filling = filling.max(took);
    }
    let filled = usage(options);
    parts.iter_mut().try_for_each(Part::go)?;
    for part in &mut parts {
        part.line()?;
    }
    let began = usage(options);
    parts.iter_mut().try_for_each(Part::go)?;
    let metrics = Metrics::new();
    for part in &mut parts {
        let counted: ProcessCounts =
            serde_json::from_str(&part.line()?).map_err(|error| LoadTestError::Part(error.to_string()))?;
        metrics.add(&counted);
    }
    let (ended, load) = (usage(options), load_average());
    Ok(Report::new(options, &metrics, filling, usage_samples(before, filled, began, ended), load))
}

/// A child process that runs one part. It is killed when dropped.
struct Part {
    process: Child,
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl Part {
    /// Starts this program with the same arguments plus the part's number.
    fn start(number: u32) -> io::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(std::env::args_os().skip(1))
            .args(["--part", &number.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (stdin, stdout) = process.stdin.take().zip(process.stdout.take()).ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self { process, stdin, stdout: BufReader::new(stdout).lines() })
    }

    fn go(&mut self) -> Result<(), LoadTestError> {
        Ok(self.stdin.write_all(b"go\n")?)
    }

    fn line(&mut self) -> Result<String, LoadTestError> {
        Ok(self.stdout.next().ok_or_else(|| LoadTestError::Part("it exited early".into()))??)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // The process may have already exited.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn usage(options: &Options) -> Option<Usage> {
    options.pid.and_then(Usage::of)
}

fn usage_samples(
    before: Option<Usage>,
    filled: Option<Usage>,
    began: Option<Usage>,
    ended: Option<Usage>,
) -> Option<UsageSamples> {
    Some(UsageSamples { before: before?, filled: filled?, began: began?, ended: ended? })
}
