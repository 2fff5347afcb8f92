//! Another platform's names are answered as names that never were: byte for byte, by every method there is.

mod more;

use crate::town::{Replica, Town};
use crate::town_operators::{MCN, STUDIO, food_at, with_agency, with_operator};
use greenroom_proto::registry::v1::*;
use greenroom_testkit::contract;
use more::More;
use prost::Message;
use prost::bytes::{Buf as _, BufMut as _};
use std::collections::{BTreeMap, BTreeSet};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Status};
use uuid::Uuid;

/// One name of each kind that a platform gives its own, or that is a platform's.
#[derive(Clone)]
struct Names {
    /// A streamer of the caller's own: questions about others' things are asked for it.
    own: String,
    streamer: String,
    session: String,
    operator: String,
    engagement: String,
    policy: String,
    person: String,
    account: String,
    more: More,
}

impl Names {
    /// Names of the same lengths that nobody ever gave.
    fn invented(&self) -> Self {
        let other = |name: &str| {
            let (collection, _) = name.split_once('/').unwrap();
            format!("{collection}/{}", Uuid::new_v4())
        };
        Self {
            own: self.own.clone(),
            streamer: other(&self.streamer),
            session: other(&self.session),
            operator: other(&self.operator),
            engagement: other(&self.engagement),
            policy: "policies/shut".to_owned(),
            person: "persons/none".to_owned(),
            account: "room-of-none".to_owned(),
            more: self.more.invented(other),
        }
    }

    /// Each name, without its collection.
    fn ids(&self) -> Vec<&str> {
        let names = [&self.streamer, &self.session, &self.operator, &self.engagement, &self.person];
        let names = names.into_iter().map(String::as_str).chain(self.more.names());
        let ids = names.filter_map(|name| name.split_once('/')).map(|(_, id)| id);
        ids.chain([self.policy.as_str(), self.account.as_str()]).collect()
    }
}

/// The requests of one method that name something. A method that takes no name of a platform's makes none.
type Asks = fn(&Names) -> Vec<Vec<u8>>;

/// What is asked of every method. One that is new belongs in here, with every field by which a platform can name something.
fn entries() -> BTreeMap<String, Asks> {
    let mut entries = BTreeMap::new();
    for (service, method, asks) in TABLE.iter().chain(more::TABLE) {
        entries.insert(format!("/greenroom.registry.v1.{service}/{method}"), *asks);
    }
    entries
}

