//! Rows as the tables have them, and the values they stand for.

use greenroom_domain::certification::port::{CertificateRecord, IssuerRecord, StandardRecord};
use greenroom_domain::certification::{
    Accreditation, Authority, Certificate, CertificateNumber, CertificateState, EvidenceSource, Hold, Issuer,
    IssuerClass, IssuerMeasure, IssuerStanding, Measure, OccupationCode, Revocation, RevocationReason, Site,
    Standard, StandardJobType,
};
use greenroom_domain::kernel::{Collection, Date, Id, Timestamp, Version};
use greenroom_domain::ledger::StoreError;
use greenroom_domain::occupation::{JobType, Level};
use std::collections::BTreeSet;

/// A row of `issuers`.
pub(super) struct IssuerRow {
    pub(super) id: String,
    pub(super) organization: String,
    pub(super) display_name: String,
    pub(super) class: String,
    pub(super) code: String,
    pub(super) province: String,
    pub(super) standing: String,
    pub(super) measure_explanation: String,
    pub(super) measure_basis: String,
    pub(super) measure_effective_us: Option<i64>,
    pub(super) measure_entered_us: Option<i64>,
    pub(super) review_until_us: Option<i64>,
    pub(super) version: i64,
    pub(super) create_time_us: i64,
    pub(super) update_time_us: i64,
}

/// A row of `accreditations`.
pub(super) struct AccreditationRow {
    pub(super) issuer: String,
    pub(super) place: i64,
    pub(super) standard: String,
    pub(super) job_type: String,
    pub(super) level: String,
    pub(super) from_date: String,
    pub(super) to_date: String,
}

/// A row of `standards`.
pub(super) struct StandardRow {
    pub(super) id: String,
    pub(super) edition: i64,
    pub(super) occupation_codes: String,
    pub(super) job_types: String,
    pub(super) digest: Vec<u8>,
    pub(super) tell_time_us: i64,
    pub(super) version: i64,
}

/// A row of `certificates`.
pub(super) struct CertificateRow {
    pub(super) id: String,
    pub(super) number: String,
    pub(super) holder: String,
    pub(super) standard: String,
    pub(super) job_type: String,
    pub(super) level: String,
    pub(super) issuer: String,
    pub(super) issue_date: String,
    pub(super) state: String,
    pub(super) state_since_us: i64,
    pub(super) verified_time_us: Option<i64>,
    pub(super) evidence_until_us: Option<i64>,
    pub(super) retry_time_us: Option<i64>,
    pub(super) check_time_us: Option<i64>,
    pub(super) source: String,
    pub(super) revocation_reason: String,
    pub(super) revocation_explanation: String,
    pub(super) revocation_basis: String,
    pub(super) revocation_time_us: i64,
    pub(super) version: i64,
    pub(super) create_time_us: i64,
    pub(super) update_time_us: i64,
    pub(super) revocation_by: String,
    pub(super) hold_by: String,
    pub(super) hold_beneath: String,
    pub(super) measure_by: String,
    pub(super) measure_explanation: String,
    pub(super) measure_basis: String,
    pub(super) measure_time_us: i64,
    pub(super) superseded_by: String,
    pub(super) lapsed_time_us: Option<i64>,
}

/// A stored value this program could not have written. Tells where, never what.
pub(super) fn damaged(place: &str) -> StoreError {
    StoreError::Damaged(format!("`{place}` holds an unknown value"))
}

pub(super) fn id<K: Collection>(text: &str, place: &str) -> Result<Id<K>, StoreError> {
    Id::try_new(text).map_err(|_| damaged(place))
}

pub(super) fn date(text: &str, place: &str) -> Result<Date, StoreError> {
    Date::parse(text).map_err(|_| damaged(place))
}

pub(super) fn known<T>(value: Option<T>, place: &str) -> Result<T, StoreError> {
    value.ok_or_else(|| damaged(place))
}

