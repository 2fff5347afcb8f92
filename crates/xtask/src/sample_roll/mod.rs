//! `sample-roll`: a certificate roll for demonstrations and tests, and what each of its rows must come to.
//!
//! The rows are invented by a seeded generator, so that the same program makes the same bytes. Nobody in it is real: the
//! address codes of the document numbers are assigned to no place, the names say that they are tests, and the numbers of
//! the certificates name an issuer `DEMO00`. What each row must come to is written down from what was intended, not read
//! from the service.

mod faults;
mod person;
mod random;

use crate::failure::{Context, Failure, Result};
use crate::mirror::Mode;
use crate::workspace;
use faults::Fault;
use person::Person;
use random::Random;
use std::fs;
use std::path::Path;

const SEED: u64 = 20_211_202;
/// How many faultless rows follow the named ones.
const GOOD_ROWS: usize = 2_300;
/// How often each fault occurs.
const EACH_FAULT: usize = 5;

const HEADING: [&str; 7] = ["姓名", "证件类型", "证件号码", "工种", "职业技能等级", "证书编号", "发证日期"];
const JOB_TYPES: [&str; 4] = ["选品员", "直播销售员", "视频创推员", "平台管理员"];
const LIVE_SALESPERSON: usize = 1;
const PLATFORM_ADMINISTRATOR: usize = 3;

/// One row as it is written, and what it must come to.
#[derive(Clone)]
struct Row {
    fields: Vec<Vec<u8>>,
    verdict: &'static str,
    codes: Vec<&'static str>,
}

/// The certificate of a row, before it is written or spoilt.
#[derive(Clone)]
struct Certificate {
    job_type: usize,
    level: u8,
    number: String,
    date: String,
}

/// Makes the roll and what is expected of it, or checks that the committed ones are those.
pub fn sample_roll(mode: Mode) -> Result<()> {
    let rows = rows();
    let folder = workspace::root().join("services/certification/data/rolls");
    let files = [("sample.csv", written(&rows)), ("expected.csv", expected(&rows).into_bytes())];
    files.into_iter().try_for_each(|(name, bytes)| settle(mode, &folder.join(name), &bytes))
}

fn settle(mode: Mode, path: &Path, bytes: &[u8]) -> Result<()> {
    let shown = workspace::shown(path);
    match mode {
        Mode::Write => fs::write(path, bytes).context(|| format!("could not write `{shown}`")),
        Mode::Check if fs::read(path).is_ok_and(|kept| kept == bytes) => Ok(()),
        Mode::Check => Err(Failure::new(format!("`{shown}` is out of date; run `cargo xtask sample-roll`"))),
    }
}

fn rows() -> Vec<Row> {
    let mut random = Random::new(SEED);
    let mut rows = named();
    let mut serial = 100;
    let mut spoil_at = spoilt_places();
    for place in 0..GOOD_ROWS {
        serial += 1;
        rows.push(good(&mut random, serial));
        for fault in spoil_at.remove(&place).unwrap_or_default() {
            serial += 10;
            rows.extend(fault.rows(&mut random, serial));
        }
    }
    // Known documents under other names come last, far behind the rows that made them known.
    for row in rows.clone().iter().take(EACH_FAULT) {
        serial += 1;
        rows.push(Fault::known_under_another_name(row, serial));
    }
    // Repetitions of whole rows, and numbers that a second person claims.
    for place in 0..EACH_FAULT {
        let repeated = rows.get(40 + place * 7).cloned();
        rows.extend(repeated.filter(|row| row.verdict == "CREATE").map(Fault::repeated));
    }
    rows
}

/// Spreads the faults over the file.
fn spoilt_places() -> std::collections::BTreeMap<usize, Vec<Fault>> {
    let mut places: std::collections::BTreeMap<usize, Vec<Fault>> = std::collections::BTreeMap::new();
    let all = Fault::ALL.into_iter().flat_map(|fault| [fault; EACH_FAULT]);
    for (index, fault) in all.enumerate() {
        places.entry(25 + index * 17).or_default().push(fault);
    }
    places
}

/// The rows the demonstration tells of: see the folder's README.
fn named() -> Vec<Row> {
    let certificate = |serial: u32, job_type: usize, level: u8| Certificate {
        job_type,
        level,
        number: format!("S000033DEMO0024{level}{serial:06}"),
        date: "2024-05-06".to_owned(),
    };
    let people = [
        ("甲", "19950505", LIVE_SALESPERSON, 3),
        ("乙", "19960606", LIVE_SALESPERSON, 5),
        ("丙", "19970707", 0, 3),
        ("丁", "20100101", LIVE_SALESPERSON, 5),
        ("戊", "20131231", LIVE_SALESPERSON, 5),
        ("己", "19800808", LIVE_SALESPERSON, 1),
        ("庚", "19850909", PLATFORM_ADMINISTRATOR, 3),
    ];
    let mut rows: Vec<Row> = (1..)
        .zip(people)
        .map(|(serial, (name, birth, job_type, level))| {
            let person = Person::resident(&format!("测试·{name}"), birth, serial);
            Row::good(&person, &certificate(serial, job_type, level))
        })
        .collect();
    rows.push(Row::good(&Person::passport("测试·辛", 1), &certificate(8, LIVE_SALESPERSON, 4)));
    rows
}

