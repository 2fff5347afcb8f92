//! Makes a plan of a roll while its bytes come in.
//!
//! Rows are read, held against the standard and the issuer, and their holders resolved by the identity service, a
//! thousand at a time, as soon as a thousand wait; the next are read while the last are prepared and kept. Only person ids
//! are kept here. Holders of faultless rows that identity does not know yet are registered there, unverified, so that the
//! plan can name them without a name; of rows that are wrong anyway nobody is registered. No certificate changes.

use super::leavings::Leavings;
use super::prepare::{Desk, Turn};
use super::settle::{Missing, RollDigest, Staged};
use super::{App, own_write, stored};
use crate::error::Error;
use crate::identity::MOST_QUERIES;
use crate::roll::{Columns, RawRow, Reader, Said, damaged_book, read_book};
use crate::wire::{self, codes, facts};
use aws_lc_rs::digest::{Context, SHA256};
use greenroom_domain::certification::Standard;
use greenroom_domain::certification::port::{
    Change, IssuerRecord, PlanRow, Planner, RollCoverage, RollImport, RollImportState, RollTotals, Store,
};
use greenroom_domain::kernel::{IssuerId, RollImportId, StandardId, Version};
use greenroom_domain::ledger::{Position, StoreError};
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1::{PlanRollImportResponse, RollHeader};
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::new_id;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Mode, Once, Planned};
use greenroom_rpc::violations::Violations;
use prost::Message as _;
use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use tokio::sync::{Semaphore, oneshot};
use tokio_util::task::AbortOnDropHandle;

/// The largest file accepted, in bytes.
const MOST_BYTES: u64 = 256 << 20;
/// The most rows accepted, without the heading.
const MOST_ROWS: i64 = 1_000_000;
const TOO_LARGE: Error = Error::RollTooLarge { bytes: MOST_BYTES, rows: MOST_ROWS };
/// How many batches of rows are prepared at the same time.
const UNDER_WAY: usize = 3;
/// How many workbooks are read at the same time: each is in memory as a whole while it is, its strings unpacked.
static BOOKS: Semaphore = Semaphore::const_new(2);
/// How many certificates are looked at at once for being missing.
const PAGE: i64 = 1000;

/// A plan that is being made. Dropped before its end, its import is abandoned.
pub struct RollPlan<S: Store> {
    app: App<S>,
    call: Call,
    header: RollHeader,
    /// As it stands in the store, or will once `staging` is done.
    import: RollImport,
    /// The id that was asked for, if another import has it.
    taken: Option<RollImportId>,
    issuer: IssuerRecord,
    standard: Standard,
    reader: Reader,
    desk: Option<Arc<Desk<S>>>,
    pending: Vec<RawRow>,
    preparing: VecDeque<AbortOnDropHandle<Result<Vec<PlanRow>, Error>>>,
    /// Told when the batch that was begun last has its holders.
    last_turn: Option<oneshot::Receiver<()>>,
    staging: Option<AbortOnDropHandle<Result<Position, StoreError>>>,
    rows: i64,
    bytes: u64,
    body: Context,
    digest: RollDigest,
    numbers: Numbers,
    leavings: Leavings<S>,
}

/// Which numbers were seen: eight bytes of each. Two that share them only cost a look into the store.
struct Numbers {
    hasher: RandomState,
    seen: HashSet<u64>,
    repeated: bool,
}

impl Numbers {
    fn see(&mut self, number: &str) {
        self.repeated |= !self.seen.insert(self.hasher.hash_one(number));
    }
}

/// What a header says, once it is known to make sense.
struct Asked {
    issuer: IssuerId,
    standard: StandardId,
    import: Option<RollImportId>,
    coverage: RollCoverage,
    said: Said,
}

