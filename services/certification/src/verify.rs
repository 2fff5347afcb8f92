//! Walks the event log and holds the tables against it: one changed byte in either is found.

use crate::wire::facts;
use greenroom_domain::certification::port::{
    ApplicationFilter, CertificateFilter, QualificationFilter, Store,
};
use greenroom_domain::ledger::StoreError;
use greenroom_feed::event::Event;
use greenroom_feed::log::HasLog;
use greenroom_feed::verify::{Fold, Report};

const PAGE: i64 = 1000;

/// Verifies a store. Run it while nobody writes: a change between the walk and the tables looks like damage.
pub async fn verify<S: Store + HasLog>(store: &S) -> Result<Report, StoreError> {
    let kept = |event: &Event| event.kind == facts::CERTIFICATE;
    let mut fold = Fold::with_history(store.log(), |event| event.payload.clone(), kept).await?;
    hold_issuers(store, &mut fold).await?;
    hold_standards(store, &mut fold).await?;
    hold_certificates(store, &mut fold).await?;
    hold_versions(store, &mut fold).await?;
    hold_evidence(store, &mut fold).await?;
    hold_claims(store, &mut fold).await?;
    hold_applications(store, &mut fold).await?;
    hold_imports(store, &mut fold).await?;
    hold_jobs(store, &mut fold).await?;
    hold_qualifications(store, &mut fold).await?;
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

async fn hold_issuers<S: Store>(store: &S, fold: &mut Fold) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let page = store.issuers(&after, PAGE).await?;
        let Some(record) = page.last() else { return Ok(()) };
        record.issuer.id.as_str().clone_into(&mut after);
        for record in &page {
            fold.hold(facts::of_issuer(record));
        }
    }
}

async fn hold_standards<S: Store>(store: &S, fold: &mut Fold) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let page = store.standards_told(&after, PAGE).await?;
        let Some(record) = page.last() else { return Ok(()) };
        record.standard.id().as_str().clone_into(&mut after);
        for record in &page {
            fold.hold(facts::of_standard(record));
        }
    }
}

async fn hold_certificates<S: Store>(store: &S, fold: &mut Fold) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let page = store.certificates(&CertificateFilter::default(), &after, PAGE).await?;
        let Some(record) = page.last() else { return Ok(()) };
        record.certificate.id.as_str().clone_into(&mut after);
        for record in &page {
            fold.hold(facts::of_certificate(record));
        }
    }
}

/// What certificates were before is told by the events before their last.
async fn hold_versions<S: Store>(store: &S, fold: &mut Fold) -> Result<(), StoreError> {
    let (mut id, mut version) = (String::new(), 0);
    loop {
        let page = store.certificate_versions((&id, version), PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        last.certificate.id.as_str().clone_into(&mut id);
        version = last.certificate.version.as_i64();
        for record in &page {
            fold.hold_before(facts::of_certificate(record), record.certificate.version.as_i64());
        }
    }
}

async fn hold_evidence<S: Store>(store: &S, fold: &mut Fold) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let page = store.all_evidence(&after, PAGE).await?;
        let Some(kept) = page.last() else { return Ok(()) };
        kept.record.id.clone_into(&mut after);
        for kept in &page {
            fold.hold(facts::of_evidence(kept));
        }
    }
}

async fn hold_applications<S: Store>(store: &S, fold: &mut Fold) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let page = store.applications(&ApplicationFilter::default(), &after, PAGE).await?;
        let Some(record) = page.last() else { return Ok(()) };
        record.application.id.as_str().clone_into(&mut after);
        for record in &page {
            fold.hold(facts::of_application(record));
        }
    }
}

async fn hold_imports<S: Store>(store: &S, fold: &mut Fold) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let page = store.imports(&after, PAGE).await?;
        let Some(import) = page.last() else { return Ok(()) };
        import.id.as_str().clone_into(&mut after);
        for import in &page {
            fold.hold(facts::of_import(import));
        }
    }
}

async fn hold_jobs<S: Store>(store: &S, fold: &mut Fold) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let page = store.verification_jobs(None, &after, PAGE).await?;
        let Some(job) = page.last() else { return Ok(()) };
        job.id.clone_into(&mut after);
        for job in &page {
            fold.hold(facts::of_verification_job(job));
        }
    }
}

async fn hold_qualifications<S: Store>(store: &S, fold: &mut Fold) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let page = store.qualifications(&QualificationFilter::default(), &after, PAGE).await?;
        let Some(record) = page.last() else { return Ok(()) };
        record.qualification.id.as_str().clone_into(&mut after);
        for record in &page {
            fold.hold(facts::of_qualification(record));
        }
    }
}
