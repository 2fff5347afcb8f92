use super::{FindingCode, Severity};

/// Everything that can be found about a row of a roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RollCode {
    /// What the certificate number says against the row.
    Number(FindingCode),
    /// A field has bytes that the file's encoding does not know.
    WrongEncoding,
    /// The row has more or fewer fields than the heading.
    RowLength,
    /// A field is empty.
    FieldMissing,
    /// A field is longer than any value.
    FieldTooLong,
    /// No document is called so.
    DocumentTypeUnknown,
    /// The document number has the wrong length for its kind.
    DocumentLengthWrong,
    /// The document number has a character that cannot stand there.
    DocumentCharacterWrong,
    /// The document number begins like that of another kind.
    DocumentPrefixWrong,
    /// The birth date inside the document number is not in the calendar.
    DocumentBirthDateWrong,
    /// The check character of the document number does not fit.
    CheckDigitWrong,
    /// The name is no name.
    NameMalformed,
    /// The document is known under another name.
    PersonNameConflict,
    /// The identity service refuses the person for a reason this service does not know.
    PersonRefused,
    /// The standard has no such job type.
    JobTypeUnknown,
    /// There is no such level.
    LevelUnknown,
    /// The number cannot be a certificate number.
    NumberMalformed,
    /// The date cannot be read.
    DateMalformed,
    /// The date of issue lies in the future.
    DateInFuture,
    /// The issuer is not in the directory at present.
    IssuerNotListed,
    /// The issuer was not accredited for this on the date of issue.
    NotAccredited,
    /// The number stands in the file more than once, for the same person.
    NumberDuplicate,
    /// The number stands for two persons.
    NumberTwoPersons,
    /// The number is known as another issuer's.
    NumberOfOtherIssuer,
    /// The certificate is revoked; nothing changes that.
    CertificateRevoked,
    /// The job type becomes another.
    JobTypeChanged,
    /// The level becomes another.
    LevelChanged,
    /// The date of issue becomes another.
    IssueDateChanged,
    /// The standard becomes another.
    StandardChanged,
    /// Nothing but the evidence is renewed.
    EvidenceRenewed,
    /// A spreadsheet keeps the cell as a number, which has lost digits.
    CellNotText,
    /// The cell holds an error, such as `#REF!`.
    CellError,
    /// The roll does not hold it, and nothing follows: it does not count as verified already.
    MissingKnown,
    /// The roll does not hold it, and nothing follows: it is issued so recently that it need not be there yet.
    MissingTooYoung,
    /// The roll does not hold it, and nothing follows: a row whose number cannot be read may mean it.
    MissingUncertain,
    /// The certificate has changed since the import, so its row is not rolled back.
    ChangedSinceImport,
}

