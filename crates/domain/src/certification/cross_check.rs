use super::province::{self, ProvinceMark};
use super::{CertificateNumber, Issuer, IssuerClass, Scheme, Standard};
use crate::kernel::Date;
use crate::occupation::{JobType, JobTypeName, Level};
use thiserror::Error;

/// What somebody claims about a certificate, as far as its number can contradict it.
#[derive(Debug, Clone, Copy)]
pub struct NumberClaim<'a> {
    /// The job type claimed, with the standard that is to have it; none where one of the two is not told.
    pub job_type: Option<(&'a Standard, JobType)>,
    /// The level claimed.
    pub level: Level,
    /// The date of issue claimed.
    pub issue_date: Date,
    /// The issuer claimed, if it is known to us.
    pub issuer: Option<&'a Issuer>,
}

/// What a finding means for the claim. Only what a source confirms refuses; the rest warns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; the claim stands.
    Note,
    /// The claim cannot be true as it stands.
    Refuse,
}

impl Severity {
    /// The stable code, used in messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Note => "NOTE",
            Self::Refuse => "REFUSE",
        }
    }
}

/// The kinds of findings; the stable names of [`NumberFinding`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingCode {
    /// The pattern belongs to no scheme we know.
    SchemeUnknown,
    /// The level in the number is not the level claimed.
    LevelConflict,
    /// The year in the number is not the year of issue.
    YearConflict,
    /// The year in the number lies before the scheme is said to have begun, which no source confirms.
    YearBeforeScheme,
    /// The class in the number is not the issuer's.
    IssuerClassConflict,
    /// The code in the number is not the issuer's.
    IssuerCodeConflict,
    /// No province has the code in the number.
    ProvinceUnknown,
    /// The number of an issuer filed with a province names another province than the issuer's.
    ProvinceConflict,
    /// The code in the number is a province's, but whether numbers use it is not confirmed.
    ProvinceUnconfirmed,
    /// The issuer has sites on record, and none with the characters and province in the number.
    SiteUnknown,
    /// The site in the number was not open on the day of issue.
    SiteClosed,
    /// The occupational standard has no such level for this job type.
    CellNotInStandard,
}

impl FindingCode {
    /// Every code.
    pub const ALL: [Self; 12] = [
        Self::SchemeUnknown,
        Self::LevelConflict,
        Self::YearConflict,
        Self::YearBeforeScheme,
        Self::IssuerClassConflict,
        Self::IssuerCodeConflict,
        Self::ProvinceUnknown,
        Self::ProvinceConflict,
        Self::ProvinceUnconfirmed,
        Self::SiteUnknown,
        Self::SiteClosed,
        Self::CellNotInStandard,
    ];

    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SchemeUnknown => "SCHEME_UNKNOWN",
            Self::LevelConflict => "LEVEL_CONFLICT",
            Self::YearConflict => "YEAR_CONFLICT",
            Self::YearBeforeScheme => "YEAR_BEFORE_SCHEME",
            Self::IssuerClassConflict => "ISSUER_CLASS_CONFLICT",
            Self::IssuerCodeConflict => "ISSUER_CODE_CONFLICT",
            Self::ProvinceUnknown => "PROVINCE_UNKNOWN",
            Self::ProvinceConflict => "PROVINCE_CONFLICT",
            Self::ProvinceUnconfirmed => "PROVINCE_UNCONFIRMED",
            Self::SiteUnknown => "SITE_UNKNOWN",
            Self::SiteClosed => "SITE_CLOSED",
            Self::CellNotInStandard => "CELL_NOT_IN_STANDARD",
        }
    }

    /// The finding in Chinese, for whoever reads an answer.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::SchemeUnknown => "证书编号不符合任何已知编码规则,无法从中读取信息",
            Self::LevelConflict => "证书编号中的等级与申报的等级不一致",
            Self::YearConflict => "证书编号中的年份与发证日期不一致",
            Self::YearBeforeScheme => "证书编号中的年份早于该编码规则的启用年份",
            Self::IssuerClassConflict => "证书编号中的机构类别与评价机构不一致",
            Self::IssuerCodeConflict => "证书编号中的机构代码与评价机构不一致",
            Self::ProvinceUnknown => "证书编号中的省级代码不存在",
            Self::ProvinceConflict => "证书编号中的省级代码与评价机构所在省份不一致",
            Self::ProvinceUnconfirmed => "证书编号是否使用该省级代码尚未确认",
            Self::SiteUnknown => "评价机构名下没有证书编号所示的考点",
            Self::SiteClosed => "证书编号所示的考点在发证当日未启用或已停用",
            Self::CellNotInStandard => "职业标准中没有该工种的这一等级",
        }
    }

    /// What it means for the claim. A scheme's beginning, the codes outside the provinces' own and the completeness of an
    /// issuer's list of sites are not confirmed, so they refuse nothing.
    pub const fn severity(self) -> Severity {
        match self {
            Self::SchemeUnknown
            | Self::YearBeforeScheme
            | Self::ProvinceUnconfirmed
            | Self::SiteUnknown
            | Self::SiteClosed => Severity::Note,
            Self::LevelConflict
            | Self::YearConflict
            | Self::IssuerClassConflict
            | Self::IssuerCodeConflict
            | Self::ProvinceUnknown
            | Self::ProvinceConflict
            | Self::CellNotInStandard => Severity::Refuse,
        }
    }
}

