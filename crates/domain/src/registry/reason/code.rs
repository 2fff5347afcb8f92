/// The stable names of all reasons. The order of the enum is their precedence: what weighs most comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonCode {
    /// 列入黑名单: the person stands on a blocklist that binds the platform.
    Blocklisted,
    /// 行业警示名单: the person stands on an association's list.
    IndustryListed,
    /// 禁止重新注册: the person may not come back under any account.
    ReregistrationForbidden,
    /// 关闭账号: the account is closed.
    AccountClosed,
    /// 限期停播: banned until a date.
    TimedBan,
    /// 暂停直播: live streaming is suspended.
    LiveSuspended,
    /// 限制功能: a function that is asked for is withheld.
    FunctionLimited,
    /// 账号已退出: the platform has taken the streamer off its register.
    StreamerWithdrawn,
    /// 身份未核验: the identity is not proven.
    IdentityUnverified,
    /// 与真实身份不符: name and document do not belong together.
    IdentityMismatch,
    /// 证件过期: the identity document has expired.
    IdentityDocExpired,
    /// 动态核验逾期: the dynamic re-check is overdue.
    DynamicCheckOverdue,
    /// 身份信息已停止处理: the identity record is frozen or erased.
    IdentityRecordClosed,
    /// 未满十六周岁: under 16.
    Under16,
    /// 缺监护人同意: 16 or 17 without a guardian's consent.
    GuardianConsentMissing,
    /// 年龄不明: the age is not known.
    AgeUnknown,
    /// 未报备本场主播: the person is not on the roster of the session that was named.
    NotOnRoster,
    /// 从属关系不明: nothing binds the person to the operator of the room.
    AffiliationUnproven,
    /// 运营者未核验: the operator of the room is unknown or was never verified.
    OperatorUnverified,
    /// 运营者超六个月未更新: the operator's data were not verified within six months.
    OperatorRecheckOverdue,
    /// 运营者缺许可: the operator lacks a licence that the category needs.
    OperatorLicenceMissing,
    /// 缺执业资质备案: professional content without the qualification on file.
    ProfessionalQualificationMissing,
    /// 仅限持牌机构人员: financial products are for staff of licensed institutions alone.
    FinanceStaffOnly,
    /// 禁售品类: the category may not be sold live.
    CategoryForbidden,
    /// 缺类目资质: the category needs a licence that is not on file.
    CategoryLicenceMissing,
    /// 禁止代言品类: nobody may speak for goods of the category.
    EndorsementForbidden,
    /// 代言处罚未满三年: penalised for false endorsement within three years.
    EndorserPenalised,
    /// 平台未设规则: the platform has no policy.
    PolicyNotSet,
    /// 规则未生效: the platform's policy begins later.
    PolicyNotInForce,
    /// 无等级证书: no certificate is on record.
    LevelNotHeld,
    /// 等级不足: the level is too low.
    LevelTooLow,
    /// 工种不符: the certificate is of a job type that is not accepted.
    JobTypeMismatch,
    /// 职业不符: the certificate is of an occupation or standard that is not accepted.
    OccupationNotAccepted,
    /// 证书核验中: the certificate is not confirmed yet.
    CertUnderVerification,
    /// 查无此证: a source did not know the certificate (yet).
    CertNotFound,
    /// 核验结果过期: the confirmation no longer counts.
    CertEvidenceStale,
    /// 持证人不符: the certificate is another person's, or not as claimed.
    CertHolderMismatch,
    /// 疑似伪造: the certificate is suspected to be forged.
    CertSuspectedForged,
    /// 证书暂停: the certificate is suspended.
    CertSuspended,
    /// 证书撤销: the certificate was withdrawn.
    CertRevoked,
    /// 机构未备案: no issuer of the directory is known to have issued the certificate.
    IssuerNotFiled,
    /// 机构移出目录: the issuer was removed from the directory or is suspended there.
    IssuerStruckOff,
    /// 分值过低: the platform's score is below what its policy asks for.
    ScoreTooLow,
    /// 未缴保证金: the deposit is below what the policy asks for.
    DepositMissing,
    /// 未完成培训: the platform's training is not completed.
    TrainingMissing,
    /// 未标识人工智能生成: a person made by artificial intelligence is not labelled.
    AiLabelMissing,
    /// 核验来源不可用: too little has been heard from another service lately.
    EvidenceSourceUnavailable,
}