const TABLE: &[(&str, &str, Asks)] = &[
    ("PermissionService", "CheckPermission", |names| {
        let of =
            |streamer: &str| CheckPermissionRequest { streamer: streamer.to_owned(), ..Default::default() };
        encoded([
            of(&names.streamer),
            CheckPermissionRequest { live_session: names.session.clone(), ..of(&names.own) },
            CheckPermissionRequest { sale: Some(food_at(&names.operator)), ..of(&names.own) },
        ])
    }),
    ("PermissionService", "BatchCheckPermissions", |names| {
        let streamers = vec![names.own.clone(), names.streamer.clone()];
        let sale = Some(food_at(&names.operator));
        encoded([BatchCheckPermissionsRequest { streamers, sale, ..Default::default() }])
    }),
    ("StreamerService", "EnrolStreamer", |names| {
        let streamer =
            Streamer { account: "new".to_owned(), person: names.person.clone(), ..Default::default() };
        encoded([EnrolStreamerRequest { streamer: Some(streamer), ..Default::default() }])
    }),
    ("StreamerService", "GetStreamer", |names| {
        encoded([GetStreamerRequest { name: names.streamer.clone() }])
    }),
    ("StreamerService", "ListStreamers", |names| {
        let all = ListStreamersRequest::default;
        encoded([
            ListStreamersRequest { account: names.account.clone(), ..all() },
            ListStreamersRequest { account_prefix: names.account.clone(), ..all() },
            ListStreamersRequest { person: names.person.clone(), ..all() },
            ListStreamersRequest { room_operator: names.operator.clone(), ..all() },
        ])
    }),
    ("StreamerService", "GetVerifiedLevels", |names| {
        let name = names.streamer.clone();
        encoded(
            [false, true].map(|with_history| GetVerifiedLevelsRequest { name: name.clone(), with_history }),
        )
    }),
    ("StreamerService", "WithdrawStreamer", |names| {
        let message = WithdrawStreamerRequest { name: names.streamer.clone(), ..Default::default() };
        encoded([message.clone(), WithdrawStreamerRequest { etag: FIRST.to_owned(), ..message }])
    }),
    ("StreamerService", "UpdateStreamer", |names| {
        let streamer =
            Streamer { name: names.streamer.clone(), account: "x".to_owned(), ..Default::default() };
        let message = UpdateStreamerRequest { streamer: Some(streamer), ..Default::default() };
        encoded([message.clone(), UpdateStreamerRequest { etag: FIRST.to_owned(), ..message }])
    }),
    ("StreamerService", "RebindStreamer", |names| {
        let of = |name: &str, person: &str| RebindStreamerRequest {
            name: name.to_owned(),
            person: person.to_owned(),
            ..Default::default()
        };
        encoded([of(&names.streamer, "persons/jun"), of(&names.own, &names.person)])
    }),
    ("StreamerService", "EngageStreamer", |names| {
        let agency = agency::Agency::Organization("organizations/mcn".to_owned());
        let engagements = [with_operator(&names.own, &names.operator), with_agency(&names.streamer, agency)];
        encoded(engagements.map(|one| EngageStreamerRequest { engagement: Some(one), ..Default::default() }))
    }),
    ("StreamerService", "EndEngagement", |names| {
        let message = EndEngagementRequest { name: names.engagement.clone(), ..Default::default() };
        encoded([message.clone(), EndEngagementRequest { etag: FIRST.to_owned(), ..message }])
    }),
    ("StreamerService", "ListEngagements", |names| {
        let all = ListEngagementsRequest::default;
        encoded([
            ListEngagementsRequest { streamer: names.streamer.clone(), ..all() },
            ListEngagementsRequest { room_operator: names.operator.clone(), ..all() },
        ])
    }),
    ("RoomOperatorService", "RegisterRoomOperator", |names| {
        let party = Some(room_operator::Party::Person(names.person.clone()));
        let operator = RoomOperator { party, tier: RoomTier::Key.into(), ..Default::default() };
        encoded([RegisterRoomOperatorRequest { room_operator: Some(operator), ..Default::default() }])
    }),
    ("RoomOperatorService", "GetRoomOperator", |names| {
        encoded([GetRoomOperatorRequest { name: names.operator.clone() }])
    }),
    ("RoomOperatorService", "ListRoomOperators", |_| Vec::new()),
    ("RoomOperatorService", "UpdateRoomOperator", |names| {
        let operator =
            RoomOperator { name: names.operator.clone(), tier: RoomTier::Key.into(), ..Default::default() };
        let message = UpdateRoomOperatorRequest { room_operator: Some(operator), ..Default::default() };
        encoded([message.clone(), UpdateRoomOperatorRequest { etag: FIRST.to_owned(), ..message }])
    }),
    ("RoomOperatorService", "RecordReverification", |names| {
        let verification = OperatorVerification {
            checks: vec![1, 2, 3],
            verify_time: Some(prost_types::Timestamp { seconds: 1_700_000_000, nanos: 0 }),
            artefact_digest: vec![1; 32],
            ..Default::default()
        };
        encoded([RecordReverificationRequest {
            name: names.operator.clone(),
            verification: Some(verification),
            ..Default::default()
        }])
    }),
    ("RoomOperatorService", "WithdrawRoomOperator", |names| {
        encoded([WithdrawRoomOperatorRequest { name: names.operator.clone(), ..Default::default() }])
    }),
    ("PolicyService", "SetPolicy", |names| {
        let policy = Policy { name: names.policy.clone(), ..Default::default() };
        encoded([SetPolicyRequest { policy: Some(policy), ..Default::default() }])
    }),
    ("PolicyService", "GetPolicy", |names| encoded([GetPolicyRequest { name: names.policy.clone() }])),
    ("PolicyService", "ListPolicyRevisions", |names| {
        encoded([ListPolicyRevisionsRequest { name: names.policy.clone(), ..Default::default() }])
    }),
    ("LiveSessionService", "OpenLiveSession", |names| {
        let streamers = vec![names.own.clone(), names.streamer.clone()];
        encoded([OpenLiveSessionRequest { room: "room-1".to_owned(), streamers, ..Default::default() }])
    }),
    ("LiveSessionService", "RenewLiveSession", |names| {
        encoded([RenewLiveSessionRequest { name: names.session.clone(), fence: 1, ..Default::default() }])
    }),
    ("LiveSessionService", "CloseLiveSession", |names| {
        encoded([CloseLiveSessionRequest { name: names.session.clone(), ..Default::default() }])
    }),
    ("LiveSessionService", "GetLiveSession", |names| {
        encoded([GetLiveSessionRequest { name: names.session.clone() }])
    }),
    ("LiveSessionService", "ListLiveSessions", |_| Vec::new()),
    ("LiveSessionService", "WatchLiveSessions", |names| {
        encoded([WatchLiveSessionsRequest { live_session: names.session.clone(), ..Default::default() }])
    }),
    ("RegistryFeedService", "WatchRegistryEvents", |_| Vec::new()),
];

