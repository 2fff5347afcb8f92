//! Digests of whole rows: what an event keeps of the columns it does not tell.
//!
//! Every field goes in behind its length, and every optional one behind a mark, so that no two rows share their bytes.
//! The order of the fields is part of the log: it must never change.

use aws_lc_rs::digest::{Context, SHA256};
use greenroom_domain::identity::port::{
    GuardianStatement, PairwiseRecord, PersonRecord, ProofingRecord, SigningKeyRecord,
};
use greenroom_domain::identity::{
    CertificateMatch, Client, CredentialCheck, DocumentType, Organization, ProofingAuthentication,
    ProofingJob, ProofingResult,
};
use greenroom_domain::kernel::{ClientId, OrganizationId, PersonId, Timestamp};
use greenroom_domain::ledger::Actor;

struct Row(Context);

impl Row {
    fn of(table: &str) -> Self {
        Self(Context::new(&SHA256)).text(table)
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.update(&(bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
        self
    }

    fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    fn number(self, number: i64) -> Self {
        self.bytes(&number.to_be_bytes())
    }

    fn time(self, time: Timestamp) -> Self {
        self.number(time.as_micros())
    }

    fn optional(self, bytes: Option<&[u8]>) -> Self {
        match bytes {
            None => self.bytes(&[0]),
            Some(bytes) => self.bytes(&[1]).bytes(bytes),
        }
    }

    fn optional_time(self, time: Option<Timestamp>) -> Self {
        self.optional(time.map(|time| time.as_micros().to_be_bytes()).as_ref().map(<[u8; 8]>::as_slice))
    }

    /// As many texts as there are.
    fn texts<'a>(self, texts: impl ExactSizeIterator<Item = &'a str>) -> Self {
        let row = self.bytes(&(texts.len() as u64).to_be_bytes());
        texts.fold(row, Self::text)
    }

    fn actor(self, actor: &Actor) -> Self {
        self.text(actor.client.as_ref().map(ClientId::as_str).unwrap_or_default())
            .text(actor.organization.as_ref().map(OrganizationId::as_str).unwrap_or_default())
            .text(actor.person.as_ref().map(PersonId::as_str).unwrap_or_default())
    }

    fn digest(self) -> Vec<u8> {
        self.0.finish().as_ref().to_vec()
    }
}

/// Of an organization.
pub fn organization(row: &Organization) -> Vec<u8> {
    Row::of("organizations")
        .text(row.id.as_str())
        .text(&row.display_name)
        .texts(row.roles.iter().map(|role| role.code()))
        .text(row.state.code())
        .text(&row.suspension_reason)
        .optional_time(row.tokens_valid_from)
        .time(row.create_time)
        .time(row.update_time)
        .number(row.version.as_i64())
        .digest()
}

/// Of a client with its credentials.
pub fn client(row: &Client) -> Vec<u8> {
    let mut digest = Row::of("clients")
        .text(row.id.as_str())
        .text(row.organization.as_str())
        .text(&row.display_name)
        .texts(row.scopes.iter().map(String::as_str))
        .text(row.person.as_ref().map(PersonId::as_str).unwrap_or_default())
        .text(row.token_binding.code())
        .text(row.state.code())
        .optional_time(row.tokens_valid_from)
        .time(row.create_time)
        .time(row.update_time)
        .number(row.version.as_i64())
        .bytes(&(row.credentials.len() as u64).to_be_bytes());
    for credential in &row.credentials {
        digest = match &credential.check {
            CredentialCheck::PublicKey(jwk) => digest.text("PUBLIC_KEY").text(jwk),
            CredentialCheck::SecretHash(hash) => digest.text("SECRET").bytes(hash),
            CredentialCheck::Certificate(CertificateMatch::Thumbprint(hash)) => {
                digest.text("THUMBPRINT").bytes(hash)
            }
            CredentialCheck::Certificate(CertificateMatch::Name(name, value)) => {
                digest.text(name.code()).text(value)
            }
        };
        digest = digest
            .text(&credential.key_id)
            .time(credential.create_time)
            .optional_time(credential.not_after)
            .text(credential.notice.code());
    }
    digest.digest()
}

/// Of a person, the sealed record included. Not the wrapped data key, which changes with the master key and guards itself:
/// one changed bit, and it does not open.
pub fn person(row: &PersonRecord) -> Vec<u8> {
    let person = &row.person;
    Row::of("persons")
        .text(person.id.as_str())
        .bytes(&row.lookup)
        .bytes(&row.claim_lookup)
        .optional(row.proven_lookup.as_ref().map(<[u8; 32]>::as_slice))
        .text(row.document_type.map(DocumentType::code).unwrap_or_default())
        .text(person.state.code())
        .time(person.state_since)
        .optional_time(person.evidence_until)
        .optional_time(person.document_until)
        .optional_time(person.checked_at)
        .text(person.guardian_consent.code())
        .optional_time(person.guardian_consent_since)
        .optional_time(person.hold_until)
        .optional_time(row.due)
        .bytes(&row.sealed.record)
        .time(row.create_time)
        .time(row.update_time)
        .number(person.version.as_i64())
        .digest()
}

/// Of an organization's name for a person.
pub fn pairwise_name(row: &PairwiseRecord) -> Vec<u8> {
    Row::of("pairwise_names")
        .text(row.name.organization.as_str())
        .text(row.name.name.as_str())
        .text(row.person.as_str())
        .time(row.create_time)
        .digest()
}

/// Of an identity check.
pub fn proofing(row: &ProofingRecord) -> Vec<u8> {
    let proofing = &row.proofing;
    let valid_until = proofing.document_valid_until.map(|date| date.to_string()).unwrap_or_default();
    Row::of("proofings")
        .text(&row.id)
        .text(row.person.as_str())
        .text(proofing.method.code())
        .text(&proofing.source)
        .text(proofing.authentication.map(ProofingAuthentication::code).unwrap_or_default())
        .text(proofing.result.code())
        .time(proofing.checked_at)
        .time(proofing.fresh_until)
        .optional(proofing.artefact_sha256.as_ref().map(<[u8; 32]>::as_slice))
        .text(&valid_until)
        .actor(&row.actor)
        .time(row.create_time)
        .digest()
}

/// Of a guardian's word.
pub fn guardian_statement(row: &GuardianStatement) -> Vec<u8> {
    Row::of("guardian_statements")
        .text(&row.id)
        .text(row.person.as_str())
        .text(row.consent.code())
        .optional(row.artefact_sha256.as_ref().map(<[u8; 32]>::as_slice))
        .text(row.guardian.as_ref().map(PersonId::as_str).unwrap_or_default())
        .actor(&row.actor)
        .time(row.create_time)
        .digest()
}

/// Of a job.
pub fn proofing_job(row: &ProofingJob) -> Vec<u8> {
    Row::of("proofing_jobs")
        .text(&row.id)
        .text(row.subject.as_str())
        .text(&row.source)
        .text(row.state.code())
        .text(&row.ticket)
        .number(row.attempts)
        .number(row.outages)
        .optional_time(row.next_attempt)
        .text(row.result.map(ProofingResult::code).unwrap_or_default())
        .actor(&row.actor)
        .time(row.create_time)
        .time(row.update_time)
        .number(row.version.as_i64())
        .digest()
}

/// Of a key that signs access tokens. Not its sealed private half, which changes with the master key and guards itself.
pub fn signing_key(row: &SigningKeyRecord) -> Vec<u8> {
    Row::of("signing_keys")
        .text(&row.key_id)
        .text(&row.public_jwk)
        .time(row.active_from)
        .optional_time(row.retired_from)
        .digest()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_from_one_field_to_the_next_changes_the_digest() {
        let digest = |left: &str, right: &str| Row::of("t").text(left).text(right).digest();
        assert_ne!(digest("ab", "c"), digest("a", "bc"));
        assert_ne!(Row::of("t").optional(None).digest(), Row::of("t").optional(Some(&[])).digest());
        assert_eq!(digest("a", "b").len(), 32);
    }
}
