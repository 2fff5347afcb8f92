//! Persons, and the names organizations have for them.

use super::rows::{Connection, added, all, code, digest, id, one, optional_code, saved};
use crate::engine::{Db, failure};
use greenroom_domain::identity::port::{
    Due, PairwiseName, PairwiseRecord, PassedOver, PersonFilter, PersonRecord, Sealed,
};
use greenroom_domain::identity::{Age, DocumentType, GuardianConsent, Person, PersonState};
use greenroom_domain::kernel::{OrganizationId, PersonId, Timestamp, Version};
use greenroom_domain::ledger::StoreError;
use sqlx::{Pool, query_file, query_file_as};

pub struct PersonRow {
    pub id: String,
    pub lookup: Vec<u8>,
    pub claim_lookup: Vec<u8>,
    pub proven_lookup: Option<Vec<u8>>,
    pub document_type: String,
    pub state: String,
    pub state_since_us: i64,
    pub evidence_until_us: Option<i64>,
    pub document_until_us: Option<i64>,
    pub checked_at_us: Option<i64>,
    pub guardian_consent: String,
    pub guardian_consent_since_us: Option<i64>,
    pub hold_until_us: Option<i64>,
    pub due_us: Option<i64>,
    pub wrapped_by: String,
    pub wrapped_key: Vec<u8>,
    pub record: Vec<u8>,
    pub create_time_us: i64,
    pub update_time_us: i64,
    pub version: i64,
}

impl TryFrom<PersonRow> for PersonRecord {
    type Error = StoreError;

    fn try_from(row: PersonRow) -> Result<Self, StoreError> {
        let person = Person {
            id: id(&row.id)?,
            state: code(PersonState::from_code(&row.state), "person state")?,
            state_since: Timestamp::from_micros(row.state_since_us),
            age: Age::Unknown,
            evidence_until: row.evidence_until_us.map(Timestamp::from_micros),
            document_until: row.document_until_us.map(Timestamp::from_micros),
            checked_at: row.checked_at_us.map(Timestamp::from_micros),
            guardian_consent: code(GuardianConsent::from_code(&row.guardian_consent), "guardian consent")?,
            guardian_consent_since: row.guardian_consent_since_us.map(Timestamp::from_micros),
            hold_until: row.hold_until_us.map(Timestamp::from_micros),
            version: Version::new(row.version),
        };
        Ok(Self {
            person,
            document_type: optional_code(&row.document_type, DocumentType::from_code, "document type")?,
            lookup: digest(row.lookup)?,
            claim_lookup: digest(row.claim_lookup)?,
            proven_lookup: row.proven_lookup.map(digest).transpose()?,
            sealed: Sealed { wrapped_by: row.wrapped_by, wrapped_key: row.wrapped_key, record: row.record },
            due: row.due_us.map(Timestamp::from_micros),
            create_time: Timestamp::from_micros(row.create_time_us),
            update_time: Timestamp::from_micros(row.update_time_us),
        })
    }
}

pub async fn person(pool: &Pool<Db>, id: &PersonId) -> Result<Option<PersonRecord>, StoreError> {
    one(query_file_as!(PersonRow, "../queries/read_person.sql", id.as_str()).fetch_optional(pool).await)
}

pub async fn persons(pool: &Pool<Db>, after: &str, limit: i64) -> Result<Vec<PersonRecord>, StoreError> {
    all(query_file_as!(PersonRow, "../queries/list_persons.sql", after, limit).fetch_all(pool).await)
}

pub async fn due_persons(
    pool: &Pool<Db>,
    now: Timestamp,
    limit: i64,
    passed_over: &PassedOver,
    due: &mut Due,
) -> Result<(), StoreError> {
    let (now, passed_over) = (now.as_micros(), passed_over.words());
    let rows = query_file_as!(PersonRow, "../queries/list_due_persons.sql", now, limit, passed_over)
        .fetch_all(pool)
        .await
        .map_err(failure)?;
    for row in rows {
        let name = format!("persons/{}", row.id);
        match PersonRecord::try_from(row) {
            Ok(person) => due.persons.push(person),
            Err(_) => due.damaged.push(name),
        }
    }
    Ok(())
}

