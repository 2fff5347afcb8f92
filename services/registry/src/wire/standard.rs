//! What is said of an occupational standard: by the certification service, and in the registry's own log.

use super::{level as to_wire, read_level};
use greenroom_domain::kernel::StandardId;
use greenroom_domain::occupation::{JobType, JobTypeName, Level};
use greenroom_domain::registry::StandardStanding;
use greenroom_domain::registry::{OccupationCode, Standard, StandardJobType};
use greenroom_proto::certification::v1 as certification;
use greenroom_proto::registry::v1 as proto;

/// What the certification service says. A level this program does not know is left out: no policy can ask for it here.
pub fn of_upstream(fact: &certification::StandardFact) -> Option<StandardStanding> {
    let job_types = fact.job_types.iter().map(|told| {
        let levels = told.levels.iter().filter_map(|number| level(*number)).collect();
        Some(StandardJobType { levels, ..named(&told.job_type, &told.display_name, &told.chinese_name)? })
    });
    let job_types: Vec<StandardJobType> = job_types.collect::<Option<_>>()?;
    let job_types = job_types.into_iter().filter(|it| !it.levels.is_empty()).collect();
    let standard = whole(&fact.standard, &fact.occupation_codes, fact.edition, job_types)?;
    Some(StandardStanding { standard, version: fact.version })
}

/// What the registry's own log says.
pub fn of_event(fact: &proto::StandardStanding) -> Option<StandardStanding> {
    let job_types = fact.job_types.iter().map(|told| {
        let levels = told.levels.iter().map(|number| read_level(proto::Level::try_from(*number).ok()?));
        let levels = levels.collect::<Option<_>>()?;
        Some(StandardJobType { levels, ..named(&told.job_type, &told.display_name, &told.chinese_name)? })
    });
    let job_types = job_types.collect::<Option<_>>()?;
    let standard = whole(&fact.standard, &fact.occupation_codes, fact.edition, job_types)?;
    Some(StandardStanding { standard, version: fact.version })
}

/// The same for the log.
pub fn standing(told: &StandardStanding) -> proto::StandardStanding {
    let standard = &told.standard;
    let job_types = standard.job_types().iter().map(|it| proto::StandardStandingJobType {
        job_type: it.job_type.to_string(),
        display_name: it.name.english.clone(),
        chinese_name: it.name.chinese.clone(),
        levels: it.levels.iter().map(|one| to_wire(*one).into()).collect(),
    });
    proto::StandardStanding {
        standard: standard.id().name(),
        edition: standard.edition(),
        occupation_codes: standard.codes().iter().map(ToString::to_string).collect(),
        job_types: job_types.collect(),
        version: told.version,
    }
}

/// A level of the certification service. The two packages spell the levels alike, number by number; a test holds them
/// together.
pub fn level(number: i32) -> Option<Level> {
    read_level(proto::Level::try_from(number).ok()?)
}

/// A job type without levels yet.
fn named(id: &str, english: &str, chinese: &str) -> Option<StandardJobType> {
    let name = JobTypeName { english: english.to_owned(), chinese: chinese.to_owned() };
    Some(StandardJobType {
        job_type: JobType::from_code(id)?,
        name,
        levels: std::collections::BTreeSet::new(),
    })
}

fn whole(name: &str, codes: &[String], edition: i32, job_types: Vec<StandardJobType>) -> Option<Standard> {
    let codes = codes.iter().map(|code| OccupationCode::try_new(code).ok()).collect::<Option<_>>()?;
    Standard::try_new(StandardId::parse_name(name).ok()?, codes, edition, job_types).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standard_is_read_without_the_levels_this_program_does_not_know() {
        let job_type = |id: &str, levels: Vec<i32>| certification::StandardFactJobType {
            job_type: id.to_owned(),
            display_name: format!("the {id}"),
            chinese_name: format!("{id}员"),
            levels,
        };
        let fact = certification::StandardFact {
            standard: "standards/next".to_owned(),
            edition: 2030,
            occupation_codes: vec!["4-13-05-03".to_owned()],
            job_types: vec![job_type("host", vec![2, 99]), job_type("elder", vec![99])],
            version: 3,
            ..Default::default()
        };
        let read = of_upstream(&fact).unwrap();
        let cells: Vec<(String, Level)> =
            read.standard.cells().map(|(job_type, level)| (job_type.to_string(), level)).collect();
        assert_eq!((cells, read.version), (vec![("host".to_owned(), Level::Five)], 3));
        assert_eq!(of_upstream(&certification::StandardFact { standard: "next".to_owned(), ..fact }), None);
    }

    #[test]
    fn what_the_log_says_is_read_back() {
        let told = StandardStanding { standard: greenroom_testkit::occupation::standard(), version: 7 };
        assert_eq!(of_event(&standing(&told)), Some(told));
    }
}
