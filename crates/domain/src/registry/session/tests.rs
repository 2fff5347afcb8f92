use super::*;

const LEASE: Duration = Duration::from_mins(1);

fn at(second: u64) -> Timestamp {
    Timestamp::from_micros(0).plus(Duration::from_secs(second))
}

fn streamer(id: &str) -> StreamerId {
    StreamerId::try_new(id).unwrap()
}

fn decided(id: &str, outcome: Outcome, until: u64) -> (StreamerId, Decision) {
    let decision = Decision {
        outcome,
        reasons: Vec::new(),
        decide_time: at(0),
        valid_until: at(until),
        ask_again_at: None,
        verified: None,
        policy_revision: Some(1),
        rules_edition: String::new(),
    };
    (streamer(id), decision)
}

fn open(decisions: &[(StreamerId, Decision)]) -> Result<LiveSession, SessionRefusal> {
    let id = LiveSessionId::try_new("sale").unwrap();
    let platform = OrganizationId::try_new("shop").unwrap();
    LiveSession::open(id, platform, "room 7".to_owned(), Sale::default(), decisions, LEASE, at(0))
}

fn pair() -> LiveSession {
    open(&[decided("mina", Outcome::Allow, 1000), decided("otto", Outcome::Allow, 1000)]).unwrap()
}

fn states(session: &LiveSession) -> Vec<&'static str> {
    session.roster.iter().map(|entry| entry.state.code()).collect()
}

#[test]
fn only_those_allowed_are_admitted() {
    let session = open(&[
        decided("mina", Outcome::Allow, 1000),
        decided("otto", Outcome::Deny, 1000),
        decided("vera", Outcome::NotYet, 1000),
        decided("zeno", Outcome::Undetermined, 1000),
    ])
    .unwrap();
    assert_eq!(states(&session), ["ADMITTED", "REFUSED", "REFUSED", "REFUSED"]);
    assert_eq!((session.state, session.fence, session.lease_until), (SessionState::Open, 1, at(60)));
}

#[test]
fn a_session_without_anybody_allowed_ends_as_it_begins() {
    let session = open(&[decided("otto", Outcome::Deny, 1000)]).unwrap();
    assert_eq!((session.state, session.lease_until), (SessionState::Ended, at(0)));
    assert!(session.renew(&[], 1, at(1)).is_err());
}

#[test]
fn a_lease_never_outlives_a_decision_it_rests_on() {
    let session = open(&[
        decided("mina", Outcome::Allow, 30),
        decided("otto", Outcome::Allow, 1000),
        decided("vera", Outcome::Deny, 5),
    ])
    .unwrap();
    assert_eq!(session.lease_until, at(30));
    let spent = open(&[decided("mina", Outcome::Allow, 0)]).unwrap();
    assert_eq!(spent.state, SessionState::Ended);
}

#[test]
fn a_roster_is_not_empty_and_names_everybody_once() {
    assert_eq!(open(&[]), Err(SessionRefusal::RosterEmpty));
    assert_eq!(
        open(&[decided("mina", Outcome::Allow, 9), decided("mina", Outcome::Allow, 9)]),
        Err(SessionRefusal::RosterRepeats { streamer: streamer("mina") })
    );
}

#[test]
fn a_renewal_extends_the_lease_and_raises_the_fence() {
    let decisions = [decided("mina", Outcome::Allow, 1000), decided("otto", Outcome::Allow, 90)];
    let session = pair().renew(&decisions, 1, at(40)).unwrap();
    assert_eq!((session.fence, session.lease_until), (2, at(90)));
    assert_eq!(
        session.renew(&decisions, 1, at(41)),
        Err(SessionRefusal::FenceOutdated { given: 1, current: 2 })
    );
}

#[test]
fn who_is_no_longer_allowed_is_cut_and_never_comes_back() {
    let gone = [decided("mina", Outcome::Allow, 1000), decided("otto", Outcome::Deny, 1000)];
    let session = pair().renew(&gone, 1, at(40)).unwrap();
    assert_eq!(states(&session), ["ADMITTED", "CUT"]);
    assert_eq!(session.roster[1].since, at(40));
    let back = [decided("mina", Outcome::Allow, 1000), decided("otto", Outcome::Allow, 1000)];
    let session = session.renew(&back, 2, at(50)).unwrap();
    assert_eq!(states(&session), ["ADMITTED", "CUT"]);
}

#[test]
fn a_renewal_decides_about_everybody_on_air() {
    assert_eq!(
        pair().renew(&[decided("mina", Outcome::Allow, 1000)], 1, at(40)),
        Err(SessionRefusal::DecisionMissing { streamer: streamer("otto") })
    );
}

