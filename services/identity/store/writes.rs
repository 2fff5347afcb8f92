//! Statements that change something.

use crate::engine::{Db, failure};
use crate::feed_store::unique_or;
use greenroom_domain::identity::port::{
    Change, PairwiseRecord, PersonRecord, ProofingRecord, SigningKeyRecord,
};
use greenroom_domain::identity::{Client, ClientCredential, CredentialCheck, Organization, OrganizationRole};
use greenroom_domain::kernel::{ClientId, OrganizationId, Timestamp, Version};
use greenroom_domain::ledger::StoreError;
use sqlx::{Pool, query_file};

type Connection = <Db as sqlx::Database>::Connection;

pub async fn make(connection: &mut Connection, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::AddOrganization(organization) => add_organization(connection, organization).await,
        Change::AddClient(client) => add_client(connection, client).await,
        Change::SaveClient(client) => save_client(connection, client).await,
        Change::KeepClient(client, version) => keep_client(connection, client, *version).await,
        Change::AddPerson(record) => add_person(connection, record).await,
        Change::SavePerson(record) => save_person(connection, record).await,
        Change::AddPairwiseName(record) => add_pairwise_name(connection, record).await,
        Change::AddProofing(record) => add_proofing(connection, record).await,
        Change::AddSigningKey(record) => add_signing_key(connection, record).await,
    }
}

async fn add_organization(connection: &mut Connection, new: &Organization) -> Result<(), StoreError> {
    let roles: Vec<&str> = new.roles.iter().copied().map(OrganizationRole::code).collect();
    query_file!(
        "../queries/add_organization.sql",
        new.id.as_str(),
        new.display_name,
        roles.join(" "),
        new.state.code(),
        new.create_time.as_micros(),
        new.update_time.as_micros(),
        new.version.as_i64()
    )
    .execute(connection)
    .await
    .map(drop)
    .map_err(|error| unique_or(error, StoreError::Taken("organization")))
}

async fn add_client(connection: &mut Connection, new: &Client) -> Result<(), StoreError> {
    query_file!(
        "../queries/add_client.sql",
        new.id.as_str(),
        new.organization.as_str(),
        new.display_name,
        new.scopes.join(" "),
        new.state.code(),
        new.tokens_valid_from.map(Timestamp::as_micros),
        new.create_time.as_micros(),
        new.update_time.as_micros(),
        new.version.as_i64()
    )
    .execute(&mut *connection)
    .await
    .map_err(|error| unique_or(error, StoreError::Taken("client")))?;
    for credential in &new.credentials {
        add_credential(connection, &new.id, credential).await?;
    }
    Ok(())
}

async fn add_credential(
    connection: &mut Connection,
    client: &ClientId,
    new: &ClientCredential,
) -> Result<(), StoreError> {
    let (kind, jwk, hash) = match &new.check {
        CredentialCheck::PublicKey(jwk) => ("PUBLIC_KEY", jwk.as_str(), [].as_slice()),
        CredentialCheck::SecretHash(hash) => ("SECRET", "", hash.as_slice()),
    };
    query_file!(
        "../queries/add_credential.sql",
        client.as_str(),
        new.key_id,
        kind,
        jwk,
        hash,
        new.create_time.as_micros()
    )
    .execute(connection)
    .await
    .map(drop)
    .map_err(|error| unique_or(error, StoreError::Taken("client_key")))
}

