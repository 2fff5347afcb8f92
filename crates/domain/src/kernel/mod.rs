//! Values that cannot be wrong, shared by every module.

pub mod collection;
mod date;
mod id;
mod text;
mod time;
mod version;

pub use collection::{
    AppealId, ApplicationId, BlocklistEntryId, CategoryId, CertificateId, ClientId, ClientKeyId,
    EngagementId, FunctionId, GrantId, IssuerId, LiveSessionId, OrganizationId, OverrideId, PersonId,
    PolicyId, QualificationDomainId, QualificationId, RollImportId, RoomOperatorId, SanctionId, SigningKeyId,
    StandardId, StreamerId, ViolationId, ViolationKindId,
};
pub use date::{Date, DateFault};
pub use id::{Collection, Id, IdFault};
pub use time::Timestamp;
pub use version::Version;

pub(crate) use text::{normalise_code, normalise_code_keeping_case};
