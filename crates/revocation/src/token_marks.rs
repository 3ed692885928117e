use crate::kind::Kind;
use crate::mark::{IdMark, NameMark};
use crate::sequence::Sequence;
use chancery_token::{Claims, ClientId, FamilyId, Subject, TenantId};

/// So many numbers does a token have with four actors and eight ancestors: nine ids of tokens, a family, thirteen names.
const MOST: usize = 23;

/// What of one token the log can name: ids, names, key and `rvs`. Made once for each token and kept beside it, for the
/// names have to be hashed; then a check is a few looks into tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenMarks {
    pub(crate) rvs: Sequence,
    /// Its own id and those of the tokens that it descends from; its families; how the marks of its names begin.
    numbers: Numbers,
    /// Where among them the families come: of a token one at most.
    family_at: usize,
    /// Where among them the names begin.
    names_at: usize,
    /// Every mark that an entry by name may bear about it, its key among them.
    pub(crate) names: Box<[(Kind, NameMark)]>,
}

/// A few lie where the marks do: to be led to them by a pointer takes as long as to ask a table.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Numbers {
    Few { numbers: [u64; MOST], count: usize },
    Many(Box<[u64]>),
}

impl Numbers {
    fn of(all: Vec<u64>) -> Self {
        let (mut numbers, count) = ([0; MOST], all.len());
        match numbers.get_mut(..count) {
            Some(few) => {
                few.copy_from_slice(&all);
                Self::Few { numbers, count }
            }
            None => Self::Many(all.into()),
        }
    }

    #[inline]
    fn as_slice(&self) -> &[u64] {
        match self {
            Self::Few { numbers, count } => numbers.get(..*count).unwrap_or_default(),
            Self::Many(numbers) => numbers,
        }
    }
}

impl TokenMarks {
    /// The marks of a token with these claims that the key `kid` signed.
    ///
    /// A `client` entry meets `client_id`, `sub` and every `act.sub`: whoever acts in a chain can be cut off. A
    /// `subject` entry meets `sub` and every `act.sub`, a `token` entry `jti` and every member of `anc`.
    pub fn of(claims: &Claims, kid: &str) -> Self {
        let mut tokens = Vec::with_capacity(1 + claims.anc.len());
        tokens.push(IdMark::of_token(claims.jti).get());
        tokens.extend(claims.anc.iter().map(|id| IdMark::of_token(*id).get()));
        let mut names = names(&claims.client_id, &claims.tenant, &claims.sub, &claims.act);
        names.push((Kind::Key, NameMark::key(kid)));
        Self::put_together(Sequence::new(claims.rvs), tokens, claims.sid.as_slice(), names)
    }

    /// The marks of a refresh family, for the issuer that is asked to go on with it; `rvs` is the sequence at which
    /// the family began.
    pub fn of_family(
        sid: FamilyId,
        client_id: &ClientId,
        tenant: &TenantId,
        sub: &Subject,
        rvs: Sequence,
    ) -> Self {
        Self::put_together(rvs, Vec::new(), &[sid], names(client_id, tenant, sub, &[]))
    }

    /// The marks of a family that was delegated: `line` is itself and the families that it comes from, `act` who acts in
    /// it. What ends any of them ends it.
    pub fn of_delegated_family(
        line: &[FamilyId],
        client_id: &ClientId,
        tenant: &TenantId,
        sub: &Subject,
        act: &[Subject],
        rvs: Sequence,
    ) -> Self {
        Self::put_together(rvs, Vec::new(), line, names(client_id, tenant, sub, act))
    }

    fn put_together(
        rvs: Sequence,
        tokens: Vec<u64>,
        families: &[FamilyId],
        names: Vec<(Kind, NameMark)>,
    ) -> Self {
        let mut numbers = tokens;
        let family_at = numbers.len();
        numbers.extend(families.iter().map(|sid| IdMark::of_family(*sid).get()));
        let names_at = numbers.len();
        numbers.extend(names.iter().map(|(_, name)| name.prefix()));
        Self { rvs, numbers: Numbers::of(numbers), family_at, names_at, names: names.into() }
    }

    /// Its own id and those of the tokens that it descends from; its families; how the marks of its names begin.
    #[inline]
    pub(crate) fn parts(&self) -> (&[u64], &[u64], &[u64]) {
        let (ids, prefixes) = self.numbers.as_slice().split_at_checked(self.names_at).unwrap_or_default();
        let (tokens, family) = ids.split_at_checked(self.family_at).unwrap_or_default();
        (tokens, family, prefixes)
    }

    /// The `rvs` of the token.
    pub fn rvs(&self) -> Sequence {
        self.rvs
    }
}

fn names(client_id: &ClientId, tenant: &TenantId, sub: &Subject, act: &[Subject]) -> Vec<(Kind, NameMark)> {
    let mut names = Vec::with_capacity(4 + 2 * (1 + act.len()));
    names.push((Kind::Client, NameMark::client(client_id)));
    names.push((Kind::Tenant, NameMark::tenant(tenant)));
    for subject in std::iter::once(sub).chain(act) {
        names.push((Kind::Subject, NameMark::subject(subject)));
        // A person is no client; most tokens speak for the client itself.
        if !subject.is_user() && !subject.is_client(client_id) {
            names.push((Kind::Client, NameMark::subject_as_client(subject)));
        }
    }
    names
}