/// A faultless row of any kind: every cell, every scheme of numbers, every kind of document, every way of writing.
fn good(random: &mut Random, serial: u32) -> Row {
    let person = Person::any(random, serial);
    let mut certificate = any_certificate(random, serial);
    let mut codes = Vec::new();
    let mut verdict = "CREATE";
    match random.below(20) {
        0 => certificate.number = region_number(&certificate, serial),
        1 => certificate.number = format!("{}{serial:014}", certificate.year()),
        2 => {
            certificate.number = format!("DEMO{}{serial:06}", certificate.year());
            codes.push("SCHEME_UNKNOWN");
        }
        // 特级技师 is above every level of the standard: the number is good, the standard has no such cell.
        3 if random.below(4) == 0 => {
            certificate.number = format!("S000033000001{}T{serial:06}", certificate.year());
            certificate.level = 0;
            codes.push("CELL_NOT_IN_STANDARD");
            verdict = "INVALID";
        }
        _ => {}
    }
    let mut row = Row::good(&person, &certificate);
    row.vary(random, &certificate);
    Row { verdict, codes, ..row }
}

fn any_certificate(random: &mut Random, serial: u32) -> Certificate {
    let job_type = random.below(4);
    let highest = if job_type == PLATFORM_ADMINISTRATOR { 3 } else { 1 };
    let level = u8::try_from(highest + random.below(6 - highest)).unwrap_or(5);
    let (year, month, day) = (22 + random.below(4), 1 + random.below(12), 1 + random.below(28));
    Certificate {
        job_type,
        level,
        number: format!("S000033DEMO00{year}{level}{serial:06}"),
        date: format!("20{year}-{month:02}-{day:02}"),
    }
}

fn region_number(certificate: &Certificate, serial: u32) -> String {
    format!("RSW330000000{}{}{serial:05}", certificate.year(), certificate.level)
}

impl Certificate {
    /// The year's two last digits.
    fn year(&self) -> String {
        self.date.chars().skip(2).take(2).collect()
    }
}

const LEVELS: [&str; 6] =
    ["特级技师", "一级/高级技师", "二级/技师", "三级/高级工", "四级/中级工", "五级/初级工"];

impl Row {
    fn good(person: &Person, certificate: &Certificate) -> Self {
        let job_type = JOB_TYPES.get(certificate.job_type).copied().unwrap_or_default();
        let level = LEVELS.get(usize::from(certificate.level)).copied().unwrap_or_default();
        let texts = [
            &person.name,
            person.document_type,
            &person.document,
            job_type,
            level,
            &certificate.number,
            &certificate.date,
        ];
        let fields = texts.map(|text| text.as_bytes().to_vec()).to_vec();
        Self { fields, verdict: "CREATE", codes: Vec::new() }
    }

    /// Writes some of it in the other ways people write it.
    fn vary(&mut self, random: &mut Random, certificate: &Certificate) {
        let level = LEVELS.get(usize::from(certificate.level)).copied().unwrap_or_default();
        if let (1, Some((digit, name))) = (random.below(3), level.split_once('/')) {
            let other = [digit.to_owned(), name.to_owned(), certificate.level.to_string(), full_width(level)];
            self.set(4, random.of(&other));
        }
        if random.below(4) == 0 {
            let date = certificate.date.replace("-0", "-");
            let parts: Vec<&str> = date.split('-').collect();
            let chinese: Vec<&str> =
                parts.iter().copied().zip(["年", "月", "日"]).flat_map(|(part, unit)| [part, unit]).collect();
            let other = [certificate.date.replace('-', ""), date.replace('-', "/"), chinese.concat()];
            self.set(6, random.of(&other));
        }
        if random.below(10) == 0 {
            let number = certificate.number.to_lowercase();
            let spaced = format!(" {} ", number.replace("demo", "DEMO "));
            self.set(5, random.of(&[full_width(&certificate.number), number, spaced]));
        }
    }

    fn set(&mut self, column: usize, text: &str) {
        if let Some(field) = self.fields.get_mut(column) {
            *field = text.as_bytes().to_vec();
        }
    }

    fn text(&self, column: usize) -> String {
        let field = self.fields.get(column).map(Vec::as_slice).unwrap_or_default();
        String::from_utf8_lossy(field).into_owned()
    }
}

/// ASCII in the full-width forms that a Chinese keyboard gives.
fn full_width(text: &str) -> String {
    let wide =
        |c: char| if c.is_ascii_graphic() { char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c) } else { c };
    text.chars().map(wide).collect()
}

/// The file: UTF-8 with a byte order mark and Windows line ends, as spreadsheets save it.
fn written(rows: &[Row]) -> Vec<u8> {
    let mut file = "\u{feff}".as_bytes().to_vec();
    file.extend(HEADING.join(",").bytes());
    file.extend(b"\r\n");
    for row in rows {
        file.extend(row.fields.join(&b","[..]));
        file.extend(b"\r\n");
    }
    file
}

/// One line per row: its number in the file, its verdict, its codes.
fn expected(rows: &[Row]) -> String {
    let lines =
        rows.iter().zip(2..).map(|(row, number)| format!("{number},{},{}", row.verdict, row.codes.join("|")));
    let lines: Vec<String> = ["row,verdict,codes".to_owned()].into_iter().chain(lines).collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_roll_is_the_one_this_program_makes() {
        sample_roll(Mode::Check).unwrap();
    }

    #[test]
    fn about_one_row_in_twenty_is_spoilt_and_every_cell_occurs() {
        let rows = rows();
        let spoilt = rows.iter().filter(|row| row.verdict != "CREATE").count();
        assert!(
            rows.len() >= 2_000 && spoilt * 100 > rows.len() * 4 && spoilt * 100 < rows.len() * 9,
            "{spoilt}"
        );
        let cells = JOB_TYPES.iter().map(|job| rows.iter().filter(|row| row.text(3) == *job).count());
        assert!(cells.into_iter().all(|count| count > 100));
    }
}
