//! `greenroom-identity --config FILE`: organizations, clients, tokens, persons.

use greenroom_identity::{Config, start};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    greenroom_rpc::process::run::<Config, _, _, _>("greenroom-identity", start).await
}