/// Where a reason comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonKind {
    /// The law; no policy can remove it.
    Legal,
    /// The platform's policy.
    Policy,
    /// The running of the suite.
    Operational,
}

/// What a reason does to the outcome. Grows with weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Not now; the way to an allowance is open.
    NotYet,
    /// Cannot be decided; to be treated as no.
    Undetermined,
    /// No.
    Deny,
}

impl ReasonKind {
    /// The stable code, used in storage and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Legal => "LEGAL",
            Self::Policy => "POLICY",
            Self::Operational => "OPERATIONAL",
        }
    }
}

impl ReasonCode {
    /// Every reason, in the order of precedence.
    pub const ALL: [Self; 47] = [
        Self::Blocklisted,
        Self::IndustryListed,
        Self::ReregistrationForbidden,
        Self::AccountClosed,
        Self::TimedBan,
        Self::LiveSuspended,
        Self::FunctionLimited,
        Self::StreamerWithdrawn,
        Self::IdentityUnverified,
        Self::IdentityMismatch,
        Self::IdentityDocExpired,
        Self::DynamicCheckOverdue,
        Self::IdentityRecordClosed,
        Self::Under16,
        Self::GuardianConsentMissing,
        Self::AgeUnknown,
        Self::NotOnRoster,
        Self::AffiliationUnproven,
        Self::OperatorUnverified,
        Self::OperatorRecheckOverdue,
        Self::OperatorLicenceMissing,
        Self::ProfessionalQualificationMissing,
        Self::FinanceStaffOnly,
        Self::CategoryForbidden,
        Self::CategoryLicenceMissing,
        Self::EndorsementForbidden,
        Self::EndorserPenalised,
        Self::PolicyNotSet,
        Self::PolicyNotInForce,
        Self::LevelNotHeld,
        Self::LevelTooLow,
        Self::JobTypeMismatch,
        Self::OccupationNotAccepted,
        Self::CertUnderVerification,
        Self::CertNotFound,
        Self::CertEvidenceStale,
        Self::CertHolderMismatch,
        Self::CertSuspectedForged,
        Self::CertSuspended,
        Self::CertRevoked,
        Self::IssuerNotFiled,
        Self::IssuerStruckOff,
        Self::ScoreTooLow,
        Self::DepositMissing,
        Self::TrainingMissing,
        Self::AiLabelMissing,
        Self::EvidenceSourceUnavailable,
    ];

