//! What somebody has done, from its message. Everything that is wrong is told at once, with the paths of the fields.

use super::codes;
use super::parse::job_type;
use crate::standards::{KnownStandard, Standards};
use greenroom_domain::certification::eligibility::{
    ApplicationHistory, CompletedTraining, FieldRelation, HeldCertificate, HeldDiploma, HeldTitle,
    OccupationRelation, WorkPeriod,
};
use greenroom_domain::kernel::{Date, StandardId};
use greenroom_domain::occupation::{JobType, Level};
use greenroom_proto::certification::v1 as wire;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire as parse;

/// The most entries of a list.
const MOST: usize = 100;
/// How far ahead an application can be evaluated, in years.
const AHEAD: i32 = 10;
/// The first year anything of a life at work can lie in.
const FIRST_YEAR: i32 = 1900;

/// What an application is evaluated by.
pub struct Application {
    /// The job type applied for.
    pub job_type: JobType,
    /// The level applied for.
    pub level: Level,
    /// What was done.
    pub history: ApplicationHistory,
    /// For which day.
    pub on: Date,
}

/// An application for a cell of a standard, evaluated for `today` unless it says otherwise.
pub fn application(
    request: &wire::EvaluateApplicationRequest,
    standard: &KnownStandard,
    standards: &Standards,
    today: Date,
) -> Result<Application, Fault> {
    let mut wrong = Violations::new();
    let job_type = wrong.take("job_type", job_type(&request.job_type, Some(standard)));
    let level = wrong.take("level", codes::parse_level(request.level));
    if let Some((job_type, level)) = job_type.zip(level)
        && !standard.standard().has_cell(job_type, level)
    {
        let called = standard.standard().name_of(job_type).english;
        wrong.add("level", format!("the standard has no {} for a {called}", level.english()));
    }
    let none = wire::ApplicationHistory::default();
    let given = request.history.as_ref().unwrap_or(&none);
    let history = history("history", given, standard, standards, &mut wrong);
    let on = match request.date.as_str() {
        "" => Some(today),
        text => wrong.take("date", date(text)).filter(|on| {
            let near = *on <= today.plus_years(AHEAD);
            wrong.require(near, "date", "must not lie more than ten years ahead");
            near
        }),
    };
    let whole = job_type.zip(level).zip(on).map(|((job_type, level), on)| (job_type, level, on));
    wrong.finish(whole.map(|(job_type, level, on)| Application { job_type, level, history, on }))
}

/// A history at the path `at`. What cannot be read is left out, and told in `wrong`.
pub fn history(
    at: &str,
    given: &wire::ApplicationHistory,
    standard: &KnownStandard,
    standards: &Standards,
    wrong: &mut Violations,
) -> ApplicationHistory {
    let mut read = Reader { at, standard, standards, wrong };
    let certificates = read.list("certificates", &given.certificates, Reader::certificate);
    let apprenticeship_end = match given.apprenticeship_end_date.as_str() {
        "" => None,
        text => read.date("apprenticeship_end_date", text),
    };
    if given.age_reached.is_some_and(|age| !(0..=150).contains(&age)) {
        read.wrong.add(format!("{at}.age_reached"), "must lie between 0 and 150");
    }
    ApplicationHistory {
        certificates,
        work: read.list("work_periods", &given.work_periods, Reader::work),
        trainings: read.list("trainings", &given.trainings, Reader::training),
        diplomas: read.list("diplomas", &given.diplomas, Reader::diploma),
        titles: read.list("titles", &given.titles, Reader::title),
        apprenticeship_end,
        age_reached: given.age_reached,
    }
}

struct Reader<'a> {
    at: &'a str,
    standard: &'a KnownStandard,
    standards: &'a Standards,
    wrong: &'a mut Violations,
}

