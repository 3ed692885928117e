//! Which place of a draft is meant by a place of the client that was made of it.

/// A draft may hold what is no grant or tenant at all, and a template adds grants that stand nowhere in it: so the
/// numbers of the two differ.
#[derive(Default)]
pub(in crate::admin) struct Places {
    /// For each grant its number in the draft, `None` if it comes from the template.
    pub(in crate::admin) grants: Vec<Option<usize>>,
    /// For each tenant its number in the draft.
    pub(in crate::admin) tenants: Vec<usize>,
    /// For each key its number in the draft.
    pub(in crate::admin) keys: Vec<usize>,
    /// For each delegate its number in the draft.
    pub(in crate::admin) delegates: Vec<usize>,
}

impl Places {
    /// The place in the draft.
    pub(in crate::admin) fn of(&self, pointer: &str) -> String {
        if let Some((at, below)) = numbered(pointer, "/grants/") {
            let place = self.grants.get(at).copied().flatten();
            return place.map_or_else(|| "/template".to_owned(), |at| format!("/grants/{at}{below}"));
        }
        let lists =
            [("/tenants/", &self.tenants), ("/keys/", &self.keys), ("/may_delegate_to/", &self.delegates)];
        for (list, places) in lists {
            if let Some((at, below)) = numbered(pointer, list) {
                let place = places.get(at).copied().unwrap_or(at);
                return format!("{list}{place}{below}");
            }
        }
        pointer.to_owned()
    }
}

/// The number behind the list, and what follows it.
fn numbered<'p>(pointer: &'p str, list: &str) -> Option<(usize, &'p str)> {
    let rest = pointer.strip_prefix(list)?;
    let (number, below) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    Some((number.parse().ok()?, below))
}
