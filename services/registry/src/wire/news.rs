//! Facts of the event log as the memory takes them.

use super::policy::{read_condition, read_policy};
use super::sale::read_sale;
use super::{blocklist, conduct, engagement, operator, read_level, standard};
use crate::memory::conduct::ConductNews;
use greenroom_domain::kernel::{
    Collection, Id, LiveSessionId, OrganizationId, PersonId, StreamerId, Timestamp,
};
use greenroom_domain::ledger::{Position, StoreError};
use greenroom_domain::occupation::JobType;
use greenroom_domain::registry::port::{PolicyRecord, PolicyRevision};
use greenroom_domain::registry::{AgeBand, GuardianConsent, PersonState};
use greenroom_domain::registry::{
    CallerName, CallerStanding, CertificateStanding, ConditionFact, Engagement, Enrolment, EnrolmentState,
    Grant, IssuerStandingFact, Mirrored, PersonStanding, Policy, QualificationStanding, Question, Record,
    RevokedToken, RoomOperator, Streamer, TokenId,
};
use greenroom_domain::registry::{CertificateState, IssuerReview, IssuerStanding, QualificationState};
use greenroom_feed::event::Event;
use greenroom_proto::registry::v1::registry_fact::Fact;
use greenroom_proto::registry::v1::{self as proto, RegistryFact};
use greenroom_rpc::wire::instant;
use prost::Message as _;
use std::fmt;

/// One thing that is true since, as far as the memory is concerned.
#[derive(Clone, Debug)]
pub enum News {
    /// Of a streamer.
    Streamer(Enrolled),
    /// A revision of a policy.
    Policy(Policy),
    /// What a platform reported about a streamer.
    Condition(Reported),
    /// What another service said.
    Mirrored(Mirrored),
    /// Of a live session.
    Session(SessionNews),
    /// Of a grant.
    Grant(Grant),
    /// Of a room operator.
    Operator(Box<RoomOperator>),
    /// Of an engagement.
    Engagement(Box<Engagement>),
    /// Of what stands against persons.
    Conduct(ConductNews),
    /// How far the feed of another service has been applied.
    Source {
        /// Which service.
        source: String,
        /// How far.
        position: Position,
    },
}

impl News {
    /// When what it tells happened, where it tells that something changed at an instant. It may have become known later.
    pub fn happened_at(&self) -> Option<Timestamp> {
        match self {
            Self::Streamer(enrolled) => Some(enrolled.enrolment.since),
            Self::Mirrored(Mirrored::Person(person)) => Some(person.since),
            Self::Mirrored(Mirrored::Certificate(certificate)) => Some(certificate.since),
            Self::Mirrored(Mirrored::Qualification(qualification)) => Some(qualification.since),
            Self::Mirrored(Mirrored::Issuer(issuer)) => issuer.review.map(|review| review.struck_off_at),
            Self::Condition(reported) => Some(reported.fact.reported_at),
            Self::Operator(operator) => Some(operator.updated_at),
            Self::Conduct(ConductNews::Sanction(sanction)) => Some(sanction.updated_at),
            _ => None,
        }
    }
}

/// A streamer as far as decisions go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// Which one.
    pub id: StreamerId,
    /// On which platform.
    pub platform: OrganizationId,
    /// Who it is.
    pub person: PersonId,
    /// Whether the account takes part.
    pub enrolment: Enrolment,
    /// The version.
    pub version: i64,
}

/// What a platform reported about a streamer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// About whom.
    pub streamer: StreamerId,
    /// What.
    pub fact: ConditionFact,
    /// The version.
    pub version: i64,
}

impl From<&Streamer> for Enrolled {
    fn from(streamer: &Streamer) -> Self {
        Self {
            id: streamer.id.clone(),
            platform: streamer.platform.clone(),
            person: streamer.person.clone(),
            enrolment: Enrolment { state: streamer.state, since: streamer.state_since },
            version: streamer.version.as_i64(),
        }
    }
}

/// A live session as far as the patrol is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionNews {
    /// Which one.
    pub id: LiveSessionId,
    /// On which platform.
    pub platform: OrganizationId,
    /// Grows with every change.
    pub fence: i64,
    /// Whether it runs, and if so until when and with whom.
    pub running: Option<Running>,
}

/// What a session on air rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// The end of the lease.
    pub lease_until: Timestamp,
    /// The marketers admitted.
    pub admitted: Vec<StreamerId>,
    /// What its decisions answer.
    pub question: Question,
}

