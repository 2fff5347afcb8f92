//! Holds the tables against the log: walks the hash chain, and compares what each subject's last event says with what
//! its rows say.

use crate::app::Database;
use crate::vault::Vault;
use crate::wire;
use greenroom_domain::identity::{Age, PersonState};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::StoreError;
use greenroom_feed::event::Event;
use greenroom_feed::verify::{Fold, Report};
use greenroom_proto::identity::v1::IdentityFact;
use greenroom_proto::identity::v1::identity_fact::Fact;
use greenroom_rpc::wire::instant;
use prost::Message as _;

/// How many rows are read at once.
const ROWS: i64 = 500;

/// Verifies a store. Nothing should write to it meanwhile: what is committed during the walk is reported as differing.
pub async fn verify_store<S: Database>(store: &S, vault: &Vault) -> Result<Report, StoreError> {
    let mut ended = Ended::default();
    let walked = Fold::of(store.log(), |event| {
        ended.note(event);
        event.payload.clone()
    });
    let mut fold = walked.await?;
    participants(store, &mut fold).await?;
    persons(store, vault, &mut fold).await?;
    pairwise_names(store, &mut fold).await?;
    proofings(store, &mut fold).await?;
    statements_and_jobs(store, &mut fold).await?;
    for token in store.revoked_tokens(Timestamp::MIN).await? {
        fold.hold(wire::revoked_token_event(&token));
    }
    for key in store.signing_keys().await? {
        if vault.open_signing_key(&key).is_err() {
            fold.unreadable(format!("signingKeys/{}", key.key_id));
            continue;
        }
        fold.hold(wire::signing_key_event(&key));
    }
    for subject in ended.subjects() {
        fold.excuse(subject);
    }
    Ok(fold.finish())
}

/// The revoked tokens whose rows may be gone: those that had ended when something was last written.
#[derive(Default)]
struct Ended {
    tokens: Vec<(Timestamp, String)>,
    last_written: Option<Timestamp>,
}

impl Ended {
    fn note(&mut self, event: &Event) {
        self.last_written = self.last_written.max(Some(Timestamp::from_micros(event.commit_time_us)));
        if let Some(Fact::RevokedToken(fact)) =
            IdentityFact::decode(event.payload.as_slice()).ok().and_then(|decoded| decoded.fact)
            && let Some(Ok(end)) = fact.expire_time.as_ref().map(instant)
        {
            self.tokens.push((end, event.subject.clone()));
        }
    }

    fn subjects(&self) -> impl Iterator<Item = &str> {
        let over = self.tokens.iter().filter(|(end, _)| Some(*end) < self.last_written);
        over.map(|(_, subject)| subject.as_str())
    }
}

async fn participants<S: Database>(store: &S, fold: &mut Fold) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let rows = store.organizations(None, &after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        last.id.as_str().clone_into(&mut after);
        for row in &rows {
            fold.hold(wire::organization_event(row));
        }
    }
    after.clear();
    loop {
        let rows = store.clients(None, None, &after, ROWS).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        last.id.as_str().clone_into(&mut after);
        for row in &rows {
            fold.hold(wire::client_event(row));
        }
    }
}

async fn persons<S: Database>(store: &S, vault: &Vault, fold: &mut Fold) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let rows = store.persons(&after, ROWS).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        last.person.id.as_str().clone_into(&mut after);
        for row in rows {
            // Of an erased record there is nothing left to open.
            let erased = row.person.state == PersonState::Erased && row.sealed.record.is_empty();
            let age = if erased {
                Ok(Age::Unknown)
            } else {
                vault.open_person(&row.person.id, &row.sealed).map(|identity| identity.age)
            };
            match age {
                Ok(age) => fold.hold(wire::person_event(&row, age)),
                Err(_) => fold.unreadable(row.person.id.name()),
            }
        }
    }
}

async fn pairwise_names<S: Database>(store: &S, fold: &mut Fold) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let rows = store.pairwise_names(after.as_ref(), ROWS).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.name.clone());
        for row in &rows {
            fold.hold(wire::pairwise_name_event(row));
        }
    }
}

async fn proofings<S: Database>(store: &S, fold: &mut Fold) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let rows = store.proofings(&after, ROWS).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        last.id.clone_into(&mut after);
        for row in &rows {
            fold.hold(wire::proofing_event(row));
        }
    }
}

async fn statements_and_jobs<S: Database>(store: &S, fold: &mut Fold) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let rows = store.guardian_statements(&after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        last.id.clone_into(&mut after);
        for row in &rows {
            fold.hold(wire::guardian_statement_event(row));
        }
    }
    after.clear();
    loop {
        let rows = store.proofing_jobs(&after, ROWS).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        last.id.clone_into(&mut after);
        for row in &rows {
            fold.hold(wire::proofing_job_event(row));
        }
    }
}
