//! Rows as the engine returns them, and the domain's values they stand for.

use greenroom_domain::kernel::{Collection, Id, Timestamp, Version};
use greenroom_domain::ledger::StoreError;
use greenroom_domain::occupation::{JobType, Level};
use greenroom_domain::registry::port::{PolicyRecord, SessionRecord};
use greenroom_domain::registry::{AgeBand, GuardianConsent, PersonState};
use greenroom_domain::registry::{
    CallerName, CallerStanding, CertificateStanding, EnrolmentState, IssuerStandingFact, Permission,
    PersonStanding, QualificationStanding, Record, RecordKind, RevokedToken, SessionState, StandardStanding,
    Streamer, TokenId,
};
use greenroom_domain::registry::{CertificateState, IssuerReview, IssuerStanding, QualificationState};
use greenroom_domain::registry::{OccupationCode, Standard, StandardJobType};
use std::time::Duration;

/// Entries of a list column stand one a line.
const SEPARATOR: &str = "\n";

pub struct StreamerRow {
    pub id: String,
    pub platform: String,
    pub account: String,
    pub person: String,
    pub pairwise_person: String,
    pub state: String,
    pub state_since_us: i64,
    pub create_time_us: i64,
    pub update_time_us: i64,
    pub version: i64,
}

impl TryFrom<StreamerRow> for Streamer {
    type Error = StoreError;

    fn try_from(row: StreamerRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: id("streamers.id", &row.id)?,
            platform: id("streamers.platform", &row.platform)?,
            account: row.account,
            person: id("streamers.person", &row.person)?,
            pairwise: id("streamers.pairwise_person", &row.pairwise_person)?,
            state: code("streamers.state", &row.state, EnrolmentState::from_code)?,
            state_since: at(row.state_since_us),
            created_at: at(row.create_time_us),
            updated_at: at(row.update_time_us),
            version: Version::new(row.version),
        })
    }
}

pub struct PolicyRow {
    pub platform: String,
    pub permission: String,
    pub revision: i64,
    pub create_time_us: i64,
    pub fact: Vec<u8>,
}

impl TryFrom<PolicyRow> for PolicyRecord {
    type Error = StoreError;

    fn try_from(row: PolicyRow) -> Result<Self, StoreError> {
        Ok(Self {
            platform: id("policies.platform", &row.platform)?,
            permission: code("policies.permission", &row.permission, Permission::from_code)?,
            revision: number("policies.revision", row.revision)?,
            created_at: at(row.create_time_us),
            fact: row.fact,
        })
    }
}

pub struct SessionRow {
    pub id: String,
    pub platform: String,
    pub state: String,
    pub state_since_us: i64,
    pub fence: i64,
    pub lease_us: i64,
    pub lease_until_us: i64,
    pub lease_cap_us: i64,
    pub open_time_us: i64,
    pub update_time_us: i64,
    pub record: Vec<u8>,
}

impl TryFrom<SessionRow> for SessionRecord {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: id("live_sessions.id", &row.id)?,
            platform: id("live_sessions.platform", &row.platform)?,
            state: code("live_sessions.state", &row.state, SessionState::from_code)?,
            state_since: at(row.state_since_us),
            fence: row.fence,
            lease: Duration::from_micros(number("live_sessions.lease_us", row.lease_us)?),
            lease_until: at(row.lease_until_us),
            lease_cap: at(row.lease_cap_us),
            opened_at: at(row.open_time_us),
            updated_at: at(row.update_time_us),
            record: row.record,
        })
    }
}

pub struct RecordRow {
    pub name: String,
    pub kind: String,
    pub owner: String,
    pub about: String,
    pub key: Option<String>,
    pub state: String,
    pub version: i64,
    pub create_time_us: i64,
    pub update_time_us: i64,
    pub fact: Vec<u8>,
}

impl TryFrom<RecordRow> for Record {
    type Error = StoreError;