/// One contradiction between a number and a claim; its text is the sentence for the caller.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NumberFinding {
    /// See [`FindingCode::SchemeUnknown`].
    #[error("the number belongs to no known scheme; nothing can be read out of it")]
    SchemeUnknown,
    /// See [`FindingCode::LevelConflict`].
    #[error("the number says {}, {} is claimed", number.english(), claimed.english())]
    LevelConflict {
        /// The level in the number.
        number: Level,
        /// The level claimed.
        claimed: Level,
    },
    /// See [`FindingCode::YearConflict`].
    #[error("the number says {number}, a date of issue in {claimed} is claimed")]
    YearConflict {
        /// The year in the number.
        number: i32,
        /// The year of the date of issue claimed.
        claimed: i32,
    },
    /// See [`FindingCode::YearBeforeScheme`].
    #[error("the number says {number}, such numbers are said to exist since {first}")]
    YearBeforeScheme {
        /// The year in the number.
        number: i32,
        /// The first year of the scheme.
        first: i32,
    },
    /// See [`FindingCode::IssuerClassConflict`].
    #[error("the number is that of another class of issuer ({}) than the issuer's ({})", number.code(), issuer.code())]
    IssuerClassConflict {
        /// The class in the number.
        number: IssuerClass,
        /// The issuer's class.
        issuer: IssuerClass,
    },
    /// See [`FindingCode::IssuerCodeConflict`].
    #[error("the number says issuer `{number}`, the issuer is filed as `{issuer}`")]
    IssuerCodeConflict {
        /// The code in the number.
        number: String,
        /// The issuer's code.
        issuer: String,
    },
    /// See [`FindingCode::ProvinceUnknown`].
    #[error("no province has the code `{number}`")]
    ProvinceUnknown {
        /// The code in the number.
        number: String,
    },
    /// See [`FindingCode::ProvinceConflict`].
    #[error("the number says province `{number}`, the issuer is filed with province `{issuer}`")]
    ProvinceConflict {
        /// The province in the number.
        number: String,
        /// The issuer's province.
        issuer: String,
    },
    /// See [`FindingCode::ProvinceUnconfirmed`].
    #[error("the number says province `{number}`; whether numbers use that code is not confirmed")]
    ProvinceUnconfirmed {
        /// The code in the number.
        number: String,
    },
    /// See [`FindingCode::SiteUnknown`].
    #[error("the number says site `{number}`, which is not among the issuer's sites on record")]
    SiteUnknown {
        /// Province and characters in the number.
        number: String,
    },
    /// See [`FindingCode::SiteClosed`].
    #[error("the number says site `{number}`, which was not open on the date of issue `{issued}`")]
    SiteClosed {
        /// Province and characters in the number.
        number: String,
        /// The date of issue claimed.
        issued: Date,
    },
    /// See [`FindingCode::CellNotInStandard`].
    #[error("the standard has no {} for a {}", level.english(), job_type.english)]
    CellNotInStandard {
        /// What the job type claimed is called.
        job_type: JobTypeName,
        /// The level claimed.
        level: Level,
    },
}