impl IssuerRow {
    pub(super) fn read(
        self,
        accreditations: Vec<AccreditationRow>,
        sites: Vec<Site>,
    ) -> Result<IssuerRecord, StoreError> {
        let at = |micros: Option<i64>| micros.map(Timestamp::from_micros);
        let measure = at(self.measure_effective_us).zip(at(self.measure_entered_us));
        let measure = measure.map(|(effective_at, entered_at)| IssuerMeasure {
            explanation: self.measure_explanation,
            legal_basis: self.measure_basis,
            effective_at,
            entered_at,
            review_until: at(self.review_until_us),
        });
        let issuer = Issuer {
            id: id(&self.id, "issuers.id")?,
            organization: id(&self.organization, "issuers.organization")?,
            class: known(IssuerClass::from_code(&self.class), "issuers.class")?,
            code: self.code,
            province: self.province,
            standing: known(IssuerStanding::from_code(&self.standing), "issuers.standing")?,
            measure,
            accreditations: gather(accreditations)?,
            sites,
            version: Version::new(self.version),
        };
        Ok(IssuerRecord {
            issuer,
            display_name: self.display_name,
            create_time: Timestamp::from_micros(self.create_time_us),
            update_time: Timestamp::from_micros(self.update_time_us),
        })
    }
}

/// Rows of one place and different levels are one accreditation. They come in the order of their places.
fn gather(rows: Vec<AccreditationRow>) -> Result<Vec<Accreditation>, StoreError> {
    let mut gathered: Vec<(i64, Accreditation)> = Vec::new();
    for row in rows {
        let level = known(Level::from_code(&row.level), "accreditations.level")?;
        match gathered.last_mut() {
            Some((place, accreditation)) if *place == row.place => {
                accreditation.levels.insert(level);
            }
            _ => gathered.push((row.place, accreditation(&row, level)?)),
        }
    }
    Ok(gathered.into_iter().map(|(_, accreditation)| accreditation).collect())
}

fn accreditation(row: &AccreditationRow, level: Level) -> Result<Accreditation, StoreError> {
    let to = match row.to_date.as_str() {
        "" => None,
        day => Some(date(day, "accreditations.to_date")?),
    };
    Ok(Accreditation {
        standard: id(&row.standard, "accreditations.standard")?,
        job_type: known(JobType::from_code(&row.job_type), "accreditations.job_type")?,
        levels: BTreeSet::from([level]),
        from: date(&row.from_date, "accreditations.from_date")?,
        to,
    })
}

/// The rows of an issuer's accreditations.
pub(super) fn accreditation_rows(issuer: &Issuer) -> Vec<AccreditationRow> {
    let placed = issuer.accreditations.iter().zip(0_i64..);
    placed
        .flat_map(|(accreditation, place)| {
            accreditation.levels.iter().map(move |level| AccreditationRow {
                issuer: issuer.id.as_str().to_owned(),
                place,
                standard: accreditation.standard.as_str().to_owned(),
                job_type: accreditation.job_type.code().to_owned(),
                level: level.code().to_owned(),
                from_date: accreditation.from.to_string(),
                to_date: accreditation.to.map(|day| day.to_string()).unwrap_or_default(),
            })
        })
        .collect()
}

impl StandardRow {
    pub(super) fn of(record: &StandardRecord) -> Self {
        let standard = &record.standard;
        let codes: Vec<&str> = standard.codes().iter().map(OccupationCode::as_str).collect();
        Self {
            id: standard.id().as_str().to_owned(),
            edition: standard.edition().into(),
            occupation_codes: codes.join("\n"),
            job_types: StandardJobType::written(standard.job_types()),
            digest: record.digest.to_vec(),
            tell_time_us: record.tell_time.as_micros(),
            version: record.version.as_i64(),
        }
    }

