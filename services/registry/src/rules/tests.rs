use super::read::edition;
use super::{EDITIONS, built_in};
use greenroom_domain::kernel::{CategoryId, Date, Timestamp};
use greenroom_domain::registry::{CategoryNeed, Confirmation, ReasonCode, RuleSet};

fn newest() -> RuleSet {
    let book = built_in().unwrap();
    let newest = book.editions().last().unwrap();
    newest.as_ref().clone()
}

fn day(text: &str) -> Timestamp {
    Date::parse(text).unwrap().beijing_midnight()
}

fn faults(change: impl Fn(&str) -> String) -> Vec<String> {
    let (file, text) = EDITIONS[0];
    edition(file, &change(text)).unwrap_err()
}

#[test]
fn the_editions_that_are_built_in_can_be_read() {
    let rules = newest();
    assert_eq!(rules.edition, "2026-11");
    let minors = rules.basis(ReasonCode::Under16).unwrap();
    assert_eq!(minors.text.english, "Law on the Protection of Minors, art. 76");
    assert_eq!(minors.text.chinese, "《未成年人保护法》第七十六条");
    let label = rules.basis(ReasonCode::AiLabelMissing).unwrap();
    assert_eq!(label.confirmation, Confirmation::Unconfirmed);
}

#[test]
fn rules_come_into_force_on_their_days() {
    let rules = newest();
    let in_force = |code, day| rules.basis(code).unwrap().in_force_from == Some(day);
    assert!(in_force(ReasonCode::IdentityUnverified, day("2026-02-01")));
    assert!(in_force(ReasonCode::CategoryLicenceMissing, day("2026-03-20")));
    assert!(in_force(ReasonCode::FinanceStaffOnly, day("2026-09-30")));
    let food = CategoryId::try_new("food").unwrap();
    assert!(!rules.needs_licence(&food, day("2026-03-19")) && rules.needs_licence(&food, day("2026-03-20")));
}

#[test]
fn every_professional_subject_has_its_category() {
    let rules = newest();
    let needs = rules.categories.values().flat_map(|category| &category.needs);
    let mut domains: Vec<&str> = needs
        .filter_map(|(need, _)| match need {
            CategoryNeed::Qualification(domain) => Some(domain.as_str()),
            _ => None,
        })
        .collect();
    domains.sort_unstable();
    assert_eq!(domains, ["education", "finance", "law", "medicine"]);
}

#[test]
fn a_file_that_cannot_be_read_is_refused_with_its_line() {
    let told = faults(|text| text.replacen("edition = ", "edition ", 1));
    assert!(told[0].starts_with("`2026-11.toml`, line 6: "), "{told:?}");
    let told = faults(|text| text.replacen("confirmation = \"confirmed\"", "confirmation = \"certain\"", 1));
    assert!(told[0].starts_with("`2026-11.toml`, line "), "{told:?}");
}

#[test]
fn everything_wrong_with_a_file_is_told_at_once() {
    let told = faults(|text| {
        text.replacen("effective_from = \"2026-11-01\"", "effective_from = \"2026-13-01\"", 1)
            .replacen("\"UNDER_16\", ", "\"LEVEL_TOO_LOW\", ", 1)
            .replacen("id = \"general\"", "id = \"General\"", 1)
            .replacen(
                "kind = \"NOT_LIVE\", basis = \"banned-food\"",
                "kind = \"NEVER\", basis = \"banned-food\"",
                1,
            )
            .replacen(
                "{ kind = \"LICENCE\", basis = \"cosmetics\" }",
                "{ kind = \"LICENCE\", basis = \"nothing\" }",
                1,
            )
    });
    let all = told.join("\n");
    for expected in [
        "line 7: ",
        "`LEVEL_TOO_LOW` is no legal reason",
        "nothing says what `UNDER_16` rests on",
        "`General` is not an id",
        "there is a category `general`, and it needs nothing",
        "there is no need `NEVER` without a domain",
        "there is no basis `nothing`",
        "nothing rests on the basis `cosmetics`",
    ] {
        assert!(all.contains(expected), "{expected} in {all}");
    }
}
