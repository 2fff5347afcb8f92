//! Certificates: who may see them, as they are and as they were.

use super::{App, Sight, sight};
use crate::error::Error;
use crate::wire;
use greenroom_auth::{Caller, OrganizationRole};
use greenroom_domain::certification::port::{
    AsOf, CertificateFilter, CertificateRecord, IssuerRecord, KeptEvidence, Store,
};
use greenroom_domain::certification::{Authority, Certificate, CertificateState};
use greenroom_domain::kernel::{CertificateId, IssuerId, OrganizationId};
use greenroom_proto::certification::v1 as message;
use std::collections::HashMap;

/// Why a caller may see a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// It sees all.
    All,
    /// It issued it.
    Issuer,
    /// It claimed it.
    Claimant,
}

impl<S: Store> App<S> {
    /// Certificates as they are shown: with what the standing of their issuers means, or meant, for them.
    async fn seen(
        &self,
        records: impl IntoIterator<Item = CertificateRecord>,
        as_of: Option<AsOf>,
    ) -> Result<Vec<CertificateRecord>, Error> {
        let mut issuers: HashMap<IssuerId, Option<IssuerRecord>> = HashMap::new();
        let mut seen = Vec::new();
        for record in records {
            let id = record.certificate.issuer.clone();
            if !issuers.contains_key(&id) {
                issuers.insert(id.clone(), self.store.issuer(&id).await?);
            }
            let issuer = issuers.get(&id).and_then(Option::as_ref);
            seen.push(issuer.map_or(record.clone(), |issuer| seen_as_of(record, issuer, as_of)));
        }
        Ok(seen)
    }

    /// A certificate the caller may see, and why it may.
    pub async fn certificate(
        &self,
        caller: &Caller,
        id: &CertificateId,
    ) -> Result<(CertificateRecord, View), Error> {
        let unknown = || Error::CertificateNotFound(id.name());
        let record = self.store.certificate(id).await?.ok_or_else(unknown)?;
        let view = self.view(caller, &record).await?.ok_or_else(unknown)?;
        Ok((record, view))
    }

    /// The certificate at a point of its history.
    pub async fn certificate_as_of(
        &self,
        caller: &Caller,
        id: &CertificateId,
        as_of: Option<AsOf>,
    ) -> Result<CertificateRecord, Error> {
        let (record, _) = self.certificate(caller, id).await?;
        let Some(as_of) = as_of else { return Ok(record) };
        let then = self.store.certificate_as_of(id, as_of).await?;
        then.ok_or_else(|| Error::CertificateNotFound(id.name()))
    }

    /// Why the caller may see it; none if it may not.
    pub(super) async fn view(
        &self,
        caller: &Caller,
        record: &CertificateRecord,
    ) -> Result<Option<View>, Error> {
        let Sight::Of(organization) = sight(caller) else { return Ok(Some(View::All)) };
        if self.is_issued_by(&record.certificate, &organization).await? {
            return Ok(Some(View::Issuer));
        }
        let claim = self.store.claim(&record.certificate.id, &organization).await?;
        Ok(claim.map(|_| View::Claimant))
    }

    /// Whether an organization is the issuer of a certificate.
    pub(super) async fn is_issued_by(
        &self,
        certificate: &Certificate,
        organization: &OrganizationId,
    ) -> Result<bool, Error> {
        let issuer = self.store.issuer(&certificate.issuer).await?;
        Ok(issuer.is_some_and(|issuer| issuer.issuer.organization == *organization))
    }

    /// A certificate the caller may say something about, and who issued it, if that is known. To have claimed one is not
    /// enough.
    pub(super) async fn certificate_to_judge(
        &self,
        caller: &Caller,
        id: &CertificateId,
    ) -> Result<(CertificateRecord, Option<IssuerRecord>), Error> {
        let (record, view) = self.certificate(caller, id).await?;
        if view == View::Claimant {
            return Err(Error::CertificateNotFound(id.name()));
        }
        let issuer = self.store.issuer(&record.certificate.issuer).await?;
        Ok((record, issuer))
    }

    /// A certificate the caller may decide about, and in what capacity: the organization behind the issuer is the issuer,
    /// whatever other roles it has.
    pub(super) async fn certificate_to_decide(
        &self,
        caller: &Caller,
        id: &CertificateId,
    ) -> Result<(CertificateRecord, Authority), Error> {
        let (record, issuer) = self.certificate_to_judge(caller, id).await?;
        if issuer.is_some_and(|issuer| issuer.issuer.organization == caller.organization) {
            return Ok((record, Authority::Issuer));
        }
        if caller.has_role(OrganizationRole::Regulator) {
            return Ok((record, Authority::Regulator));
        }
        Err(Error::CertificateNotFound(id.name()))
    }

