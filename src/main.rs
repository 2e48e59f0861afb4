//! The `jumpin` program: runs the command line and reports errors as one line on stderr.

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
