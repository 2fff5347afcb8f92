//! `greenroom-certification --config FILE`: occupational standards, issuers, certificates.

use greenroom_certification::{Config, start};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    greenroom_rpc::process::run::<Config, _, _, _>("greenroom-certification", start).await
}
