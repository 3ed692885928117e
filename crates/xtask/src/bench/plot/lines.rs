//! Lines over two logarithmic axes, with what the rounds found between least and most.

use super::super::curve::Curve;
use super::axis::{Axis, label};
use super::{Picture, WIDTH, escaped};

const HEIGHT: f64 = 340.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = WIDTH - 220.0;
const TOP: f64 = 54.0;
const BOTTOM: f64 = HEIGHT - 50.0;
/// As many styles as there are.
const STYLES: usize = 4;

pub(in crate::bench) fn lines(title: &str, curve: &Curve) -> String {
    let points = || curve.series.iter().flat_map(|series| &series.points);
    let places = curve.places();
    let across = Axis::over(places.iter().copied(), LEFT, RIGHT);
    let up = Axis::over(points().flat_map(|point| [point.median, point.least, point.most]), BOTTOM, TOP);
    let mut picture = Picture::new(title, HEIGHT);
    for mark in up.marks() {
        picture.line("grid", (LEFT, up.at(mark)), (RIGHT, up.at(mark)));
        picture.text(LEFT - 8.0, up.at(mark) + 4.0, "text-anchor=\"end\"", &label(mark));
    }
    for place in places {
        picture.line("grid", (across.at(place), TOP), (across.at(place), BOTTOM));
        picture.text(across.at(place), BOTTOM + 18.0, "text-anchor=\"middle\"", &label(place));
    }
    let middle = f64::midpoint(LEFT, RIGHT);
    picture.text(middle, HEIGHT - 10.0, "text-anchor=\"middle\"", &curve.x);
    picture.text(0.0, TOP - 14.0, "", &curve.unit);
    let mut below = TOP + 14.0;
    for (number, series) in curve.series.iter().enumerate() {
        let style = number % STYLES;
        let mut path = Vec::new();
        for point in &series.points {
            let (x, y) = (across.at(point.x), up.at(point.median));
            path.push(format!("{x:.1},{y:.1}"));
            let range = format!("range s{style}");
            picture.line(&range, (x, up.at(point.least)), (x, up.at(point.most)));
            let told = format!("{}: {} at {}", series.name, label(point.median), label(point.x));
            picture.add(&format!(
                "<circle class=\"f{style}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"><title>{}</title></circle>",
                escaped(&told)
            ));
        }
        picture.add(&format!("<polyline class=\"line s{style}\" points=\"{}\"/>", path.join(" ")));
        picture.line(&format!("line s{style}"), (RIGHT + 14.0, below - 4.0), (RIGHT + 40.0, below - 4.0));
        picture.text(RIGHT + 46.0, below, "", &series.name);
        below += 22.0;
    }
    picture.finish()
}

#[cfg(test)]
mod tests {
    use super::super::tests::assert_well_formed;
    use super::*;

    fn curve(text: &str) -> Curve {
        Curve::read(&serde_json::from_str(text).unwrap()).unwrap()
    }

    #[test]
    fn every_series_has_a_line_a_name_and_a_point_for_each_place() {
        let svg = lines(
            "Cache",
            &curve(
                r#"{"curve": "c", "x": "tokens", "unit": "ns", "series": [
            {"name": "hits < all", "points": [[100, 70, 60, 90], [1000, 100, 90, 150], [10000, 300, 280, 400]]},
            {"name": "misses", "points": [[100, 50000, 40000, 60000]]}]}"#,
            ),
        );
        assert_well_formed(&svg);
        assert_eq!((svg.matches("<polyline").count(), svg.matches("<circle").count()), (2, 4));
        assert!(svg.contains(">hits &lt; all</text>") && svg.contains(">10k</text>"), "{svg}");
    }

    #[test]
    fn a_flat_line_stays_inside_the_picture() {
        let svg = lines(
            "Flat",
            &curve(
                r#"{"curve": "c", "x": "n", "unit": "/s", "series": [
            {"name": "a", "points": [[1, 100, 100, 100], [2, 100, 100, 100]]}]}"#,
            ),
        );
        assert_well_formed(&svg);
        assert!(svg.contains(&format!("points=\"{LEFT:.1},{BOTTOM:.1} {RIGHT:.1},{BOTTOM:.1}\"")), "{svg}");
    }
}
