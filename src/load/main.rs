//! `jumpin-load`: runs simulated visitors and agents against a running server.

use std::process::ExitCode;

use clap::Parser;
use load::{load_test, options::Options};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let as_json = options.json;
    match load_test::load_test(options).await {
        Ok(Some(report)) if as_json => match serde_json::to_string_pretty(&report) {
            Ok(json) => println!("{json}"),
            Err(error) => return fail(&error),
        },
        Ok(Some(report)) => println!("{}", report.table()),
        Ok(None) => {}
        Err(unready) => return fail(&unready),
    }
    ExitCode::SUCCESS
}

fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("jumpin-load: {error}");
    ExitCode::FAILURE
}