#[test]
fn a_lease_that_ran_out_is_not_renewed() {
    let decisions = [decided("mina", Outcome::Allow, 1000), decided("otto", Outcome::Allow, 1000)];
    assert!(pair().renew(&decisions, 1, at(59)).is_ok());
    let ran_out = SessionRefusal::LeaseRanOut { lease_cap: at(60) };
    assert_eq!(pair().renew(&decisions, 1, at(60)), Err(ran_out.clone()));
    assert_eq!(pair().review(&decisions, at(60)), Err(ran_out));
}

#[test]
fn one_marketers_end_is_not_everybodys() {
    let session =
        open(&[decided("mina", Outcome::Allow, 30), decided("otto", Outcome::Allow, 1000)]).unwrap();
    assert_eq!((session.lease_until, session.lease_cap), (at(30), at(60)));
    let then = [decided("mina", Outcome::Undetermined, 90), decided("otto", Outcome::Allow, 1000)];
    let session = session.review(&then, at(30)).unwrap();
    assert_eq!((states(&session), session.fence), (vec!["CUT", "ADMITTED"], 2));
    assert_eq!((session.state, session.lease_until, session.lease_cap), (SessionState::Open, at(60), at(60)));
}

#[test]
fn a_review_extends_a_lease_that_ended_early_and_never_beyond_its_cap() {
    let until = |mina| [decided("mina", Outcome::Allow, mina), decided("otto", Outcome::Allow, 1000)];
    let session = open(&until(30)).unwrap().review(&until(45), at(29)).unwrap();
    assert_eq!((session.lease_until, session.fence), (at(45), 2));
    let session = session.review(&until(1000), at(45)).unwrap();
    assert_eq!(session.lease_until, at(60));
    let renewed = session.renew(&until(1000), 3, at(50)).unwrap();
    assert_eq!((renewed.lease_until, renewed.lease_cap), (at(110), at(110)));
}

#[test]
fn between_the_end_of_the_lease_and_its_cap_a_session_waits() {
    let session = open(&[decided("mina", Outcome::Allow, 30)]).unwrap();
    assert_eq!(session.clone().expire(at(59)), Err(SessionRefusal::LeaseRuns { lease_cap: at(60) }));
    let renewed = session.clone().renew(&[decided("mina", Outcome::Allow, 1000)], 1, at(40)).unwrap();
    assert_eq!(renewed.lease_until, at(100));
    assert_eq!(session.expire(at(60)).unwrap().state, SessionState::Expired);
}

#[test]
fn a_cut_takes_one_off_the_air_and_the_last_one_ends_the_session() {
    let session = pair().cut(&streamer("otto"), at(10)).unwrap();
    assert_eq!((states(&session), session.fence), (vec!["ADMITTED", "CUT"], 2));
    assert_eq!((session.state, session.lease_until), (SessionState::Open, at(60)));
    assert_eq!(
        session.clone().cut(&streamer("otto"), at(11)),
        Err(SessionRefusal::NotAdmitted { streamer: streamer("otto") })
    );
    let ended = session.cut(&streamer("mina"), at(12)).unwrap();
    assert_eq!((ended.state, ended.state_since, ended.lease_until), (SessionState::Ended, at(12), at(12)));
}

#[test]
fn a_renewal_that_leaves_nobody_ends_the_session() {
    let nobody = [decided("mina", Outcome::Deny, 1000), decided("otto", Outcome::NotYet, 1000)];
    let session = pair().renew(&nobody, 1, at(40)).unwrap();
    assert_eq!((session.state, session.lease_until), (SessionState::Ended, at(40)));
}

#[test]
fn a_session_is_closed_once() {
    let closed = pair().close(at(20)).unwrap();
    assert_eq!((closed.state, closed.lease_until, closed.fence), (SessionState::Closed, at(20), 2));
    let over = SessionRefusal::NotOpen { state: SessionState::Closed };
    assert_eq!(closed.clone().close(at(21)), Err(over.clone()));
    assert_eq!(closed.clone().expire(at(99)), Err(over.clone()));
    assert_eq!(closed.cut(&streamer("mina"), at(21)), Err(over));
}

#[test]
fn a_session_expires_when_its_lease_ran_out_however_late_that_is_noted() {
    assert_eq!(pair().expire(at(59)), Err(SessionRefusal::LeaseRuns { lease_cap: at(60) }));
    let expired = pair().expire(at(75)).unwrap();
    assert_eq!((expired.state, expired.state_since), (SessionState::Expired, at(60)));
}

#[test]
fn codes_lead_back_to_their_values() {
    for state in SessionState::ALL {
        assert_eq!(SessionState::from_code(state.code()), Some(state));
    }
    for state in RosterState::ALL {
        assert_eq!(RosterState::from_code(state.code()), Some(state));
    }
}
