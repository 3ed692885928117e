//! The records that tokens are held against.

pub use chancery_token::bounds::Value;

/// Something that belongs to a tenant. Implement it for what your handlers load, and ask
/// [`crate::Verified::allows`] before you show or change it (rule R21).
pub trait Record {
    /// Whose record it is.
    fn tenant(&self) -> &str;

    /// What it says on one axis of the catalog. Whatever is not known refuses a token that is bounded there.
    fn value(&self, axis: &str) -> Value<'_> {
        let _ = axis;
        Value::Unknown
    }
}

impl<R: Record + ?Sized> Record for &R {
    fn tenant(&self) -> &str {
        (**self).tenant()
    }

    fn value(&self, axis: &str) -> Value<'_> {
        (**self).value(axis)
    }
}