/// What a code is called, and says in both languages.
type Words = (&'static str, &'static str, &'static str);

impl RollCode {
    /// Every code but those of the number.
    pub const OWN: [Self; 35] = [
        Self::WrongEncoding,
        Self::RowLength,
        Self::FieldMissing,
        Self::FieldTooLong,
        Self::DocumentTypeUnknown,
        Self::DocumentLengthWrong,
        Self::DocumentCharacterWrong,
        Self::DocumentPrefixWrong,
        Self::DocumentBirthDateWrong,
        Self::CheckDigitWrong,
        Self::NameMalformed,
        Self::PersonNameConflict,
        Self::PersonRefused,
        Self::JobTypeUnknown,
        Self::LevelUnknown,
        Self::NumberMalformed,
        Self::DateMalformed,
        Self::DateInFuture,
        Self::IssuerNotListed,
        Self::NotAccredited,
        Self::NumberDuplicate,
        Self::NumberTwoPersons,
        Self::NumberOfOtherIssuer,
        Self::CertificateRevoked,
        Self::JobTypeChanged,
        Self::LevelChanged,
        Self::IssueDateChanged,
        Self::StandardChanged,
        Self::EvidenceRenewed,
        Self::CellNotText,
        Self::CellError,
        Self::MissingKnown,
        Self::MissingTooYoung,
        Self::MissingUncertain,
        Self::ChangedSinceImport,
    ];

    /// The stable code, used in storage and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Number(code) => code.code(),
            _ => self.words().0,
        }
    }

    /// The code with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        let numbers = FindingCode::ALL.into_iter().map(Self::Number);
        numbers.chain(Self::OWN).find(|known| known.code() == code)
    }

    /// The finding in English.
    pub const fn english(self) -> &'static str {
        self.words().1
    }

    /// The finding in Chinese.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Number(code) => code.chinese(),
            _ => self.words().2,
        }
    }

    /// Whether the row cannot be carried out because of it. What a row changes, and an unknown number scheme, are
    /// worth telling only.
    pub fn refuses(self) -> bool {
        match self {
            Self::Number(code) => code.severity() == Severity::Refuse,
            Self::JobTypeChanged
            | Self::LevelChanged
            | Self::IssueDateChanged
            | Self::StandardChanged
            | Self::EvidenceRenewed
            | Self::MissingKnown
            | Self::MissingTooYoung
            | Self::MissingUncertain
            | Self::ChangedSinceImport => false,
            _ => true,
        }
    }

    const fn words(self) -> Words {
        match self {
            Self::Number(code) => (code.code(), number_english(code), code.chinese()),
            Self::WrongEncoding => (
                "WRONG_ENCODING",
                "the field has bytes that the file's encoding does not know",
                "字段含有不符合文件编码的字节",
            ),
            Self::RowLength => {
                ("ROW_LENGTH", "the row has more or fewer fields than the heading", "本行字段数与表头不一致")
            }
            Self::FieldMissing => ("FIELD_MISSING", "the field is empty", "字段为空"),
            Self::FieldTooLong => ("FIELD_TOO_LONG", "the field is longer than any value", "字段过长"),
            Self::JobTypeChanged => ("JOB_TYPE_CHANGED", "the job type becomes another", "工种变更"),
            Self::LevelChanged => ("LEVEL_CHANGED", "the level becomes another", "等级变更"),
            Self::IssueDateChanged => {
                ("ISSUE_DATE_CHANGED", "the date of issue becomes another", "发证日期变更")
            }
            Self::StandardChanged => ("STANDARD_CHANGED", "the standard becomes another", "职业标准变更"),
            Self::EvidenceRenewed => {
                ("EVIDENCE_RENEWED", "the issuer confirms the certificate anew", "评价机构重新确认该证书")
            }
            _ => self.person_words(),
        }
    }

    const fn person_words(self) -> Words {
        match self {
            Self::DocumentTypeUnknown => {
                ("DOCUMENT_TYPE_UNKNOWN", "there is no such kind of document", "证件类型无法识别")
            }
            Self::DocumentLengthWrong => {
                ("DOCUMENT_LENGTH_WRONG", "the document number has the wrong length", "证件号码长度不正确")
            }
            Self::DocumentCharacterWrong => (
                "DOCUMENT_CHARACTER_WRONG",
                "the document number has a character that cannot stand there",
                "证件号码含有非法字符",
            ),
            Self::DocumentPrefixWrong => (
                "DOCUMENT_PREFIX_WRONG",
                "the document number begins like that of another kind of document",
                "证件号码开头与证件类型不符",
            ),
            Self::DocumentBirthDateWrong => (
                "DOCUMENT_BIRTH_DATE_WRONG",
                "the birth date inside the document number is not in the calendar",
                "证件号码中的出生日期不存在",
            ),
            Self::CheckDigitWrong => (
                "CHECK_DIGIT_WRONG",
                "the check character does not fit the rest of the document number",
                "证件号码校验码错误",
            ),
            Self::NameMalformed => (
                "NAME_MALFORMED",
                "the name is too long or has a control character",
                "姓名过长或含有控制字符",
            ),
            Self::PersonNameConflict => (
                "PERSON_NAME_CONFLICT",
                "the document is known under another name",
                "该证件已登记在其他姓名下",
            ),
            Self::PersonRefused => {
                ("PERSON_REFUSED", "the identity service refuses this person", "身份服务拒绝该人员信息")
            }
            _ => self.certificate_words(),
        }
    }

    const fn certificate_words(self) -> Words {
        match self {
            Self::JobTypeUnknown => ("JOB_TYPE_UNKNOWN", "the standard has no such job type", "工种无法识别"),
            Self::LevelUnknown => ("LEVEL_UNKNOWN", "there is no such level", "等级无法识别"),
            Self::NumberMalformed => (
                "NUMBER_MALFORMED",
                "a certificate number consists of at most 40 letters and digits",
                "证书编号格式不正确",
            ),
            Self::DateMalformed => (
                "DATE_MALFORMED",
                "the date cannot be read; write `YYYY-MM-DD`",
                "日期格式不正确,应为YYYY-MM-DD",
            ),
            Self::DateInFuture => {
                ("DATE_IN_FUTURE", "the date of issue lies in the future", "发证日期晚于今天")
            }
            Self::IssuerNotListed => (
                "ISSUER_NOT_LISTED",
                "the issuer is not in the directory at present",
                "评价机构目前不在目录内",
            ),
            Self::NotAccredited => (
                "NOT_ACCREDITED",
                "the issuer was not accredited for this job type and level on the date of issue",
                "评价机构在发证日期不具备该工种等级的评价资质",
            ),
            Self::NumberDuplicate => (
                "NUMBER_DUPLICATE",
                "the number stands in the file more than once for this person",
                "同一人的证书编号在文件中重复",
            ),
            Self::NumberTwoPersons => {
                ("NUMBER_TWO_PERSONS", "the number stands for two persons", "同一证书编号对应两个人")
            }
            Self::NumberOfOtherIssuer => (
                "NUMBER_OF_OTHER_ISSUER",
                "the number is known as another issuer's",
                "该证书编号属于其他评价机构",
            ),
            Self::CertificateRevoked => {
                ("CERTIFICATE_REVOKED", "the certificate is revoked; nothing changes that", "该证书已被撤销")
            }
            _ => self.other_words(),
        }
    }

    const fn other_words(self) -> Words {
        match self {
            Self::CellNotText => (
                "CELL_NOT_TEXT",
                "the cell is a number, which has lost zeros in front and digits beyond the fifteenth; make the column \
                 text and enter it again",
                "单元格为数值格式,可能已丢失前导零及第十五位以后的数字,请将该列设为文本后重新录入",
            ),
            Self::CellError => {
                ("CELL_ERROR", "the cell holds an error of the spreadsheet", "单元格内容为表格错误值")
            }
            Self::MissingKnown => (
                "MISSING_KNOWN",
                "the roll does not hold the certificate, which does not count as verified anyway",
                "名册中没有该证书,该证书原本也未处于核验有效状态",
            ),
            Self::MissingTooYoung => (
                "MISSING_TOO_YOUNG",
                "the roll does not hold the certificate, which was issued so recently that it need not",
                "名册中没有该证书,但其发证不久,可能尚未录入",
            ),
            Self::MissingUncertain => (
                "MISSING_UNCERTAIN",
                "the roll does not hold the certificate, but has rows whose number cannot be read; mend them first",
                "名册中没有该证书,但名册含有编号无法读取的行,请先更正",
            ),
            Self::ChangedSinceImport => (
                "CHANGED_SINCE_IMPORT",
                "the certificate has changed since the import and keeps what it has",
                "该证书在导入之后已发生变更,保持现状",
            ),
            // INVARIANT: every other code is told above; the test below would notice.
            _ => ("UNTOLD", "untold", "未说明"),
        }
    }
}

