//! A standard with the cells that the data file of 互联网营销师 has, for tests of what knows no file.

use greenroom_domain::certification::{OccupationCode, Standard, StandardJobType};
use greenroom_domain::kernel::StandardId;
use greenroom_domain::occupation::{JobType, JobTypeName, Level};

/// 选品员.
pub const PRODUCT_SELECTOR: &str = "product-selector";
/// 直播销售员.
pub const LIVE_SALESPERSON: &str = "live-salesperson";
/// 视频创推员.
pub const VIDEO_CREATOR: &str = "video-creator";
/// 平台管理员, which has no level above 3.
pub const PLATFORM_ADMINISTRATOR: &str = "platform-administrator";

/// The file of an invented standard, `online-streamer-trial`, with the job types `talk-host` (levels 5 to 1) and
/// `room-moderator` (levels 5 and 4). No code knows it.
pub const INVENTED: &str = include_str!("../data/online-streamer-trial.toml");

/// The job type with this id.
#[expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "tests may fail loudly")]
pub fn job_type(id: &str) -> JobType {
    JobType::try_new(id).unwrap()
}

/// The standard, `internet-marketer-2021`.
#[expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "tests may fail loudly")]
pub fn standard() -> Standard {
    let job_type = |id: &str, english: &str, chinese: &str, highest: Level| StandardJobType {
        job_type: job_type(id),
        name: JobTypeName { english: english.to_owned(), chinese: chinese.to_owned() },
        levels: Level::ALL.into_iter().filter(|level| (Level::Five..=highest).contains(level)).collect(),
    };
    let job_types = vec![
        job_type(PRODUCT_SELECTOR, "product selector", "选品员", Level::One),
        job_type(LIVE_SALESPERSON, "live salesperson", "直播销售员", Level::One),
        job_type(VIDEO_CREATOR, "video creator", "视频创推员", Level::One),
        job_type(PLATFORM_ADMINISTRATOR, "platform administrator", "平台管理员", Level::Three),
    ];
    let codes = ["4-01-02-07", "4-01-06-02"].map(|code| OccupationCode::try_new(code).unwrap());
    let id = StandardId::try_new("internet-marketer-2021").unwrap();
    Standard::try_new(id, codes.to_vec(), 2021, job_types).unwrap()
}
