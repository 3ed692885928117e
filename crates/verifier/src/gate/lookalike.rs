//! Paths that services do not tell apart.
//!
//! The guard takes a path to the letter. A service behind may fold its case, decode it, drop its last slash or a suffix, and
//! find another of the declared routes by that, with another access. Such a path is refused: nobody can say what it means.

use super::fault::GateFault;
use super::plain::PlainPath;
use super::resemblance::{resembles, same, stands_in_a_name};
use super::shape::{Segment, Shape};
use std::collections::HashSet;

/// The templates of a table, to be met by accident.
#[derive(Debug)]
pub(super) struct Lookalikes {
    templates: Vec<Template>,
    root: Node,
    /// As the guard routes.
    exact: matchit::Router<usize>,
    /// Whether paths have to be looked at that are as simple as can be.
    always: bool,
}

#[derive(Debug)]
struct Template {
    path: String,
    shape: Shape,
    /// Whether it counts on case or on its last slash, so that a lenient service may not find it by its own path.
    odd: bool,
}

#[derive(Debug, Default)]
struct Node {
    literals: Vec<(Literal, Node)>,
    parameter: Option<Box<Node>>,
    rest: Option<usize>,
    end: Option<usize>,
    end_behind_slash: Option<usize>,
}

#[derive(Debug, PartialEq, Eq)]
struct Literal {
    raw: String,
    /// Decoded, in lower case.
    folded: String,
    /// Whether the case had to be changed for that.
    cased: bool,
}

impl Literal {
    fn new(raw: &str) -> Self {
        let rooted = format!("/{raw}");
        let decoded = PlainPath::read(rooted.as_bytes())
            .map(|path| path.decoded().get(1..).unwrap_or_default().to_owned());
        let decoded = decoded.unwrap_or_else(|_| raw.to_owned());
        let folded = decoded.to_ascii_lowercase();
        Self { raw: raw.to_owned(), cased: folded != decoded, folded }
    }
}

impl Lookalikes {
    /// Of the paths of a guard; that of its metadata is not the owner's to rename.
    pub(super) fn new<'p>(
        paths: impl Iterator<Item = &'p str>,
        metadata: Option<&str>,
    ) -> Result<Self, Vec<GateFault>> {
        let mut found = Self {
            templates: Vec::new(),
            root: Node::default(),
            exact: matchit::Router::new(),
            always: false,
        };
        for path in paths {
            // The methods of a path stand side by side.
            if found.templates.last().is_none_or(|template| template.path != path) {
                found.add(path)?;
            }
        }
        let faults = found.faults(metadata);
        if faults.is_empty() { Ok(found) } else { Err(faults) }
    }

    fn add(&mut self, path: &str) -> Result<(), Vec<GateFault>> {
        let shape = Shape::of(path);
        let index = self.templates.len();
        let unreachable = |why: &dyn std::fmt::Display| {
            vec![GateFault::Unreachable { path: path.to_owned(), why: why.to_string() }]
        };
        self.exact.insert(path, index).map_err(|why| unreachable(&why))?;
        let mut odd = false;
        let mut node = &mut self.root;
        for segment in shape.segments() {
            node = match segment {
                Segment::End => {
                    odd = true;
                    node.end_behind_slash = Some(index);
                    break;
                }
                Segment::Rest => {
                    self.always = true;
                    node.rest = Some(index);
                    break;
                }
                Segment::Parameter => node.parameter.get_or_insert_default(),
                Segment::Literal(text) => {
                    let literal = Literal::new(text);
                    odd |= literal.cased;
                    node.under(literal)
                }
            };
        }
        if !matches!(shape.segments().last(), Some(Segment::End | Segment::Rest)) {
            node.end = Some(index);
        }
        self.always |= odd;
        self.templates.push(Template { path: path.to_owned(), shape, odd });
        Ok(())
    }

    /// The route, other than the one that it meets, that a lenient service may find by `path`.
    pub(super) fn other(&self, path: &PlainPath<'_>) -> Option<&str> {
        let text = path.as_str();
        let simple =
            |byte: u8| byte == b'/' || stands_in_a_name(char::from(byte)) && !byte.is_ascii_uppercase();
        let slash = text.len() > 1 && text.ends_with('/');
        if !self.always && !slash && text.bytes().all(simple) {
            return None;
        }
        let met = self.exact.at(text).ok().map(|found| *found.value);
        let template = met.and_then(|met| self.templates.get(met));
        let walk = Walk {
            met,
            met_is_odd: template.is_some_and(|template| template.odd),
            met_rest: template.and_then(|template| template.shape.before_rest()),
            slash,
        };
        let inside = |text: &'_ str| -> std::ops::Range<usize> { 1..text.len() - usize::from(slash) };
        let raw = text.get(inside(text)).filter(|raw| !raw.is_empty());
        let decoded = path.decoded().get(inside(path.decoded())).filter(|decoded| !decoded.is_empty());
        let found = walk.from(&self.root, raw.zip(decoded), Trail::default())?;
        self.templates.get(found).map(|template| &*template.path)
    }

    fn faults(&self, metadata: Option<&str>) -> Vec<GateFault> {
        let own: Vec<&Template> =
            self.templates.iter().filter(|template| metadata != Some(&template.path)).collect();
        let literals: HashSet<&str> = own.iter().flat_map(|template| template.shape.literals()).collect();
        let mut value = "~".to_owned();
        while literals.contains(&*value) {
            value.push('~');
        }
        let mut faults: Vec<GateFault> = Vec::new();
        for Template { path, shape, .. } in &own {
            let example = shape.example(&value);
            match PlainPath::read(example.as_bytes()) {
                Err(why) => faults.push(GateFault::Unreachable { path: path.clone(), why: why.to_string() }),
                Ok(plain) => {
                    if let Some(other) = self.other(&plain) {
                        let (path, with) = if &**path < other { (&**path, other) } else { (other, &**path) };
                        let fault = GateFault::Lookalike { path: path.to_owned(), with: with.to_owned() };
                        if !faults.contains(&fault) {
                            faults.push(fault);
                        }
                    }
                }
            }
        }
        let shapes: HashSet<&Shape> = own.iter().map(|template| &template.shape).collect();
        for (at, one) in own.iter().enumerate() {
            for other in own.iter().skip(at + 1) {
                if let Some(both) = one.shape.crossing(&other.shape).filter(|both| !shapes.contains(both)) {
                    let (path, with) = (one.path.clone(), other.path.clone());
                    faults.push(GateFault::Crossing { path, with, both: both.to_string() });
                }
            }
        }
        faults
    }
}

