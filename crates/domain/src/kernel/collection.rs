//! The collections of the suite's resources. Each is only ever a type parameter of [`Id`].

use super::{Collection, Id};

/// An organization: `organizations/…`.
pub type OrganizationId = Id<Organizations>;
/// A machine client, the OAuth `client_id`: `clients/…`.
pub type ClientId = Id<Clients>;
/// A client's key: `clientKeys/…`.
pub type ClientKeyId = Id<ClientKeys>;
/// A key that tokens are signed with: `signingKeys/…`.
pub type SigningKeyId = Id<SigningKeys>;
/// A person, opaque: `persons/…`.
pub type PersonId = Id<Persons>;
/// An evaluation organisation 评价机构 in its role as issuer: `issuers/…`.
pub type IssuerId = Id<Issuers>;
/// One edition of an occupational standard 职业标准: `standards/…`.
pub type StandardId = Id<Standards>;
/// An application for an assessment 申报: `applications/…`.
pub type ApplicationId = Id<Applications>;
/// A certificate 职业技能等级证书: `certificates/…`.
pub type CertificateId = Id<Certificates>;
/// One import of an issuer's certificate roll: `rollImports/…`.
pub type RollImportId = Id<RollImports>;
/// A professional qualification 执业资质: `qualifications/…`.
pub type QualificationId = Id<Qualifications>;
/// A subject that may only be talked of with a qualification: `qualificationDomains/…`.
pub type QualificationDomainId = Id<QualificationDomains>;
/// A streamer of one platform: `streamers/…`.
pub type StreamerId = Id<Streamers>;
/// A platform's policy: `policies/…`.
pub type PolicyId = Id<Policies>;
/// A permission granted to a streamer: `grants/…`.
pub type GrantId = Id<Grants>;
/// A reported violation: `violations/…`.
pub type ViolationId = Id<Violations>;
/// A kind of violation, as the catalogue has it: `violationKinds/…`.
pub type ViolationKindId = Id<ViolationKinds>;
/// A time in which an administrator acts without the level demanded: `overrides/…`.
pub type OverrideId = Id<Overrides>;
/// An imposed sanction: `sanctions/…`.
pub type SanctionId = Id<Sanctions>;
/// An appeal against a sanction or decision: `appeals/…`.
pub type AppealId = Id<Appeals>;
/// An entry of a blocklist: `blocklistEntries/…`.
pub type BlocklistEntryId = Id<BlocklistEntries>;
/// A room operator 直播间运营者: `roomOperators/…`.
pub type RoomOperatorId = Id<RoomOperators>;
/// A product category 商品类目: `categories/…`.
pub type CategoryId = Id<Categories>;
/// A function of a platform that may be limited by itself, such as a shopping cart: `functions/…`.
pub type FunctionId = Id<Functions>;
/// What binds a streamer to a room operator or an agency: `engagements/…`.
pub type EngagementId = Id<Engagements>;
/// A live session: `liveSessions/…`.
pub type LiveSessionId = Id<LiveSessions>;

/// `organizations/…`.
pub enum Organizations {}
impl Collection for Organizations {
    const COLLECTION: &'static str = "organizations";
}

/// `clients/…`.
pub enum Clients {}
impl Collection for Clients {
    const COLLECTION: &'static str = "clients";
}

/// `clientKeys/…`.
pub enum ClientKeys {}
impl Collection for ClientKeys {
    const COLLECTION: &'static str = "clientKeys";
}

/// `signingKeys/…`.
pub enum SigningKeys {}
impl Collection for SigningKeys {
    const COLLECTION: &'static str = "signingKeys";
}

/// `persons/…`.
pub enum Persons {}
impl Collection for Persons {
    const COLLECTION: &'static str = "persons";
}

/// `issuers/…`.
pub enum Issuers {}
impl Collection for Issuers {
    const COLLECTION: &'static str = "issuers";
}

/// `standards/…`.
pub enum Standards {}
impl Collection for Standards {
    const COLLECTION: &'static str = "standards";
}

/// `applications/…`.
pub enum Applications {}
impl Collection for Applications {
    const COLLECTION: &'static str = "applications";
}

/// `certificates/…`.
pub enum Certificates {}
impl Collection for Certificates {
    const COLLECTION: &'static str = "certificates";
}

/// `rollImports/…`.
pub enum RollImports {}
impl Collection for RollImports {
    const COLLECTION: &'static str = "rollImports";
}

/// `qualifications/…`.
pub enum Qualifications {}
impl Collection for Qualifications {
    const COLLECTION: &'static str = "qualifications";
}

/// `qualificationDomains/…`.
pub enum QualificationDomains {}
impl Collection for QualificationDomains {
    const COLLECTION: &'static str = "qualificationDomains";
}

/// `streamers/…`.
pub enum Streamers {}
impl Collection for Streamers {
    const COLLECTION: &'static str = "streamers";
}

/// `policies/…`.
pub enum Policies {}
impl Collection for Policies {
    const COLLECTION: &'static str = "policies";
}

/// `grants/…`.
pub enum Grants {}
impl Collection for Grants {
    const COLLECTION: &'static str = "grants";
}

/// `violations/…`.
pub enum Violations {}
impl Collection for Violations {
    const COLLECTION: &'static str = "violations";
}

/// `sanctions/…`.
pub enum Sanctions {}
impl Collection for Sanctions {
    const COLLECTION: &'static str = "sanctions";
}

/// `appeals/…`.
pub enum Appeals {}
impl Collection for Appeals {
    const COLLECTION: &'static str = "appeals";
}

/// `blocklistEntries/…`.
pub enum BlocklistEntries {}
impl Collection for BlocklistEntries {
    const COLLECTION: &'static str = "blocklistEntries";
}

/// `roomOperators/…`.
pub enum RoomOperators {}
impl Collection for RoomOperators {
    const COLLECTION: &'static str = "roomOperators";
}

/// `liveSessions/…`.
pub enum LiveSessions {}
impl Collection for LiveSessions {
    const COLLECTION: &'static str = "liveSessions";
}

/// `categories/…`.
pub enum Categories {}
impl Collection for Categories {
    const COLLECTION: &'static str = "categories";
}

/// `functions/…`.
pub enum Functions {}
impl Collection for Functions {
    const COLLECTION: &'static str = "functions";
}

/// `engagements/…`.
pub enum Engagements {}
impl Collection for Engagements {
    const COLLECTION: &'static str = "engagements";
}

/// `violationKinds/…`.
pub enum ViolationKinds {}
impl Collection for ViolationKinds {
    const COLLECTION: &'static str = "violationKinds";
}

/// `overrides/…`.
pub enum Overrides {}
impl Collection for Overrides {
    const COLLECTION: &'static str = "overrides";
}
