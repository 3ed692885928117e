//! Small plots as SVG: drawn by hand, readable on a light page and on a dark one.

mod axis;
mod bars;
mod lines;

pub(super) use bars::{Bar, bars};
pub(super) use lines::lines;

/// Pages show a picture at the width of their text, which is near this.
const WIDTH: f64 = 760.0;

/// Two series differ in colour and in dashes; each colour is seen on white and on black.
const STYLE: &str = "\
svg { color: #1f2328; font: 13px system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { svg { color: #e6edf3; } }
text { fill: currentColor; }
.title { font-weight: 600; font-size: 15px; }
.grid { stroke: currentColor; stroke-opacity: .18; }
.other { fill: currentColor; fill-opacity: .38; }
.line { fill: none; stroke-width: 2; }
.s0 { stroke: #2f81f7; } .f0 { fill: #2f81f7; }
.s1 { stroke: #c4660a; stroke-dasharray: 7 4; } .f1 { fill: #c4660a; }
.s2 { stroke: #2c974b; stroke-dasharray: 2 3; } .f2 { fill: #2c974b; }
.s3 { stroke: #bf4b8a; stroke-dasharray: 9 3 2 3; } .f3 { fill: #bf4b8a; }
.range { stroke-dasharray: none; stroke-width: 1; stroke-opacity: .6; }
";

/// A picture in the making.
struct Picture {
    height: f64,
    title: String,
    body: String,
}

impl Picture {
    fn new(title: &str, height: f64) -> Self {
        let mut picture = Self { height, title: title.to_owned(), body: String::new() };
        picture.text(0.0, 18.0, "class=\"title\"", title);
        picture
    }

    fn text(&mut self, x: f64, y: f64, attributes: &str, text: &str) {
        let space = if attributes.is_empty() { "" } else { " " };
        self.add(&format!("<text x=\"{x:.1}\" y=\"{y:.1}\"{space}{attributes}>{}</text>", escaped(text)));
    }

    fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.add(&format!(
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
        ));
    }

    fn add(&mut self, element: &str) {
        self.body.push_str(element);
        self.body.push('\n');
    }

    fn finish(self) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH:.0} {:.0}\" role=\"img\">\n\
             <title>{}</title>\n<style>\n{STYLE}</style>\n{}</svg>\n",
            self.height,
            escaped(&self.title),
            self.body
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Fails unless every element is closed in order, no number is missing, and no sign is left bare.
    pub(in crate::bench) fn assert_well_formed(svg: &str) {
        let mut open: Vec<&str> = Vec::new();
        for piece in svg.split('<').skip(1) {
            let (tag, text) = piece.split_once('>').expect("an element ends");
            assert!(!text.contains('>') || open.last() == Some(&"style"), "a bare sign in {text}");
            let entities = ["amp;", "lt;", "gt;", "quot;"];
            let mut signs = text.split('&').skip(1);
            assert!(signs.all(|rest| entities.iter().any(|entity| rest.starts_with(entity))), "{text}");
            assert_eq!(tag.matches('"').count() % 2, 0, "an attribute without its end: {tag}");
            assert!(!tag.contains("NaN") && !tag.contains("inf"), "{tag}");
            let name = tag.trim_end_matches('/').split_whitespace().next().expect("an element has a name");
            if let Some(closed) = name.strip_prefix('/') {
                assert_eq!(open.pop(), Some(closed), "{svg}");
            } else if !tag.ends_with('/') {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "never closed: {open:?}");
    }

    #[test]
    fn a_picture_is_well_formed_whatever_its_texts_hold() {
        let mut picture = Picture::new("a < b & \"c\" > d", 40.0);
        picture.text(1.0, 2.0, "", "<script>&");
        picture.line("grid", (0.0, 0.0), (1.0, 1.0));
        let svg = picture.finish();
        assert_well_formed(&svg);
        assert!(svg.contains("&lt;script&gt;&amp;</text>"), "{svg}");
    }

    #[test]
    #[should_panic(expected = "left")]
    fn an_element_that_is_closed_too_late_is_noticed() {
        assert_well_formed("<svg><text></svg></text>");
    }

    #[test]
    fn a_picture_follows_the_colours_of_its_page() {
        let svg = Picture::new("t", 40.0).finish();
        assert!(svg.contains("prefers-color-scheme: dark") && svg.contains("currentColor"));
    }
}