    /// Whether another certificate of this number is verified.
    pub(super) async fn is_verified_for_another(&self, certificate: &Certificate) -> Result<bool, Error> {
        let found = self.store.certificates_numbered(&[certificate.number.as_str().to_owned()]).await?;
        let verified = |record: &CertificateRecord| record.certificate.state == CertificateState::Verified;
        Ok(found.iter().any(|record| record.certificate.id != certificate.id && verified(record)))
    }

    /// The certificates the caller may see, behind id `after`.
    pub async fn certificates(
        &self,
        caller: &Caller,
        mut filter: CertificateFilter,
        number: &str,
        (after, limit): (&str, i64),
    ) -> Result<Vec<CertificateRecord>, Error> {
        if let Sight::Of(organization) = sight(caller) {
            if filter.finding.is_some() {
                return Ok(Vec::new());
            }
            let named = match &filter.issuer {
                Some(issuer) => self.store.issuer(issuer).await?,
                None => None,
            };
            let own = named.is_some_and(|record| record.issuer.organization == organization);
            filter.organization = (!own).then_some(organization);
        }
        if number.is_empty() {
            return Ok(self.store.certificates(&filter, after, limit).await?);
        }
        let mut shown = Vec::new();
        let found = self.store.certificates_numbered(&[number.to_owned()]).await?;
        let shared = found.len() > 1;
        let seen = self.seen(found.clone(), None).await?;
        for (record, seen) in found.into_iter().zip(seen) {
            let certificate = &record.certificate;
            let wanted = filter.issuer.as_ref().is_none_or(|issuer| certificate.issuer == *issuer)
                && filter.state.is_none_or(|state| seen.certificate.state == state)
                && (filter.finding.is_none() || shared)
                && certificate.id.as_str() > after;
            if wanted && self.view(caller, &record).await?.is_some() {
                shown.push(record);
            }
        }
        shown.truncate(usize::try_from(limit).unwrap_or_default());
        Ok(shown)
    }

    /// These certificates as they were at a point of history; those of which nothing was known, or true, then are left out.
    pub async fn as_they_were(
        &self,
        records: Vec<CertificateRecord>,
        as_of: AsOf,
    ) -> Result<Vec<CertificateRecord>, Error> {
        let mut then = Vec::with_capacity(records.len());
        for record in records {
            if record.held_at(as_of) {
                then.push(record);
            } else {
                then.extend(self.store.certificate_as_of(&record.certificate.id, as_of).await?);
            }
        }
        Ok(then)
    }

    /// Certificates as the caller is told them, at a point of their history or now. Only those who see all are told who else is on record with a number.
    pub async fn told(
        &self,
        caller: &Caller,
        records: &[CertificateRecord],
        as_of: Option<AsOf>,
    ) -> Result<Vec<message::Certificate>, Error> {
        let seen = self.seen(records.iter().cloned(), as_of).await?;
        let mut told: Vec<message::Certificate> = seen.iter().map(wire::certificate).collect();
        if matches!(sight(caller), Sight::Of(_)) {
            return Ok(told);
        }
        let numbers: Vec<String> = told.iter().map(|certificate| certificate.number.clone()).collect();
        let mut holders: HashMap<String, usize> = HashMap::new();
        for record in self.store.certificates_numbered(&numbers).await? {
            *holders.entry(record.certificate.number.as_str().to_owned()).or_default() += 1;
        }
        for certificate in &mut told {
            if holders.get(&certificate.number).is_some_and(|count| *count > 1) {
                certificate.findings = vec![message::CertificateFinding::NumberHeldByAnother.into()];
            }
        }
        Ok(told)
    }

    /// What sources said about a certificate the caller may see, behind id `after`, and why the caller may see it.
    pub async fn evidence(
        &self,
        caller: &Caller,
        id: &CertificateId,
        after: &str,
        limit: i64,
    ) -> Result<(Vec<KeptEvidence>, View), Error> {
        let (_, view) = self.certificate(caller, id).await?;
        Ok((self.store.evidence(id, after, limit).await?, view))
    }
}

/// A certificate as it is shown: with what the standing of its issuer means for it.
pub(super) fn seen_with(record: CertificateRecord, issuer: &IssuerRecord) -> CertificateRecord {
    CertificateRecord { certificate: record.certificate.seen_with(&issuer.issuer), ..record }
}

/// The same at a point of history: a strike-off that was not known, or not true, by then means nothing yet.
fn seen_as_of(record: CertificateRecord, issuer: &IssuerRecord, as_of: Option<AsOf>) -> CertificateRecord {
    let review = issuer.issuer.review();
    let to_come = as_of
        .zip(review)
        .is_some_and(|(as_of, review)| review.begins > as_of.known || review.struck_off_at > as_of.effective);
    if to_come { record } else { seen_with(record, issuer) }
}
