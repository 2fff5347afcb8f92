use super::{ApplicationHistory, Verdict};
use crate::certification::{Confirmation, DiplomaKind, MinimumEducation, Phrase, Sourced};
use crate::kernel::Date;

/// How the education at least needed 普通受教育程度 stands.
///
/// A standard tells it of the occupation as a whole, beside its conditions of application and not among them; so it changes
/// none of their verdicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EducationAnswer {
    /// What is needed, in the words of the standard.
    pub needed: Phrase,
    /// Whether those were read in their source.
    pub confirmation: Confirmation,
    /// The source.
    pub source: String,
    /// The diploma that proves it; none where nothing tells. An equivalent education is for people to judge.
    pub proof: Option<DiplomaKind>,
}

impl EducationAnswer {
    /// How it stands on a day; nothing if the data do not tell which diplomas prove it.
    pub(super) fn of(
        needed: &Sourced<MinimumEducation>,
        history: &ApplicationHistory,
        on: Date,
    ) -> Option<Self> {
        let MinimumEducation { text, diplomas } = &needed.value;
        let finished = history.diplomas.iter().filter(|diploma| diploma.graduation_date <= on);
        let proof = finished.map(|diploma| diploma.kind).filter(|kind| diplomas.contains(kind)).max();
        (!diplomas.is_empty()).then(|| Self {
            needed: text.clone(),
            confirmation: needed.confirmation,
            source: needed.source.clone(),
            proof,
        })
    }

    /// Met or unknown.
    pub fn verdict(&self) -> Verdict {
        if self.proof.is_some() { Verdict::Met } else { Verdict::Unknown }
    }

    /// How it stands in English.
    pub fn english(&self) -> String {
        match self.proof {
            Some(kind) => format!("proven by a diploma ({})", kind.english()),
            None => format!("no diploma proves it: {}", self.needed.english),
        }
    }

    /// How it stands in Chinese.
    pub fn chinese(&self) -> String {
        match self.proof {
            Some(kind) => format!("有毕业证书证明（{}）", kind.chinese()),
            None => format!("未见毕业证书证明：{}", self.needed.chinese),
        }
    }
}