async fn save_client(connection: &mut Connection, next: &Client) -> Result<(), StoreError> {
    let saved = query_file!(
        "../queries/save_client.sql",
        next.id.as_str(),
        next.version.as_i64(),
        next.display_name,
        next.scopes.join(" "),
        next.state.code(),
        next.tokens_valid_from.map(Timestamp::as_micros),
        next.update_time.as_micros()
    )
    .execute(connection)
    .await
    .map_err(failure)?;
    if saved.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

async fn keep_client(connection: &mut Connection, id: &ClientId, version: Version) -> Result<(), StoreError> {
    let kept = query_file!("../queries/keep_client.sql", id.as_str(), version.as_i64())
        .execute(connection)
        .await
        .map_err(failure)?;
    if kept.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

async fn add_person(connection: &mut Connection, new: &PersonRecord) -> Result<(), StoreError> {
    let person = &new.person;
    query_file!(
        "../queries/add_person.sql",
        person.id.as_str(),
        new.lookup.as_slice(),
        new.claim_lookup.as_slice(),
        new.proven_lookup.as_ref().map(<[u8; 32]>::as_slice),
        new.document_type.code(),
        person.state.code(),
        person.state_since.as_micros(),
        person.evidence_until.map(Timestamp::as_micros),
        person.document_until.map(Timestamp::as_micros),
        person.checked_at.map(Timestamp::as_micros),
        person.guardian_consent.code(),
        person.guardian_consent_since.map(Timestamp::as_micros),
        person.hold_until.map(Timestamp::as_micros),
        new.sealed.wrapped_key,
        new.sealed.record,
        new.create_time.as_micros(),
        new.update_time.as_micros(),
        person.version.as_i64()
    )
    .execute(connection)
    .await
    .map(drop)
    .map_err(|error| unique_or(error, StoreError::Taken("claim")))
}

async fn save_person(connection: &mut Connection, next: &PersonRecord) -> Result<(), StoreError> {
    let person = &next.person;
    let saved = query_file!(
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
        next.proven_lookup.as_ref().map(<[u8; 32]>::as_slice)
    )
    .execute(connection)
    .await
    .map_err(|error| unique_or(error, StoreError::Taken("document")))?;
    if saved.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

async fn add_pairwise_name(connection: &mut Connection, new: &PairwiseRecord) -> Result<(), StoreError> {
    query_file!(
        "../queries/add_pairwise_name.sql",
        new.name.organization.as_str(),
        new.name.name.as_str(),
        new.person.as_str(),
        new.create_time.as_micros()
    )
    .execute(connection)
    .await
    .map(drop)
    .map_err(|error| unique_or(error, StoreError::Taken("pairwise_name")))
}

async fn add_proofing(connection: &mut Connection, new: &ProofingRecord) -> Result<(), StoreError> {
    let proofing = &new.proofing;
    let artefact = proofing.artefact_sha256.map(|digest| digest.to_vec()).unwrap_or_default();
    let valid_until = proofing.document_valid_until.map(|date| date.to_string()).unwrap_or_default();
    query_file!(
        "../queries/add_proofing.sql",
        new.id,
        new.person.as_str(),
        proofing.method.code(),
        proofing.result.code(),
        proofing.checked_at.as_micros(),
        proofing.fresh_until.as_micros(),
        artefact,
        valid_until,
        new.actor.client.as_ref().map(ClientId::as_str).unwrap_or_default(),
        new.actor.organization.as_ref().map(OrganizationId::as_str).unwrap_or_default(),
        new.create_time.as_micros()
    )
    .execute(connection)
    .await
    .map(drop)
    .map_err(|error| unique_or(error, StoreError::Taken("proofing")))
}

async fn add_signing_key(connection: &mut Connection, new: &SigningKeyRecord) -> Result<(), StoreError> {
    query_file!(
        "../queries/add_signing_key.sql",
        new.key_id,
        new.public_jwk,
        new.sealed,
        new.active_from.as_micros(),
        new.retired_from.map(Timestamp::as_micros)
    )
    .execute(connection)
    .await
    .map(drop)
    .map_err(|error| unique_or(error, StoreError::Taken("signing_key")))
}

pub async fn use_assertion(
    pool: &Pool<Db>,
    client: &ClientId,
    assertion_id: &str,
    expire_time: Timestamp,
) -> Result<(), StoreError> {
    let (client, expires) = (client.as_str(), expire_time.as_micros());
    let used = query_file!("../queries/use_assertion.sql", client, assertion_id, expires)
        .execute(pool)
        .await
        .map_err(failure)?;
    if used.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Taken("assertion")) }
}

pub async fn forget_assertions(pool: &Pool<Db>, until: Timestamp) -> Result<(), StoreError> {
    query_file!("../queries/forget_assertions.sql", until.as_micros())
        .execute(pool)
        .await
        .map(drop)
        .map_err(failure)
}
