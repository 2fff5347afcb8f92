//! What is there and what is missing, in Chinese.

use super::answer::{Amount, RequirementAnswer, Verdict};
use super::work::WorkTime;
use crate::certification::Requirement;

pub(super) fn requirement(answer: &RequirementAnswer) -> String {
    let met = answer.verdict == Verdict::Met;
    let word = if met { "已有" } else { "缺少" };
    match &answer.requirement {
        Requirement::Certificate { level } => format!("{word}{}或以上等级证书", level.chinese()),
        Requirement::Work { after_level, .. } => {
            let after = after_level.map(|level| format!("取得{}证书后", level.chinese())).unwrap_or_default();
            format!("{after}{}", share(answer))
        }
        Requirement::Training { level, .. } => match (answer.have, answer.need) {
            (Some(Amount::Hours(have)), Some(Amount::Hours(need))) if !met => {
                format!("{}正规培训{have}学时，须达{need}学时", level.chinese())
            }
            _ => format!("{word}{}正规培训结业证书", level.chinese()),
        },
        Requirement::Diploma { kinds, in_field, .. } => {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.chinese()).collect();
            let field = if *in_field { "本专业或相关专业" } else { "" };
            format!("{word}{field}毕业证书（{}）", kinds.join("或"))
        }
        Requirement::Title { rank, .. } => match answer.have {
            Some(Amount::Work(_)) => format!("取得{}后{}", rank.chinese(), share(answer)),
            _ => format!("{word}{}", rank.chinese()),
        },
        Requirement::Apprenticeship if met => "学徒期已满".to_owned(),
        Requirement::Apprenticeship => "未见学徒期满".to_owned(),
        Requirement::Age { years } => match answer.verdict {
            Verdict::Met => format!("已年满{years}周岁"),
            Verdict::NotMet => format!("未满{years}周岁"),
            Verdict::Unknown => format!("年龄不明，须年满{years}周岁"),
        },
    }
}

fn share(answer: &RequirementAnswer) -> String {
    let length = |amount| match amount {
        Some(Amount::Work(time)) => length(time),
        _ => length(WorkTime::default()),
    };
    format!("从业{}，须满{}", length(answer.have), length(answer.need))
}

fn length(time: WorkTime) -> String {
    match (time.months() / 12, time.months() % 12) {
        (0, 0) => format!("{}天", time.days()),
        (0, months) => format!("{months}个月"),
        (years, 0) => format!("{years}年"),
        (years, months) => format!("{years}年{months}个月"),
    }
}
