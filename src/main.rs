//! The `jumpin` program. Runs the command line and reports any error as a single line on stderr.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match jumpin::cli::run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("jumpin: {error:#}");
            ExitCode::FAILURE
        }
    }
}
