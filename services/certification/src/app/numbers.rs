//! Numbers of certificates to be issued.

use super::App;
use crate::error::Error;
use greenroom_domain::certification::port::Store;
use greenroom_domain::certification::{CertificateNumber, NumberSeries};

/// How many numbers are looked through at once.
const PAGE: i64 = 1000;

impl<S: Store> App<S> {
    /// The next number of a series that nobody is on record with: behind the last one, or in the first gap once the last
    /// one is reached. Whoever issues it makes sure in the same transaction that it is free still.
    pub(super) async fn next_number(&self, series: &NumberSeries) -> Result<CertificateNumber, Error> {
        let (first, last) = (series.text(NumberSeries::FIRST), series.text(NumberSeries::LAST));
        let highest = self.store.last_number(&first, &last).await?;
        let next = match highest.and_then(|number| series.serial_of(&number)) {
            None => NumberSeries::FIRST,
            Some(NumberSeries::LAST) => self.first_gap(series, &last).await?,
            Some(serial) => serial + 1,
        };
        series.number(next).ok_or_else(|| Error::NumbersExhausted(series.prefix().to_owned()))
    }

    /// The first serial nobody has; the one behind the last if there is none.
    async fn first_gap(&self, series: &NumberSeries, last: &str) -> Result<u32, Error> {
        let mut expected = NumberSeries::FIRST;
        while expected <= NumberSeries::LAST {
            let taken = self.store.numbers(&series.text(expected), last, PAGE).await?;
            if taken.is_empty() {
                break;
            }
            for number in taken {
                if series.serial_of(&number) != Some(expected) {
                    return Ok(expected);
                }
                expected += 1;
            }
        }
        Ok(expected)
    }
}
