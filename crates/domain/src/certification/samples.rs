//! A standard for the tests of the rules: the cells of 互联网营销师 as its data file has them.

use super::{OccupationCode, Standard, StandardJobType};
use crate::kernel::StandardId;
use crate::occupation::{JobType, JobTypeName, Level};

pub const PRODUCT_SELECTOR: &str = "product-selector";
pub const LIVE_SALESPERSON: &str = "live-salesperson";
pub const VIDEO_CREATOR: &str = "video-creator";
pub const PLATFORM_ADMINISTRATOR: &str = "platform-administrator";

/// The job type with this id.
pub fn job_type(id: &str) -> JobType {
    JobType::try_new(id).unwrap()
}

/// 18 cells: 平台管理员 has no level above 3.
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
