//! What a store lost, put together from what others hold.

use crate::world::{NOW, RETENTION, append, claims, jti, log, marks, minutes, sid, snapshot};
use chancery_revocation::{
    Decision, Follow, Issuers, Kill, Log, LogId, Moment, OnUnprovableLoss, Recovered, Sequence, Standing,
    Survivor, Trace, recover,
};
use chancery_token::Claims;
use std::time::Duration;

const NEW: LogId = LogId::from_bytes([2; 16]);

fn token(number: u8) -> Kill {
    Kill::token(jti(number), minutes(15))
}

fn issuer(log: &Log) -> Survivor {
    Survivor::Log(Box::new(log.clone()))
}

fn verifier(log: &Log) -> Survivor {
    let now = Moment { wall: NOW, monotonic: Duration::ZERO };
    let document = chancery_revocation::Document::Snapshot(snapshot(log, NOW));
    Survivor::Verifier(Box::new(Follow::new().accept(document, now).0))
}

fn recovered(
    survivors: &[Survivor],
    traces: &[Trace],
    issuers: Issuers,
    policy: OnUnprovableLoss,
) -> Recovered {
    let recovered = recover(survivors, traces, issuers, policy, NEW, NOW, RETENTION);
    let resumed = Log::resume(recovered.stored.clone(), RETENTION).unwrap();
    assert_eq!(resumed.position(), recovered.log.position());
    assert_eq!(resumed.published(), recovered.log.published());
    assert_eq!(resumed.kept(), recovered.log.kept());
    recovered
}

fn is_over(log: &Log, number: u8, rvs: Sequence) -> bool {
    let token = Claims { jti: jti(number), sid: None, ..claims(rvs) };
    matches!(log.published().judge(&marks(&token)), Standing::Revoked(_))
}

#[test]
fn what_any_survivor_held_is_restored() {
    let root = log();
    let one = append(&root, &[token(1), Kill::family(sid(2), RETENTION.family_end(NOW))]);
    let two = append(&one, &[token(3), Kill::tenant(&"acme".parse().unwrap(), RETENTION.family_end(NOW))]);
    let branch = append(&one, &[token(4)]);
    let alone = append(&root, &[token(5), Kill::key("stolen")]);
    let survivors = [
        issuer(&one),
        verifier(&two),
        Survivor::Snapshot(Box::new(snapshot(&branch, NOW))),
        verifier(&alone),
    ];
    let union = OnUnprovableLoss::Union;
    let Recovered { log, decision, .. } = recovered(&survivors, &[], Issuers::AllAnswered, union);
    let start = log.start();
    assert!(start.get() >= two.position().sequence.get() + (1 << 20));
    assert_eq!(log.position().log, NEW);
    for number in [1, 3, 4, 5] {
        assert!(is_over(&log, number, start), "{number}");
    }
    assert!(!is_over(&log, 6, start));
    assert!(is_over(&log, 6, one.position().sequence), "the tenant was revoked after that");
    let ended: Vec<_> = log.kept().entries().iter().map(|entry| entry.kill.kind().as_str()).collect();
    assert_eq!(ended, ["family", "tenant", "key"]);
    // Nobody has both branches, so nobody can say what else was on them: that is for the policy.
    assert!(matches!(decision, Decision::Complete));
    let mut turned: Vec<Survivor> = survivors.to_vec();
    turned.reverse();
    let again = recovered(&turned, &[], Issuers::AllAnswered, union).log;
    assert_eq!((again.published(), again.kept(), again.start()), (log.published(), log.kept(), log.start()));
}

#[test]
fn a_place_that_nobody_reaches_revokes_everything_or_is_named() {
    let one = append(&log(), &[token(1)]);
    let two = append(&one, &[token(2)]);
    let trace = Trace::from(*two.position());
    let survivors = [issuer(&one)];
    let all = recovered(&survivors, &[trace], Issuers::AllAnswered, OnUnprovableLoss::default());
    let Decision::RevokedAll(doubt) = all.decision else { panic!("{:?}", all.decision) };
    assert_eq!(doubt.unreached, [trace]);
    assert!(is_over(&all.log, 9, two.position().sequence) && is_over(&all.log, 9, all.log.start()));
    assert!(!is_over(&all.log, 9, all.log.position().sequence));
    let union = recovered(&survivors, &[trace], Issuers::AllAnswered, OnUnprovableLoss::Union);
    assert!(matches!(union.decision, Decision::WentOn(_)));
    assert!(!is_over(&union.log, 9, two.position().sequence) && is_over(&union.log, 1, union.log.start()));
    assert!(union.log.start() > two.position().sequence, "a place counts though nobody reaches it");
}

