//! Tests the promises of `docs/guarantees.md`. Each test injects a fault and checks the result against a target. These
//! are ordinary tests, so `--list`, filters, and nextest all work. Run them all with `make promises`, or a single one
//! by its number with `make promises ONLY=01 SEEDS=200`. The environment variables `SEED`, `SEEDS`, and `FULL=1` are
//! respected. If they are not set, each promise gets one small trial. Promises that are proven in a browser or by other
//! tests are ignored unless you request them. Each trial prints its seed and writes `promise-NN.json` to
//! `target/promises`.
//!
//! The server is the real program, running in its own process. It is either the binary that `JUMPIN_BIN` points to or
//! this same binary, started with `serve-promises`.

#![allow(clippy::unwrap_used, missing_docs)]

mod abusive_clients;
mod access_revocation;
mod backup;
mod disk_full;
mod existing_tests;
mod faulty_network;
#[path = "../fixtures.rs"]
mod fixtures;
mod long_chat;
mod message_order;
mod polite_visitors;
mod power_failure;
mod process_kill;
mod reconnect;
mod runner;
mod server_process;
mod server_restart;
mod slow_uploads;
mod tenant_isolation;
mod writing_visitor;

use std::{ops::Range, process::ExitCode};

use libtest_mimic::{Arguments, Failed, Trial as Test};

use runner::{PROMISES, Promise, Size, TrialSettings};

fn main() -> ExitCode {
    // The server, the abusive clients, and the polite visitors each run this binary in their own process.
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.split_first() {
        Some((first, rest)) if first == server_process::SERVE => {
            return server_process::serve(rest.first().expect("the argument is followed by the directory to serve"));
        }
        Some((first, rest)) if first == abusive_clients::MISBEHAVE => return abusive_clients::misbehave(rest),
        Some((first, rest)) if first == polite_visitors::ARGUMENT => return polite_visitors::run(rest),
        _ => {}
    }
    let mut arguments = Arguments::from_args();
    // Trials run one at a time so that each has the machine to itself.
    arguments.test_threads = Some(1);
    let seed = number("SEED", 1);
    let seeds = seed..seed + number("SEEDS", 1);
    let size = if std::env::var("FULL").is_ok_and(|full| full == "1") { Size::Full } else { Size::Small };
    let tests = PROMISES
        .iter()
        .map(|promise| {
            let seeds = seeds.clone();
            Test::test(promise.name(), move || check(promise, seeds, size))
                .with_ignored_flag(!promise.is_tried_by_default())
        })
        .collect();
    libtest_mimic::run(&arguments, tests).exit_code()
}

/// Runs a promise's trial with each seed, stopping at the first failure.
fn check(promise: &'static Promise, seeds: Range<u64>, size: Size) -> Result<(), Failed> {
    let runtime = tokio::runtime::Runtime::new()?;
    println!("\n{}  {}", promise.number, promise.statement);
    for seed in seeds {
        if !(TrialSettings { seed, size }).run(promise, &runtime) {
            return Err(format!("broken: make promises ONLY={} SEED={seed}", promise.number).into());
        }
    }
    Ok(())
}

/// Reads a whole number from an environment variable, or returns `otherwise` if the variable is not set.
fn number(variable: &str, otherwise: u64) -> u64 {
    let Ok(text) = std::env::var(variable) else { return otherwise };
    text.parse().unwrap_or_else(|_| panic!("{variable} must be a whole number, not `{text}`"))
}
