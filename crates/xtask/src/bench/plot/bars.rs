//! Bars from zero: what takes twice as long is twice as long.

use super::super::member::short;
use super::{Picture, WIDTH, escaped};

/// One bar.
pub(in crate::bench) struct Bar<'b> {
    pub(in crate::bench) label: &'b str,
    pub(in crate::bench) value: f64,
    /// Drawn in colour.
    pub(in crate::bench) ours: bool,
}

const TOP: f64 = 34.0;
const EACH: f64 = 26.0;
const LABELS: f64 = 250.0;
/// Room for the number behind the longest.
const NUMBERS: f64 = 70.0;

pub(in crate::bench) fn bars(title: &str, unit: &str, bars: &[Bar<'_>]) -> String {
    let longest = bars.iter().map(|bar| bar.value).fold(f64::MIN_POSITIVE, f64::max);
    let mut picture = Picture::new(&format!("{title} ({unit})"), TOP);
    for bar in bars {
        let (y, length) = (picture.height, bar.value / longest * (WIDTH - LABELS - NUMBERS));
        picture.text(LABELS - 10.0, y + 15.0, "text-anchor=\"end\"", bar.label);
        let class = if bar.ours { "f0" } else { "other" };
        picture.add(&format!(
            "<rect class=\"{class}\" x=\"{LABELS:.1}\" y=\"{:.1}\" width=\"{length:.1}\" height=\"{:.1}\"><title>{}</title></rect>",
            y + 1.0,
            EACH - 6.0,
            escaped(&format!("{} {} {unit}", bar.label, short(bar.value)))
        ));
        picture.text(LABELS + length + 6.0, y + 15.0, "", &short(bar.value));
        picture.height += EACH;
    }
    picture.finish()
}

#[cfg(test)]
mod tests {
    use super::super::tests::assert_well_formed;
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_value_and_ours_is_coloured() {
        let list = [
            Bar { label: "chancery", value: 50.0, ours: true },
            Bar { label: "jose & friends", value: 100.0, ours: false },
        ];
        let svg = bars("Verifying", "µs", &list);
        assert_well_formed(&svg);
        let room = WIDTH - LABELS - NUMBERS;
        assert!(
            svg.contains(&format!("class=\"other\" x=\"250.0\" y=\"61.0\" width=\"{room:.1}\"")),
            "{svg}"
        );
        assert!(
            svg.contains(&format!("class=\"f0\" x=\"250.0\" y=\"35.0\" width=\"{:.1}\"", room / 2.0)),
            "{svg}"
        );
    }
}