pub async fn add_person(connection: &mut Connection, new: &PersonRecord) -> Result<(), StoreError> {
    let person = &new.person;
    let row = query_file!(
        "../queries/add_person.sql",
        person.id.as_str(),
        new.lookup.as_slice(),
        new.claim_lookup.as_slice(),
        new.proven_lookup.as_ref().map(<[u8; 32]>::as_slice),
        new.document_type.map(DocumentType::code).unwrap_or_default(),
        person.state.code(),
        person.state_since.as_micros(),
        person.evidence_until.map(Timestamp::as_micros),
        person.document_until.map(Timestamp::as_micros),
        person.checked_at.map(Timestamp::as_micros),
        person.guardian_consent.code(),
        person.guardian_consent_since.map(Timestamp::as_micros),
        person.hold_until.map(Timestamp::as_micros),
        new.due.map(Timestamp::as_micros),
        new.sealed.wrapped_by,
        new.sealed.wrapped_key,
        new.sealed.record,
        new.create_time.as_micros(),
        new.update_time.as_micros(),
        person.version.as_i64()
    );
    added(row.execute(connection).await, "claim")
}

pub async fn save_person(connection: &mut Connection, next: &PersonRecord) -> Result<(), StoreError> {
    let person = &next.person;
    let row = query_file!(
        "../queries/save_person.sql",
        person.id.as_str(),
        person.version.as_i64(),
        person.state.code(),
        person.state_since.as_micros(),
        person.evidence_until.map(Timestamp::as_micros),
        person.document_until.map(Timestamp::as_micros),
        person.checked_at.map(Timestamp::as_micros),
        person.guardian_consent.code(),
        person.guardian_consent_since.map(Timestamp::as_micros),
        person.hold_until.map(Timestamp::as_micros),
        next.update_time.as_micros(),
        next.proven_lookup.as_ref().map(<[u8; 32]>::as_slice),
        next.due.map(Timestamp::as_micros)
    );
    saved(row.execute(connection).await, "document")
}

pub async fn reseal_person(connection: &mut Connection, next: &PersonRecord) -> Result<(), StoreError> {
    let row = query_file!(
        "../queries/reseal_person.sql",
        next.person.id.as_str(),
        next.person.version.as_i64(),
        next.lookup.as_slice(),
        next.claim_lookup.as_slice(),
        next.sealed.wrapped_by,
        next.sealed.wrapped_key,
        next.sealed.record,
        next.document_type.map(DocumentType::code).unwrap_or_default()
    );
    saved(row.execute(&mut *connection).await, "claim")?;
    save_person(connection, next).await
}

pub async fn keep_person(
    connection: &mut Connection,
    id: &PersonId,
    version: Version,
) -> Result<(), StoreError> {
    let row = query_file!("../queries/keep_person.sql", id.as_str(), version.as_i64());
    saved(row.execute(connection).await, "person")
}

pub struct PairwiseRow {
    pub organization: String,
    pub pairwise_id: String,
    pub person: String,
    pub create_time_us: i64,
}

impl TryFrom<PairwiseRow> for PairwiseRecord {
    type Error = StoreError;

    fn try_from(row: PairwiseRow) -> Result<Self, StoreError> {
        Ok(Self {
            name: PairwiseName { organization: id(&row.organization)?, name: id(&row.pairwise_id)? },
            person: id(&row.person)?,
            create_time: Timestamp::from_micros(row.create_time_us),
        })
    }
}

pub async fn add_pairwise_name(connection: &mut Connection, new: &PairwiseRecord) -> Result<(), StoreError> {
    let row = query_file!(
        "../queries/add_pairwise_name.sql",
        new.name.organization.as_str(),
        new.name.name.as_str(),
        new.person.as_str(),
        new.create_time.as_micros()
    );
    added(row.execute(connection).await, "pairwise_name")
}

