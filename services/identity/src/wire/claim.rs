//! A claimed identity, normalised and checked, with everything that is wrong with it.

use greenroom_domain::identity::{
    DocumentNumber, DocumentType, IdentityClaim, NamedDocument, NetworkNumber, NetworkNumberFault,
    PersonIdentity, PersonName,
};
use greenroom_proto::identity::v1 as proto;
use greenroom_proto::identity::v1::register_person_request::Identity as WireIdentity;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;
use unicode_normalization::UnicodeNormalization as _;

/// The longest text that is normalised at all; a name has at most 64 characters, a number fewer.
const LONGEST: usize = 512;

/// A well-formed claim as it is compared. Well-formed is not true.
pub fn compared(claim: NamedDocument) -> IdentityClaim {
    IdentityClaim {
        name: Some(claim.name),
        document_type: Some(claim.document.document_type()),
        document_number: Some(claim.document),
    }
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

/// Reads a claim, or tells every fault at once.
pub fn parse_claim(claim: &proto::IdentityClaim) -> Result<NamedDocument, Vec<ClaimFault>> {
    let mut faults = Vec::new();
    let name = parse_name(&claim.real_name).map_err(|fault| faults.push(fault)).ok();
    let Some(document_type) = document_type(claim.document_type) else {
        faults.push(ClaimFault::new("document_type", "DOCUMENT_TYPE_UNKNOWN", &"must be a kind of document"));
        return Err(faults);
    };
    let document =
        parse_document(document_type, &claim.document_number).map_err(|found| faults.extend(found)).ok();
    match (name, document) {
        (Some(name), Some(document)) => Ok(NamedDocument { name, document }),
        _ => Err(faults),
    }
}

/// The same for a request whose field `claim` must hold one.
pub fn require_claim(claim: Option<&proto::IdentityClaim>) -> Result<NamedDocument, Fault> {
    let mut violations = Violations::new();
    let parsed = match claim {
        None => {
            violations.add("claim", "must be set");
            None
        }
        Some(claim) => named_document(claim, &mut violations),
    };
    violations.finish(parsed)
}

/// Who is to be registered.
pub fn required_identity(identity: Option<&WireIdentity>) -> Result<PersonIdentity, Fault> {
    let mut violations = Violations::new();
    let known = match identity {
        None => {
            violations.add("claim", "must be set, or `network_identity`");
            None
        }
        Some(WireIdentity::Claim(claim)) => {
            named_document(claim, &mut violations).map(PersonIdentity::Document)
        }
        Some(WireIdentity::NetworkIdentity(identity)) => network_number(identity, &mut violations),
    };
    violations.finish(known)
}

/// A claim in a field `claim`, with every fault told.
pub fn named_document(claim: &proto::IdentityClaim, violations: &mut Violations) -> Option<NamedDocument> {
    let tell = |faults: Vec<ClaimFault>| {
        for fault in faults {
            violations.add(format!("claim.{}", fault.field), fault.said);
        }
    };
    parse_claim(claim).map_err(tell).ok()
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

fn parse_document(document_type: DocumentType, text: &str) -> Result<DocumentNumber, Vec<ClaimFault>> {
    if text.chars().count() > LONGEST {
        return Err(vec![ClaimFault::new("document_number", "LENGTH_WRONG", &"the number is far too long")]);
    }
    DocumentNumber::parse(document_type, text).map_err(|faults| {
        faults.into_iter().map(|fault| ClaimFault::new("document_number", fault.code(), &fault)).collect()
    })
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
