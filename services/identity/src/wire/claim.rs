//! A claimed identity, normalised and checked, with everything that is wrong with it.

use greenroom_domain::identity::{
    DocumentFault, DocumentNumber, DocumentType, IdentityClaim, NamedDocument, NetworkNumber,
    NetworkNumberFault, PersonIdentity, PersonName,
};
use greenroom_domain::kernel::{Date, Timestamp};
use greenroom_proto::identity::v1 as proto;
use greenroom_proto::identity::v1::register_person_request::Identity as WireIdentity;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;
use unicode_normalization::UnicodeNormalization as _;

/// The longest text that is normalised at all; a name has at most 64 characters, a number fewer.
const LONGEST: usize = 512;

/// What a person is compared with. Well-formed is not true.
pub enum Comparison {
    /// A document of the kind it is said to be.
    Claim(IdentityClaim),
    /// A name with a kind of document, and a number that has the form of another kind.
    OtherKind(IdentityClaim),
}

/// Reads what a person is to be compared with. A number of another kind than is claimed is well-formed, and fits nobody.
pub fn comparison(claim: Option<&proto::IdentityClaim>, now: Timestamp) -> Result<Comparison, Fault> {
    let of_another_kind = |claim: &proto::IdentityClaim| {
        let claimed = document_type(claim.document_type)?;
        let fits = |kind| parse_document(kind, &claim.document_number, now.beijing_date()).is_ok();
        let elsewhere = !fits(claimed) && DocumentType::ALL.into_iter().any(fits);
        let name = parse_name(&claim.real_name).ok().filter(|_| elsewhere)?;
        Some(IdentityClaim { name: Some(name), document_type: Some(claimed), document_number: None })
    };
    if let Some(other) = claim.and_then(of_another_kind) {
        return Ok(Comparison::OtherKind(other));
    }
    let NamedDocument { name, document } = require_claim(claim, now)?;
    Ok(Comparison::Claim(IdentityClaim {
        name: Some(name),
        document_type: Some(document.document_type()),
        document_number: Some(document),
    }))
}

/// One thing that is wrong with a claim; repeats nothing of it.
pub struct ClaimFault {
    /// The field within the claim.
    pub field: &'static str,
    /// The stable code, such as `CHECK_DIGIT_WRONG`.
    pub code: &'static str,
    /// The sentence for people.
    pub said: String,
}

impl ClaimFault {
    fn new(field: &'static str, code: &'static str, said: &impl ToString) -> Self {
        Self { field, code, said: said.to_string() }
    }
}

/// Reads a claim made at `now`, or tells every fault at once.
pub fn parse_claim(claim: &proto::IdentityClaim, now: Timestamp) -> Result<NamedDocument, Vec<ClaimFault>> {
    let mut faults = Vec::new();
    let name = parse_name(&claim.real_name).map_err(|fault| faults.push(fault)).ok();
    let Some(document_type) = document_type(claim.document_type) else {
        faults.push(ClaimFault::new("document_type", "DOCUMENT_TYPE_UNKNOWN", &"must be a kind of document"));
        return Err(faults);
    };
    let document = parse_document(document_type, &claim.document_number, now.beijing_date());
    let document = document.map_err(|found| faults.extend(found)).ok();
    match (name, document) {
        (Some(name), Some(document)) => Ok(NamedDocument { name, document }),
        _ => Err(faults),
    }
}

/// The same for a request whose field `claim` must hold one.
fn require_claim(claim: Option<&proto::IdentityClaim>, now: Timestamp) -> Result<NamedDocument, Fault> {
    let mut violations = Violations::new();
    let parsed = match claim {
        None => {
            violations.add("claim", "must be set");
            None
        }
        Some(claim) => named_document(claim, now, &mut violations),
    };
    violations.finish(parsed)
}

/// Who is to be registered.
pub fn required_identity(identity: Option<&WireIdentity>, now: Timestamp) -> Result<PersonIdentity, Fault> {
    let mut violations = Violations::new();
    let known = match identity {
        None => {
            violations.add("claim", "must be set, or `network_identity`");
            None
        }
        Some(WireIdentity::Claim(claim)) => {
            named_document(claim, now, &mut violations).map(PersonIdentity::Document)
        }
        Some(WireIdentity::NetworkIdentity(identity)) => network_number(identity, &mut violations),
    };
    violations.finish(known)
}

/// A claim in a field `claim`, with every fault told.
fn named_document(
    claim: &proto::IdentityClaim,
    now: Timestamp,
    violations: &mut Violations,
) -> Option<NamedDocument> {
    let tell = |faults: Vec<ClaimFault>| {
        for fault in faults {
            violations.add(format!("claim.{}", fault.field), fault.said);
        }
    };
    parse_claim(claim, now).map_err(tell).ok()
}

/// A network number in a field `network_identity`, with its fault told.
pub fn network_number(
    identity: &proto::NetworkIdentity,
    violations: &mut Violations,
) -> Option<PersonIdentity> {
    let given = &identity.network_number;
    let short = given.chars().count() <= LONGEST;
    let parsed = if short { NetworkNumber::parse(given) } else { Err(NetworkNumberFault::LengthWrong) };
    violations.take("network_identity.network_number", parsed).map(PersonIdentity::NetworkNumber)
}

fn parse_name(text: &str) -> Result<PersonName, ClaimFault> {
    if text.chars().count() > LONGEST {
        return Err(ClaimFault::new("real_name", "NAME_TOO_LONG", &"the name is far too long"));
    }
    let nfkc: String = text.nfkc().collect();
    PersonName::normalise(&nfkc).map_err(|fault| ClaimFault::new("real_name", fault.code(), &fault))
}

/// Nobody holds a document who is born after `today`, the Beijing date.
fn parse_document(
    document_type: DocumentType,
    text: &str,
    today: Date,
) -> Result<DocumentNumber, Vec<ClaimFault>> {
    if text.chars().count() > LONGEST {
        return Err(vec![ClaimFault::new("document_number", "LENGTH_WRONG", &"the number is far too long")]);
    }
    let document = DocumentNumber::parse(document_type, text).map_err(|faults| {
        let told = faults.into_iter().map(|fault| ClaimFault::new("document_number", fault.code(), &fault));
        told.collect::<Vec<_>>()
    })?;
    if document.birth_date().is_some_and(|born| born.expose() > today) {
        let said = "the birth date inside the number lies in the future";
        return Err(vec![ClaimFault::new("document_number", DocumentFault::BirthDate.code(), &said)]);
    }
    Ok(document)
}

fn document_type(number: i32) -> Option<DocumentType> {
    use proto::DocumentType as Wire;
    match Wire::try_from(number).ok()? {
        Wire::Unspecified => None,
        Wire::ResidentIdentityCard => Some(DocumentType::ResidentIdentityCard),
        Wire::HongKongMacaoResidencePermit => Some(DocumentType::HongKongMacaoResidencePermit),
        Wire::TaiwanResidencePermit => Some(DocumentType::TaiwanResidencePermit),
        Wire::ForeignPermanentResidentCard => Some(DocumentType::ForeignPermanentResidentCard),
        Wire::ForeignPermanentResidentCardOld => Some(DocumentType::ForeignPermanentResidentCardOld),
        Wire::Passport => Some(DocumentType::Passport),
        Wire::TravelPermit => Some(DocumentType::TravelPermit),
    }
}
