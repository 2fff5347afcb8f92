//! Writes what the other services said.

use super::rows::StandardRow;
use crate::engine;
use crate::feed_store::Unit;
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::StoreError;
use greenroom_domain::registry::{
    CallerName, CallerStanding, CertificateStanding, Mirrored, PersonStanding, QualificationStanding,
    RevokedToken, StandardStanding,
};
use sqlx::query_file;

/// Keeps what another service said, unless something newer is kept.
pub async fn mirror(unit: &mut Unit, mirrored: &Mirrored) -> Result<(), StoreError> {
    let done = match mirrored {
        Mirrored::Person(person) => mirror_person(unit, person).await,
        Mirrored::Certificate(certificate) => mirror_certificate(unit, certificate).await,
        Mirrored::Issuer(issuer) => {
            let (id, standing) = (issuer.issuer.as_str(), issuer.standing.code());
            let review =
                issuer.review.map(|one| [one.struck_off_at, one.begins, one.ends].map(Timestamp::as_micros));
            let [struck_off, from, until] = review.map_or([None; 3], |times| times.map(Some));
            let file = query_file!(
                "../queries/mirror_issuer.sql",
                id,
                standing,
                struck_off,
                from,
                until,
                issuer.version
            );
            file.execute(unit.connection()).await.map(|_| ())
        }
        Mirrored::Qualification(qualification) => mirror_qualification(unit, qualification).await,
        Mirrored::Standard(standard) => mirror_standard(unit, standard).await,
        Mirrored::Caller(caller) => mirror_caller(unit, caller).await,
        Mirrored::Token(token) => {
            let (id, end) = (token.token_id.as_str(), token.expires_at.as_micros());
            let file = query_file!("../queries/mirror_revoked_token.sql", id, end);
            file.execute(unit.connection()).await.map(|_| ())
        }
    };
    done.map_err(engine::failure)
}

async fn mirror_standard(unit: &mut Unit, told: &StandardStanding) -> Result<(), sqlx::Error> {
    let row = StandardRow::of(told);
    query_file!(
        "../queries/mirror_standard.sql",
        row.id,
        row.edition,
        row.occupation_codes,
        row.job_types,
        row.version
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
}

/// Which standing holds is the domain's rule, see [`CallerStanding::supersedes`].
async fn mirror_caller(unit: &mut Unit, caller: &CallerStanding) -> Result<(), sqlx::Error> {
    let (name, from, version) = (caller.caller.name(), caller.tokens_valid_from.as_micros(), caller.version);
    let done = match caller.caller {
        CallerName::Client(_) => {
            let file = query_file!("../queries/mirror_client.sql", name, from, version);
            file.execute(unit.connection()).await
        }
        CallerName::Organization(_) => {
            let file = query_file!("../queries/mirror_organization.sql", name, from, version);
            file.execute(unit.connection()).await
        }
    };
    done.map(|_| ())
}

/// Drops the tokens that are over.
pub async fn drop_revoked_tokens(unit: &mut Unit, now: Timestamp) -> Result<(), StoreError> {
    let over = now.minus(RevokedToken::KEPT_BEYOND_END).as_micros();
    let file = query_file!("../queries/drop_revoked_tokens.sql", over);
    file.execute(unit.connection()).await.map(|_| ()).map_err(engine::failure)
}

async fn mirror_person(unit: &mut Unit, person: &PersonStanding) -> Result<(), sqlx::Error> {
    query_file!(
        "../queries/mirror_person.sql",
        person.person.as_str(),
        person.state.code(),
        person.since.as_micros(),
        person.evidence_until.map(Timestamp::as_micros),
        person.document_until.map(Timestamp::as_micros),
        person.age_band.code(),
        person.age_band_until.map(Timestamp::as_micros),
        person.guardian_consent.code(),
        person.guardian_consent_since.map(Timestamp::as_micros),
        person.version
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
}

async fn mirror_qualification(
    unit: &mut Unit,
    qualification: &QualificationStanding,
) -> Result<(), sqlx::Error> {
    query_file!(
        "../queries/mirror_qualification.sql",
        qualification.qualification.as_str(),
        qualification.holder.as_str(),
        qualification.domain.as_str(),
        qualification.organization.as_str(),
        qualification.state.code(),
        qualification.since.as_micros(),
        qualification.lapses_at.map(Timestamp::as_micros),
        qualification.recheck_at.map(Timestamp::as_micros),
        qualification.version
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
}

async fn mirror_certificate(unit: &mut Unit, certificate: &CertificateStanding) -> Result<(), sqlx::Error> {
    query_file!(
        "../queries/mirror_certificate.sql",
        certificate.certificate.as_str(),
        certificate.holder.as_str(),
        certificate.standard.as_str(),
        certificate.job_type.code(),
        certificate.level.code(),
        certificate.issuer.as_str(),
        certificate.state.code(),
        certificate.since.as_micros(),
        certificate.verified_at.map(Timestamp::as_micros),
        certificate.evidence_until.map(Timestamp::as_micros),
        certificate.retry_at.map(Timestamp::as_micros),
        certificate.version
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
}
