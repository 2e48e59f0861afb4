//! What we promise, each with the fault that tries it and the mark it must reach: `make promises`, or one by its number,
//! `make promises ONLY=01 SEEDS=200`. Each trial prints its seed, writes `promise-NN.json` into `target/promises`, and a promise
//! that is not kept ends the run with a failure. Without words (as `cargo test` runs it) the trials are few and small.
//!
//! The server is the real program in a process of its own: the one that `JUMPIN_BIN` names, or this one, told to serve.

#![allow(clippy::unwrap_used, missing_docs)]

mod abusive_clients;
mod access_revocation;
mod backup;
mod disk_full;
mod faulty_network;
#[path = "../fixtures.rs"]
mod fixtures;
mod message_order;
mod other_tests;
mod power_failure;
mod process_kill;
mod reconnect;
mod runner;
mod server_process;
mod server_restart;
mod tenant_isolation;
mod writing_visitor;

use std::process::ExitCode;

use clap::Parser;

use runner::{PROMISES, Size, Trial};

/// What is asked on the command line.
#[derive(Debug, Parser)]
#[command(name = "promises")]
struct Asked {
    /// Which, by number; none: all that need no browser.
    only: Vec<String>,
    /// How many seeds each is tried with.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// As much as the design asks for, which takes from minutes to an hour.
    #[arg(long)]
    full: bool,
    /// Where another test was meant: what `cargo test` hands to every test program.
    #[arg(long, hide = true, num_args = 0..=1)]
    nocapture: Option<Option<String>>,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.split_first() {
        Some((first, rest)) if first == server_process::SERVE => {
            return server_process::serve(rest.first().expect("a folder to serve"));
        }
        Some((first, rest)) if first == abusive_clients::MISBEHAVE => return abusive_clients::misbehave(rest),
        _ => {}
    }
    // `cargo test NAME` hands its filter to every test program: a name that is no number is meant for another one.
    let asked = Asked::parse();
    if asked.only.iter().any(|word| !PROMISES.iter().any(|promise| promise.number == word)) {
        println!("promises: {:?} is none of ours", asked.only);
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut broken = Vec::new();
    for promise in PROMISES {
        if !(asked.only.is_empty() && promise.is_tried_by_default() || asked.only.iter().any(|it| it == promise.number))
        {
            continue;
        }
        println!("\n{}  {}", promise.number, promise.says);
        for seed in asked.seed..asked.seed + asked.seeds {
            let trial = Trial { seed, size: if asked.full { Size::Full } else { Size::Small } };
            if !trial.run(promise, &runtime) {
                broken.push((promise.number, seed));
            }
        }
    }
    for (number, seed) in &broken {
        eprintln!("promise {number} is BROKEN: make promises ONLY={number} SEED={seed}");
    }
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
