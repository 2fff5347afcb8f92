//! The columns of a roll: which stands where, and what a row says in each.

use super::{Field, RawRow, document_type_of};
use crate::error::Error;
use greenroom_domain::certification::port::KeptFinding;
use greenroom_domain::certification::{
    CertificateNumber, RollCode, RollColumn, RollEntry, RollFinding, Standard, read_entry,
};
use greenroom_proto::identity::v1::IdentityClaim;

/// Where each column stands, and how the file spells its heading.
#[derive(Clone, Debug)]
pub struct Columns {
    places: Vec<(RollColumn, usize, String)>,
    width: usize,
}

/// A row as far as it could be read.
#[derive(Debug)]
pub struct ReadRow {
    /// Its number in the file.
    pub row: i64,
    /// The certificate number, if it is one.
    pub number: String,
    /// What it says about a certificate, if all of that could be read.
    pub entry: Option<RollEntry>,
    /// Who it says the holder is, if all of that is there. Goes to the identity service and nowhere else.
    pub claim: Option<IdentityClaim>,
    /// What is wrong so far.
    pub findings: Vec<RollFinding>,
}

impl Columns {
    /// Reads the heading: every column once, in any order, in either language. Other columns are left alone.
    pub fn read(heading: &RawRow) -> Result<Self, Error> {
        let mut places: Vec<(RollColumn, usize, String)> = Vec::new();
        for (place, field) in heading.fields.iter().enumerate() {
            let Field::Text(text) = field else { continue };
            let Some(column) = RollColumn::from_heading(text) else { continue };
            if places.iter().any(|(known, ..)| *known == column) {
                let said = format!("the heading has the column `{}` twice", column.chinese());
                return Err(Error::RollUnreadable("column_twice", said));
            }
            places.push((column, place, text.trim_matches('\u{feff}').trim().to_owned()));
        }
        let missing: Vec<&str> = RollColumn::ALL
            .into_iter()
            .filter(|column| !places.iter().any(|(known, ..)| known == column))
            .map(RollColumn::chinese)
            .collect();
        if !missing.is_empty() {
            let said = format!("the heading lacks the columns {}", missing.join(", "));
            return Err(Error::RollUnreadable("columns_missing", said));
        }
        Ok(Self { places, width: heading.count })
    }

    /// A finding under the heading of this file.
    pub fn keep(&self, finding: RollFinding) -> KeptFinding {
        let heading = finding.column.and_then(|column| {
            let place = self.places.iter().find(|(known, ..)| *known == column);
            place.map(|(_, _, heading)| heading.clone())
        });
        KeptFinding::plain(heading.unwrap_or_default(), finding.code)
    }

    /// Reads a row as far as it can be read. The words for job types are those of the standard.
    pub fn row(&self, raw: &RawRow, standard: &Standard) -> ReadRow {
        let mut findings = Vec::new();
        if raw.count != self.width {
            // Where a field is missing, all behind it stand in wrong columns: nothing else can be told.
            findings.push(RollFinding::of_row(RollCode::RowLength));
            return ReadRow { row: raw.row, number: String::new(), entry: None, claim: None, findings };
        }
        let mut text = |column| self.text(raw, column, &mut findings);
        let (name, kind, document) =
            (text(RollColumn::Name), text(RollColumn::DocumentType), text(RollColumn::DocumentNumber));
        let (job_type, level) = (text(RollColumn::JobType), text(RollColumn::Level));
        let (number, date) = (text(RollColumn::CertificateNumber), text(RollColumn::IssueDate));
        let entry = match read_entry(standard, job_type, level, number, date) {
            Ok(entry) => Some(entry),
            Err(told) => {
                findings.extend(told);
                None
            }
        };
        let claim = claim(name, kind, document, &mut findings);
        let number = CertificateNumber::parse(number).map(|number| number.as_str().to_owned());
        ReadRow { row: raw.row, number: number.unwrap_or_default(), entry, claim, findings }
    }

    fn text<'a>(&self, raw: &'a RawRow, column: RollColumn, findings: &mut Vec<RollFinding>) -> &'a str {
        let place = self.places.iter().find(|(known, ..)| *known == column);
        let field = place.and_then(|(_, place, _)| raw.fields.get(*place));
        let identifies = matches!(column, RollColumn::DocumentNumber | RollColumn::CertificateNumber);
        let code = match field {
            Some(Field::Text(text)) if !text.trim().is_empty() => return text.trim(),
            // What a number is left of an identifier is not guessed back.
            Some(Field::Number(_)) if identifies => RollCode::CellNotText,
            Some(Field::Number(text)) => return text,
            Some(Field::Text(_)) | None => RollCode::FieldMissing,
            Some(Field::Fault) => RollCode::CellError,
            Some(Field::Undecodable) => RollCode::WrongEncoding,
            Some(Field::TooLong) => RollCode::FieldTooLong,
        };
        findings.push(RollFinding::about(column, code));
        ""
    }
}

