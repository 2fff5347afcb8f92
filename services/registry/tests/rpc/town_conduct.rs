//! The vocabulary of the stories about conduct, blocklists and administrators.

use crate::town::{Replica, Town};
use greenroom_auth::{AccessClaims, OrganizationRole};
use greenroom_domain::kernel::{ClientId, PersonId, Timestamp};
use greenroom_proto::registry::v1::administration_service_client::AdministrationServiceClient;
use greenroom_proto::registry::v1::blocklist_service_client::BlocklistServiceClient;
use greenroom_proto::registry::v1::conduct_service_client::ConductServiceClient;
use greenroom_proto::registry::v1::*;
use greenroom_registry::verify;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use std::time::Duration;
use tonic::transport::Channel;
use tonic::{Request, Status};
use tonic_types::StatusExt as _;

pub const REGULATOR: &[OrganizationRole] = &[OrganizationRole::Regulator];

pub fn conduct(replica: &Replica) -> ConductServiceClient<Channel> {
    ConductServiceClient::new(replica.channel.clone())
}

pub fn blocklists(replica: &Replica) -> BlocklistServiceClient<Channel> {
    BlocklistServiceClient::new(replica.channel.clone())
}

pub fn administration(replica: &Replica) -> AdministrationServiceClient<Channel> {
    AdministrationServiceClient::new(replica.channel.clone())
}

/// The fields that a refusal calls wrong.
pub fn fields(refused: &Status) -> Vec<String> {
    let told = refused.get_details_bad_request().map(|details| details.field_violations);
    told.unwrap_or_default().into_iter().map(|violation| violation.field).collect()
}

pub fn until(instant: Timestamp) -> Term {
    Term { from_time: None, end: Some(term::End::UntilTime(timestamp(instant))) }
}

pub fn permanent() -> Term {
    Term { from_time: None, end: Some(term::End::Permanent(true)) }
}

impl Town {
    pub fn in_seconds(&self, seconds: u64) -> Timestamp {
        self.clock.now().plus(Duration::from_secs(seconds))
    }

    /// Another client of an organization's, through which a person may act.
    pub fn desk(&self, organization: &str, client: &str, person: Option<&str>) -> AccessClaims {
        AccessClaims {
            client_id: ClientId::try_new(client).unwrap(),
            person: person.map(|person| PersonId::try_new(person).unwrap()),
            ..self.claims(organization, &[OrganizationRole::Platform])
        }
    }

    pub fn reviewer<T>(&self, message: T) -> Request<T> {
        self.call_with(&self.desk("shop", "shop-reviewer", None), message)
    }

    pub fn notice(&self) -> Notice {
        Notice {
            facts: "goods were praised that were not there".to_owned(),
            reasons: "buyers were misled".to_owned(),
            legal_basis: "Order 117, art. 34".to_owned(),
            appeal_channel: "appeals desk of the platform".to_owned(),
            appeal_until_time: Some(timestamp(self.in_hours(24))),
        }
    }

    pub fn sanction(&self, streamer: &str, measure: Measure, term: Term) -> Sanction {
        Sanction {
            streamer: streamer.to_owned(),
            measure: measure.into(),
            kind: ReasonKind::Policy.into(),
            notice: Some(self.notice()),
            term: Some(term),
            ..Default::default()
        }
    }

    pub async fn impose(&self, replica: &Replica, sanction: Sanction) -> Result<Sanction, Status> {
        let message = ImposeSanctionRequest { sanction: Some(sanction), ..Default::default() };
        let answer = conduct(replica).impose_sanction(self.call("shop", message)).await?;
        Ok(answer.into_inner().sanction.unwrap())
    }

    pub async fn lift(&self, replica: &Replica, name: &str) -> Result<Sanction, Status> {
        let message = LiftSanctionRequest {
            name: name.to_owned(),
            reason: "a misunderstanding".to_owned(),
            ..Default::default()
        };
        let answer = conduct(replica).lift_sanction(self.call("shop", message)).await?;
        Ok(answer.into_inner().sanction.unwrap())
    }

    pub async fn read_sanction(&self, replica: &Replica, name: &str) -> Sanction {
        let message = GetSanctionRequest { name: name.to_owned() };
        let answer = conduct(replica).get_sanction(self.call("shop", message)).await.unwrap();
        answer.into_inner().sanction.unwrap()
    }

    /// Enrols another account of a person.
    pub async fn enrol_as(
        &self,
        replica: &Replica,
        platform: &str,
        name: &str,
        account: &str,
    ) -> Result<String, Status> {
        let streamer =
            Streamer { account: account.to_owned(), person: format!("persons/{name}"), ..Default::default() };
        let message = EnrolStreamerRequest { streamer: Some(streamer), ..Default::default() };
        let mut streamers = crate::town::streamers(replica);
        let answer = streamers.enrol_streamer(self.call(platform, message)).await?;
        Ok(answer.into_inner().streamer.unwrap().name)
    }

    pub async fn is_clean(&self) {
        let report = verify(&self.config()).await.unwrap();
        assert!(report.is_clean(), "{report:?}");
    }
}
