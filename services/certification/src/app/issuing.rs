//! Issues certificates: the word of an accredited issuer, as if it stood in its roll.

use super::App;
use super::evidence::{field, refused};
use crate::error::Error;
use crate::wire::{self, codes, facts};
use greenroom_domain::certification::port::{CertificateRecord, Change, IssuerRecord, Store};
use greenroom_domain::certification::{
    Authority, Certificate, CertificateDraft, CertificateNumber, EvidenceSource, IssuersWord, Measure,
    NumberClaim, NumberSeries, Refusal, Scheme, Severity, cross_check,
};
use greenroom_domain::kernel::{
    CertificateId, Date, IssuerId, OrganizationId, PersonId, StandardId, Timestamp,
};
use greenroom_domain::ledger::EventDraft;
use greenroom_domain::occupation::{JobType, Level};
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1 as message;
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::new_id;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Mode, Once, Planned};
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire as parse;
use tokio::sync::MutexGuard;

/// Where the number of a certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Numbering {
    /// The issuer has given it.
    Given(CertificateNumber),
    /// The next free one of the issuer's site: six capital letters and digits.
    Next {
        /// The site.
        site: String,
    },
}

/// What is to be issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuance {
    /// The id the certificate gets, unless the holder's claim to it is on record.
    pub id: CertificateId,
    /// Who issues it.
    pub issuer: IssuerId,
    /// To whom, by the suite-wide id.
    pub holder: PersonId,
    /// Under which standard, which has this cell.
    pub standard: StandardId,
    /// For which job type.
    pub job_type: JobType,
    /// At which level.
    pub level: Level,
    /// On which day.
    pub issue_date: Date,
    /// Under which number.
    pub numbering: Numbering,
    /// The certificate of a lower level it takes the place of.
    pub supersedes: Option<CertificateId>,
}

/// A certificate about to be issued.
#[derive(Debug)]
pub struct Issued {
    /// What the store is to do, in one transaction.
    pub changes: Vec<Change>,
    /// What is true since.
    pub events: Vec<EventDraft>,
    /// The certificate as it will be stored.
    pub record: CertificateRecord,
}

/// The request, read.
struct Request {
    issuer: IssuerId,
    person: PersonId,
    standard: StandardId,
    job_type: JobType,
    level: Level,
    issue_date: Date,
    numbering: Numbering,
    supersedes: Option<CertificateId>,
}

impl<S: Store + HasLog> App<S> {
    /// Issues a certificate.
    pub async fn issue(
        &self,
        call: &Call,
        request: message::IssueCertificateRequest,
    ) -> Result<message::IssueCertificateResponse, Error> {
        let mode = Mode::from(request.validate_only);
        let once = Once::new(call, &request, &request.request_id, mode, &self.key, &self.clock)?;
        let asked = self.read_issuance(&request, once.now())?;
        let id = new_id(&self.clock).to_string();
        let id = CertificateId::try_new(&id).map_err(|fault| Fault::hide(&fault))?;
        let organization = &call.caller.organization;
        let _turn = self.number_turn(&asked.numbering).await;
        let plan = || async {
            let issuer = self.acting_issuer(organization, &asked.issuer).await?;
            let holder = self.identity.named(organization, &asked.person).await?;
            let holder = holder.ok_or_else(|| Error::PersonNotFound(asked.person.name()))?;
            let issuance = Issuance {
                id: id.clone(),
                issuer: asked.issuer.clone(),
                holder,
                standard: asked.standard.clone(),
                job_type: asked.job_type,
                level: asked.level,
                issue_date: asked.issue_date,
                numbering: asked.numbering.clone(),
                supersedes: asked.supersedes.clone(),
            };
            let issued = self.plan_issuance(&issuer, &issuance, once.now()).await?;
            let certificate = Some(wire::certificate(&issued.record));
            let answer = message::IssueCertificateResponse { certificate, revision: String::new() };
            let change = Change::All(issued.changes);
            Ok::<_, Error>(Planned { change, events: issued.events, answer })
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::IssueCertificateResponse { revision, ..done.answer })
    }

