//! What reasons say in Chinese.

use super::{Fact, ReasonCode, Requirement};
use crate::certification::{CertificateState, IssuerStanding};
use crate::identity::{AgeBand, GuardianConsent, PersonState};
use crate::kernel::Timestamp;
use crate::registry::{CertificateFact, EnrolmentState, Feed};

const ORDER_117: &str = "《直播电商监督管理办法》（市场监管总局、国家网信办令第117号，2026年2月1日起施行）";
const ID_CARD_LAW: &str = "《居民身份证法》";
const MINORS_LAW: &str = "《未成年人保护法》第七十六条";
const PRIVACY_LAW: &str = "《个人信息保护法》第四十七条";

pub(super) fn basis(code: ReasonCode, policy_revision: Option<i32>) -> String {
    match code {
        ReasonCode::StreamerWithdrawn
        | ReasonCode::IdentityUnverified
        | ReasonCode::IdentityMismatch
        | ReasonCode::DynamicCheckOverdue => ORDER_117.to_owned(),
        ReasonCode::IdentityDocExpired => format!("{ID_CARD_LAW}；{ORDER_117}"),
        ReasonCode::IdentityRecordClosed => format!("{PRIVACY_LAW}；{ORDER_117}"),
        ReasonCode::Under16 | ReasonCode::GuardianConsentMissing | ReasonCode::AgeUnknown => {
            MINORS_LAW.to_owned()
        }
        ReasonCode::PolicyNotSet => "平台未设规则时不予开通".to_owned(),
        ReasonCode::EvidenceSourceUnavailable if policy_revision.is_none() => {
            "本系统规则对数据时效的要求".to_owned()
        }
        _ => match policy_revision {
            Some(revision) => format!("平台规则第{revision}版"),
            None => "平台规则".to_owned(),
        },
    }
}

pub(super) fn requirement(requirement: &Requirement) -> String {
    match requirement {
        Requirement::Enrolled => "须在平台登记".to_owned(),
        Requirement::IdentityProven => "须通过身份核验".to_owned(),
        Requirement::DocumentValid => "须持有有效期内的证件".to_owned(),
        Requirement::IdentityRechecked => "须按期完成动态核验".to_owned(),
        Requirement::IdentityProcessed => "身份信息须可供处理".to_owned(),
        Requirement::AgeOf16 => "须年满十六周岁".to_owned(),
        Requirement::AgeKnown => "须能确定年龄".to_owned(),
        Requirement::GuardianConsent => "十六至十七周岁须经监护人同意".to_owned(),
        Requirement::PolicyInForce { starts: None } => "须有生效的平台规则".to_owned(),
        Requirement::PolicyInForce { starts: Some(starts) } => {
            format!("须有生效的平台规则（将于{}生效）", moment(*starts))
        }
        Requirement::Level { minimum } => format!("须具备{}", minimum.chinese()),
        Requirement::JobType { accepted } => {
            format!("工种须为{}", alternatives(accepted.iter().map(|job_type| job_type.chinese.clone())))
        }
        Requirement::Standard { accepted } => {
            let standards = alternatives(accepted.iter().map(|standard| format!("`{standard}`")));
            format!("证书所依标准须为{standards}")
        }
        Requirement::VerifiedCertificate => "证书须经核验".to_owned(),
        Requirement::FreshEvidence => "核验结果须在有效期内".to_owned(),
        Requirement::ListedIssuer => "评价机构须在目录内".to_owned(),
        Requirement::FreshFeed { within } => format!("数据须为{}秒以内", within.as_secs_f64()),
    }
}

fn alternatives(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join("或")
}

pub(super) fn fact(code: ReasonCode, fact: &Fact) -> String {
    match fact {
        Fact::Enrolment { state: EnrolmentState::Enrolled, since } => format!("于{}登记", day(*since)),
        Fact::Enrolment { state: EnrolmentState::Withdrawn, since } => format!("已于{}退出", day(*since)),
        Fact::Identity { state } => identity(*state).to_owned(),
        Fact::Document { until: Some(until) } => format!("证件已于{}过期", day(*until)),
        Fact::Document { until: None } => "证件已过期".to_owned(),
        Fact::IdentityEvidence { until: Some(until) } => format!("上次核验有效至{}", moment(*until)),
        Fact::IdentityEvidence { until: None } => "应重新核验".to_owned(),
        Fact::Age { band } => age(*band).to_owned(),
        Fact::Consent { consent } => consented(*consent).to_owned(),
        Fact::NoPolicy => "目前没有生效的规则".to_owned(),
        Fact::NoCertificate => "没有证书记录".to_owned(),
        Fact::Certificate(fact) => certificate(code, fact),
        Fact::OtherJobType { certificate, job_type } => {
            format!("{}，工种为{}", held(certificate), job_type.chinese)
        }
        Fact::Feed { feed: Feed::Identity, heard_at } => format!("身份数据更新至{}", moment(*heard_at)),
        Fact::Feed { feed: Feed::Certification, heard_at } => format!("证书数据更新至{}", moment(*heard_at)),
        Fact::Feed { feed: Feed::Registry, heard_at } => format!("登记数据更新至{}", moment(*heard_at)),
    }
}