impl NumberFinding {
    /// Its stable name.
    pub const fn code(&self) -> FindingCode {
        match self {
            Self::SchemeUnknown => FindingCode::SchemeUnknown,
            Self::LevelConflict { .. } => FindingCode::LevelConflict,
            Self::YearConflict { .. } => FindingCode::YearConflict,
            Self::YearBeforeScheme { .. } => FindingCode::YearBeforeScheme,
            Self::IssuerClassConflict { .. } => FindingCode::IssuerClassConflict,
            Self::IssuerCodeConflict { .. } => FindingCode::IssuerCodeConflict,
            Self::ProvinceUnknown { .. } => FindingCode::ProvinceUnknown,
            Self::ProvinceConflict { .. } => FindingCode::ProvinceConflict,
            Self::ProvinceUnconfirmed { .. } => FindingCode::ProvinceUnconfirmed,
            Self::SiteUnknown { .. } => FindingCode::SiteUnknown,
            Self::SiteClosed { .. } => FindingCode::SiteClosed,
            Self::CellNotInStandard { .. } => FindingCode::CellNotInStandard,
        }
    }

    /// What it means for the claim.
    pub const fn severity(&self) -> Severity {
        self.code().severity()
    }

    /// The sentence in Chinese.
    pub fn chinese(&self) -> String {
        match self {
            Self::SchemeUnknown => "证书编号不属于已知的编码规则".to_owned(),
            Self::LevelConflict { number, claimed } => {
                format!("证书编号所示等级为{}，申报等级为{}", number.chinese(), claimed.chinese())
            }
            Self::YearConflict { number, claimed } => {
                format!("证书编号所示年份为{number}年，申报发证年份为{claimed}年")
            }
            Self::YearBeforeScheme { number, first } => {
                format!("证书编号所示年份为{number}年，此类编号自{first}年起使用")
            }
            Self::IssuerClassConflict { number, issuer } => {
                format!("证书编号所示机构类别为{}，评价机构为{}", number.chinese(), issuer.chinese())
            }
            Self::IssuerCodeConflict { number, issuer } => {
                format!("证书编号所示机构代码为`{number}`，评价机构备案代码为`{issuer}`")
            }
            Self::ProvinceUnknown { number } => format!("证书编号中的省级代码`{number}`不存在"),
            Self::ProvinceConflict { number, issuer } => {
                format!("证书编号所示省级代码为`{number}`，评价机构备案省份为`{issuer}`")
            }
            Self::ProvinceUnconfirmed { number } => {
                format!("证书编号所示省级代码为`{number}`，证书编号是否使用该代码尚未确认")
            }
            Self::SiteUnknown { number } => format!("评价机构名下没有证书编号所示的考点`{number}`"),
            Self::SiteClosed { number, issued } => {
                format!("证书编号所示的考点`{number}`在发证日期{issued}未启用或已停用")
            }
            Self::CellNotInStandard { job_type, level } => {
                format!("职业标准中{}没有{}", job_type.chinese, level.chinese())
            }
        }
    }
}

/// The issuer code of those that a province filed first.
const FILED_WITH_PROVINCE: &str = "0000";

