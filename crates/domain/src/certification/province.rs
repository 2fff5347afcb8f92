//! The provinces by their codes.

/// How sure it is that certificate numbers use a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProvinceMark {
    /// GB/T 2260 gives the code to a province that files evaluation organisations.
    Confirmed,
    /// The code exists, but no rule that was read says that certificate numbers use it.
    Unconfirmed,
}

/// A province, autonomous region, municipality or special administrative region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Province {
    /// The first two digits of its codes in GB/T 2260.
    pub code: &'static str,
    /// Its name.
    pub chinese: &'static str,
    /// How sure it is that certificate numbers use it.
    pub mark: ProvinceMark,
}

const fn confirmed(code: &'static str, chinese: &'static str) -> Province {
    Province { code, chinese, mark: ProvinceMark::Confirmed }
}

const fn unconfirmed(code: &'static str, chinese: &'static str) -> Province {
    Province { code, chinese, mark: ProvinceMark::Unconfirmed }
}

/// The two-digit codes of GB/T 2260, and 66 of the Xinjiang Production and Construction Corps, which is no code of GB/T
/// 2260 but is said to file by itself.
pub const PROVINCES: [Province; 35] = [
    confirmed("11", "北京市"),
    confirmed("12", "天津市"),
    confirmed("13", "河北省"),
    confirmed("14", "山西省"),
    confirmed("15", "内蒙古自治区"),
    confirmed("21", "辽宁省"),
    confirmed("22", "吉林省"),
    confirmed("23", "黑龙江省"),
    confirmed("31", "上海市"),
    confirmed("32", "江苏省"),
    confirmed("33", "浙江省"),
    confirmed("34", "安徽省"),
    confirmed("35", "福建省"),
    confirmed("36", "江西省"),
    confirmed("37", "山东省"),
    confirmed("41", "河南省"),
    confirmed("42", "湖北省"),
    confirmed("43", "湖南省"),
    confirmed("44", "广东省"),
    confirmed("45", "广西壮族自治区"),
    confirmed("46", "海南省"),
    confirmed("50", "重庆市"),
    confirmed("51", "四川省"),
    confirmed("52", "贵州省"),
    confirmed("53", "云南省"),
    confirmed("54", "西藏自治区"),
    confirmed("61", "陕西省"),
    confirmed("62", "甘肃省"),
    confirmed("63", "青海省"),
    confirmed("64", "宁夏回族自治区"),
    confirmed("65", "新疆维吾尔自治区"),
    unconfirmed("66", "新疆生产建设兵团"),
    unconfirmed("71", "台湾省"),
    unconfirmed("81", "香港特别行政区"),
    unconfirmed("82", "澳门特别行政区"),
];

/// The province with a code.
pub fn of(code: &str) -> Option<&'static Province> {
    PROVINCES.iter().find(|province| province.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_two_digits_and_stands_once_in_order() {
        assert!(PROVINCES.is_sorted_by(|a, b| a.code < b.code));
        assert!(PROVINCES.iter().all(|one| one.code.len() == 2 && one.code.parse::<u8>().is_ok()));
        assert_eq!(of("33").map(|one| one.chinese), Some("浙江省"));
        for (code, mark) in
            [("65", Some(ProvinceMark::Confirmed)), ("81", Some(ProvinceMark::Unconfirmed)), ("99", None)]
        {
            assert_eq!(of(code).map(|one| one.mark), mark);
        }
    }
}