const fn number_english(code: FindingCode) -> &'static str {
    match code {
        FindingCode::SchemeUnknown => "the number belongs to no known scheme; nothing can be read out of it",
        FindingCode::LevelConflict => "the level in the number is not the level given",
        FindingCode::YearConflict => "the year in the number is not that of the date of issue",
        FindingCode::YearBeforeScheme => "the year in the number lies before such numbers are said to exist",
        FindingCode::IssuerClassConflict => "the class in the number is not the issuer's",
        FindingCode::IssuerCodeConflict => "the issuer code in the number is not the issuer's",
        FindingCode::ProvinceUnknown => "no province has the code in the number",
        FindingCode::ProvinceConflict => "the province in the number is not that of the issuer",
        FindingCode::ProvinceUnconfirmed => "whether numbers use the province code in it is not confirmed",
        FindingCode::SiteUnknown => "the site in the number is not among the issuer's sites on record",
        FindingCode::SiteClosed => "the site in the number was not open on the date of issue",
        FindingCode::CellNotInStandard => "the standard has no such level for this job type",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_has_its_own_name_and_words_in_both_languages() {
        let all: Vec<RollCode> =
            FindingCode::ALL.into_iter().map(RollCode::Number).chain(RollCode::OWN).collect();
        let names: BTreeSet<&str> = all.iter().map(|code| code.code()).collect();
        assert_eq!(names.len(), all.len());
        for code in all {
            assert_eq!(RollCode::from_code(code.code()), Some(code));
            assert_ne!(code.code(), "UNTOLD", "{code:?}");
            assert!(!code.chinese().is_ascii() && code.english().len() > 8, "{code:?}");
        }
    }
}
