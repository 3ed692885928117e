/// Why a secret or a key goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// Nobody else had it: what was issued with it stays good.
    Kept,
    /// Others have it, or may have: what was issued with it is revoked.
    Leaked,
}
