//! Reads, judges and resolves some rows of a roll. Several batches of them are under way at the same time; only their
//! holders are asked for in the order of the file: of two rows that name one document differently the first is registered.

use super::App;
use super::batch::Numbered;
use crate::error::Error;
use crate::identity::{Registering, Resolved};
use crate::roll::{Columns, RawRow, ReadRow, person_finding};
use greenroom_domain::certification::port::{KeptFinding, PlanRow, PlannedCertificate, Store};
use greenroom_domain::certification::{
    Certificate, Issuer, RollCode, RollColumn, RollEntry, RollFinding, RollTerms, RollVerdict, Standard,
};
use greenroom_domain::kernel::{CertificateId, PersonId, Timestamp};
use greenroom_rpc::clock::new_id;
use greenroom_rpc::fault::Fault;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What rows are prepared with.
pub(super) struct Desk<S> {
    pub(super) app: App<S>,
    pub(super) issuer: Issuer,
    pub(super) standard: Standard,
    pub(super) columns: Columns,
}

/// When the batch before has its holders, and whom to tell when this one has.
pub(super) struct Turn {
    before: Option<oneshot::Receiver<()>>,
    pass: oneshot::Sender<()>,
}

impl Turn {
    /// The turn behind `before`, if there is one, and what the next one waits for.
    pub(super) fn behind(before: Option<oneshot::Receiver<()>>) -> (Self, oneshot::Receiver<()>) {
        let (pass, next) = oneshot::channel();
        (Self { before, pass }, next)
    }

    async fn come(self) -> Result<oneshot::Sender<()>, Error> {
        if let Some(before) = self.before {
            // The batch before has failed, which is told of that one.
            before.await.map_err(|gone| Fault::hide(&gone))?;
        }
        Ok(self.pass)
    }
}

