//! Requests about a person's record: what guardians said, whom it is about, and how long it is kept.

use super::persons::hex;
use greenroom_domain::identity::port::PairwiseName;
use greenroom_domain::kernel::{PersonId, Timestamp};
use greenroom_proto::identity::v1 as proto;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire;

/// A guardian's word as a caller reports it.
pub struct Statement {
    /// The caller's own name for the person it is about.
    pub person: PersonId,
    /// SHA-256 of the signed statement, if there is one.
    pub artefact_sha256: Option<[u8; 32]>,
    /// The caller's own name for the guardian, if registered.
    pub guardian: Option<PersonId>,
    /// The etag it was decided on; empty for none.
    pub etag: String,
}

/// Reads a consent given.
pub fn consent(message: &proto::RecordGuardianConsentRequest) -> Result<Statement, Fault> {
    let mut violations = Violations::new();
    let person = violations.take("person", wire::name(&message.person));
    let artefact_sha256 = artefact(&message.artefact_sha256, &mut violations);
    let guardian = (!message.guardian.is_empty())
        .then(|| violations.take("guardian", wire::name(&message.guardian)))
        .flatten();
    let etag = message.etag.clone();
    violations.finish(person.map(|person| Statement { person, artefact_sha256, guardian, etag }))
}

/// Reads a consent taken back.
pub fn withdrawal(message: &proto::WithdrawGuardianConsentRequest) -> Result<Statement, Fault> {
    let mut violations = Violations::new();
    let person = violations.take("person", wire::name(&message.person));
    let given = !message.artefact_sha256.is_empty();
    let artefact_sha256 = given.then(|| artefact(&message.artefact_sha256, &mut violations)).flatten();
    let etag = message.etag.clone();
    violations.finish(person.map(|person| Statement { person, artefact_sha256, guardian: None, etag }))
}

fn artefact(text: &str, violations: &mut Violations) -> Option<[u8; 32]> {
    violations.take("artefact_sha256", hex(text).ok_or("must be 64 hexadecimal digits"))
}

/// Reads the name one organization has for a person, in a field `person`.
pub fn pairwise_name(given: Option<&proto::PairwiseName>) -> Result<PairwiseName, Fault> {
    let mut violations = Violations::new();
    let name = required_name(given, &mut violations);
    violations.finish(name)
}

/// Reads whose record is frozen, and until when it must be kept.
pub fn freezing(
    message: &proto::FreezePersonRequest,
    now: Timestamp,
) -> Result<(PairwiseName, Timestamp), Fault> {
    let mut violations = Violations::new();
    let name = required_name(message.person.as_ref(), &mut violations);
    let until = message.hold_until_time.as_ref().ok_or("must be set").and_then(wire::instant);
    let until = until.and_then(|until| if until > now { Ok(until) } else { Err("must lie in the future") });
    let until = violations.take("hold_until_time", until);
    violations.finish(name.zip(until))
}

fn required_name(given: Option<&proto::PairwiseName>, violations: &mut Violations) -> Option<PairwiseName> {
    let Some(given) = given else {
        violations.add("person", "must be set");
        return None;
    };
    let organization = violations.take("person.organization", wire::name(&given.organization));
    let name = violations.take("person.person", wire::name(&given.person));
    let (organization, name) = organization.zip(name)?;
    Some(PairwiseName { organization, name })
}