/// What an event says. `None` for kinds of facts this program does not know: a newer one wrote them.
pub fn of_event(event: &Event) -> Result<Option<News>, StoreError> {
    let source = format_args!("event {} about `{}`", event.sequence, event.subject);
    of_payload(&event.payload, source)
}

/// What a record says, as [`of_event`] does.
pub fn of_record(record: &Record) -> Result<Option<News>, StoreError> {
    of_payload(&record.fact, format_args!("the fact of `{}`", record.name))
}

fn of_payload(payload: &[u8], source: fmt::Arguments<'_>) -> Result<Option<News>, StoreError> {
    let bad = || StoreError::Damaged(source.to_string());
    let fact = RegistryFact::decode(payload).map_err(|_| bad())?.fact;
    let Some(fact) = fact else { return Ok(None) };
    read(&fact).map(Some).ok_or_else(bad)
}

/// What the session says that a record or a fact holds.
pub fn of_session(session: &proto::LiveSession) -> Option<SessionNews> {
    let open = proto::LiveSessionState::try_from(session.state).ok()? == proto::LiveSessionState::Open;
    let none = proto::Sale::default();
    let running = if open {
        let admitted = i32::from(proto::MarketerState::Admitted);
        let on_air = session.roster.iter().filter(|marketer| marketer.state == admitted);
        Some(Running {
            lease_until: at(session.lease_until_time.as_ref())?,
            admitted: on_air.map(|marketer| id(&marketer.streamer)).collect::<Option<_>>()?,
            question: Question::of_sale(read_sale(session.sale.as_ref().unwrap_or(&none))?),
        })
    } else {
        None
    };
    Some(SessionNews {
        id: id(&session.name)?,
        platform: id(&session.platform)?,
        fence: session.fence,
        running,
    })
}

fn read(fact: &Fact) -> Option<News> {
    Some(match fact {
        Fact::Streamer(fact) => News::Streamer(enrolled(fact)?),
        Fact::Policy(fact) => News::Policy(policy(fact)?.policy),
        Fact::Person(fact) => News::Mirrored(Mirrored::Person(person(fact)?)),
        Fact::Certificate(fact) => News::Mirrored(Mirrored::Certificate(certificate(fact)?)),
        Fact::Issuer(fact) => News::Mirrored(Mirrored::Issuer(IssuerStandingFact {
            issuer: id(&fact.issuer)?,
            standing: IssuerStanding::from_code(&fact.standing)?,
            review: review(fact),
            version: fact.version,
        })),
        Fact::Qualification(fact) => News::Mirrored(Mirrored::Qualification(qualification(fact)?)),
        Fact::Standard(fact) => News::Mirrored(Mirrored::Standard(standard::of_event(fact)?)),
        Fact::LiveSession(fact) => News::Session(of_session(fact.live_session.as_ref()?)?),
        Fact::Grant(fact) => News::Grant(super::grant::news(fact)?),
        Fact::Violation(fact) => {
            News::Conduct(ConductNews::Violation(Box::new(conduct::read_violation(fact)?)))
        }
        Fact::Sanction(fact) => News::Conduct(ConductNews::Sanction(Box::new(conduct::read_sanction(fact)?))),
        Fact::Appeal(fact) => conduct::read_appeal(fact).map(|_| News::Conduct(ConductNews::Appeal))?,
        Fact::BlocklistEntry(fact) => {
            News::Conduct(ConductNews::Listing(Box::new(blocklist::read_entry(fact)?)))
        }
        Fact::OverrideEntry(fact) => {
            News::Conduct(ConductNews::Override(Box::new(blocklist::read_override(fact)?)))
        }
        Fact::Source(fact) => News::Source {
            source: fact.source.clone(),
            position: Position { database: fact.database.clone(), sequence: fact.sequence },
        },
        Fact::RoomOperator(fact) => News::Operator(Box::new(operator::of_fact(fact)?)),
        Fact::Engagement(fact) => News::Engagement(Box::new(engagement::of_fact(fact)?)),
        Fact::Caller(fact) => News::Mirrored(Mirrored::Caller(CallerStanding {
            caller: CallerName::parse_name(&fact.caller)?,
            tokens_valid_from: at(fact.tokens_valid_from.as_ref())?,
            version: fact.version,
        })),
        Fact::Condition(fact) => News::Condition(condition(fact)?),
        Fact::RevokedToken(fact) => News::Mirrored(Mirrored::Token(RevokedToken {
            token_id: TokenId::parse(&fact.token_id)?,
            expires_at: at(fact.expire_time.as_ref())?,
        })),
    })
}