fn claim(name: &str, kind: &str, document: &str, findings: &mut Vec<RollFinding>) -> Option<IdentityClaim> {
    let known = document_type_of(kind);
    if known.is_none() && !kind.is_empty() {
        findings.push(RollFinding::about(RollColumn::DocumentType, RollCode::DocumentTypeUnknown));
    }
    let whole = !name.is_empty() && !document.is_empty();
    known.filter(|_| whole).map(|kind| IdentityClaim {
        real_name: name.to_owned(),
        document_type: kind.into(),
        document_number: document.to_owned(),
    })
}

/// What a fault of the identity service is called here.
pub fn person_finding(fault: &str) -> RollFinding {
    let document = |code| RollFinding::about(RollColumn::DocumentNumber, code);
    match fault {
        "NUMBER_EMPTY" => document(RollCode::FieldMissing),
        "LENGTH_WRONG" => document(RollCode::DocumentLengthWrong),
        "CHARACTER_WRONG" => document(RollCode::DocumentCharacterWrong),
        "PREFIX_WRONG" => document(RollCode::DocumentPrefixWrong),
        "BIRTH_DATE_WRONG" => document(RollCode::DocumentBirthDateWrong),
        "CHECK_DIGIT_WRONG" => document(RollCode::CheckDigitWrong),
        "NAME_EMPTY" => RollFinding::about(RollColumn::Name, RollCode::FieldMissing),
        name if name.starts_with("NAME_") => RollFinding::about(RollColumn::Name, RollCode::NameMalformed),
        _ => RollFinding::of_row(RollCode::PersonRefused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_testkit::occupation;

    fn raw(row: i64, fields: &[&str]) -> RawRow {
        let fields: Vec<Field> = fields.iter().map(|text| Field::Text((*text).to_owned())).collect();
        RawRow { row, count: fields.len(), fields }
    }

    fn read(fields: &[&str]) -> ReadRow {
        columns().row(&raw(2, fields), &occupation::standard())
    }

    fn columns() -> Columns {
        Columns::read(&raw(
            1,
            &["\u{feff}证书编号", "name", "备注", "证件类型", "document_number", "工种", "Level", "发证日期"],
        ))
        .unwrap()
    }

    #[test]
    fn columns_stand_in_any_order_and_language() {
        let row = read(&[
            "S000033000000243000001",
            "测试",
            "",
            "护照",
            "X0000001",
            "直播销售员",
            "三级",
            "2024-05-06",
        ]);
        assert!(row.findings.is_empty(), "{:?}", row.findings);
        assert_eq!(row.claim.unwrap().document_number, "X0000001");
        assert_eq!(row.number, "S000033000000243000001");
        assert!(row.entry.is_some());
    }

    #[test]
    fn a_row_is_told_everything_that_is_wrong_with_it() {
        let row = read(&["证书", "", "", "军官证", "1", "主播", "六级", "2024-13-01"]);
        let told: Vec<&str> = row.findings.iter().map(|finding| finding.code.code()).collect();
        assert_eq!(
            told,
            [
                "FIELD_MISSING",
                "JOB_TYPE_UNKNOWN",
                "LEVEL_UNKNOWN",
                "NUMBER_MALFORMED",
                "DATE_MALFORMED",
                "DOCUMENT_TYPE_UNKNOWN"
            ]
        );
        let kept = columns().keep(row.findings[2]);
        assert_eq!(kept.column, "Level");
    }

    #[test]
    fn a_short_row_is_told_as_such_and_nothing_else() {
        let row = read(&["S000033000000243000001", "测试"]);
        assert_eq!(row.findings, [RollFinding::of_row(RollCode::RowLength)]);
    }

    #[test]
    fn a_heading_without_a_column_is_refused_by_its_name() {
        let Err(Error::RollUnreadable(fault, said)) = Columns::read(&raw(1, &["姓名", "工种"])) else {
            panic!()
        };
        assert!(fault == "columns_missing" && said.contains("证书编号"), "{said}");
    }
}
