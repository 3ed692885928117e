//! Path templates, segment by segment.

use std::fmt;

/// A template of a route, in the syntax that the guard takes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    segments: Vec<Segment>,
}

/// What stands behind a slash of a template.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Segment {
    /// Nothing: the slash is the last character, and not the first.
    End,
    /// Itself.
    Literal(String),
    /// `{name}`: any one segment.
    Parameter,
    /// `{*name}`: one segment or more, to the end.
    Rest,
}

impl Shape {
    /// Of a template that a guard has taken already.
    pub(super) fn of(template: &str) -> Self {
        let inner = template.strip_prefix('/').unwrap_or(template);
        let segment = |text: &str| match text {
            text if text.starts_with("{*") => Segment::Rest,
            text if text.starts_with('{') && !text.starts_with("{{") => Segment::Parameter,
            text => Segment::Literal(text.replace("{{", "{").replace("}}", "}")),
        };
        let (inner, end) = inner.strip_suffix('/').map_or((inner, None), |inner| (inner, Some(Segment::End)));
        let segments = inner.split('/').filter(|_| !inner.is_empty()).map(segment).chain(end);
        Self { segments: segments.collect() }
    }

    pub(super) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    pub(super) fn literals(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Literal(text) => Some(text.as_str()),
            Segment::End | Segment::Parameter | Segment::Rest => None,
        })
    }

    /// How many segments stand before `{*name}`, if it ends so.
    pub(super) fn before_rest(&self) -> Option<usize> {
        self.segments.iter().position(|segment| *segment == Segment::Rest)
    }

    /// A path that meets it, with `value` in every parameter.
    pub(super) fn example(&self, value: &str) -> String {
        self.written(|parameter| match parameter {
            Segment::End => "",
            Segment::Literal(text) => text,
            Segment::Parameter | Segment::Rest => value,
        })
    }

    /// What meets both, if each is the more exact one somewhere: services differ in which of them comes first.
    pub(super) fn crossing(&self, other: &Self) -> Option<Self> {
        // Every route is held against every other, and hardly any two cross: first without keeping anything.
        if !self.crosses(other, |_| ()) {
            return None;
        }
        let mut segments = Vec::new();
        self.crosses(other, |both| segments.extend_from_slice(both));
        Some(Self { segments })
    }

    /// Whether both cross; `keep` is handed what meets both, piece by piece, as far as they can be followed together.
    fn crosses<'s>(&'s self, other: &'s Self, mut keep: impl FnMut(&'s [Segment])) -> bool {
        let (mut exact_here, mut exact_there) = (false, false);
        let (mut here, mut there) = (self.segments.as_slice(), other.segments.as_slice());
        loop {
            let (one, same) = (here.get(..1).unwrap_or_default(), there.get(..1).unwrap_or_default());
            match (here, there) {
                ([], []) => break,
                ([Segment::Rest], [exact, ..]) if *exact != Segment::Rest && *exact != Segment::End => {
                    exact_there = true;
                    keep(there);
                    break;
                }
                ([exact, ..], [Segment::Rest]) if *exact != Segment::Rest && *exact != Segment::End => {
                    exact_here = true;
                    keep(here);
                    break;
                }
                _ if one == same => keep(one),
                ([Segment::Literal(_), ..], [Segment::Parameter, ..]) => {
                    exact_here = true;
                    keep(one);
                }
                ([Segment::Parameter, ..], [Segment::Literal(_), ..]) => {
                    exact_there = true;
                    keep(same);
                }
                _ => return false,
            }
            (here, there) = (here.get(1..).unwrap_or_default(), there.get(1..).unwrap_or_default());
        }
        exact_here && exact_there
    }

    fn written<'s>(&'s self, text: impl Fn(&'s Segment) -> &'s str) -> String {
        if self.segments.is_empty() {
            return "/".to_owned();
        }
        self.segments.iter().flat_map(|segment| ["/", text(segment)]).collect()
    }
}

/// As a template whose parameters have no names of their own.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written(|segment| match segment {
            Segment::End => "",
            Segment::Literal(text) => text,
            Segment::Parameter => "{any}",
            Segment::Rest => "{*rest}",
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crossing(one: &str, other: &str) -> Option<String> {
        let (one, other) = (Shape::of(one), Shape::of(other));
        let crossing = one.crossing(&other);
        assert_eq!(crossing, other.crossing(&one), "it does not matter which comes first");
        crossing.map(|both| both.to_string())
    }

    #[test]
    fn templates_are_read_as_the_guard_reads_them() {
        for (template, example) in [
            ("/", "/"),
            ("/a", "/a"),
            ("/a/", "/a/"),
            ("/{id}", "/~"),
            ("/a/{id}/b/{*rest}", "/a/~/b/~"),
            ("/{{a}}/{b}/", "/{a}/~/"),
        ] {
            assert_eq!(Shape::of(template).example("~"), example);
        }
        assert_eq!(Shape::of("/a/{*rest}").before_rest(), Some(1));
        assert_eq!(Shape::of("/a/{rest}").before_rest(), None);
    }

    #[test]
    fn templates_cross_where_each_is_the_more_exact_one() {
        for (one, other, both) in [
            ("/users/{id}/settings", "/users/me/{section}", "/users/me/settings"),
            ("/static/{*rest}", "/{tenant}/invoices", "/static/invoices"),
            ("/static/{*rest}", "/{tenant}/invoices/", "/static/invoices/"),
            ("/{a}/b/{*rest}", "/a/{b}/{*rest}", "/a/b/{*rest}"),
            ("/{a}/b/{c}", "/a/{b}/{c}", "/a/b/{any}"),
        ] {
            assert_eq!(crossing(one, other).as_deref(), Some(both), "{one} {other}");
        }
    }

    #[test]
    fn what_is_more_exact_everywhere_crosses_nothing() {
        for (one, other) in [
            ("/a/{id}", "/a/b"),
            ("/{a}/{b}", "/a/b"),
            ("/{*rest}", "/a/{b}"),
            ("/a/{*rest}", "/a/b/{c}"),
            ("/a/{b}", "/{a}/b/"),
            ("/a/{b}", "/{a}/b/c"),
            ("/a/{b}/c", "/{a}/b/d"),
            ("/a/{*rest}", "/a/"),
            ("/", "/{a}"),
            ("/a", "/a"),
        ] {
            assert_eq!(crossing(one, other), None, "{one} {other}");
        }
    }
}
