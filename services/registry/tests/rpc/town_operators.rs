//! The vocabulary of stories about room operators and agencies.

use crate::town::{Replica, Town, sessions, streamers};
use greenroom_proto::registry::v1::room_operator_service_client::RoomOperatorServiceClient;
use greenroom_proto::registry::v1::*;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use tonic::Status;
use tonic::transport::Channel;

pub const STUDIO: &str = "91350100M000100Y43";
pub const STAGE: &str = "914403001922038216";
pub const MCN: &str = "9144030071526726XG";

pub fn operators(replica: &Replica) -> RoomOperatorServiceClient<Channel> {
    RoomOperatorServiceClient::new(replica.channel.clone())
}

/// An ordinary operator without licences.
pub fn enterprise(code: &str) -> RoomOperator {
    let enterprise = Enterprise { registered_name: "某某直播".to_owned(), credit_code: code.to_owned() };
    RoomOperator {
        party: Some(room_operator::Party::Enterprise(enterprise)),
        tier: RoomTier::Ordinary.into(),
        ..Default::default()
    }
}

/// A licence for food without an end.
pub fn food_licence() -> OperatorLicence {
    OperatorLicence {
        category: "food".to_owned(),
        proof: Some(operator_licence::Proof::Reference("file-7".to_owned())),
        from_date: "2026-01-01".to_owned(),
        until_date: String::new(),
    }
}

/// What is on sale in an operator's room.
pub fn food_at(operator: &str) -> Sale {
    Sale { categories: vec!["food".to_owned()], room_operator: operator.to_owned(), ..Default::default() }
}

impl Town {
    /// Everything was verified just now.
    pub fn verification(&self) -> OperatorVerification {
        let checks = [
            OperatorCheck::Registration,
            OperatorCheck::BusinessAddress,
            OperatorCheck::Contact,
            OperatorCheck::Licences,
        ];
        OperatorVerification {
            checks: checks.map(i32::from).to_vec(),
            verify_time: Some(timestamp(self.clock.now())),
            artefact_digest: vec![7; 32],
            ..Default::default()
        }
    }

    pub async fn register(
        &self,
        replica: &Replica,
        operator: RoomOperator,
        verification: Option<OperatorVerification>,
    ) -> Result<RoomOperator, Status> {
        let message =
            RegisterRoomOperatorRequest { room_operator: Some(operator), verification, ..Default::default() };
        let answer = operators(replica).register_room_operator(self.call("shop", message)).await?;
        Ok(answer.into_inner().room_operator.unwrap())
    }

    /// A verified operator with a licence for food.
    pub async fn operator(&self, replica: &Replica, code: &str) -> RoomOperator {
        let operator = RoomOperator { licences: vec![food_licence()], ..enterprise(code) };
        self.register(replica, operator, Some(self.verification())).await.unwrap()
    }

    pub async fn engage(&self, replica: &Replica, engagement: Engagement) -> Result<Engagement, Status> {
        let message = EngageStreamerRequest { engagement: Some(engagement), ..Default::default() };
        let answer = streamers(replica).engage_streamer(self.call("shop", message)).await?;
        Ok(answer.into_inner().engagement.unwrap())
    }

    /// Binds a streamer to an operator from now on.
    pub async fn engaged(&self, replica: &Replica, streamer: &str, operator: &str) -> Engagement {
        self.engage(replica, with_operator(streamer, operator)).await.unwrap()
    }

    pub async fn end(&self, replica: &Replica, message: EndEngagementRequest) -> Result<Engagement, Status> {
        let answer = streamers(replica).end_engagement(self.call("shop", message)).await?;
        Ok(answer.into_inner().engagement.unwrap())
    }

    pub async fn streamer(&self, replica: &Replica, name: &str) -> Streamer {
        let message = GetStreamerRequest { name: name.to_owned() };
        let answer = streamers(replica).get_streamer(self.call("shop", message)).await.unwrap();
        answer.into_inner().streamer.unwrap()
    }

    pub async fn check_sale(&self, replica: &Replica, streamer: &str, sale: Sale) -> Decision {
        let request =
            CheckPermissionRequest { streamer: streamer.to_owned(), sale: Some(sale), ..Default::default() };
        self.check(replica, "shop", request).await.unwrap()
    }

    /// Opens a session in an operator's room, where food is sold.
    pub async fn open_at(
        &self,
        replica: &Replica,
        streamers: &[&str],
        operator: &str,
    ) -> OpenLiveSessionResponse {
        let message = OpenLiveSessionRequest {
            room: "room-1".to_owned(),
            streamers: streamers.iter().map(|name| (*name).to_owned()).collect(),
            sale: Some(food_at(operator)),
            ..Default::default()
        };
        sessions(replica).open_live_session(self.call("shop", message)).await.unwrap().into_inner()
    }
}

pub fn with_operator(streamer: &str, operator: &str) -> Engagement {
    Engagement {
        streamer: streamer.to_owned(),
        party: Some(engagement::Party::RoomOperator(operator.to_owned())),
        ..Default::default()
    }
}

pub fn with_agency(streamer: &str, agency: agency::Agency) -> Engagement {
    Engagement {
        streamer: streamer.to_owned(),
        party: Some(engagement::Party::Agency(Agency { agency: Some(agency) })),
        filing_reference: "京网备-1".to_owned(),
        ..Default::default()
    }
}

/// What was made within one millisecond has no order of its own.
pub fn sorted(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.into_iter().collect();
    names.sort();
    names
}

/// The fields that a refusal names.
pub fn fields(refused: &Status) -> Vec<String> {
    use tonic_types::StatusExt as _;
    let details = refused.get_details_bad_request();
    details
        .into_iter()
        .flat_map(|details| details.field_violations)
        .map(|violation| violation.field)
        .collect()
}
