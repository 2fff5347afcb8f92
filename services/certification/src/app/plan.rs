//! Makes a plan of a roll while its bytes come in.
//!
//! Rows are read, held against the standard and the issuer, and their holders resolved by the identity service, a
//! thousand at a time, as soon as a thousand wait. Only person ids are kept here. Holders of faultless rows that identity does not know yet are
//! registered there, unverified, so that the plan can name them without a name; of rows that are wrong anyway nobody is
//! registered. No certificate changes.

use super::App;
use super::leavings::{Leavings, unstage};
use super::settle::Staged;
use crate::error::Error;
use crate::identity::{MOST_QUERIES, Registering, Resolved};
use crate::roll::{Columns, RawRow, ReadRow, Table, person_finding};
use crate::wire::{self, facts};
use aws_lc_rs::digest::{Context, SHA256};
use greenroom_domain::certification::port::{
    CertificateRecord, Change, IssuerRecord, PlanRow, PlannedCertificate, RollImport, RollImportState, Store,
};
use greenroom_domain::certification::{RollCode, RollColumn, RollFinding, RollTerms, RollVerdict, Standard};
use greenroom_domain::kernel::{CertificateId, IssuerId, PersonId, RollImportId, StandardId, Version};
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1::{PlanRollImportResponse, RollHeader};
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::new_id;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Mode, Once, Planned};
use greenroom_rpc::violations::Violations;
use prost::Message as _;
use std::collections::HashMap;

/// The largest file accepted, in bytes.
const MOST_BYTES: u64 = 256 << 20;
/// The most rows accepted, without the heading.
const MOST_ROWS: i64 = 1_000_000;
/// A plan that is being made. Dropped before its end, it takes its staged rows along.
pub struct RollPlan<S: Store> {
    app: App<S>,
    call: Call,
    header: RollHeader,
    id: RollImportId,
    issuer: IssuerRecord,
    standard: Standard,
    table: Table,
    columns: Option<Columns>,
    pending: Vec<RawRow>,
    rows: i64,
    bytes: u64,
    body: Context,
    leavings: Leavings<S>,
}

impl<S: Store + HasLog> App<S> {
    /// Begins a plan: whose roll it is must be known before its first byte.
    pub async fn begin_plan(&self, call: Call, header: RollHeader) -> Result<RollPlan<S>, Error> {
        let mut wrong = Violations::new();
        let issuer: Option<IssuerId> = wrong.take("header.issuer", greenroom_rpc::wire::name(&header.issuer));
        let standard: Option<StandardId> =
            wrong.take("header.standard", greenroom_rpc::wire::name(&header.standard));
        wrong.take("header.file_name", greenroom_rpc::wire::text(&header.file_name, 0..=200));
        let (issuer, standard) = wrong.finish(issuer.zip(standard))?;
        let known = self.standards.get(&standard).ok_or_else(|| Error::StandardNotFound(standard.name()))?;
        let issuer = self.own_issuer(&call.caller, &issuer).await?;
        let id = new_id(&self.clock).to_string();
        let id = RollImportId::try_new(&id).map_err(|fault| Fault::hide(&fault))?;
        let mut body = Context::new(&SHA256);
        body.update(&header.encode_to_vec());
        Ok(RollPlan {
            app: self.clone(),
            standard: known.standard().clone(),
            call,
            header,
            leavings: Leavings { store: self.store.clone(), import: id.clone(), removed_on_drop: true },
            id,
            issuer,
            table: Table::new(),
            columns: None,
            pending: Vec::new(),
            rows: 0,
            bytes: 0,
            body,
        })
    }
}