    fn try_from(row: RecordRow) -> Result<Self, StoreError> {
        Ok(Self {
            name: row.name,
            kind: code("records.kind", &row.kind, RecordKind::from_code)?,
            owner: id("records.owner", &row.owner)?,
            about: row.about,
            key: row.key,
            state: row.state,
            version: Version::new(row.version),
            created_at: at(row.create_time_us),
            updated_at: at(row.update_time_us),
            fact: row.fact,
        })
    }
}

pub struct PersonRow {
    pub id: String,
    pub state: String,
    pub state_since_us: i64,
    pub evidence_until_us: Option<i64>,
    pub document_until_us: Option<i64>,
    pub age_band: String,
    pub age_band_until_us: Option<i64>,
    pub guardian_consent: String,
    pub guardian_consent_since_us: Option<i64>,
    pub version: i64,
}

impl TryFrom<PersonRow> for PersonStanding {
    type Error = StoreError;

    fn try_from(row: PersonRow) -> Result<Self, StoreError> {
        Ok(Self {
            person: id("persons.id", &row.id)?,
            state: code("persons.state", &row.state, PersonState::from_code)?,
            since: at(row.state_since_us),
            evidence_until: row.evidence_until_us.map(at),
            document_until: row.document_until_us.map(at),
            age_band: code("persons.age_band", &row.age_band, AgeBand::from_code)?,
            age_band_until: row.age_band_until_us.map(at),
            guardian_consent: code(
                "persons.guardian_consent",
                &row.guardian_consent,
                GuardianConsent::from_code,
            )?,
            guardian_consent_since: row.guardian_consent_since_us.map(at),
            version: row.version,
        })
    }
}

pub struct CertificateRow {
    pub id: String,
    pub holder: String,
    pub standard: String,
    pub job_type: String,
    pub level: String,
    pub issuer: String,
    pub state: String,
    pub state_since_us: i64,
    pub verified_us: Option<i64>,
    pub evidence_until_us: Option<i64>,
    pub retry_us: Option<i64>,
    pub version: i64,
}

impl TryFrom<CertificateRow> for CertificateStanding {
    type Error = StoreError;

    fn try_from(row: CertificateRow) -> Result<Self, StoreError> {
        Ok(Self {
            certificate: id("certificates.id", &row.id)?,
            holder: id("certificates.holder", &row.holder)?,
            standard: id("certificates.standard", &row.standard)?,
            job_type: code("certificates.job_type", &row.job_type, JobType::from_code)?,
            level: code("certificates.level", &row.level, Level::from_code)?,
            issuer: id("certificates.issuer", &row.issuer)?,
            state: code("certificates.state", &row.state, CertificateState::from_code)?,
            since: at(row.state_since_us),
            verified_at: row.verified_us.map(at),
            evidence_until: row.evidence_until_us.map(at),
            retry_at: row.retry_us.map(at),
            version: row.version,
        })
    }
}

pub struct IssuerRow {
    pub id: String,
    pub standing: String,
    pub struck_off_us: Option<i64>,
    pub review_from_us: Option<i64>,
    pub review_until_us: Option<i64>,
    pub version: i64,
}

impl TryFrom<IssuerRow> for IssuerStandingFact {
    type Error = StoreError;

    fn try_from(row: IssuerRow) -> Result<Self, StoreError> {
        let review = match [row.struck_off_us, row.review_from_us, row.review_until_us] {
            [Some(struck_off), Some(from), Some(until)] => {
                Some(IssuerReview { struck_off_at: at(struck_off), begins: at(from), ends: at(until) })
            }
            _ => None,
        };
        Ok(Self {
            issuer: id("issuers.id", &row.id)?,
            standing: code("issuers.standing", &row.standing, IssuerStanding::from_code)?,
            review,
            version: row.version,
        })
    }
}

