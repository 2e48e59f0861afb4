//! The program: what is asked on the command line, done.

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