fn asked(header: &RollHeader) -> Result<Asked, Error> {
    let mut wrong = Violations::new();
    let issuer: Option<IssuerId> = wrong.take("header.issuer", greenroom_rpc::wire::name(&header.issuer));
    let standard: Option<StandardId> =
        wrong.take("header.standard", greenroom_rpc::wire::name(&header.standard));
    wrong.take("header.file_name", greenroom_rpc::wire::text(&header.file_name, 0..=200));
    let coverage = wrong.take("header.coverage", wire::optional(header.coverage, codes::parse_coverage));
    let import = wrong.take("header.roll_import_id", import_id(&header.roll_import_id));
    let said = Said {
        format: wrong.take("header.format", wire::optional(header.format, codes::parse_format)).flatten(),
        encoding: wrong
            .take("header.encoding", wire::optional(header.encoding, codes::parse_encoding))
            .flatten(),
        separator: wrong.take("header.separator", Said::separator(&header.separator)).flatten(),
    };
    let all = issuer.zip(standard).zip(coverage.zip(import));
    let ((issuer, standard), (coverage, import)) = wrong.finish(all)?;
    let coverage = coverage.unwrap_or(RollCoverage::Partial);
    Ok(Asked { issuer, standard, import, coverage, said })
}

fn import_id(text: &str) -> Result<Option<RollImportId>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let uuid = uuid::Uuid::parse_str(text).ok().filter(|id| !id.is_nil() && id.to_string() == text);
    let id = uuid.and_then(|_| RollImportId::try_new(text).ok());
    id.map(Some).ok_or_else(|| "must be a UUID in lower case".to_owned())
}

impl<S: Store + HasLog> App<S> {
    /// Begins a plan: whose roll it is must be known before its first byte.
    pub async fn begin_plan(&self, call: Call, header: RollHeader) -> Result<RollPlan<S>, Error> {
        let asked = asked(&header)?;
        // Told before the first byte, too: what is no request id.
        Once::of_body(&call, &[], &header.request_id, Mode::Commit, &self.key, &self.clock)?;
        let standard = self.standards.get(&asked.standard);
        let standard = standard.ok_or_else(|| Error::StandardNotFound(asked.standard.name()))?;
        let issuer = self.own_issuer(&call.caller, &asked.issuer).await?;
        let (import, taken) = self.begin_import(&call, &header, &asked).await?;
        let mut body = Context::new(&SHA256);
        body.update(&header.encode_to_vec());
        let leavings = Leavings {
            store: self.store.clone(),
            clock: self.clock.clone(),
            import: import.id.clone(),
            actor: call.actor(),
            method: call.method.to_string(),
            removed_on_drop: true,
        };
        Ok(RollPlan {
            app: self.clone(),
            standard: standard.standard().clone(),
            call,
            header,
            digest: RollDigest::of(import.coverage),
            import,
            taken,
            issuer,
            reader: Reader::new(asked.said),
            desk: None,
            pending: Vec::new(),
            preparing: VecDeque::new(),
            last_turn: None,
            staging: None,
            rows: 0,
            bytes: 0,
            body,
            numbers: Numbers { hasher: RandomState::new(), seen: HashSet::new(), repeated: false },
            leavings,
        })
    }

