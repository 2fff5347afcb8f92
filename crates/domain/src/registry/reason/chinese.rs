//! What reasons say in Chinese.

use super::{Fact, Reason, ReasonCode, ReasonKind, Requirement};
use crate::certification::{CertificateState, IssuerStanding};
use crate::identity::{AgeBand, GuardianConsent, PersonState};
use crate::kernel::Timestamp;
use crate::registry::{
    CertificateFact, Condition, EnrolmentState, Feed, Host, ListKeeper, Measure, OperatorFact, SanctionFact,
};

/// What a reason rests on where no edition of the rules says so.
pub(super) fn basis(reason: &Reason) -> String {
    match (reason.code.kind(), reason.policy_revision, reason.policy_rule) {
        (ReasonKind::Legal, ..) => "法律规定".to_owned(),
        (ReasonKind::Operational, None, _) => "本系统规则对数据时效的要求".to_owned(),
        (_, Some(revision), None) => format!("平台规则第{revision}版"),
        (_, Some(revision), Some(rule)) => format!("平台规则第{revision}版规则{rule}"),
        (_, None, _) => match reason.code {
            ReasonCode::PolicyNotSet => "平台未设规则时不予开通".to_owned(),
            _ => "平台规则".to_owned(),
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
        Requirement::NotListed => "不得在黑名单或警示名单内".to_owned(),
        Requirement::NotSanctioned => "不得处于相应处置期内".to_owned(),
        Requirement::OnRoster => "须为本场报备的直播营销人员".to_owned(),
        Requirement::Engaged => "须与直播间运营者有从属关系".to_owned(),
        Requirement::OperatorVerified => "直播间运营者须经核验".to_owned(),
        Requirement::OperatorRechecked => "运营者信息须在六个月内核验更新".to_owned(),
        Requirement::OperatorLicensed { category } => format!("运营者须有`{category}`类目的许可"),
        Requirement::Qualified { domain } => format!("须有已备案的`{domain}`执业资质"),
        Requirement::InstitutionStaff => "须为持牌机构人员".to_owned(),
        Requirement::CategoryOpen => "须为可以直播推介的商品".to_owned(),
        Requirement::NotPenalised => "三年内不得因虚假代言受处罚".to_owned(),
        Requirement::Condition { condition, minimum } => {
            format!("须有{}", condition_of(*condition, *minimum))
        }
        Requirement::AiLabel => "须标识人工智能生成的人物".to_owned(),
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
        Fact::Listing(listing) => match listing.keeper {
            ListKeeper::Platform => format!("自{}起列入平台黑名单", day(listing.from)),
            ListKeeper::Regulator => format!("自{}起列入主管部门名单", day(listing.from)),
            ListKeeper::Association => format!("自{}起列入行业警示名单", day(listing.from)),
        },
        Fact::Sanction(sanction) => sanctioned(sanction),
        Fact::OtherRoster { session } => format!("未报备于`{session}`"),
        Fact::NoEngagement { operator } => format!("没有与`{operator}`的从属记录"),
        Fact::OperatorUnknown { operator } => format!("`{operator}`未登记"),
        Fact::Operator(operator) => operated(code, operator),
        Fact::NoQualification { domain } => format!("没有有效的`{domain}`资质"),
        Fact::Category { category } => format!("在售品类为`{category}`"),
        Fact::Host { host } => hosted(*host).to_owned(),
        Fact::Condition { condition, reported: Some(reported) } => {
            format!("于{}报送{}", day(reported.reported_at), condition_of(*condition, reported.value))
        }
        Fact::Condition { reported: None, .. } => "没有报送记录".to_owned(),
        Fact::Feed { feed: Feed::Identity, heard_at } => format!("身份数据更新至{}", moment(*heard_at)),
        Fact::Feed { feed: Feed::Certification, heard_at } => format!("证书数据更新至{}", moment(*heard_at)),
        Fact::Feed { feed: Feed::Registry, heard_at } => format!("登记数据更新至{}", moment(*heard_at)),
    }
}

fn sanctioned(sanction: &SanctionFact) -> String {
    let measure = match sanction.measure {
        Measure::Warning => "已被警示",
        Measure::FunctionLimit => "已被限制功能",
        Measure::TrafficLimit => "已被限制流量",
        Measure::LiveSuspension => "已被暂停直播",
        Measure::TimedBan => "已被限期停播",
        Measure::AccountClosure => "账号已被关闭",
        Measure::ReregistrationBan => "已被禁止重新注册",
        Measure::Blacklisting => "已被列入黑名单",
    };
    match sanction.until {
        Some(until) => format!("自{}起{measure}，至{}", day(sanction.from), moment(until)),
        None => format!("自{}起{measure}，无期限", day(sanction.from)),
    }
}

fn operated(code: ReasonCode, operator: &OperatorFact) -> String {
    match (code, operator.verified_until) {
        (ReasonCode::OperatorLicenceMissing, _) => format!("`{}`没有相应许可", operator.operator),
        (_, Some(until)) => format!("`{}`的核验有效至{}", operator.operator, moment(until)),
        (_, None) => format!("`{}`从未核验", operator.operator),
    }
}

const fn hosted(host: Host) -> &'static str {
    match host {
        Host::Human => "由自然人出镜",
        Host::SyntheticLabelled => "由已标识的人工智能人物出镜",
        Host::SyntheticUnlabelled => "由未标识的人工智能人物出镜",
    }
}

fn condition_of(condition: Condition, value: i64) -> String {
    match condition {
        Condition::Score => format!("{value}分"),
        Condition::Deposit => format!("{value}分人民币的保证金"),
        Condition::Training => format!("{value}小时的平台培训"),
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
        ReasonCode::Blocklisted | ReasonCode::IndustryListed => "向名单管理方申诉。",
        ReasonCode::ReregistrationForbidden | ReasonCode::AccountClosed => "向平台申诉。",
        ReasonCode::TimedBan | ReasonCode::LiveSuspended => "等待期满，或在期限内向平台申诉。",
        ReasonCode::FunctionLimited => "不使用该功能，或在期限内向平台申诉。",
        ReasonCode::NotOnRoster => "在开播前报备该直播营销人员。",
        ReasonCode::AffiliationUnproven => "登记与运营者的从属关系。",
        ReasonCode::OperatorUnverified => "登记运营者并记录核验结果。",
        ReasonCode::OperatorRecheckOverdue => "重新核验运营者信息并予以记录。",
        ReasonCode::OperatorLicenceMissing | ReasonCode::CategoryLicenceMissing => "登记相应类目的许可。",
        ReasonCode::ProfessionalQualificationMissing => "报备执业资质并通过审核。",
        ReasonCode::FinanceStaffOnly => "金融产品由机构自有人员推介。",
        ReasonCode::CategoryForbidden => "下架该品类。",
        ReasonCode::EndorsementForbidden => "下架该品类：不得代言。",
        ReasonCode::EndorserPenalised => "自处罚起满三年后再试。",
        ReasonCode::ScoreTooLow => "按平台规则提高分值。",
        ReasonCode::DepositMissing => "缴纳保证金。",
        ReasonCode::TrainingMissing => "完成平台培训。",
        ReasonCode::AiLabelMissing => "全程标识人工智能生成的人物。",
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