impl Reader<'_> {
    fn list<T, R>(
        &mut self,
        field: &str,
        given: &[T],
        read: impl Fn(&mut Self, &str, &T) -> Option<R>,
    ) -> Vec<R> {
        if given.len() > MOST {
            self.wrong.add(format!("{}.{field}", self.at), "must be 100 at most");
        }
        let places = given.iter().take(MOST).enumerate();
        places.filter_map(|(index, entry)| read(self, &format!("{field}[{index}]"), entry)).collect()
    }

    fn take<T, E: std::fmt::Display>(&mut self, field: &str, value: Result<T, E>) -> Option<T> {
        self.wrong.take(&format!("{}.{field}", self.at), value)
    }

    fn date(&mut self, field: &str, text: &str) -> Option<Date> {
        self.take(field, date(text))
    }

    /// A certificate of another occupation is read, and left out: it proves nothing here.
    fn certificate(&mut self, at: &str, given: &wire::HeldCertificate) -> Option<HeldCertificate> {
        let under = match given.standard.as_str() {
            "" => Some(self.standard),
            name => {
                let id: Option<StandardId> = self.take(&format!("{at}.standard"), parse::name(name));
                let known = self.standards.get(&id?).ok_or("is not a standard this service knows");
                self.wrong.take(&format!("{}.{at}.standard", self.at), known)
            }
        };
        let job_type = self.take(&format!("{at}.job_type"), job_type(&given.job_type, under));
        let level = self.take(&format!("{at}.level"), codes::parse_level(given.level));
        let issue_date = self.date(&format!("{at}.issue_date"), &given.issue_date);
        let codes = self.standard.standard().codes();
        let same = codes.iter().any(|code| under.is_some_and(|under| under.standard().has_code(code)));
        let held = HeldCertificate { job_type: job_type?, level: level?, issue_date: issue_date? };
        same.then_some(held)
    }

    fn work(&mut self, at: &str, given: &wire::WorkPeriod) -> Option<WorkPeriod> {
        let from = self.date(&format!("{at}.from_date"), &given.from_date);
        let to = match given.to_date.as_str() {
            "" => Some(None),
            text => self.date(&format!("{at}.to_date"), text).map(Some),
        };
        let occupation = match wire::OccupationRelation::try_from(given.occupation) {
            Ok(wire::OccupationRelation::Same) => Ok(OccupationRelation::Same),
            Ok(wire::OccupationRelation::Related) => Ok(OccupationRelation::Related),
            _ => Err("must be set"),
        };
        let occupation = self.take(&format!("{at}.occupation"), occupation);
        let (from, to) = (from?, to?);
        if to.is_some_and(|to| to < from) {
            self.wrong.add(format!("{}.{at}.to_date", self.at), "must not lie before `from_date`");
        }
        Some(WorkPeriod { from, to, occupation: occupation? })
    }

    fn training(&mut self, at: &str, given: &wire::CompletedTraining) -> Option<CompletedTraining> {
        let job_type = self.take(&format!("{at}.job_type"), job_type(&given.job_type, Some(self.standard)));
        let level = self.take(&format!("{at}.level"), codes::parse_level(given.level));
        let hours = Some(given.hours).filter(|hours| (0..=10_000).contains(hours));
        let hours = self.take(&format!("{at}.hours"), hours.ok_or("must lie between 0 and 10000"));
        let completion_date = self.date(&format!("{at}.completion_date"), &given.completion_date);
        Some(CompletedTraining {
            job_type: job_type?,
            level: level?,
            hours: hours?,
            completion_date: completion_date?,
        })
    }

    fn diploma(&mut self, at: &str, given: &wire::HeldDiploma) -> Option<HeldDiploma> {
        let kind = self.take(&format!("{at}.kind"), codes::parse_diploma_kind(given.kind));
        let graduation_date = self.date(&format!("{at}.graduation_date"), &given.graduation_date);
        let field = if given.in_field { FieldRelation::InField } else { FieldRelation::OtherField };
        Some(HeldDiploma { kind: kind?, field, graduation_date: graduation_date? })
    }

    fn title(&mut self, at: &str, given: &wire::HeldTitle) -> Option<HeldTitle> {
        let rank = self.take(&format!("{at}.rank"), codes::parse_title_rank(given.rank));
        let award_date = self.date(&format!("{at}.award_date"), &given.award_date);
        Some(HeldTitle { rank: rank?, award_date: award_date? })
    }
}

/// A day that can lie in a life at work.
fn date(text: &str) -> Result<Date, String> {
    let day = parse::date(text)?;
    if day.year() < FIRST_YEAR { Err(format!("must not lie before {FIRST_YEAR}")) } else { Ok(day) }
}