/// The etag of something that never changed.
const FIRST: &str = "\"1\"";

fn encoded<M: Message, const N: usize>(messages: [M; N]) -> Vec<Vec<u8>> {
    messages.into_iter().map(|message| message.encode_to_vec()).collect()
}

/// Messages as they are on the wire.
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining()).to_vec()))
    }
}

/// All of an answer: code, message and details of a refusal, or the body.
type Answer = (Code, Vec<u8>, Vec<u8>);

async fn ask(town: &Town, replica: &Replica, method: &str, body: Vec<u8>) -> Answer {
    let mut client = tonic::client::Grpc::new(replica.channel.clone());
    client.ready().await.unwrap();
    let path = method.parse().unwrap();
    // An answer is a stream of one message; of a longer one the first is looked at.
    let answer = match client.server_streaming(town.call("rival", body), path, Raw).await {
        Ok(answer) => answer.into_inner().message().await,
        Err(refused) => Err(refused),
    };
    match answer {
        Ok(message) => (Code::Ok, Vec::new(), message.unwrap_or_default()),
        Err(refused) => (refused.code(), refused.message().as_bytes().to_vec(), refused.details().to_vec()),
    }
}

/// The bytes with one id in the place of the other of the same length.
fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len(), "`{from}` and `{to}`");
    let (mut bytes, from) = (bytes.to_vec(), from.as_bytes());
    let mut at = 0;
    while at + from.len() <= bytes.len() {
        if bytes[at..].starts_with(from) {
            bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
        }
        at += 1;
    }
    bytes
}

async fn others(town: &Town, replica: &Replica) -> Names {
    let mina = town.certified(replica, "shop", "mina").await;
    let operator = town.operator(replica, STUDIO).await.name;
    let engagement = town.engaged(replica, &mina, &operator).await.name;
    let agency = Enterprise { registered_name: "某某传媒".to_owned(), credit_code: MCN.to_owned() };
    let agency = with_agency(&mina, agency::Agency::Enterprise(agency));
    town.engage(replica, agency).await.unwrap();
    let opened = town.open_at(replica, &[&mina], &operator).await;
    let more = More::about(town, replica, &mina).await;
    let own = town.certified(replica, "rival", "jun").await;
    Names {
        own,
        streamer: mina,
        session: opened.live_session.unwrap().name,
        operator,
        engagement,
        policy: "policies/shop".to_owned(),
        person: "persons/mina".to_owned(),
        account: "room-of-mina".to_owned(),
        more,
    }
}

#[test]
fn every_method_of_the_contract_is_asked() {
    let asked: BTreeSet<String> = entries().into_keys().collect();
    assert_eq!(asked, contract::methods("greenroom.registry.v1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_another_platform_is_answered_as_one_that_never_was() {
    let town = Town::new().await;
    let replica = town.start().await;
    let existing = others(&town, &replica).await;
    let invented = existing.invented();
    for (method, asks) in entries() {
        for (number, (theirs, nobodys)) in asks(&existing).into_iter().zip(asks(&invented)).enumerate() {
            let (code, said, body) = ask(&town, &replica, &method, theirs).await;
            let (mut told, mut sent) = (said, body);
            for (from, to) in existing.ids().into_iter().zip(invented.ids()) {
                told = replaced(&told, from, to);
                sent = replaced(&sent, from, to);
            }
            let (expected, message, details) = ask(&town, &replica, &method, nobodys).await;
            assert_ne!(expected, Code::Internal, "{method} {number}");
            assert_eq!(code, expected, "{method} {number}: {}", String::from_utf8_lossy(&message));
            assert_eq!(
                String::from_utf8_lossy(&told),
                String::from_utf8_lossy(&message),
                "{method} {number}"
            );
            assert_eq!(sent, details, "{method} {number}: {}", String::from_utf8_lossy(&sent));
        }
    }
    replica.stop().await;
}
