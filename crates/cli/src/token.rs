//! `greenroom token`: one access token, for grpcurl and everything else that sends headers.

use crate::failure::Result;
use crate::folder::Places;
use crate::reach::{Service, Trust, clock, read_credential};
use crate::{refusal, say};
use clap::Args;
use greenroom_proto::identity::v1::IssueTokenRequest;
use greenroom_proto::identity::v1::token_service_client::TokenServiceClient;
use std::path::PathBuf;

/// Arguments of `greenroom token`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  greenroom token --audience greenroom-registry
  TOKEN=$(greenroom token --audience greenroom-registry --credential .greenroom/credentials/demo-platform.json)
  greenroom token --audience greenroom-identity --scope organizations.read --scope clients.read")]
pub struct Token {
    /// The service the token is for: greenroom-identity, greenroom-certification or greenroom-registry
    #[arg(long, value_parser = ["greenroom-identity", "greenroom-certification", "greenroom-registry"])]
    audience: String,
    /// Credential file of the client [default: credentials/suite-operator.json in the data folder]
    #[arg(long, value_name = "FILE", env = "GREENROOM_CREDENTIAL")]
    credential: Option<PathBuf>,
    /// A scope the token shall carry; may be repeated [default: all the client holds]
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// Address of the identity service [default: that of the suite run on the data folder]
    #[arg(long, value_name = "URL", env = "GREENROOM_IDENTITY")]
    identity: Option<String>,
    #[command(flatten)]
    trust: Trust,
}

impl Token {
    /// Prints the token and nothing else.
    pub async fn run(&self, places: &Places) -> Result<()> {
        let file = self.credential.clone().unwrap_or_else(|| places.credential("suite-operator"));
        let credential = read_credential(&file)?;
        let url = self.identity.clone().unwrap_or_else(|| Service::Identity.local_url(places.port_base()));
        let proof =
            credential.proof(clock().now()).map_err(|status| refusal::describe("signing", &status))?;
        let request = IssueTokenRequest {
            proof: Some(proof),
            audience: self.audience.clone(),
            scopes: self.scope.clone(),
        };
        let mut client = TokenServiceClient::new(self.trust.channel(&url)?);
        let answer = client.issue_token(request).await;
        let answer = answer.map_err(|status| refusal::describe("IssueToken", &status))?;
        say::out(&answer.into_inner().access_token)
    }
}