pub struct QualificationRow {
    pub id: String,
    pub holder: String,
    pub domain: String,
    pub organization: String,
    pub state: String,
    pub state_since_us: i64,
    pub lapse_us: Option<i64>,
    pub recheck_us: Option<i64>,
    pub version: i64,
}

impl TryFrom<QualificationRow> for QualificationStanding {
    type Error = StoreError;

    fn try_from(row: QualificationRow) -> Result<Self, StoreError> {
        Ok(Self {
            qualification: id("qualifications.id", &row.id)?,
            holder: id("qualifications.holder", &row.holder)?,
            domain: id("qualifications.domain", &row.domain)?,
            organization: id("qualifications.organization", &row.organization)?,
            state: code("qualifications.state", &row.state, QualificationState::from_code)?,
            since: at(row.state_since_us),
            lapses_at: row.lapse_us.map(at),
            recheck_at: row.recheck_us.map(at),
            version: row.version,
        })
    }
}

pub struct StandardRow {
    pub id: String,
    pub edition: i64,
    pub occupation_codes: String,
    pub job_types: String,
    pub version: i64,
}

impl StandardRow {
    pub fn of(told: &StandardStanding) -> Self {
        let standard = &told.standard;
        let codes: Vec<&str> = standard.codes().iter().map(OccupationCode::as_str).collect();
        Self {
            id: standard.id().as_str().to_owned(),
            edition: standard.edition().into(),
            occupation_codes: codes.join(SEPARATOR),
            job_types: StandardJobType::written(standard.job_types()),
            version: told.version,
        }
    }
}

impl TryFrom<StandardRow> for StandardStanding {
    type Error = StoreError;

    fn try_from(row: StandardRow) -> Result<Self, StoreError> {
        let codes = row.occupation_codes.split(SEPARATOR).map(OccupationCode::try_new);
        let codes = codes.collect::<Result<_, _>>();
        let codes = codes.map_err(|_| damaged("standards.occupation_codes", &row.occupation_codes))?;
        let job_types = code("standards.job_types", &row.job_types, StandardJobType::read)?;
        let id = id("standards.id", &row.id)?;
        let standard = Standard::try_new(id, codes, number("standards.edition", row.edition)?, job_types);
        let standard = standard.map_err(|_| damaged("standards", &row.id))?;
        Ok(Self { standard, version: row.version })
    }
}

pub struct CallerRow {
    pub name: String,
    pub tokens_valid_from_us: i64,
    pub version: i64,
}

impl TryFrom<CallerRow> for CallerStanding {
    type Error = StoreError;

    fn try_from(row: CallerRow) -> Result<Self, StoreError> {
        let caller = CallerName::parse_name(&row.name).ok_or_else(|| damaged("callers.name", &row.name))?;
        Ok(Self { caller, tokens_valid_from: at(row.tokens_valid_from_us), version: row.version })
    }
}

pub struct TokenRow {
    pub token_id: String,
    pub expire_time_us: i64,
}

impl TryFrom<TokenRow> for RevokedToken {
    type Error = StoreError;

    fn try_from(row: TokenRow) -> Result<Self, StoreError> {
        let token_id = TokenId::parse(&row.token_id);
        let token_id = token_id.ok_or_else(|| damaged("revoked_tokens.token_id", &row.token_id))?;
        Ok(Self { token_id, expires_at: at(row.expire_time_us) })
    }
}

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn id<K: Collection>(column: &str, text: &str) -> Result<Id<K>, StoreError> {
    Id::try_new(text).map_err(|_| damaged(column, text))
}

fn code<T>(column: &str, text: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
    read(text).ok_or_else(|| damaged(column, text))
}

fn number<T: TryFrom<i64>>(column: &str, value: i64) -> Result<T, StoreError> {
    T::try_from(value).map_err(|_| damaged(column, &value.to_string()))
}

fn damaged(column: &str, value: &str) -> StoreError {
    StoreError::Damaged(format!("`{value}` in `{column}`"))
}