/// Holds a number against a claim, offline; every contradiction is told. An empty answer is no proof: no scheme has a
/// check digit.
pub fn cross_check(number: &CertificateNumber, claim: &NumberClaim<'_>) -> Vec<NumberFinding> {
    [
        (number.scheme() == Scheme::Unknown).then_some(NumberFinding::SchemeUnknown),
        level_conflict(number, claim),
        year_conflict(number, claim),
        year_before_scheme(number),
        claim.issuer.and_then(|issuer| class_conflict(number, issuer)),
        claim.issuer.and_then(|issuer| code_conflict(number, issuer)),
        province_unknown(number),
        claim.issuer.and_then(|issuer| province_conflict(number, issuer)),
        province_unconfirmed(number),
        claim.issuer.and_then(|issuer| site_wrong(number, issuer, claim.issue_date)),
        cell_not_in_standard(claim),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn level_conflict(number: &CertificateNumber, claim: &NumberClaim<'_>) -> Option<NumberFinding> {
    let level = number.level().filter(|level| *level != claim.level)?;
    Some(NumberFinding::LevelConflict { number: level, claimed: claim.level })
}

fn year_conflict(number: &CertificateNumber, claim: &NumberClaim<'_>) -> Option<NumberFinding> {
    let year = number.year().filter(|year| *year != claim.issue_date.year())?;
    Some(NumberFinding::YearConflict { number: year, claimed: claim.issue_date.year() })
}

fn year_before_scheme(number: &CertificateNumber) -> Option<NumberFinding> {
    let first = number.scheme().first_year()?;
    let year = number.year().filter(|year| *year < first)?;
    Some(NumberFinding::YearBeforeScheme { number: year, first })
}

fn class_conflict(number: &CertificateNumber, issuer: &Issuer) -> Option<NumberFinding> {
    let class = number.issuer_class().filter(|class| *class != issuer.class)?;
    Some(NumberFinding::IssuerClassConflict { number: class, issuer: issuer.class })
}

fn code_conflict(number: &CertificateNumber, issuer: &Issuer) -> Option<NumberFinding> {
    // Codes of three digits (REGION20) are another numbering; comparing them would refuse everybody.
    let code = number.issuer_code().filter(|code| code.len() == issuer.code.len() && *code != issuer.code)?;
    Some(NumberFinding::IssuerCodeConflict { number: code.to_owned(), issuer: issuer.code.clone() })
}

fn province_unknown(number: &CertificateNumber) -> Option<NumberFinding> {
    let province = number.province().filter(|code| province::of(code).is_none())?;
    Some(NumberFinding::ProvinceUnknown { number: province.to_owned() })
}

/// `0000` stands for every issuer that a province filed first: only the province tells two of them apart. An issuer the
/// ministry filed may have sites in many provinces.
fn province_conflict(number: &CertificateNumber, issuer: &Issuer) -> Option<NumberFinding> {
    let filed_with_province =
        number.scheme() == Scheme::Level22 && number.issuer_code() == Some(FILED_WITH_PROVINCE);
    // One that is nobody's is told as such.
    let province = number.province().filter(|province| {
        filed_with_province && province::of(province).is_some() && *province != issuer.province
    })?;
    Some(NumberFinding::ProvinceConflict { number: province.to_owned(), issuer: issuer.province.clone() })
}

fn province_unconfirmed(number: &CertificateNumber) -> Option<NumberFinding> {
    let marked = |code: &str| province::of(code).is_some_and(|one| one.mark == ProvinceMark::Unconfirmed);
    let province = number.province().filter(|code| marked(code))?;
    Some(NumberFinding::ProvinceUnconfirmed { number: province.to_owned() })
}

/// An issuer without sites on record has nothing to hold the number against.
fn site_wrong(number: &CertificateNumber, issuer: &Issuer, issued: Date) -> Option<NumberFinding> {
    let (province, sequence) = number.province().zip(number.site())?;
    if issuer.sites.is_empty() {
        return None;
    }
    let told = format!("{province}{sequence}");
    match issuer.sites.iter().find(|site| site.province == province && site.sequence == sequence) {
        None => Some(NumberFinding::SiteUnknown { number: told }),
        Some(site) if !site.is_open(issued) => Some(NumberFinding::SiteClosed { number: told, issued }),
        Some(_) => None,
    }
}

fn cell_not_in_standard(claim: &NumberClaim<'_>) -> Option<NumberFinding> {
    let (standard, job_type) = claim.job_type?;
    let level = claim.level;
    let missing = !standard.has_cell(job_type, level);
    missing.then(|| NumberFinding::CellNotInStandard { job_type: standard.name_of(job_type), level })
}

#[cfg(test)]
mod tests;
