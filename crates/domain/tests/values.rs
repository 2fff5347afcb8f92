//! What holds for every value read from outside.

use greenroom_domain::certification::{CertificateNumber, NumberClaim, Scheme, cross_check};
use greenroom_domain::identity::{AgeBand, DocumentNumber, DocumentType, PersonName, age_band};
use greenroom_domain::kernel::{Date, PersonId, Timestamp};
use greenroom_domain::occupation::Level;
use proptest::prelude::*;
use proptest::sample::select;
use std::time::Duration;

fn date() -> impl Strategy<Value = Date> {
    // Any day of the years 1000 to 9999.
    (-354_285_i64..2_932_896).prop_map(|day| Timestamp::from_micros(day * 86_400_000_000).beijing_date())
}

fn birth() -> impl Strategy<Value = Date> {
    // The calendar ends in 9999, and so would the years of a child born shortly before.
    date().prop_map(|date| if date.year() > 9900 { date.plus_years(-100) } else { date })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_is_typed_in_makes_a_parser_fail(text in any::<String>()) {
        let _ = CertificateNumber::parse(&text);
        let _ = PersonName::normalise(&text);
        let _ = Date::parse(&text);
        let _ = PersonId::parse_name(&text);
        for document_type in DocumentType::ALL {
            let _ = DocumentNumber::parse(document_type, &text);
        }
    }

    #[test]
    fn a_normalised_number_is_read_again_as_itself(text in "[ySsY][0-9０-９ -]{12,24}[0-9a-zA-Z]{8,12}") {
        if let Ok(number) = CertificateNumber::parse(&text) {
            prop_assert_eq!(CertificateNumber::parse(number.as_str()), Ok(number));
        }
    }

    #[test]
    fn a_well_formed_number_agrees_with_the_claim_it_was_made_from(
        class in select(vec!['Y', 'S']),
        middle in "[0-9]{4}23[0-9A-Z]{6}",
        year in 19..100_i32,
        level in select(vec![(Level::Five, 5), (Level::Four, 4), (Level::Three, 3), (Level::Two, 2), (Level::One, 1)]),
        serial in "[0-9]{6}",
    ) {
        let number = CertificateNumber::parse(&format!("{class}{middle}{year}{}{serial}", level.1)).unwrap();
        prop_assert_eq!(number.scheme(), Scheme::Level22);
        let issue_date = Date::try_new(2000 + year, 6, 1).unwrap();
        let claim = NumberClaim { job_type: None, level: level.0, issue_date, issuer: None };
        prop_assert_eq!(cross_check(&number, &claim), vec![]);
    }

    #[test]
    fn exactly_one_check_character_fits(body in "[1-6][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])[0-9]{3}") {
        let fits = "0123456789X".chars().filter(|check| {
            DocumentNumber::parse(DocumentType::ResidentIdentityCard, &format!("{body}{check}")).is_ok()
        });
        prop_assert_eq!(fits.count(), 1);
    }

    #[test]
    fn a_date_is_written_and_read_as_itself(date in date()) {
        prop_assert_eq!(Date::parse(&date.to_string()), Ok(date));
        prop_assert_eq!(date.beijing_midnight().beijing_date(), date);
        prop_assert!(date == Date::MAX || date.next_day() > date);
    }

    #[test]
    fn an_age_only_grows_and_its_next_change_is_told(birth in birth(), day in -40_000_i64..60_000) {
        let now = Timestamp::from_micros(day * 86_400_000_000);
        let (band, until) = age_band(birth, now);
        prop_assert_ne!(band, AgeBand::Unknown);
        prop_assert_eq!(until.is_none(), band == AgeBand::Adult);
        if let Some(until) = until {
            prop_assert!(until > now);
            prop_assert_eq!(age_band(birth, until.minus(Duration::from_micros(1))).0, band);
            prop_assert_eq!(age_band(birth, until).0, band.next());
        }
    }
}
