mod measure;
mod site;
mod terms;

pub use measure::{IssuerMeasure, IssuerReview};
pub use site::Site;
pub use terms::{TermFault, TermList};

use super::province;
use crate::kernel::{Date, IssuerId, OrganizationId, StandardId, Version};
use crate::occupation::{JobType, Level};
use std::collections::BTreeSet;
use thiserror::Error;

/// The class of an evaluation organisation 评价机构.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IssuerClass {
    /// 用人单位: an employer, which evaluates its own staff. `Y` in a LEVEL22 number.
    Employer,
    /// 社会培训评价组织: a social training and evaluation organisation, open to the public. `S` in a LEVEL22 number.
    SocialOrganization,
}

impl IssuerClass {
    /// Every class.
    pub const ALL: [Self; 2] = [Self::Employer, Self::SocialOrganization];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Employer => "EMPLOYER",
            Self::SocialOrganization => "SOCIAL_ORGANIZATION",
        }
    }

    /// The term of the coding rule.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Employer => "用人单位",
            Self::SocialOrganization => "社会培训评价组织",
        }
    }

    /// The class with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.code() == code)
    }

    /// The letter a LEVEL22 number begins with.
    pub const fn letter(self) -> char {
        match self {
            Self::Employer => 'Y',
            Self::SocialOrganization => 'S',
        }
    }
}

/// Whether an issuer stands in the directory of filed issuers 评价机构目录.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IssuerStanding {
    /// Listed.
    Listed,
    /// Listed, but stopped for a while.
    Suspended,
    /// Removed 移出目录. Final.
    StruckOff,
}

impl IssuerStanding {
    /// Every standing.
    pub const ALL: [Self; 3] = [Self::Listed, Self::Suspended, Self::StruckOff];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Listed => "LISTED",
            Self::Suspended => "SUSPENDED",
            Self::StruckOff => "STRUCK_OFF",
        }
    }

    /// The standing with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.code() == code)
    }
}

/// What an issuer may issue, and on which days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accreditation {
    /// Under which standard.
    pub standard: StandardId,
    /// For which job type.
    pub job_type: JobType,
    /// The levels it may issue.
    pub levels: BTreeSet<Level>,
    /// The first day.
    pub from: Date,
    /// The last day, counted whole; none while it is open-ended.
    pub to: Option<Date>,
}

impl Accreditation {
    /// Whether it covers a certificate of this kind issued on this day.
    pub fn covers(&self, standard: &StandardId, job_type: JobType, level: Level, on: Date) -> bool {
        self.standard == *standard
            && self.job_type == job_type
            && self.levels.contains(&level)
            && self.from <= on
            && self.to.is_none_or(|last| on <= last)
    }
}

/// An evaluation organisation in its role as issuer of certificates. A platform may be one too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// Its id.
    pub id: IssuerId,
    /// The organisation behind it.
    pub organization: OrganizationId,
    /// Its class.
    pub class: IssuerClass,
    /// The four digits it was filed under; `0000` if a province filed it first.
    pub code: String,
    /// The two digits of its province (GB/T 2260).
    pub province: String,
    /// Its standing in the directory.
    pub standing: IssuerStanding,
    /// Why it is not listed; none while it is.
    pub measure: Option<IssuerMeasure>,
    /// What it may issue.
    pub accreditations: Vec<Accreditation>,
    /// Where it assesses; empty where that is not on record.
    pub sites: Vec<Site>,
    /// The version this value was read at.
    pub version: Version,
}

/// Why an issuer does not change as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IssuerRefusal {
    /// Removal from the directory is final.
    #[error("the issuer is struck off")]
    StruckOff,
    /// Only a listed issuer can be suspended.
    #[error("the issuer is suspended already")]
    AlreadySuspended,
    /// Only a suspended issuer can be reinstated.
    #[error("the issuer is not suspended")]
    NotSuspended,
    /// Four digits identify a filed issuer, two its province.
    #[error("an issuer has a code of four digits and a province of two")]
    CodeMalformed,
    /// There is no level, or the first day lies after the last.
    #[error("an accreditation covers nothing")]
    EmptyAccreditation,
    /// Six characters identify a site in its province, once.
    #[error("a site has six characters of its own in a province, and does not end before it begins")]
    SiteMalformed,
    /// A list does not hold what it must.
    #[error("{fault}")]
    TermNotKept {
        /// Which list.
        list: TermList,
        /// What is wrong with it.
        fault: TermFault,
    },
    /// Whoever stops an issuer says why.
    #[error(
        "a measure needs an explanation and a legal basis of a sensible length, and times in their order"
    )]
    MeasureUnfounded,
}