impl<S: Store + HasLog> RollPlan<S> {
    /// Takes the next bytes of the file.
    pub async fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.bytes += bytes.len() as u64;
        if self.bytes > MOST_BYTES {
            return Err(Error::RollTooLarge(MOST_BYTES));
        }
        self.body.update(bytes);
        let mut rest = bytes;
        while !rest.is_empty() {
            let read = self.table.push(rest, &mut self.pending)?;
            rest = rest.get(read..).unwrap_or_default();
            if self.table.is_full(&self.pending) {
                self.stage().await?;
            }
        }
        Ok(())
    }

    /// The file has ended: the plan is concluded and kept, once for its request id.
    pub async fn finish(&mut self) -> Result<PlanRollImportResponse, Error> {
        self.table.finish(&mut self.pending)?;
        while !self.pending.is_empty() {
            self.stage().await?;
        }
        let Some(columns) = &self.columns else {
            let said = "the file is empty: it has no heading".to_owned();
            return Err(Error::RollUnreadable("no_heading", said));
        };
        let app = &self.app;
        let staged = Staged { store: &app.store, import: &self.id, columns };
        staged.settle_repeated_numbers().await?;
        let (totals, digest) = staged.total().await?;
        let body = self.body.clone().finish();
        let request_id = &self.header.request_id;
        let once = Once::of_body(&self.call, body.as_ref(), request_id, Mode::Commit, &app.key, &app.clock)?;
        let import = RollImport {
            id: self.id.clone(),
            issuer: self.issuer.issuer.id.clone(),
            standard: self.standard.id().clone(),
            file_name: self.header.file_name.clone(),
            state: RollImportState::Planned,
            totals,
            applied_count: 0,
            applied_through: 0,
            digest,
            create_time: once.now(),
            apply_time: None,
            version: Version::FIRST,
        };
        let plan = || async {
            let roll_import = Some(wire::import(&import));
            Ok::<_, Error>(Planned {
                change: Change::AddImport(import.clone()),
                events: vec![facts::of_import(&import)],
                answer: PlanRollImportResponse { roll_import, revision: String::new() },
            })
        };
        self.leavings.removed_on_drop = false;
        let done = once.run(app.store.log(), plan, |change, write| app.store.commit(change, write)).await?;
        let revision = done.revision();
        let answered = done.answer.roll_import.as_ref().map(|import| import.name.as_str());
        if answered != Some(self.id.name().as_str()) {
            // The request was answered before: its own plan stands, this one goes.
            unstage(&app.store, &self.id).await;
        }
        Ok(PlanRollImportResponse { revision, ..done.answer })
    }

    /// Forgets what was staged, before the call is answered.
    pub async fn give_up(mut self) {
        self.leavings.removed_on_drop = false;
        unstage(&self.app.store, &self.id).await;
    }

    /// Plans up to a thousand rows and keeps them.
    async fn stage(&mut self) -> Result<(), Error> {
        let raw: Vec<RawRow> = self.pending.drain(..self.pending.len().min(MOST_QUERIES)).collect();
        let mut raw = raw.as_slice();
        if self.columns.is_none() {
            let Some((heading, rest)) = raw.split_first() else { return Ok(()) };
            self.columns = Some(Columns::read(heading)?);
            raw = rest;
        }
        let Some(columns) = self.columns.clone() else { return Ok(()) };
        self.rows += i64::try_from(raw.len()).unwrap_or(MOST_ROWS);
        if self.rows > MOST_ROWS {
            return Err(Error::RollTooLarge(MOST_BYTES));
        }
        let now = self.app.clock.now();
        let issuer = self.issuer.issuer.clone();
        let standard = self.standard.clone();
        let terms = RollTerms { issuer: &issuer, standard: &standard, now };
        let mut rows: Vec<ReadRow> = raw.iter().map(|raw| columns.row(raw, &standard)).collect();
        for row in &mut rows {
            let told = row.entry.as_ref().map(|entry| terms.hold(entry));
            row.findings.extend(told.unwrap_or_default());
        }
        let holders = self.resolve(&mut rows).await?;
        let known = self.known(&rows).await?;
        let mut planned = Vec::with_capacity(rows.len());
        for (row, holder) in rows.into_iter().zip(holders) {
            planned.push(self.plan_row(&terms, &columns, row, holder, &known)?);
        }
        self.app.store.stage(&self.id, &planned).await?;
        Ok(())
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
    async fn known(&self, rows: &[ReadRow]) -> Result<HashMap<String, CertificateRecord>, Error> {
        let readable = rows.iter().filter(|row| !refused(row));
        let numbers: Vec<String> = readable.map(|row| row.number.clone()).collect();
        let found = self.app.store.certificates_numbered(&numbers).await?;
        Ok(found.into_iter().map(|record| (record.certificate.number.as_str().to_owned(), record)).collect())
    }

    fn plan_row(
        &self,
        terms: &RollTerms<'_>,
        columns: &Columns,
        row: ReadRow,
        holder: Option<PersonId>,
        known: &HashMap<String, CertificateRecord>,
    ) -> Result<PlanRow, Error> {
        let conflict = row.findings.iter().any(|finding| finding.code == RollCode::PersonNameConflict);
        let others = row.findings.iter().filter(|finding| finding.code != RollCode::PersonNameConflict);
        let wrong = others.into_iter().any(|finding| finding.code.refuses());
        let mut findings = row.findings;
        let readable = row.entry.zip(holder).filter(|_| !wrong && !conflict);
        let (verdict, planned) = match readable {
            Some((entry, holder)) => {
                let record = known.get(&row.number).map(|record| &record.certificate);
                let (verdict, told) = terms.judge(&entry, &holder, record);
                findings.extend(told);
                let id = match record {
                    Some(record) => record.id.clone(),
                    None => self.new_certificate()?,
                };
                let base = record.map(|record| record.version);
                let planned = PlannedCertificate { id, holder, entry, base };
                (verdict, (verdict != RollVerdict::Invalid).then_some(planned))
            }
            // The document is somebody's, under another name: the row may be right and the record wrong.
            None if conflict && !wrong => (RollVerdict::Ambiguous, None),
            None => (RollVerdict::Invalid, None),
        };
        let findings = findings.into_iter().map(|finding| columns.keep(finding)).collect();
        Ok(PlanRow { row: row.row, verdict, number: row.number, planned, findings })
    }

    fn new_certificate(&self) -> Result<CertificateId, Error> {
        let id = new_id(&self.app.clock).to_string();
        Ok(CertificateId::try_new(&id).map_err(|fault| Fault::hide(&fault))?)
    }
}

fn refused(row: &ReadRow) -> bool {
    row.entry.is_none() || row.findings.iter().any(|finding| finding.code.refuses())
}