pub async fn name_of(
    pool: &Pool<Db>,
    organization: &OrganizationId,
    person: &PersonId,
) -> Result<Option<PairwiseRecord>, StoreError> {
    let (organization, person) = (organization.as_str(), person.as_str());
    let row = query_file_as!(PairwiseRow, "../queries/read_pairwise_name.sql", organization, person);
    one(row.fetch_optional(pool).await)
}

/// The names as stored, and how the persons are known, in the order they were asked for.
pub async fn named(
    pool: &Pool<Db>,
    names: &[PairwiseName],
) -> Result<Vec<Option<(PairwiseRecord, PersonState)>>, StoreError> {
    let mut connection = pool.acquire().await.map_err(failure)?;
    let mut found = Vec::with_capacity(names.len());
    for PairwiseName { organization, name } in names {
        let (organization, name) = (organization.as_str(), name.as_str());
        let row = query_file!("../queries/find_named_person.sql", organization, name);
        let named = row.fetch_optional(&mut *connection).await.map_err(failure)?.map(|row| {
            let state = code(PersonState::from_code(&row.state), "person state")?;
            let named = PairwiseRow {
                organization: row.organization,
                pairwise_id: row.pairwise_id,
                person: row.person,
                create_time_us: row.create_time_us,
            };
            Ok::<_, StoreError>((named.try_into()?, state))
        });
        found.push(named.transpose()?);
    }
    Ok(found)
}

pub async fn pairwise_names(
    pool: &Pool<Db>,
    after: Option<&PairwiseName>,
    limit: i64,
) -> Result<Vec<PairwiseRecord>, StoreError> {
    let (organization, name) =
        after.map_or(("", ""), |after| (after.organization.as_str(), after.name.as_str()));
    let rows = query_file_as!(PairwiseRow, "../queries/list_pairwise_names.sql", organization, name, limit);
    all(rows.fetch_all(pool).await)
}

pub async fn organizations_knowing(
    pool: &Pool<Db>,
    person: &PersonId,
) -> Result<Vec<OrganizationId>, StoreError> {
    let rows = query_file!("../queries/list_organizations_knowing.sql", person.as_str())
        .fetch_all(pool)
        .await
        .map_err(failure)?;
    rows.into_iter().map(|row| id(&row.organization)).collect()
}

/// Persons by an organization's own names, in the order of these.
pub async fn persons_of(
    pool: &Pool<Db>,
    filter: PersonFilter<'_>,
    after: &str,
    limit: i64,
) -> Result<Vec<(PairwiseRecord, PersonRecord)>, StoreError> {
    let before = filter.due_before.unwrap_or(Timestamp::MAX).as_micros();
    let rows =
        query_file!("../queries/list_persons_of.sql", filter.organization.as_str(), after, before, limit)
            .fetch_all(pool)
            .await
            .map_err(failure)?;
    let persons = rows.into_iter().map(|row| {
        let named = PairwiseRow {
            organization: row.organization,
            pairwise_id: row.pairwise_id,
            person: row.id.clone(),
            create_time_us: row.named_time_us,
        };
        let person = PersonRow {
            id: row.id,
            lookup: row.lookup,
            claim_lookup: row.claim_lookup,
            proven_lookup: row.proven_lookup,
            document_type: row.document_type,
            state: row.state,
            state_since_us: row.state_since_us,
            evidence_until_us: row.evidence_until_us,
            document_until_us: row.document_until_us,
            checked_at_us: row.checked_at_us,
            guardian_consent: row.guardian_consent,
            guardian_consent_since_us: row.guardian_consent_since_us,
            hold_until_us: row.hold_until_us,
            due_us: row.due_us,
            wrapped_by: row.wrapped_by,
            wrapped_key: row.wrapped_key,
            record: row.record,
            create_time_us: row.create_time_us,
            update_time_us: row.update_time_us,
            version: row.version,
        };
        Ok((named.try_into()?, person.try_into()?))
    });
    persons.collect()
}