const fn identity(state: PersonState) -> &'static str {
    match state {
        PersonState::Unverified => "尚未核验",
        PersonState::Verified => "已核验",
        PersonState::RecheckDue => "应重新核验",
        PersonState::DocumentExpired => "证件已过期",
        PersonState::Mismatch => "姓名与证件不符",
        PersonState::Frozen => "身份信息仅供存储",
        PersonState::Erased => "身份信息已删除",
    }
}

const fn age(band: AgeBand) -> &'static str {
    match band {
        AgeBand::Under16 => "按北京日期未满十六周岁",
        AgeBand::From16To17 => "按北京日期为十六至十七周岁",
        AgeBand::Adult => "已满十八周岁",
        AgeBand::Unknown => "年龄不明",
    }
}

const fn consented(consent: GuardianConsent) -> &'static str {
    match consent {
        GuardianConsent::NotRecorded => "未记录监护人同意",
        GuardianConsent::Given => "监护人已同意",
        GuardianConsent::Withdrawn => "监护人已撤回同意",
    }
}

fn held(fact: &CertificateFact) -> String {
    format!("{}{}", fact.level.chinese(), state(fact))
}

fn certificate(code: ReasonCode, fact: &CertificateFact) -> String {
    let (level, held) = (fact.level.chinese(), held(fact));
    match code {
        ReasonCode::OccupationNotAccepted => format!("{held}，所依标准为`{}`", fact.standard),
        ReasonCode::IssuerNotFiled => format!("{held}，颁发该证书的评价机构不明"),
        ReasonCode::IssuerStruckOff if fact.issuer_standing == Some(IssuerStanding::Suspended) => {
            format!("{level}证书的评价机构被暂停")
        }
        ReasonCode::IssuerStruckOff => format!("{level}证书的评价机构已移出目录"),
        ReasonCode::CertEvidenceStale => match fact.evidence_until {
            Some(until) => format!("{held}，有效至{}", moment(until)),
            None => format!("{held}，未注明有效期"),
        },
        _ => held,
    }
}

fn state(fact: &CertificateFact) -> String {
    let word = match fact.state {
        CertificateState::Verified => {
            return format!("于{}核验", day(fact.verified_at.unwrap_or(fact.since)));
        }
        CertificateState::Claimed | CertificateState::FormatOk => "已申报、尚未核验",
        CertificateState::UnderVerification => "正在核验",
        CertificateState::NotFound => "查无此证",
        CertificateState::Mismatch => "与来源记录不符",
        CertificateState::SuspectedForged => "疑似伪造",
        CertificateState::Suspended => "已暂停",
        CertificateState::Revoked => "已撤销",
        CertificateState::IssuerStruckOff => "的评价机构已移出目录",
        CertificateState::Superseded => "已由更高等级取代",
    };
    format!("{word}（自{}起）", day(fact.since))
}

fn day(at: Timestamp) -> String {
    format!("{}（北京日期）", at.beijing_date())
}

fn moment(at: Timestamp) -> String {
    format!("{at}（世界时）")
}

pub(super) const fn remedy(code: ReasonCode) -> &'static str {
    match code {
        ReasonCode::StreamerWithdrawn => "由平台以另一账号重新登记该主播。",
        ReasonCode::IdentityUnverified => "完成身份核验并予以记录。",
        ReasonCode::IdentityMismatch => "更正姓名或证件后重新核验身份。",
        ReasonCode::IdentityDocExpired => "出示有效证件后重新核验身份。",
        ReasonCode::DynamicCheckOverdue => "重新核验身份。",
        ReasonCode::IdentityRecordClosed => "在法律允许时重新登记本人。",
        ReasonCode::Under16 => "年满十六周岁以前无法开通。",
        ReasonCode::GuardianConsentMissing => "记录父母或者其他监护人的同意。",
        ReasonCode::AgeUnknown => "以载明出生日期的证件核验身份。",
        ReasonCode::PolicyNotSet => "由平台设定规则。",
        ReasonCode::PolicyNotInForce => "等待规则生效。",
        ReasonCode::LevelNotHeld => "取得所接受标准的证书并予以登记。",
        ReasonCode::LevelTooLow => "取得所需等级并登记证书。",
        ReasonCode::JobTypeMismatch => "取得所接受工种的证书。",
        ReasonCode::OccupationNotAccepted => "取得所接受标准的证书。",
        ReasonCode::CertUnderVerification => "等待核验结果。",
        ReasonCode::CertNotFound => "请等待:公布约滞后二十个工作日；仍查不到时请询问评价机构。",
        ReasonCode::CertEvidenceStale => "重新核验证书。",
        ReasonCode::CertHolderMismatch => "更正申报内容，或请评价机构更正记录。",
        ReasonCode::CertSuspectedForged => "出示原件，由管理员认定。",
        ReasonCode::CertSuspended => "向评价机构了解原因；恢复后重新有效。",
        ReasonCode::CertRevoked => "向评价机构了解依据，可向其申诉或重新取得证书。",
        ReasonCode::IssuerNotFiled => "请评价机构在其名册中确认该证书。",
        ReasonCode::IssuerStruckOff => "取得目录内机构颁发的证书，或等待复核。",
        ReasonCode::EvidenceSourceUnavailable => "请稍后再查；持续出现时由运维方处理数据来源。",
    }
}