    pub(super) fn read(self) -> Result<StandardRecord, StoreError> {
        let codes: Result<Vec<_>, _> = self.occupation_codes.lines().map(OccupationCode::try_new).collect();
        let codes = codes.map_err(|_| damaged("standards.occupation_codes"))?;
        let job_types = known(StandardJobType::read(&self.job_types), "standards.job_types")?;
        let edition = i32::try_from(self.edition).map_err(|_| damaged("standards.edition"))?;
        let standard = Standard::try_new(id(&self.id, "standards.id")?, codes, edition, job_types);
        Ok(StandardRecord {
            standard: standard.map_err(|_| damaged("standards"))?,
            digest: self.digest.try_into().map_err(|_| damaged("standards.digest"))?,
            version: Version::new(self.version),
            tell_time: Timestamp::from_micros(self.tell_time_us),
        })
    }
}

impl CertificateRow {
    pub(super) fn read(self) -> Result<CertificateRecord, StoreError> {
        let at = |micros: Option<i64>| micros.map(Timestamp::from_micros);
        let source = match self.source.as_str() {
            "" => None,
            code => Some(known(EvidenceSource::from_code(code), "certificates.source")?),
        };
        let (revocation, measure, held) = (self.revocation()?, self.measure()?, self.held()?);
        let superseded_by = match self.superseded_by.as_str() {
            "" => None,
            by => Some(id(by, "certificates.superseded_by")?),
        };
        let certificate = Certificate {
            id: id(&self.id, "certificates.id")?,
            number: CertificateNumber::parse(&self.number).map_err(|_| damaged("certificates.number"))?,
            holder: id(&self.holder, "certificates.holder")?,
            standard: id(&self.standard, "certificates.standard")?,
            job_type: known(JobType::from_code(&self.job_type), "certificates.job_type")?,
            level: known(Level::from_code(&self.level), "certificates.level")?,
            issuer: id(&self.issuer, "certificates.issuer")?,
            issue_date: date(&self.issue_date, "certificates.issue_date")?,
            state: known(CertificateState::from_code(&self.state), "certificates.state")?,
            state_since: Timestamp::from_micros(self.state_since_us),
            verified_at: at(self.verified_time_us),
            evidence_until: at(self.evidence_until_us),
            retry_at: at(self.retry_time_us),
            checked_at: at(self.check_time_us),
            lapsed_at: at(self.lapsed_time_us),
            held,
            version: Version::new(self.version),
        };
        Ok(CertificateRecord {
            certificate,
            source,
            revocation,
            measure,
            superseded_by,
            create_time: Timestamp::from_micros(self.create_time_us),
            update_time: Timestamp::from_micros(self.update_time_us),
        })
    }

    fn revocation(&self) -> Result<Option<Revocation>, StoreError> {
        if self.revocation_reason.is_empty() {
            return Ok(None);
        }
        let reason = RevocationReason::from_code(&self.revocation_reason);
        Ok(Some(Revocation {
            reason: known(reason, "certificates.revocation_reason")?,
            explanation: self.revocation_explanation.clone(),
            legal_basis: self.revocation_basis.clone(),
            effective_time: Timestamp::from_micros(self.revocation_time_us),
            by: authority(&self.revocation_by, "certificates.revocation_by")?,
        }))
    }

    fn measure(&self) -> Result<Option<Measure>, StoreError> {
        if self.measure_by.is_empty() {
            return Ok(None);
        }
        Ok(Some(Measure {
            by: authority(&self.measure_by, "certificates.measure_by")?,
            explanation: self.measure_explanation.clone(),
            legal_basis: self.measure_basis.clone(),
            effective_time: Timestamp::from_micros(self.measure_time_us),
        }))
    }

    fn held(&self) -> Result<Option<Hold>, StoreError> {
        if self.hold_by.is_empty() {
            return Ok(None);
        }
        let beneath = CertificateState::from_code(&self.hold_beneath);
        Ok(Some(Hold {
            by: authority(&self.hold_by, "certificates.hold_by")?,
            beneath: known(beneath, "certificates.hold_beneath")?,
        }))
    }
}

fn authority(code: &str, place: &str) -> Result<Authority, StoreError> {
    known(Authority::from_code(code), place)
}