impl<S: Store> Desk<S> {
    /// What a roll is held against at `now`.
    pub(super) fn terms(&self, now: Timestamp) -> RollTerms<'_> {
        RollTerms { issuer: &self.issuer, standard: &self.standard, now }
    }

    /// Plans rows.
    pub(super) async fn prepare(
        self: Arc<Self>,
        raw: Vec<RawRow>,
        turn: Turn,
    ) -> Result<Vec<PlanRow>, Error> {
        let terms = self.terms(self.app.clock.now());
        let mut rows: Vec<ReadRow> = raw.iter().map(|raw| self.columns.row(raw, &self.standard)).collect();
        drop(raw);
        for row in &mut rows {
            let told = row.entry.as_ref().map(|entry| terms.hold(entry));
            row.findings.extend(told.unwrap_or_default());
        }
        let known = self.known(&rows).await?;
        let pass = turn.come().await?;
        let holders = self.resolve(&mut rows).await?;

        // Nobody may be waiting.
        pass.send(()).ok();
        let rows = rows.into_iter().zip(holders);
        rows.map(|(row, holder)| self.plan_row(&terms, row, holder, &known)).collect()
    }

    /// Asks who the holders are. What is wrong with a name or a document becomes a finding of its row.
    async fn resolve(&self, rows: &mut [ReadRow]) -> Result<Vec<Option<PersonId>>, Error> {
        let mut holders: Vec<Option<PersonId>> = rows.iter().map(|_| None).collect();
        for registering in [Registering::Missing, Registering::Nobody] {
            let asked = |row: &ReadRow| (registering == Registering::Nobody) == refused(row);
            let places: Vec<usize> = rows
                .iter()
                .enumerate()
                .filter(|(_, row)| row.claim.is_some() && asked(row))
                .map(|(place, _)| place)
                .collect();
            let claims = places.iter().filter_map(|place| rows.get_mut(*place)?.claim.take()).collect();
            let resolved = self.app.identity.resolve(claims, registering).await?;
            for (place, resolved) in places.into_iter().zip(resolved) {
                let (Some(row), Some(holder)) = (rows.get_mut(place), holders.get_mut(place)) else {
                    continue;
                };
                match resolved {
                    Resolved::Person(person) => *holder = Some(person),
                    // Who is missing is registered: this one is known, and nothing new may rest on the record.
                    Resolved::Unknown if registering == Registering::Missing => {
                        row.findings.push(RollFinding::of_row(RollCode::PersonRefused));
                    }
                    Resolved::Unknown => {}
                    Resolved::NameConflict => {
                        row.findings.push(RollFinding::about(RollColumn::Name, RollCode::PersonNameConflict));
                    }
                    Resolved::Malformed(faults) => {
                        row.findings.extend(faults.iter().map(|fault| person_finding(fault)));
                    }
                }
            }
        }
        Ok(holders)
    }

    /// The certificates that already have a number of these rows.
    async fn known(&self, rows: &[ReadRow]) -> Result<Numbered, Error> {
        let readable = rows.iter().filter(|row| !refused(row));
        let numbers: Vec<String> = readable.map(|row| row.number.clone()).collect();
        let found = self.app.store.certificates_numbered(&numbers).await?;
        Ok(Numbered::new(found))
    }

    fn plan_row(
        &self,
        terms: &RollTerms<'_>,
        row: ReadRow,
        holder: Option<PersonId>,
        known: &Numbered,
    ) -> Result<PlanRow, Error> {
        let conflict = row.findings.iter().any(|finding| finding.code == RollCode::PersonNameConflict);
        let others = row.findings.iter().filter(|finding| finding.code != RollCode::PersonNameConflict);
        let wrong = others.into_iter().any(|finding| finding.code.refuses());
        let mut kept: Vec<KeptFinding> =
            row.findings.into_iter().map(|finding| self.columns.keep(finding)).collect();
        let readable = row.entry.zip(holder).filter(|_| !wrong && !conflict);
        let (verdict, planned) = match readable {
            Some((entry, holder)) => {
                let record = known.of(&row.number, &holder);
                let (verdict, told) = terms.judge(&entry, &holder, record.map(|record| &record.certificate));
                kept.extend(told.into_iter().map(|finding| {
                    let change = record.map(|record| self.change(finding.code, &entry, &record.certificate));
                    let (before, after) = change.unwrap_or_default();
                    KeptFinding { before, after, ..self.columns.keep(finding) }
                }));
                let id = match record {
                    Some(record) => record.certificate.id.clone(),
                    None => self.new_certificate()?,
                };
                let changed = record.filter(|_| verdict == RollVerdict::Update);
                let before = changed.map(|record| record.certificate.before(record.source));
                let planned = PlannedCertificate { id, holder, entry, before };
                (verdict, (verdict != RollVerdict::Invalid).then_some(planned))
            }
            // The document is somebody's, under another name: the row may be right and the record wrong.
            None if conflict && !wrong => (RollVerdict::Ambiguous, None),
            None => (RollVerdict::Invalid, None),
        };
        Ok(PlanRow { row: row.row, verdict, number: row.number, planned, findings: kept })
    }

    /// What a change makes of what, in stable codes. Persons are never part of it.
    fn change(&self, code: RollCode, entry: &RollEntry, known: &Certificate) -> (String, String) {
        let words = |before: &str, after: &str| (before.to_owned(), after.to_owned());
        match code {
            RollCode::JobTypeChanged => words(known.job_type.code(), entry.job_type.code()),
            RollCode::LevelChanged => words(known.level.code(), entry.level.code()),
            RollCode::IssueDateChanged => (known.issue_date.to_string(), entry.issue_date.to_string()),
            RollCode::StandardChanged => (known.standard.name(), self.standard.id().name()),
            RollCode::EvidenceRenewed => {
                let until = known.evidence_until.map(|until| until.to_string());
                (until.unwrap_or_else(|| known.state.code().to_owned()), String::new())
            }
            _ => Default::default(),
        }
    }

    fn new_certificate(&self) -> Result<CertificateId, Error> {
        let id = new_id(&self.app.clock).to_string();
        Ok(CertificateId::try_new(&id).map_err(|fault| Fault::hide(&fault))?)
    }
}

fn refused(row: &ReadRow) -> bool {
    row.entry.is_none() || row.findings.iter().any(|finding| finding.code.refuses())
}
