//! `greenroom-registry --config FILE`: streamers, policies, decisions, live sessions.

use greenroom_registry::{Config, start};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    greenroom_rpc::process::run::<Config, _, _, _>("greenroom-registry", start).await
}