fn review(fact: &proto::IssuerStandingFact) -> Option<IssuerReview> {
    Some(IssuerReview {
        struck_off_at: at(fact.struck_off_time.as_ref())?,
        begins: at(fact.review_from_time.as_ref())?,
        ends: at(fact.review_until_time.as_ref())?,
    })
}

fn qualification(fact: &proto::QualificationStanding) -> Option<QualificationStanding> {
    Some(QualificationStanding {
        qualification: id(&fact.qualification)?,
        holder: id(&fact.holder)?,
        domain: id(&fact.domain)?,
        organization: id(&fact.organization)?,
        state: QualificationState::from_code(&fact.state)?,
        since: at(fact.state_since_time.as_ref())?,
        lapses_at: at(fact.lapse_time.as_ref()),
        recheck_at: at(fact.recheck_time.as_ref()),
        version: fact.version,
    })
}

fn enrolled(fact: &proto::StreamerFact) -> Option<Enrolled> {
    let state = match proto::StreamerState::try_from(fact.state).ok()? {
        proto::StreamerState::Unspecified => return None,
        proto::StreamerState::Enrolled => EnrolmentState::Enrolled,
        proto::StreamerState::Withdrawn => EnrolmentState::Withdrawn,
    };
    Some(Enrolled {
        id: id(&fact.streamer)?,
        platform: id(&fact.platform)?,
        person: id(&fact.person)?,
        enrolment: Enrolment { state, since: at(fact.state_since_time.as_ref())? },
        version: fact.version,
    })
}

/// The revision that a record of a policy holds.
pub fn of_policy(record: &PolicyRecord) -> Result<PolicyRevision, StoreError> {
    let fact = RegistryFact::decode(record.fact.as_slice()).ok().and_then(|fact| fact.fact);
    let revision = match &fact {
        Some(Fact::Policy(fact)) => policy(fact),
        _ => None,
    };
    let keys = |policy: &Policy| {
        let terms = policy.terms();
        (terms.platform.clone(), terms.permission, terms.revision)
    };
    let named = (record.platform.clone(), record.permission, record.revision);
    let revision = revision.filter(|revision| keys(&revision.policy) == named);
    let subject = || super::policy::subject(&record.platform, record.permission, record.revision);
    revision.ok_or_else(|| StoreError::Damaged(format!("the fact of `{}`", subject())))
}

fn policy(fact: &proto::PolicyFact) -> Option<PolicyRevision> {
    read_policy(&id(&fact.platform)?, fact.policy.as_ref()?)
}

fn condition(fact: &proto::ConditionFact) -> Option<Reported> {
    Some(Reported {
        streamer: id(&fact.streamer)?,
        fact: read_condition(fact.condition.as_ref()?)?,
        version: fact.version,
    })
}

fn person(fact: &proto::PersonStanding) -> Option<PersonStanding> {
    Some(PersonStanding {
        person: id(&fact.person)?,
        state: PersonState::from_code(&fact.state)?,
        since: at(fact.state_since_time.as_ref())?,
        evidence_until: at(fact.evidence_until_time.as_ref()),
        document_until: at(fact.document_until_time.as_ref()),
        age_band: AgeBand::from_code(&fact.age_band)?,
        age_band_until: at(fact.age_band_until_time.as_ref()),
        guardian_consent: GuardianConsent::from_code(&fact.guardian_consent)?,
        guardian_consent_since: at(fact.guardian_consent_since_time.as_ref()),
        version: fact.version,
    })
}

fn certificate(fact: &proto::CertificateStanding) -> Option<CertificateStanding> {
    Some(CertificateStanding {
        certificate: id(&fact.certificate)?,
        holder: id(&fact.holder)?,
        standard: id(&fact.standard)?,
        job_type: JobType::from_code(&fact.job_type)?,
        level: read_level(proto::Level::try_from(fact.level).ok()?)?,
        issuer: id(&fact.issuer)?,
        state: CertificateState::from_code(&fact.state)?,
        since: at(fact.state_since_time.as_ref())?,
        verified_at: at(fact.verified_time.as_ref()),
        evidence_until: at(fact.evidence_until_time.as_ref()),
        retry_at: at(fact.retry_time.as_ref()),
        version: fact.version,
    })
}

fn id<K: Collection>(name: &str) -> Option<Id<K>> {
    Id::parse_name(name).ok()
}

fn at(timestamp: Option<&prost_types::Timestamp>) -> Option<Timestamp> {
    timestamp.and_then(|timestamp| instant(timestamp).ok())
}
