use super::*;
use chancery_token::Subject;

const CHILD: FamilyId = FamilyId::from_bytes([3; 16]);

fn delegating<'r>() -> Request<'r> {
    within(None)
}

fn within<'r>(expires_in: Option<Duration>) -> Request<'r> {
    Request { delegate: Some(Begin { id: CHILD, expires_in }), ..asking("tickets:read") }
}

fn begun(from: &Claims, family: &Family, client: &Client) -> Result<(Claims, Box<Family>), ExchangeRefusal> {
    begun_by(&delegating(), from, family, client)
}

fn begun_by(
    request: &Request<'_>,
    from: &Claims,
    family: &Family,
    client: &Client,
) -> Result<(Claims, Box<Family>), ExchangeRefusal> {
    let planner = planner();
    let parent = Parent { claims: from, client: &planner, family: Some(family) };
    let (claims, begins) = decided(request, &parent, client, at(9))?;
    Ok((claims, begins.unwrap()))
}

#[test]
fn a_delegated_family_may_what_its_first_token_may_and_lies_in_the_line_of_the_other() {
    let from = Claims { bounds: region("eu"), cnf: None, ..subject_token() };
    let (claims, child) = begun(&from, &family(), &worker()).unwrap();
    assert_eq!((child.id, child.ancestors.as_slice()), (CHILD, [family().id].as_slice()));
    assert_eq!((child.client.as_str(), child.subject().as_str()), ("worker", "planner"));
    assert_eq!(child.act, claims.act);
    assert_eq!(child.granted, [Granted { audience: SHOP.into(), scopes: claims.scope.clone() }]);
    assert_eq!((&child.bounds, &child.cnf), (&claims.bounds, &claims.cnf));
    assert_eq!((child.rvs0, child.generation), (Sequence::new(43), Generation(0)));
    // One entry about the root ends both; one about the child ends its tokens.
    assert_eq!((claims.sid, child.sid()), (from.sid, family().id));
    let own = TokenId::from_bytes(*CHILD.as_bytes());
    assert_eq!((claims.anc, child.anc()), (vec![own, from.jti], vec![own]));
}

#[test]
fn a_delegated_family_ends_no_later_than_the_one_it_comes_from() {
    let terms = Refresh { absolute: Duration::from_hours(24 * 90), ..Refresh::default() };
    let long = Client { refresh: Some(terms), ..worker() };
    let (_, child) = begun(&subject_token(), &family(), &long).unwrap();
    assert_eq!(child.absolute_end, family().absolute_end);
    assert!(child.idle_end <= child.absolute_end);
    let brief = Refresh { absolute: Duration::from_hours(1), ..terms };
    let (_, child) =
        begun(&subject_token(), &family(), &Client { refresh: Some(brief), ..worker() }).unwrap();
    assert_eq!(child.absolute_end, NOW.plus(Duration::from_hours(1)));
    let ends = Client { expires_at: NOW.plus(Duration::from_mins(1)), ..worker() };
    assert_eq!(begun(&subject_token(), &family(), &ends).unwrap().1.absolute_end, ends.expires_at);
}

#[test]
fn a_delegated_family_ends_as_soon_as_its_client_asked_and_its_first_token_with_it() {
    let ends = |seconds| {
        let request = within(Some(Duration::from_secs(seconds)));
        let (claims, child) = begun_by(&request, &subject_token(), &family(), &worker()).unwrap();
        assert!(child.idle_end <= child.absolute_end && claims.exp <= child.absolute_end);
        (child.absolute_end.since(NOW).as_secs(), claims.exp.since(NOW).as_secs())
    };
    // The subject token lives for ten minutes, the family that it is of for a week.
    assert_eq!((ends(1), ends(599), ends(3600)), ((1, 1), (599, 599), (3600, 600)));
    let week = 7 * 24 * 3600;
    assert_eq!((ends(week), ends(week + 1), ends(u64::MAX)), ((week, 600), (week, 600), (week, 600)));
}

#[test]
fn what_a_client_asks_for_never_lengthens_its_own_terms() {
    let terms = Refresh { absolute: Duration::from_hours(1), ..Refresh::default() };
    let brief = Client { refresh: Some(terms), ..worker() };
    let request = within(Some(Duration::from_hours(2)));
    let (_, child) = begun_by(&request, &subject_token(), &family(), &brief).unwrap();
    assert_eq!(child.absolute_end, NOW.plus(terms.absolute));
    let ends = Client { expires_at: NOW.plus(Duration::from_mins(1)), ..worker() };
    let (_, child) = begun_by(&request, &subject_token(), &family(), &ends).unwrap();
    assert_eq!(child.absolute_end, ends.expires_at);
}

#[test]
fn no_family_begins_without_terms_or_from_none_or_from_one_that_is_over() {
    let none = Client { refresh: None, ..worker() };
    let refusal = begun(&subject_token(), &family(), &none).unwrap_err();
    assert_eq!((refusal.reason(), refusal.error()), ("refresh_not_granted", "unauthorized_client"));
    let ended = FamilyState::Ended { at: NOW, why: crate::family::WhyEnded::Revoked };
    let over = [
        Family { state: ended, ..family() },
        Family { absolute_end: NOW, ..family() },
        Family { idle_end: NOW, ..family() },
    ];
    for family in over {
        assert_eq!(begun(&subject_token(), &family, &worker()).unwrap_err(), ExchangeRefusal::FamilyOver);
    }
    let (planner, from) = (planner(), subject_token());
    let parent = Parent { claims: &from, client: &planner, family: None };
    let answer = decided(&delegating(), &parent, &worker(), at(9));
    assert_eq!(answer.unwrap_err(), ExchangeRefusal::NoFamily);
}

#[test]
fn a_family_that_a_client_delegates_to_itself_speaks_for_itself() {
    let planner = planner();
    let (claims, child) = begun(&subject_token(), &family(), &planner).unwrap();
    assert_eq!((child.sub, claims.act.len()), (None, 0));
    assert_eq!(claims.sub, Subject::from(planner.id));
}

#[test]
fn a_line_has_no_more_families_than_a_token_has_room_for() {
    let many = |count: u8| (0..count).map(|at| FamilyId::from_bytes([100 + at; 16])).collect::<Vec<_>>();
    let deep = Family { ancestors: many(7), ..family() };
    let (claims, child) = begun(&subject_token(), &deep, &worker()).unwrap();
    assert_eq!((child.ancestors.len(), child.anc().len()), (8, 8));
    assert_eq!(claims.anc.len(), 2);
    let deeper = Family { ancestors: many(8), ..family() };
    assert_eq!(begun(&subject_token(), &deeper, &worker()).unwrap_err(), ExchangeRefusal::TooDeep);
}