    /// Keeps an import that is being planned, under the id that was asked for if it is free. If it is not, the call may
    /// still be the repetition of one that was answered.
    async fn begin_import(
        &self,
        call: &Call,
        header: &RollHeader,
        asked: &Asked,
    ) -> Result<(RollImport, Option<RollImportId>), Error> {
        let fresh = new_id(&self.clock).to_string();
        let fresh = RollImportId::try_new(&fresh).map_err(|fault| Fault::hide(&fault))?;
        let mut import = RollImport {
            id: asked.import.clone().unwrap_or_else(|| fresh.clone()),
            issuer: asked.issuer.clone(),
            standard: asked.standard.clone(),
            file_name: header.file_name.clone(),
            coverage: asked.coverage,
            format: None,
            encoding: None,
            state: RollImportState::Planning,
            totals: RollTotals::default(),
            in_force: 0,
            withdrawals: 0,
            applied_count: 0,
            applied_through: 0,
            rolled_back_count: 0,
            kept_count: 0,
            rolled_back_through: 0,
            digest: String::new(),
            create_time: self.clock.now(),
            apply_time: None,
            planner: Planner { client: call.caller.client_id.clone(), person: call.caller.person.clone() },
            approval: None,
            rollback_time: None,
            version: Version::FIRST,
        };
        let mut taken = None;
        loop {
            let write = own_write(call, vec![facts::of_import(&import)], import.create_time);
            match self.store.commit(Change::AddImport(import.clone()), write).await {
                Ok(_) => return Ok((import, taken)),
                Err(StoreError::Taken(_)) if taken.is_none() => {
                    taken = Some(std::mem::replace(&mut import.id, fresh.clone()));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl<S: Store + HasLog> RollPlan<S> {
    /// Takes the next bytes of the file.
    pub async fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.bytes += bytes.len() as u64;
        if self.bytes > MOST_BYTES {
            return Err(TOO_LARGE);
        }
        self.body.update(bytes);
        let mut rest = bytes;
        while !rest.is_empty() {
            let read = self.reader.push(rest, &mut self.pending)?;
            rest = rest.get(read..).unwrap_or_default();
            if self.reader.is_full(&self.pending) {
                self.prepare().await?;
            }
        }
        Ok(())
    }

    /// The file has ended: the plan is concluded and kept, once for its request id.
    pub async fn finish(&mut self) -> Result<PlanRollImportResponse, Error> {
        while !self.reader.finish(&mut self.pending)? {
            self.prepare().await?;
        }
        if let Some(book) = self.reader.workbook() {
            self.read_book(book).await?;
        }
        while !self.pending.is_empty() {
            self.prepare().await?;
        }
        while !self.preparing.is_empty() {
            self.keep_prepared().await?;
        }
        let Some(desk) = self.desk.clone() else {
            let said = "the file is empty: it has no heading".to_owned();
            return Err(Error::RollUnreadable("no_heading", said));
        };
        self.settle_staging().await?;
        if self.numbers.repeated {
            let app = &self.app;
            let staged = Staged { store: &app.store, import: &self.import.id, columns: &desk.columns };
            staged.settle_repeated_numbers().await?;
            (self.import.totals, self.digest) = staged.total(self.import.coverage).await?;
        }
        let now = self.app.clock.now();
        let RollImport { issuer, standard, .. } = &self.import;
        self.import.in_force = self.app.store.in_force(issuer, standard, now).await?;
        if self.import.coverage == RollCoverage::Complete {
            self.find_missing(&desk).await?;
        }
        self.conclude().await
    }

    /// Reads a workbook while its first rows are prepared.
    async fn read_book(&mut self, book: Vec<u8>) -> Result<(), Error> {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
        let sheet = self.header.sheet.clone();
        let turn = BOOKS.acquire().await.map_err(|gone| Fault::hide(&gone))?;
        // The turn ends with the reading, even if nobody waits for it any more.
        let reading = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            read_book(book, &sheet, &sender)
        });
        while let Some(rows) = receiver.recv().await {
            self.pending = rows;
            self.prepare().await?;
        }
        match reading.await {
            Ok(read) => read,
            // A reader that gave up on a workbook has told that it cannot be read.
            Err(fault) if fault.is_panic() => Err(damaged_book()),
            Err(fault) => Err(Fault::hide(&fault).into()),
        }
    }

    async fn conclude(&mut self) -> Result<PlanRollImportResponse, Error> {
        let app = &self.app;
        let body = self.body.clone().finish();
        let request_id = &self.header.request_id;
        let once = Once::of_body(&self.call, body.as_ref(), request_id, Mode::Commit, &app.key, &app.clock)?;
        let planned = RollImport {
            state: RollImportState::Planned,
            format: self.reader.format(),
            encoding: self.reader.encoding(),
            digest: self.digest.clone().finish(),
            create_time: once.now(),
            ..self.import.clone()
        };
        let plan = || async {
            if let Some(taken) = &self.taken {
                return Err(Error::RollImportExists(taken.name()));
            }
            let stored = stored(&planned);
            Ok(Planned {
                change: Change::SaveImport(planned.clone()),
                events: vec![facts::of_import(&stored)],
                answer: PlanRollImportResponse {
                    roll_import: Some(wire::import(&stored)),
                    revision: String::new(),
                },
            })
        };
        self.leavings.removed_on_drop = false;
        let done = once.run(app.store.log(), plan, |change, write| app.store.commit(change, write)).await;
        let own = self.import.id.name();
        let answered = |done: &greenroom_rpc::once::Done<PlanRollImportResponse>| {
            done.answer.roll_import.as_ref().is_some_and(|import| import.name == own)
        };
        if !done.as_ref().is_ok_and(answered) {
            // The request was answered before, or refused: its own plan stands, this one goes.
            self.leavings.abandon().await;
        }
        let done = done?;
        Ok(PlanRollImportResponse { revision: done.revision(), ..done.answer })
    }

    /// Forgets what was staged, before the call is answered.
    pub async fn give_up(mut self) {
        self.preparing.clear();
        self.staging = None;
        self.leavings.abandon().await;
    }

    /// Begins to prepare up to a thousand rows. Waits for the oldest that are under way, if they are many.
    async fn prepare(&mut self) -> Result<(), Error> {
        let mut raw: Vec<RawRow> = self.pending.drain(..self.pending.len().min(MOST_QUERIES)).collect();
        let desk = match &self.desk {
            Some(desk) => Arc::clone(desk),
            None if raw.is_empty() => return Ok(()),
            None => {
                let heading = raw.remove(0);
                let (issuer, standard) = (self.issuer.issuer.clone(), self.standard.clone());
                let columns = Columns::read(&heading)?;
                let desk = Arc::new(Desk { app: self.app.clone(), issuer, standard, columns });
                Arc::clone(self.desk.insert(desk))
            }
        };
        self.rows += i64::try_from(raw.len()).unwrap_or(MOST_ROWS);
        if self.rows > MOST_ROWS {
            return Err(TOO_LARGE);
        }
        if self.preparing.len() >= UNDER_WAY {
            self.keep_prepared().await?;
        }
        let (turn, next) = Turn::behind(self.last_turn.take());
        self.last_turn = Some(next);
        self.preparing.push_back(AbortOnDropHandle::new(tokio::spawn(desk.prepare(raw, turn))));
        Ok(())
    }

    /// Keeps the oldest rows that are under way.
    async fn keep_prepared(&mut self) -> Result<(), Error> {
        let Some(prepared) = self.preparing.pop_front() else { return Ok(()) };
        let rows = prepared.await.map_err(|fault| Fault::hide(&fault))??;
        self.keep(rows).await
    }

    async fn keep(&mut self, rows: Vec<PlanRow>) -> Result<(), Error> {
        for row in &rows {
            self.import.totals.count(row.verdict);
            self.digest.add(row);
            if row.planned.is_some() {
                self.numbers.see(&row.number);
            }
        }
        self.settle_staging().await?;
        (self.import.format, self.import.encoding) = (self.reader.format(), self.reader.encoding());
        let next = stored(&self.import);
        let change = Change::StageRows(std::mem::replace(&mut self.import, next), rows);
        let write = own_write(&self.call, vec![facts::of_import(&self.import)], self.app.clock.now());
        let store = self.app.store.clone();
        let staging = tokio::spawn(async move { store.commit(change, write).await });
        self.staging = Some(AbortOnDropHandle::new(staging));
        Ok(())
    }

    async fn settle_staging(&mut self) -> Result<(), Error> {
        let Some(staging) = self.staging.take() else { return Ok(()) };
        staging.await.map_err(|fault| Fault::hide(&fault))??;
        Ok(())
    }

    /// Puts the certificates that the roll does not hold behind its rows.
    async fn find_missing(&mut self, desk: &Desk<S>) -> Result<(), Error> {
        let now = self.app.clock.now();
        let uncertain = self.app.store.rows_without_number(&self.import.id).await? > 0;
        let publication_lag = self.app.terms.publication_lag.clone();
        let mut missing = Missing {
            terms: desk.terms(now),
            publication_lag: &publication_lag,
            uncertain,
            found: 0,
            withdrawals: 0,
        };
        let mut after = String::new();
        loop {
            let page = self.app.store.missing(&self.import, &after, PAGE).await?;
            let Some(last) = page.last() else { break };
            last.certificate.id.as_str().clone_into(&mut after);
            let rows: Vec<PlanRow> = page.iter().filter_map(|record| missing.row(record)).collect();
            if !rows.is_empty() {
                self.keep(rows).await?;
            }
        }
        self.settle_staging().await?;
        self.import.withdrawals = missing.withdrawals;
        Ok(())
    }
}