    /// The stable name, used on the wire, in storage and in logs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Blocklisted => "BLOCKLISTED",
            Self::IndustryListed => "INDUSTRY_LISTED",
            Self::ReregistrationForbidden => "REREGISTRATION_FORBIDDEN",
            Self::AccountClosed => "ACCOUNT_CLOSED",
            Self::TimedBan => "TIMED_BAN",
            Self::LiveSuspended => "LIVE_SUSPENDED",
            Self::FunctionLimited => "FUNCTION_LIMITED",
            Self::StreamerWithdrawn => "STREAMER_WITHDRAWN",
            Self::IdentityUnverified => "IDENTITY_UNVERIFIED",
            Self::IdentityMismatch => "IDENTITY_MISMATCH",
            Self::IdentityDocExpired => "IDENTITY_DOC_EXPIRED",
            Self::DynamicCheckOverdue => "DYNAMIC_CHECK_OVERDUE",
            Self::IdentityRecordClosed => "IDENTITY_RECORD_CLOSED",
            Self::Under16 => "UNDER_16",
            Self::GuardianConsentMissing => "GUARDIAN_CONSENT_MISSING",
            Self::AgeUnknown => "AGE_UNKNOWN",
            Self::NotOnRoster => "NOT_ON_ROSTER",
            Self::AffiliationUnproven => "AFFILIATION_UNPROVEN",
            Self::OperatorUnverified => "OPERATOR_UNVERIFIED",
            Self::OperatorRecheckOverdue => "OPERATOR_RECHECK_OVERDUE",
            Self::OperatorLicenceMissing => "OPERATOR_LICENCE_MISSING",
            Self::ProfessionalQualificationMissing => "PROFESSIONAL_QUALIFICATION_MISSING",
            Self::FinanceStaffOnly => "FINANCE_STAFF_ONLY",
            Self::CategoryForbidden => "CATEGORY_FORBIDDEN",
            Self::CategoryLicenceMissing => "CATEGORY_LICENCE_MISSING",
            Self::EndorsementForbidden => "ENDORSEMENT_FORBIDDEN",
            Self::EndorserPenalised => "ENDORSER_PENALISED",
            Self::PolicyNotSet => "POLICY_NOT_SET",
            Self::PolicyNotInForce => "POLICY_NOT_IN_FORCE",
            Self::LevelNotHeld => "LEVEL_NOT_HELD",
            Self::LevelTooLow => "LEVEL_TOO_LOW",
            Self::JobTypeMismatch => "JOB_TYPE_MISMATCH",
            Self::OccupationNotAccepted => "OCCUPATION_NOT_ACCEPTED",
            Self::CertUnderVerification => "CERT_UNDER_VERIFICATION",
            Self::CertNotFound => "CERT_NOT_FOUND",
            Self::CertEvidenceStale => "CERT_EVIDENCE_STALE",
            Self::CertHolderMismatch => "CERT_HOLDER_MISMATCH",
            Self::CertSuspectedForged => "CERT_SUSPECTED_FORGED",
            Self::CertSuspended => "CERT_SUSPENDED",
            Self::CertRevoked => "CERT_REVOKED",
            Self::IssuerNotFiled => "ISSUER_NOT_FILED",
            Self::IssuerStruckOff => "ISSUER_STRUCK_OFF",
            Self::ScoreTooLow => "SCORE_TOO_LOW",
            Self::DepositMissing => "DEPOSIT_MISSING",
            Self::TrainingMissing => "TRAINING_MISSING",
            Self::AiLabelMissing => "AI_LABEL_MISSING",
            Self::EvidenceSourceUnavailable => "EVIDENCE_SOURCE_UNAVAILABLE",
        }
    }

    /// The reason with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// Where it comes from, unless the fact says otherwise: a sanction or an entry tells for itself.
    pub const fn kind(self) -> ReasonKind {
        match self {
            Self::Blocklisted
            | Self::ReregistrationForbidden
            | Self::AccountClosed
            | Self::TimedBan
            | Self::LiveSuspended
            | Self::FunctionLimited
            | Self::StreamerWithdrawn
            | Self::IdentityUnverified
            | Self::IdentityMismatch
            | Self::IdentityDocExpired
            | Self::DynamicCheckOverdue
            | Self::IdentityRecordClosed
            | Self::Under16
            | Self::AgeUnknown
            | Self::GuardianConsentMissing
            | Self::NotOnRoster
            | Self::AffiliationUnproven
            | Self::OperatorUnverified
            | Self::OperatorRecheckOverdue
            | Self::OperatorLicenceMissing
            | Self::ProfessionalQualificationMissing
            | Self::FinanceStaffOnly
            | Self::CategoryForbidden
            | Self::CategoryLicenceMissing
            | Self::EndorsementForbidden
            | Self::EndorserPenalised
            | Self::AiLabelMissing => ReasonKind::Legal,
            Self::EvidenceSourceUnavailable => ReasonKind::Operational,
            _ => ReasonKind::Policy,
        }
    }

    /// What it does to the outcome.
    pub const fn effect(self) -> Effect {
        match self {
            Self::AgeUnknown
            | Self::CertEvidenceStale
            | Self::IssuerNotFiled
            | Self::EvidenceSourceUnavailable => Effect::Undetermined,
            Self::PolicyNotInForce | Self::CertNotFound | Self::CertUnderVerification => Effect::NotYet,
            _ => Effect::Deny,
        }
    }
}