#[test]
fn proof_is_an_answer_of_every_issuer_and_somebody_who_reaches_every_place() {
    let one = append(&log(), &[token(1)]);
    let two = append(&one, &[token(2)]);
    let branch = append(&log(), &[token(7), token(8)]);
    let decide = |survivors: &[Survivor], traces: &[Trace], issuers| {
        let policy = OnUnprovableLoss::RevokeAll;
        matches!(recovered(survivors, traces, issuers, policy).decision, Decision::Complete)
    };
    let (all, some) = (Issuers::AllAnswered, Issuers::SomeSilent);
    let trace_of = |log: &Log| Trace::from(*log.position());
    assert!(decide(&[issuer(&two)], &[trace_of(&one), trace_of(&two)], all));
    assert!(decide(&[verifier(&two)], &[trace_of(&two)], all));
    assert!(!decide(&[verifier(&two)], &[trace_of(&one)], all), "it may have come there by another branch");
    assert!(!decide(&[issuer(&two)], &[trace_of(&one)], some));
    assert!(!decide(&[verifier(&one)], &[trace_of(&two)], all));
    assert!(!decide(&[issuer(&two)], &[trace_of(&branch)], all), "a branch that nobody holds");
    assert!(decide(&[issuer(&two), verifier(&branch)], &[trace_of(&branch)], all));
    assert!(!decide(&[], &[trace_of(&one)], all));
    let said = Trace { head: None, ..trace_of(&two) };
    assert!(decide(&[verifier(&two)], &[said], all));
    assert!(!decide(&[verifier(&one)], &[said], all));
}

#[test]
fn without_a_survivor_a_log_still_begins_above_every_place_that_is_known() {
    let far = Trace { log: NEW, sequence: Sequence::new(1 << 50), head: None };
    let Recovered { log, .. } = recovered(&[], &[far], Issuers::AllAnswered, OnUnprovableLoss::RevokeAll);
    assert_eq!(log.start().get(), (1 << 50) + (1 << 20));
    assert!(is_over(&log, 1, log.start()));
}

#[test]
fn an_issuer_that_was_not_asked_owes_the_new_log_what_it_holds() {
    let one = append(&log(), &[token(1)]);
    let silent =
        append(&one, &[token(2), Kill::tenant(&"acme".parse().unwrap(), minutes(60)), Kill::key("k")]);
    let Recovered { log: new, .. } =
        recovered(&[issuer(&one)], &[], Issuers::SomeSilent, OnUnprovableLoss::Union);
    let owed = silent.published().missing_from(new.published());
    let kinds: Vec<_> = owed.iter().map(|kill| kill.kind().as_str()).collect();
    assert_eq!(kinds, ["token", "tenant", "key"]);
    let whole = append(&new, &owed);
    assert_eq!(silent.published().missing_from(whole.published()), []);
    assert_eq!(one.published().missing_from(new.published()), []);
}

#[test]
fn the_floor_goes_on_from_where_it_was() {
    let old = append(&log().confirm(NOW), &[token(1)]);
    let later = NOW.plus(RETENTION.window());
    let old = append(&old.confirm(later), &[token(2)]);
    assert_eq!(old.floor(), old.start());
    let recovered = recover(
        &[issuer(&old)],
        &[],
        Issuers::AllAnswered,
        OnUnprovableLoss::RevokeAll,
        NEW,
        later,
        RETENTION,
    );
    assert_eq!(recovered.log.floor(), old.floor());
    let new = recovered.log.confirm(later);
    let much_later = later.plus(RETENTION.window());
    assert_eq!(new.clone().confirm(much_later.minus(Duration::from_secs(1))).floor(), old.floor());
    assert_eq!(new.confirm(much_later).floor(), Sequence::new(old.start().get() + 1));
}

#[test]
fn a_policy_has_a_word() {
    for policy in [OnUnprovableLoss::RevokeAll, OnUnprovableLoss::Union] {
        assert_eq!(OnUnprovableLoss::parse(policy.as_str()), Some(policy));
    }
    assert_eq!(OnUnprovableLoss::parse("revoke-all"), None);
    assert_eq!(OnUnprovableLoss::default().as_str(), "revoke_all");
}

#[test]
fn who_knows_a_log_that_began_again_does_not_know_what_led_to_a_place_of_the_old_one() {
    let old = append(&log(), &[token(1)]);
    let again = Log::begin(old.position().log, None, minutes(60), RETENTION);
    assert!(again.start() > old.position().sequence);
    for head in [Some(old.position().head), None] {
        let trace = Trace { head, ..(*old.position()).into() };
        let survivors = [issuer(&again)];
        let found = recovered(&survivors, &[trace], Issuers::AllAnswered, OnUnprovableLoss::RevokeAll);
        let Decision::RevokedAll(doubt) = found.decision else { panic!("{head:?}: token 1 is lost") };
        assert_eq!(doubt.unreached, [trace]);
    }
}