impl Node {
    fn under(&mut self, literal: Literal) -> &mut Self {
        let at = self.literals.iter().position(|(known, _)| *known == literal).unwrap_or_else(|| {
            self.literals.push((literal, Self::default()));
            self.literals.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "it was found or put there")]
        &mut self.literals[at].1
    }
}

/// One look at all templates that a path may be taken to meet.
struct Walk {
    met: Option<usize>,
    met_is_odd: bool,
    /// How many segments the met template has before its `{*name}`.
    met_rest: Option<usize>,
    slash: bool,
}

/// How a node was come by.
#[derive(Clone, Copy, Debug, Default)]
struct Trail {
    depth: usize,
    /// How many segments up to the last that stands in the template.
    literal: usize,
    /// Whether leniency was needed.
    lenient: bool,
}

impl Trail {
    fn on(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    fn literally(self, exact: bool) -> Self {
        let depth = self.depth + 1;
        Self { depth, literal: depth, lenient: self.lenient || !exact }
    }
}

impl Walk {
    /// Another template below `node` for the rest of the path, raw and decoded.
    fn from(&self, node: &Node, path: Option<(&str, &str)>, trail: Trail) -> Option<usize> {
        let Some((raw, decoded)) = path else {
            let as_is = self.counts(node.end, trail.lenient || self.slash && trail.depth > 0);
            return as_is.or_else(|| self.counts(node.end_behind_slash, trail.lenient || !self.slash));
        };
        // A fallback for all paths below would answer what lies below a declared path too. Many services take that path for
        // the declared one.
        if self.met_rest.is_some_and(|before| trail.literal > before) {
            let shorter = node.end.or(node.end_behind_slash);
            if shorter.is_some() {
                return shorter;
            }
        }
        if let Some(found) = self.counts(node.rest, trail.lenient) {
            return Some(found);
        }
        let (segment, raw_rest) = cut(raw);
        let (said, decoded_rest) = cut(decoded);
        let behind = raw_rest.zip(decoded_rest);
        // A service that changes the path has not declared it so: what it then looks for is not there, and it cuts.
        let declared = !self.met_is_odd && node.literals.iter().any(|(literal, _)| literal.raw == segment);
        let heard =
            |literal: &Literal| same(said, &literal.folded) || !declared && resembles(said, &literal.folded);
        let by_literal = node.literals.iter().filter(|(literal, _)| heard(literal));
        by_literal
            .map(|(literal, node)| (node, trail.literally(literal.raw == segment)))
            .chain(node.parameter.as_deref().map(|node| (node, trail.on())))
            .find_map(|(node, trail)| self.from(node, behind, trail))
    }

    fn counts(&self, reached: Option<usize>, lenient: bool) -> Option<usize> {
        reached.filter(|reached| self.met != Some(*reached) && (lenient || self.met_is_odd))
    }
}

fn cut(path: &str) -> (&str, Option<&str>) {
    path.split_once('/').map_or((path, None), |(segment, rest)| (segment, Some(rest)))
}

#[cfg(test)]
mod tests;
