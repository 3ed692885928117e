//! How many files and connections an agent may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More than all connections of a proxy take, with what goes to files and to the issuer.
const WANTED: u64 = 2048;

/// Takes as many as the system lets this user have; 256 are usual on some. A process that runs a command leaves that alone: the
/// command would have it, too, and some programs count on few.
pub(super) fn raise() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(WANTED, |most| most.min(WANTED));
    if limit.current.is_some_and(|current| current < wanted) {
        // Who gets no more serves fewer at once.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit });
    }
}