    /// Numbers are allocated in turns: who waits here does not lose a race for the same number.
    pub(super) async fn number_turn(&self, numbering: &Numbering) -> Option<MutexGuard<'_, ()>> {
        match numbering {
            Numbering::Next { .. } => Some(self.numbering.lock().await),
            Numbering::Given(_) => None,
        }
    }

    /// An issuer that this very organization acts as: nobody else issues in its name.
    async fn acting_issuer(
        &self,
        organization: &OrganizationId,
        id: &IssuerId,
    ) -> Result<IssuerRecord, Error> {
        let found = self.store.issuer(id).await?;
        let own = found.filter(|record| record.issuer.organization == *organization);
        own.ok_or_else(|| Error::IssuerNotFound(id.name()))
    }

    /// Decides an issuance at `now`: what the store is to do, and what is true since. Whoever commits it tries again on a
    /// conflict: another call may have taken the number.
    pub(crate) async fn plan_issuance(
        &self,
        issuer: &IssuerRecord,
        issuance: &Issuance,
        now: Timestamp,
    ) -> Result<Issued, Error> {
        let number = self.number_of(issuer, issuance).await?;
        ensure_fits(issuer, issuance, &number)?;
        self.ensure_site_free(issuer, &number).await?;
        let own = match issuance.numbering {
            // Nobody has it, or the store refuses it and another one is chosen.
            Numbering::Next { .. } => None,
            Numbering::Given(_) => self.on_record(issuance, &number).await?,
        };
        let validity = self.terms.evidence_validity.of(EvidenceSource::IssuerRoll);
        let word = IssuersWord { issuer: &issuer.issuer, checked_at: now, validity };
        let mut draft = draft(issuance, number.clone());
        let mut changes = Vec::new();
        if matches!(issuance.numbering, Numbering::Next { .. }) {
            changes.push(Change::KeepNumberFree(number.as_str().to_owned()));
        }
        let unfit = |refusal: Refusal| unissued(&refusal, issuance);
        let record = if let Some(own) = own {
            draft.id = own.certificate.id.clone();
            let certificate = own.certificate.clone();
            let certificate = certificate.confirmed_by_roll(draft, word, &self.terms.publication_lag, now);
            let source = Some(EvidenceSource::IssuerRoll);
            let certificate = certificate.map_err(unfit)?;
            let next = CertificateRecord { certificate, source, update_time: now, ..own };
            changes.push(Change::SaveCertificate(Box::new(next.clone()), None));
            next.stored(now)
        } else {
            let certificate = Certificate::from_roll(draft, word.issuer, word.checked_at, validity, now);
            let certificate = certificate.map_err(unfit)?;
            let record = CertificateRecord::new(certificate, Some(EvidenceSource::IssuerRoll), now);
            changes.push(Change::AddCertificate(Box::new(record.clone())));
            record
        };
        let mut events = vec![facts::of_certificate(&record)];
        if let Some(id) = &issuance.supersedes {
            let next = self.superseded(id, &record, now).await?;
            events.push(facts::of_certificate(&next.stored(now)));
            changes.push(Change::SaveCertificate(Box::new(next), None));
        }
        Ok(Issued { changes, events, record })
    }

    /// The characters of a site are one issuer's for good: nobody else gives numbers with them.
    async fn ensure_site_free(&self, issuer: &IssuerRecord, number: &CertificateNumber) -> Result<(), Error> {
        let Some(prefix) = number.site_prefix() else { return Ok(()) };
        match self.store.issuer_at(prefix).await? {
            Some(owner) if owner != issuer.issuer.id => Err(Error::SiteTaken(prefix.to_owned())),
            _ => Ok(()),
        }
    }

    async fn number_of(
        &self,
        issuer: &IssuerRecord,
        issuance: &Issuance,
    ) -> Result<CertificateNumber, Error> {
        let site = match &issuance.numbering {
            Numbering::Given(number) => return Ok(number.clone()),
            Numbering::Next { site } => site,
        };
        let year = issuance.issue_date.year();
        let Some(series) = NumberSeries::of(&issuer.issuer, site, year, issuance.level) else {
            let mut wrong = Violations::new();
            wrong.add("number", "must be given: no number can be allocated for this level, year and site");
            return Err(Fault::fields(wrong).into());
        };
        self.next_number(&series).await
    }

    /// The holder's own claim to this number, if there is one. Nobody else may be confirmed to hold it.
    async fn on_record(
        &self,
        issuance: &Issuance,
        number: &CertificateNumber,
    ) -> Result<Option<CertificateRecord>, Error> {
        let mut found = self.store.certificates_numbered(&[number.as_str().to_owned()]).await?;
        if found.iter().any(|record| !record.certificate.is_merely_claimed()) {
            return Err(Error::NumberTaken(number.as_str().to_owned()));
        }
        let own = found.iter().position(|record| record.certificate.holder == issuance.holder);
        Ok(own.map(|place| found.swap_remove(place)))
    }

    /// The certificate of a lower level, superseded by the new one, on the issuer's word.
    async fn superseded(
        &self,
        id: &CertificateId,
        new: &CertificateRecord,
        now: Timestamp,
    ) -> Result<CertificateRecord, Error> {
        let unfit = || Error::NotSupersedable(id.name());
        let old = self.store.certificate(id).await?;
        // Another issuer's is told like one that does not exist.
        let old = old.filter(|old| old.certificate.issuer == new.certificate.issuer);
        let old = old.ok_or_else(|| Error::CertificateNotFound(id.name()))?;
        let (lower, higher) = (&old.certificate, &new.certificate);
        let fits = lower.holder == higher.holder
            && lower.standard == higher.standard
            && lower.job_type == higher.job_type
            && lower.level < higher.level;
        let measure = Measure {
            by: Authority::Issuer,
            explanation: format!("the holder obtained `{}`", higher.id.name()),
            legal_basis: "word of the issuer of both certificates".to_owned(),
            effective_time: now,
        };
        let certificate = lower.clone().supersede(&measure, now).ok().filter(|_| fits).ok_or_else(unfit)?;
        let superseded_by = Some(higher.id.clone());
        Ok(CertificateRecord { certificate, measure: Some(measure), superseded_by, update_time: now, ..old })
    }

    fn read_issuance(
        &self,
        request: &message::IssueCertificateRequest,
        now: Timestamp,
    ) -> Result<Request, Error> {
        let mut wrong = Violations::new();
        let issuer = wrong.take("issuer", parse::name(&request.issuer));
        let person = wrong.take("person", parse::name(&request.person));
        let standard: Option<StandardId> = wrong.take("standard", parse::name(&request.standard));
        let known = standard
            .as_ref()
            .map(|id| self.standards.get(id).ok_or_else(|| Error::StandardNotFound(id.name())));
        let known = known.transpose()?;
        let job_type = wrong.take("job_type", wire::job_type(&request.job_type, known));
        let level = wrong.take("level", codes::parse_level(request.level));
        let issue_date = wrong.take("issue_date", parse::date(&request.issue_date));
        let future = issue_date.is_some_and(|day| day > now.beijing_date());
        wrong.require(!future, "issue_date", "must not lie in the future");
        let numbering = read_numbering(("number", &request.number), &request.site, &mut wrong);
        let supersedes = match request.supersedes.as_str() {
            "" => None,
            name => wrong.take("supersedes", certificate_name(name)),
        };
        if let Some(((known, job_type), level)) = known.zip(job_type).zip(level) {
            let has = known.standard().has_cell(job_type, level);
            wrong.require(has, "level", "is none that the standard has for this job type");
        }
        let whole = (|| {
            Some(Request {
                issuer: issuer?,
                person: person?,
                standard: standard?,
                job_type: job_type?,
                level: level?,
                issue_date: issue_date?,
                numbering: numbering?,
                supersedes,
            })
        })();
        Ok(wrong.finish(whole)?)
    }
}

