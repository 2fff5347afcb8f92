//! What this service asks of the identity service. Names and documents pass through and are not kept.

use greenroom_domain::kernel::{OrganizationId, PersonId};
use greenroom_proto::identity::v1::person_query::By;
use greenroom_proto::identity::v1::person_service_client::PersonServiceClient;
use greenroom_proto::identity::v1::{
    FieldMatch, IdentityClaim, MatchPersonRequest, PairwiseName, PersonQuery, PersonResolutionOutcome,
    ResolvePersonsRequest,
};
use greenroom_rpc::client::Authenticated;
use greenroom_rpc::fault::Fault;
use tonic::Code;

/// How many persons are asked for at once.
pub const MOST_QUERIES: usize = 1000;

/// How a claim fits a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonMatch {
    /// Whether the name fits.
    pub real_name: bool,
    /// Whether the kind of document does.
    pub document_type: bool,
    /// Whether its number does.
    pub document_number: bool,
}

/// What came of asking for one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// Known, or registered now.
    Person(PersonId),
    /// Not known, and not to be registered.
    Unknown,
    /// The document is known under another name.
    NameConflict,
    /// The claim is malformed, by the identity service's codes.
    Malformed(Vec<String>),
}

/// Whether persons that are not known are registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registering {
    /// They are, as unverified.
    Missing,
    /// They are not.
    Nobody,
}

/// The identity service.
#[derive(Clone)]
pub struct Identity {
    persons: PersonServiceClient<Authenticated>,
}

impl Identity {
    /// The identity service behind a connection.
    pub fn new(connection: Authenticated) -> Self {
        let persons = PersonServiceClient::new(connection).max_encoding_message_size(16 << 20);
        Self { persons }
    }

    /// Compares a claim with a person. `None` where the person is known no more or the claim cannot be anybody's.
    pub async fn match_person(
        &self,
        person: &PersonId,
        claim: IdentityClaim,
    ) -> Result<Option<PersonMatch>, Fault> {
        let request = MatchPersonRequest { person: person.name(), claim: Some(claim) };
        let answer = match self.persons.clone().match_person(request).await {
            Ok(answer) => answer.into_inner(),
            Err(status)
                if matches!(
                    status.code(),
                    Code::NotFound | Code::InvalidArgument | Code::FailedPrecondition
                ) =>
            {
                return Ok(None);
            }
            Err(status) => return Err(Fault::unavailable("the identity service", &status.message())),
        };
        let fits = |field: i32| field == i32::from(FieldMatch::Match);
        Ok(Some(PersonMatch {
            real_name: fits(answer.real_name),
            document_type: fits(answer.document_type),
            document_number: fits(answer.document_number),
        }))
    }

    /// The person an organization knows by a name of its own; none if it knows nobody by it, or nothing new may rest on
    /// the person's record.
    pub async fn named(
        &self,
        organization: &OrganizationId,
        person: &PersonId,
    ) -> Result<Option<PersonId>, Fault> {
        let pairwise = PairwiseName { organization: organization.name(), person: person.name() };
        let queries = vec![PersonQuery { by: Some(By::Pairwise(pairwise)) }];
        match self.ask(queries, Registering::Nobody).await?.pop() {
            Some(Resolved::Person(person)) => Ok(Some(person)),
            _ => Ok(None),
        }
    }

    /// Finds up to [`MOST_QUERIES`] persons; one outcome for each claim, in their order.
    pub async fn resolve(
        &self,
        claims: Vec<IdentityClaim>,
        registering: Registering,
    ) -> Result<Vec<Resolved>, Fault> {
        let queries = claims.into_iter().map(|claim| PersonQuery { by: Some(By::Claim(claim)) }).collect();
        self.ask(queries, registering).await
    }

    /// The suite-wide ids of persons by the names one organization has for them; one for each name, in their order.
    pub async fn resolve_names(
        &self,
        organization: &OrganizationId,
        names: &[PersonId],
    ) -> Result<Vec<Option<PersonId>>, Fault> {
        let named =
            |person: &PersonId| PairwiseName { organization: organization.name(), person: person.name() };
        let query = |person| PersonQuery { by: Some(By::Pairwise(named(person))) };
        let resolved = self.ask(names.iter().map(query).collect(), Registering::Nobody).await?;
        let person = |resolved| match resolved {
            Resolved::Person(person) => Some(person),
            Resolved::Unknown | Resolved::NameConflict | Resolved::Malformed(_) => None,
        };
        Ok(resolved.into_iter().map(person).collect())
    }

    async fn ask(&self, queries: Vec<PersonQuery>, registering: Registering) -> Result<Vec<Resolved>, Fault> {
        if queries.is_empty() {
            return Ok(Vec::new());
        }
        let asked = queries.len();
        let request =
            ResolvePersonsRequest { queries, register_missing: registering == Registering::Missing };
        let answer = self.persons.clone().resolve_persons(request).await;
        let answer =
            answer.map_err(|status| Fault::unavailable("the identity service", &status.message()))?;
        let resolutions = answer.into_inner().resolutions;
        if resolutions.len() != asked {
            return Err(Fault::hide(
                &"the identity service answered another number of persons than was asked for",
            ));
        }
        resolutions.into_iter().map(resolved).collect()
    }
}

fn resolved(resolution: greenroom_proto::identity::v1::PersonResolution) -> Result<Resolved, Fault> {
    match resolution.outcome() {
        PersonResolutionOutcome::Found | PersonResolutionOutcome::Registered => {
            let person = PersonId::parse_name(&resolution.person);
            person.map(Resolved::Person).map_err(|fault| Fault::hide(&fault))
        }
        PersonResolutionOutcome::NotFound => Ok(Resolved::Unknown),
        PersonResolutionOutcome::NameConflict => Ok(Resolved::NameConflict),
        PersonResolutionOutcome::Invalid => Ok(Resolved::Malformed(resolution.faults)),
        PersonResolutionOutcome::Unspecified => {
            Err(Fault::hide(&"the identity service answered with an outcome this service does not know"))
        }
    }
}