impl Issuer {
    /// Checks what the type cannot say; stores and services call it before they keep a new issuer.
    pub fn validated(self) -> Result<Self, IssuerRefusal> {
        let code = self.code.len() == 4 && self.code.bytes().all(|b| b.is_ascii_digit());
        if !code || province::of(&self.province).is_none() {
            return Err(IssuerRefusal::CodeMalformed);
        }
        let empty = |a: &Accreditation| a.levels.is_empty() || a.to.is_some_and(|last| last < a.from);
        if self.accreditations.iter().any(empty) {
            return Err(IssuerRefusal::EmptyAccreditation);
        }
        let key = |site: &Site| (site.province.clone(), site.sequence.clone());
        let keys: BTreeSet<(String, String)> = self.sites.iter().map(key).collect();
        let sound = |site: &Site| {
            Site::is_sequence(&site.sequence)
                && province::of(&site.province).is_some()
                && site.to.is_none_or(|last| site.from <= last)
        };
        if keys.len() < self.sites.len() || !self.sites.iter().all(sound) {
            return Err(IssuerRefusal::SiteMalformed);
        }
        Ok(self)
    }

    /// Whether some accreditation covers a certificate of this kind issued on this day. The standing is another matter.
    pub fn is_accredited_for(
        &self,
        standard: &StandardId,
        job_type: JobType,
        level: Level,
        on: Date,
    ) -> bool {
        self.accreditations.iter().any(|accreditation| accreditation.covers(standard, job_type, level, on))
    }

    /// The review its certificates are under; none unless it is struck off.
    pub fn review(&self) -> Option<IssuerReview> {
        let measure = self.measure.as_ref().filter(|_| self.standing == IssuerStanding::StruckOff)?;
        let (struck_off_at, begins) = (measure.effective_at, measure.entered_at);
        Some(IssuerReview { struck_off_at, begins, ends: measure.review_until.unwrap_or(begins) })
    }

    /// Stops the issuer for a while.
    pub fn suspend(self, measure: IssuerMeasure) -> Result<Self, IssuerRefusal> {
        match self.standing {
            IssuerStanding::Listed => self.under(IssuerStanding::Suspended, measure),
            IssuerStanding::Suspended => Err(IssuerRefusal::AlreadySuspended),
            IssuerStanding::StruckOff => Err(IssuerRefusal::StruckOff),
        }
    }

    /// Lets a suspended issuer go on.
    pub fn reinstate(self) -> Result<Self, IssuerRefusal> {
        match self.standing {
            IssuerStanding::Suspended => Ok(Self { standing: IssuerStanding::Listed, measure: None, ..self }),
            IssuerStanding::Listed => Err(IssuerRefusal::NotSuspended),
            IssuerStanding::StruckOff => Err(IssuerRefusal::StruckOff),
        }
    }

    /// Removes the issuer from the directory, for good, and puts its certificates under review.
    pub fn strike_off(self, measure: IssuerMeasure) -> Result<Self, IssuerRefusal> {
        match self.standing {
            IssuerStanding::Listed | IssuerStanding::Suspended => {
                self.under(IssuerStanding::StruckOff, measure)
            }
            IssuerStanding::StruckOff => Err(IssuerRefusal::StruckOff),
        }
    }

