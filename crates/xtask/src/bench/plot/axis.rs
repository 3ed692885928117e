//! Logarithmic axes: where things are along them, and what stands beside them.

use std::ops::RangeInclusive;

/// From one round number to another.
pub(super) struct Axis {
    low: f64,
    high: f64,
    /// Where the picture has the low and the high end.
    from: f64,
    to: f64,
}

impl Axis {
    /// An axis that has room for all of `values`, which are above zero.
    pub(super) fn over(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (least, most) =
            values.fold((f64::INFINITY, 0.0_f64), |(least, most), value| (least.min(value), most.max(value)));
        let low = steps().filter(|step| *step <= least * 1.001).last().unwrap_or(least);
        let high = steps().find(|step| *step >= most * 0.999).unwrap_or(most);
        Self { low, high: if high > low { high } else { low * 10.0 }, from, to }
    }

    pub(super) fn at(&self, value: f64) -> f64 {
        let share = (value / self.low).log10() / (self.high / self.low).log10();
        self.from + share * (self.to - self.from)
    }

    /// Round numbers between its ends, as round as leaves no more than seven.
    pub(super) fn marks(&self) -> Vec<f64> {
        let within = |digits: &[f64]| -> Vec<f64> {
            let of_power = |power| digits.iter().map(move |digit| digit * 10.0_f64.powi(power));
            let numbers = POWERS.flat_map(of_power);
            numbers.filter(|step| *step >= self.low * 0.999 && *step <= self.high * 1.001).collect()
        };
        let all = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
        let choices = [within(&all), within(&DIGITS), within(&[1.0])];
        choices.into_iter().find(|marks| marks.len() <= 7).unwrap_or_default()
    }
}

/// Powers of ten that a bench could find.
const POWERS: RangeInclusive<i32> = -6..=12;
/// The ends of an axis begin with one of these.
const DIGITS: [f64; 3] = [1.0, 2.0, 5.0];

fn steps() -> impl Iterator<Item = f64> {
    POWERS.flat_map(|power| DIGITS.map(|digit| digit * 10.0_f64.powi(power)))
}

/// A round number as people write it: 200, 5k, 1M.
pub(super) fn label(number: f64) -> String {
    let (number, unit) = match number {
        large if large >= 999_999.0 => (large / 1e6, "M"),
        large if large >= 9_999.0 => (large / 1e3, "k"),
        small => (small, ""),
    };
    let text = format!("{number:.3}");
    format!("{}{unit}", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_round_numbers_around_the_values() {
        let axis = Axis::over([230.0, 4100.0].into_iter(), 0.0, 100.0);
        assert!((axis.at(200.0) - 0.0).abs() < 1e-9 && (axis.at(5000.0) - 100.0).abs() < 1e-9);
        assert_eq!(
            axis.marks().into_iter().map(label).collect::<Vec<_>>(),
            ["200", "500", "1000", "2000", "5000"]
        );
    }

    #[test]
    fn a_factor_is_the_same_length_everywhere() {
        let axis = Axis::over([1.0, 10_000.0].into_iter(), 0.0, 100.0);
        assert!((axis.at(10.0) - axis.at(1.0) - (axis.at(10_000.0) - axis.at(1000.0))).abs() < 1e-9);
        assert_eq!(
            axis.marks().into_iter().map(label).collect::<Vec<_>>(),
            ["1", "10", "100", "1000", "10k"]
        );
    }

    #[test]
    fn a_short_axis_has_more_marks_and_a_long_one_fewer() {
        let marks = |least, most| Axis::over([least, most].into_iter(), 0.0, 1.0).marks().len();
        assert_eq!([marks(24e3, 33e3), marks(230.0, 900.0), marks(1.0, 1e6)], [4, 3, 7]);
    }

    #[test]
    fn a_single_value_has_an_axis_too() {
        let axis = Axis::over([100.0].into_iter(), 0.0, 100.0);
        assert!((axis.at(100.0) - 0.0).abs() < 1e-9 && axis.at(200.0).is_finite());
    }

    #[test]
    fn numbers_are_written_as_people_write_them() {
        assert_eq!([0.5, 1.0, 64.0, 20_000.0, 1e6].map(label), ["0.5", "1", "64", "20k", "1M"]);
    }
}
