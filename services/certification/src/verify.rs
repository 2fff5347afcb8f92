//! Walks the event log and holds the tables against it: one changed byte in either is found.

use crate::wire::facts;
use greenroom_domain::certification::port::{
    ApplicationFilter, CertificateFilter, QualificationFilter, Store,
};
use greenroom_domain::ledger::StoreError;
use greenroom_feed::log::HasLog;
use greenroom_feed::verify::{Fold, Report};

const PAGE: i64 = 1000;

/// Verifies a store. Run it while nobody writes: a change between the walk and the tables looks like damage.
pub async fn verify<S: Store + HasLog>(store: &S) -> Result<Report, StoreError> {
    let mut fold = Fold::of(store.log(), |event| event.payload.clone()).await?;
    let mut after = String::new();
    loop {
        let page = store.issuers(&after, PAGE).await?;
        let Some(record) = page.last() else { break };
        record.issuer.id.as_str().clone_into(&mut after);
        for record in &page {
            fold.hold(facts::of_issuer(record));
        }
    }
    after.clear();
    loop {
        let page = store.standards_told(&after, PAGE).await?;
        let Some(record) = page.last() else { break };
        record.standard.id().as_str().clone_into(&mut after);
        for record in &page {
            fold.hold(facts::of_standard(record));
        }
    }
    after.clear();
    loop {
        let page = store.certificates(&CertificateFilter::default(), &after, PAGE).await?;
        let Some(record) = page.last() else { break };
        record.certificate.id.as_str().clone_into(&mut after);
        for record in &page {
            fold.hold(facts::of_certificate(record));
        }
    }
    hold_claims(store, &mut fold).await?;
    after.clear();
    loop {
        let page = store.applications(&ApplicationFilter::default(), &after, PAGE).await?;
        let Some(record) = page.last() else { break };
        record.application.id.as_str().clone_into(&mut after);
        for record in &page {
            fold.hold(facts::of_application(record));
        }
    }
    after.clear();
    loop {
        let page = store.imports(&after, PAGE).await?;
        let Some(import) = page.last() else { break };
        import.id.as_str().clone_into(&mut after);
        for import in &page {
            fold.hold(facts::of_import(import));
        }
    }
    after.clear();
    loop {
        let page = store.qualifications(&QualificationFilter::default(), &after, PAGE).await?;
        let Some(record) = page.last() else { break };
        record.qualification.id.as_str().clone_into(&mut after);
        for record in &page {
            fold.hold(facts::of_qualification(record));
        }
    }
    Ok(fold.finish())
}

async fn hold_claims<S: Store>(store: &S, fold: &mut Fold) -> Result<(), StoreError> {
    let (mut certificate, mut organization) = (String::new(), String::new());
    loop {
        let page = store.claims((&certificate, &organization), PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        last.certificate.as_str().clone_into(&mut certificate);
        last.organization.as_str().clone_into(&mut organization);
        for claim in &page {
            fold.hold(facts::of_claim(claim));
        }
    }
}