fn certificate_name(name: &str) -> Result<CertificateId, String> {
    parse::name(name)
}

/// Reads where a number comes from: `given`, the field with its text, or the next free one of `site`.
pub(super) fn read_numbering(given: (&str, &str), site: &str, wrong: &mut Violations) -> Option<Numbering> {
    let (field, number) = given;
    if number.is_empty() {
        let six =
            site.len() == 6 && site.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        wrong.require(six, "site", "must have six capital letters and digits, or the number must be given");
        return Some(Numbering::Next { site: site.to_owned() });
    }
    wrong.require(site.is_empty(), "site", "must be left out where the number is given");
    wrong.take(field, CertificateNumber::parse(number)).map(Numbering::Given)
}

fn draft(issuance: &Issuance, number: CertificateNumber) -> CertificateDraft {
    CertificateDraft {
        id: issuance.id.clone(),
        number,
        holder: issuance.holder.clone(),
        standard: issuance.standard.clone(),
        job_type: issuance.job_type,
        level: issuance.level,
        issuer: issuance.issuer.clone(),
        issue_date: issuance.issue_date,
    }
}

/// A number that is given must be well formed, too. The standard has decided about the cell.
fn ensure_fits(issuer: &IssuerRecord, issuance: &Issuance, number: &CertificateNumber) -> Result<(), Error> {
    let Issuance { level, issue_date, .. } = *issuance;
    let claim = NumberClaim { job_type: None, level, issue_date, issuer: Some(&issuer.issuer) };
    let findings = cross_check(number, &claim);
    let well_formed = matches!(number.scheme(), Scheme::Level22 | Scheme::Special22);
    let contradicted = findings.iter().any(|finding| finding.severity() == Severity::Refuse);
    if well_formed && !contradicted {
        return Ok(());
    }
    if !contradicted {
        let mut wrong = Violations::new();
        wrong.add("number", "must be of the scheme LEVEL22, or SPECIAL22 for levels it has no digit for");
        return Err(Fault::fields(wrong).into());
    }
    Err(Error::NumberConflict(findings))
}

fn unissued(refusal: &Refusal, issuance: &Issuance) -> Error {
    match refusal {
        Refusal::IssuerNotListed { .. } | Refusal::NotAccredited { .. } => {
            Error::IssuerNotAccredited(issuance.issuer.name())
        }
        Refusal::IssuedInFuture { .. } => field("issue_date", refusal),
        _ => refused(refusal, &issuance.id),
    }
}
