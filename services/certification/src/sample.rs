//! The sample roll, for demonstrations and tests. Nobody in it is real; `data/rolls/README.md` tells what it holds.

/// The roll.
pub const ROLL: &[u8] = include_bytes!("../data/rolls/sample.csv");

/// What each row must come to: `row,verdict,codes`, with `|` between codes.
pub const EXPECTED: &str = include_str!("../data/rolls/expected.csv");

/// The standard of its certificates.
pub const STANDARD: &str = "standards/internet-marketer-2021";

/// The issuer's code.
pub const ISSUER_CODE: &str = "0000";

/// The issuer's province.
pub const ISSUER_PROVINCE: &str = "33";

/// The first day of its accreditation for every cell of the standard.
pub const ACCREDITED_FROM: &str = "2022-01-01";

/// One of the rows worth knowing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The name.
    pub name: &'static str,
    /// The kind of document, as `DocumentType` of `greenroom.identity.v1` names it without its prefix.
    pub document_type: &'static str,
    /// Its number.
    pub document_number: &'static str,
    /// The number of the certificate.
    pub certificate_number: &'static str,
}

const fn resident(
    name: &'static str,
    document_number: &'static str,
    certificate_number: &'static str,
) -> Holder {
    Holder { name, document_type: "RESIDENT_IDENTITY_CARD", document_number, certificate_number }
}

/// A live salesperson of level 3.
pub const SALESPERSON_3: Holder = resident("测试·甲", "000000199505050013", "S000033DEMO00243000001");

/// A live salesperson of level 5.
pub const SALESPERSON_5: Holder = resident("测试·乙", "000000199606060026", "S000033DEMO00245000002");

/// A product selector of level 3: another job type.
pub const SELECTOR_3: Holder = resident("测试·丙", "000000199707070039", "S000033DEMO00243000003");

/// A live salesperson of level 5, 16 or 17 years old until the end of 2027.
pub const MINOR: Holder = resident("测试·丁", "000000201001010042", "S000033DEMO00245000004");

/// A live salesperson of level 5 by the roll, under 16 until the end of 2029.
pub const CHILD: Holder = resident("测试·戊", "000000201312310050", "S000033DEMO00245000005");

/// A live salesperson of level 1, the highest.
pub const SALESPERSON_1: Holder = resident("测试·己", "000000198008080065", "S000033DEMO00241000006");

/// A platform administrator of level 3.
pub const ADMINISTRATOR_3: Holder = resident("测试·庚", "000000198509090077", "S000033DEMO00243000007");

/// A live salesperson of level 4 with a passport, which tells no age.
pub const SALESPERSON_4_PASSPORT: Holder = Holder {
    name: "测试·辛",
    document_type: "PASSPORT",
    document_number: "X0000001",
    certificate_number: "S000033DEMO00244000008",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_worth_knowing_are_in_the_roll() {
        let roll = String::from_utf8_lossy(ROLL);
        let lines: Vec<&str> = roll.lines().skip(1).collect();
        let holders = [
            SALESPERSON_3,
            SALESPERSON_5,
            SELECTOR_3,
            MINOR,
            CHILD,
            SALESPERSON_1,
            ADMINISTRATOR_3,
            SALESPERSON_4_PASSPORT,
        ];
        for (holder, line) in holders.iter().zip(lines) {
            for part in [holder.name, holder.document_number, holder.certificate_number] {
                assert!(line.contains(part), "{part} in {line}");
            }
        }
    }
}
