//! `greenroom standard`: the occupational standards the suite knows, as tables.

use crate::failure::Result;
use crate::folder::Places;
use crate::reach::{Reach, Service};
use crate::{refusal, say};
use clap::{Args, Subcommand};
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::standard_service_client::StandardServiceClient;
use greenroom_proto::certification::v1::{Confirmation, Level};
use greenroom_rpc::client::Authenticated;

/// Arguments of `greenroom standard`.
#[derive(Args, Debug)]
#[command(
    after_help = "Standards are data files; `standards_dir` of certification.toml names a folder with more of them.
Nothing may be decided on a value marked `unconfirmed` alone: it was not read in the source it names.

Examples:
  greenroom standard list
  greenroom standard show internet-marketer-2021"
)]
pub struct Standard {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Shows which standards there are
    List(List),
    /// Shows everything a standard tells, each value with its mark
    Show(Show),
}

#[derive(Args, Debug)]
struct List {
    #[command(flatten)]
    reach: Reach,
}

#[derive(Args, Debug)]
struct Show {
    /// The standard, such as internet-marketer-2021 or standards/internet-marketer-2021
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    reach: Reach,
}

type Standards = StandardServiceClient<Authenticated>;

impl Standard {
    /// Does what is asked.
    pub async fn run(&self, places: &Places) -> Result<()> {
        let reach = match &self.command {
            Command::List(list) => &list.reach,
            Command::Show(show) => &show.reach,
        };
        let standards = Standards::new(reach.connect(places, Service::Certification)?);
        match &self.command {
            Command::List(_) => list(standards).await,
            Command::Show(it) => show(standards, &it.name).await,
        }
    }
}

async fn list(mut standards: Standards) -> Result<()> {
    let mut table = say::table(&["standard", "occupation", "职业", "edition", "codes", "job types"]);
    let mut page_token = String::new();
    loop {
        let request = wire::ListStandardsRequest { page_size: 100, page_token };
        let page = refusal::answer("ListStandards", standards.list_standards(request).await)?;
        for standard in &page.standards {
            let codes: Vec<&str> = standard.occupation_codes.iter().map(|code| code.text.as_str()).collect();
            let job_types: Vec<&str> = standard.job_types.iter().map(|it| it.job_type.as_str()).collect();
            let edition = standard.edition.to_string();
            let (name, english, chinese) = (&standard.name, &standard.display_name, &standard.chinese_name);
            table.add_row([name, english, chinese, &edition, &codes.join("\n"), &job_types.join("\n")]);
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return say::out(&table.to_string());
        }
    }
}

async fn show(mut standards: Standards, name: &str) -> Result<()> {
    let name = if name.contains('/') { name.to_owned() } else { format!("standards/{name}") };
    let request = wire::GetStandardRequest { name };
    let answer = refusal::answer("GetStandard", standards.get_standard(request).await)?;
    let standard = answer.standard.unwrap_or_default();
    let (english, chinese) = (&standard.display_name, &standard.chinese_name);
    say::out(&format!("{} · {english} · {chinese} · edition {}", standard.name, standard.edition))?;
    say::out(&texts(&standard).to_string())?;
    say::out(&cells(&standard).to_string())?;
    if !standard.conditions.is_empty() {
        say::out(&conditions(&standard).to_string())?;
    }
    if !standard.assessment_parts.is_empty() {
        say::out(&parts(&standard).to_string())?;
    }
    match &standard.retake_rule {
        Some(rule) => say::out(&format!(
            "a part that was not passed may be taken again: {} time(s) within {} months ({})",
            rule.attempts,
            rule.within_months,
            mark(rule.confirmation())
        )),
        None => Ok(()),
    }
}

fn texts(standard: &wire::Standard) -> comfy_table::Table {
    let mut table = say::table(&["", "in the standard", "in English", "mark"]);
    let mut add = |what: &str, texts: &[wire::SourcedText]| {
        for text in texts {
            table.add_row([what, &text.text, &text.english, mark(text.confirmation())]);
        }
    };
    add("code", &standard.occupation_codes);
    add("definition", standard.definition.as_slice());
    add("ability", &standard.ability_traits);
    add("education", standard.minimum_education.as_slice());
    add("ethics", &standard.ethics_code);
    table
}

fn cells(standard: &wire::Standard) -> comfy_table::Table {
    let mut table = say::table(&["job type", "English", "工种", "level", "training", "mark"]);
    for job_type in &standard.job_types {
        for level in &job_type.levels {
            let hours = level.training_hours.as_ref();
            let (told, marked) = match hours {
                Some(hours) => (format!("{} h", hours.value), mark(hours.confirmation())),
                None => (String::new(), mark(job_type.confirmation())),
            };
            let (id, english, chinese) = (&job_type.job_type, &job_type.display_name, &job_type.chinese_name);
            table.add_row([id, english, chinese, short(level.level()), &told, marked]);
        }
    }
    table
}

fn conditions(standard: &wire::Standard) -> comfy_table::Table {
    let mut table = say::table(&["level", "condition", "job types", "申报条件", "in English", "mark"]);
    for condition in &standard.conditions {
        let job_types =
            if condition.job_types.is_empty() { "all".to_owned() } else { condition.job_types.join("\n") };
        let marked = mark(condition.confirmation());
        let (level, id) = (short(condition.level()), condition.id.as_str());
        table.add_row([level, id, &job_types, &condition.text, &condition.english, marked]);
    }
    table
}

fn parts(standard: &wire::Standard) -> comfy_table::Table {
    let mut table = say::table(&["assessment", "levels", "mark", "pass mark", "assessors"]);
    for part in &standard.assessment_parts {
        let levels: Vec<&str> = part.levels().map(short).collect();
        let number = |number: Option<&wire::SourcedNumber>, more: &str| {
            number.map(|it| format!("{}{more} ({})", it.value, mark(it.confirmation()))).unwrap_or_default()
        };
        let odd = if part.odd_assessors { " or more, an odd number" } else { " or more" };
        table.add_row([
            part.part().as_str_name().trim_start_matches("ASSESSMENT_PART_"),
            &levels.join(" "),
            mark(part.confirmation()),
            &number(part.pass_mark.as_ref(), " of 100"),
            &number(part.minimum_assessors.as_ref(), odd),
        ]);
    }
    table
}

fn short(level: Level) -> &'static str {
    level.as_str_name().trim_start_matches("LEVEL_")
}

const fn mark(confirmation: Confirmation) -> &'static str {
    match confirmation {
        Confirmation::Confirmed => "confirmed",
        Confirmation::Unconfirmed => "unconfirmed",
        Confirmation::Unspecified => "not told",
    }
}