    fn under(self, standing: IssuerStanding, measure: IssuerMeasure) -> Result<Self, IssuerRefusal> {
        let reviewed = measure.review_until.is_some() == (standing == IssuerStanding::StruckOff);
        if !measure.is_founded() || !reviewed {
            return Err(IssuerRefusal::MeasureUnfounded);
        }
        Ok(Self { standing, measure: Some(measure), ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certification::samples::{LIVE_SALESPERSON, VIDEO_CREATOR, job_type};
    use crate::kernel::Timestamp;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn issuer() -> Issuer {
        Issuer {
            id: IssuerId::try_new("north").unwrap(),
            organization: OrganizationId::try_new("north-college").unwrap(),
            class: IssuerClass::SocialOrganization,
            code: "0042".to_owned(),
            province: "23".to_owned(),
            standing: IssuerStanding::Listed,
            accreditations: vec![Accreditation {
                standard: standard(),
                job_type: job_type(LIVE_SALESPERSON),
                levels: BTreeSet::from([Level::Five, Level::Four, Level::Three]),
                from: date("2022-01-01"),
                to: Some(date("2026-12-31")),
            }],
            measure: None,
            sites: Vec::new(),
            version: Version::FIRST,
        }
    }

    fn measure(review_until: Option<i64>) -> IssuerMeasure {
        IssuerMeasure {
            explanation: "sold results".to_owned(),
            legal_basis: "a decision".to_owned(),
            effective_at: Timestamp::from_micros(5),
            entered_at: Timestamp::from_micros(9),
            review_until: review_until.map(Timestamp::from_micros),
        }
    }

    fn standard() -> StandardId {
        StandardId::try_new("internet-marketer-2021").unwrap()
    }

    #[test]
    fn an_accreditation_covers_its_levels_on_its_days() {
        let covers = |job, level, on| issuer().is_accredited_for(&standard(), job, level, date(on));
        assert!(covers(job_type(LIVE_SALESPERSON), Level::Five, "2022-01-01"));
        assert!(covers(job_type(LIVE_SALESPERSON), Level::Three, "2026-12-31"));
        assert!(!covers(job_type(LIVE_SALESPERSON), Level::Two, "2024-01-01"));
        assert!(!covers(job_type(LIVE_SALESPERSON), Level::Apprentice, "2024-01-01"));
        assert!(!covers(job_type(VIDEO_CREATOR), Level::Four, "2024-01-01"));
        assert!(!covers(job_type(LIVE_SALESPERSON), Level::Four, "2021-12-31"));
        assert!(!covers(job_type(LIVE_SALESPERSON), Level::Four, "2027-01-01"));
        let other = StandardId::try_new("online-streamer").unwrap();
        assert!(!issuer().is_accredited_for(
            &other,
            job_type(LIVE_SALESPERSON),
            Level::Four,
            date("2024-01-01")
        ));
    }

    #[test]
    fn an_issuer_struck_off_never_comes_back() {
        let gone = issuer().strike_off(measure(Some(20))).unwrap();
        assert_eq!(gone.clone().reinstate(), Err(IssuerRefusal::StruckOff));
        assert_eq!(gone.clone().suspend(measure(None)), Err(IssuerRefusal::StruckOff));
        assert_eq!(gone.clone().amended(None, None, date("2024-01-01")), Err(IssuerRefusal::StruckOff));
        assert_eq!(gone.strike_off(measure(Some(20))), Err(IssuerRefusal::StruckOff));
    }

    #[test]
    fn a_strike_off_says_why_and_until_when_certificates_are_reviewed() {
        let review = issuer().strike_off(measure(Some(20))).unwrap().review().unwrap();
        let at = Timestamp::from_micros;
        assert_eq!((review.struck_off_at, review.begins, review.ends), (at(5), at(9), at(20)));
        assert!(!review.is_passed_by(None) && !review.is_passed_by(Some(at(9))));
        assert!(review.is_passed_by(Some(at(10))) && review.is_passed_by(Some(at(30))));
        assert_eq!(issuer().suspend(measure(None)).unwrap().review(), None);
        for wrong in [
            measure(None),
            measure(Some(9)),
            IssuerMeasure { explanation: " ".to_owned(), ..measure(Some(20)) },
            IssuerMeasure { legal_basis: "x".repeat(201), ..measure(Some(20)) },
            IssuerMeasure { effective_at: at(10), ..measure(Some(20)) },
        ] {
            assert_eq!(issuer().strike_off(wrong), Err(IssuerRefusal::MeasureUnfounded));
        }
    }

    #[test]
    fn a_suspended_issuer_is_reinstated() {
        let issuer = issuer().suspend(measure(None)).unwrap();
        assert_eq!(issuer.clone().suspend(measure(None)), Err(IssuerRefusal::AlreadySuspended));
        let issuer = issuer.reinstate().unwrap();
        assert_eq!((issuer.standing, &issuer.measure), (IssuerStanding::Listed, &None));
        assert_eq!(issuer.reinstate(), Err(IssuerRefusal::NotSuspended));
    }

    #[test]
    fn an_issuer_that_makes_no_sense_is_refused() {
        assert!(issuer().validated().is_ok());
        let short = Issuer { code: "42".to_owned(), ..issuer() };
        assert_eq!(short.validated(), Err(IssuerRefusal::CodeMalformed));
        let mut hollow = issuer();
        hollow.accreditations[0].levels.clear();
        assert_eq!(hollow.validated(), Err(IssuerRefusal::EmptyAccreditation));
        let mut backwards = issuer();
        backwards.accreditations[0].to = Some(date("2021-12-31"));
        assert_eq!(backwards.validated(), Err(IssuerRefusal::EmptyAccreditation));
    }

    #[test]
    fn codes_lead_back_to_their_values() {
        for class in IssuerClass::ALL {
            assert_eq!(IssuerClass::from_code(class.code()), Some(class));
        }
        for standing in IssuerStanding::ALL {
            assert_eq!(IssuerStanding::from_code(standing.code()), Some(standing));
        }
    }
}
