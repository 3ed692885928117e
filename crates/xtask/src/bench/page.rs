//! `docs/BENCHMARKS.md` and its pictures, from the data of one run.

use super::data::{Data, told};
use super::figure::Figure;
use super::groups::{GROUPS, Group, Plot};
use super::member::short;
use super::plot::{self, Bar};
use crate::failure::Failure;
use crate::table::{self, Lean};

/// The page, and each picture with its name.
pub(super) struct Page {
    pub(super) text: String,
    pub(super) pictures: Vec<(&'static str, String)>,
}

impl Page {
    /// Fails when the data lack what a picture shows.
    pub(super) fn of(data: &Data) -> Result<Self, Failure> {
        let mut page = Self { text: String::new(), pictures: Vec::new() };
        page.say(HEAD);
        page.say(&wrapped(&verdict(data)));
        if let Some(warning) = provisional(data) {
            page.say(&wrapped(&warning));
        }
        page.say("## The run");
        page.block(&run(data));
        page.say(READING);
        for group in GROUPS.iter().filter(|group| group.is_in(data)) {
            page.group(group, data)?;
        }
        page.rest(data);
        page.notes(data);
        Ok(page)
    }

    fn say(&mut self, text: &str) {
        self.text.push_str(text.trim());
        self.text.push_str("\n\n");
    }

    fn block(&mut self, text: &str) {
        self.say(&format!("```text\n{}\n```", text.trim_end()));
    }

    fn group(&mut self, group: &Group, data: &Data) -> Result<(), Failure> {
        self.say(&format!("## {}", group.title));
        self.say(&wrapped(group.text));
        let figures: Vec<&Figure> = data.results.figures.iter().filter(|f| group.holds(&f.id)).collect();
        if !figures.is_empty() {
            self.block(&figure_table(&figures));
        }
        for plot in group.plots {
            let (file, title, svg) = draw(plot, data)?;
            self.say(&format!("![{title}](benchmarks/{file})"));
            self.pictures.push((file, svg));
        }
        for curve in data.results.curves.iter().filter(|curve| group.holds(&curve.id)) {
            self.block(&format!("{}\n{}", curve.id, curve.table()));
        }
        let again = group.again.iter().map(|filter| format!("cargo xtask bench {filter}"));
        self.say(&format!("Again:\n\n```sh\n{}\n```", again.collect::<Vec<String>>().join("\n")));
        Ok(())
    }

    /// What a program measures that no group knows.
    fn rest(&mut self, data: &Data) {
        let unknown = |id: &str| !GROUPS.iter().any(|group| group.holds(id));
        let figures: Vec<&Figure> = data.results.figures.iter().filter(|f| unknown(&f.id)).collect();
        let curves: Vec<_> = data.results.curves.iter().filter(|curve| unknown(&curve.id)).collect();
        if figures.is_empty() && curves.is_empty() {
            return;
        }
        self.say("## Further figures");
        if !figures.is_empty() {
            self.block(&figure_table(&figures));
        }
        for curve in curves {
            self.block(&format!("{}\n{}", curve.id, curve.table()));
        }
    }

    fn notes(&mut self, data: &Data) {
        let notes = data.results.figures.iter().filter(|figure| !figure.note.is_empty());
        let lines: Vec<String> = notes.map(|figure| format!("- `{}`: {}", figure.id, figure.note)).collect();
        if !lines.is_empty() {
            self.say("## Notes of the programs");
            self.say(&lines.join("\n"));
        }
        self.text.truncate(self.text.trim_end().len());
        self.text.push('\n');
    }
}

/// Characters in a line of prose, as in the other pages.
const LINE: usize = 120;

const HEAD: &str = "\
# Benchmarks

Our speed beside its limits, and beside others who do the same, all measured in one run. `cargo xtask bench --publish`
wrote this page from [benchmarks/data.json](benchmarks/data.json); a test holds the two together, so no figure here is
edited by hand.";

const READING: &str = "\
How to read the tables: a value is the median of its rounds, and contenders take turns within each round. `ratio` is the
value divided by its limit. A limit is met up to a ratio of 1, or up to what stands behind its ×; a limit with `>=` is a
floor, met from 1 upwards. `rounds` is the least and the greatest that a round found: on a shared machine it is wide, so
read ratios before values. What stands indented is measured for comparison; `× ours` is how many times our value it is.

Everything again, in under twenty minutes on two processors: `cargo xtask bench`. `--quick` only shows that it still runs.";

fn verdict(data: &Data) -> String {
    let figures = data.results.figures.iter().filter(|figure| figure.is_met() == Some(false));
    let missed =
        figures.map(|figure| format!("`{}` at {}", figure.id, short(figure.ratio().unwrap_or(f64::NAN))));
    let missed: Vec<String> = missed.collect();
    let missed = if missed.is_empty() { String::new() } else { format!(" Missed: {}.", missed.join(", ")) };
    format!("**{}.**{missed}", data.results.verdict())
}

/// What is said of figures that were taken while others worked.
fn provisional(data: &Data) -> Option<String> {
    let load = short(data.machine.load);
    (!data.machine.is_calm()).then(|| {
        format!(
            "**Provisional:** the machine was busy with other things (a load of {load} when the run began), so these \
             figures are not final."
        )
    })
}

fn run(data: &Data) -> String {
    let machine = &data.machine;
    let mut rows = vec![
        ("date", machine.date.clone()),
        ("commit", machine.commit.clone()),
        ("command", "cargo xtask bench --publish".to_owned()),
        ("took", told(&data.minutes)),
        (
            "machine",
            format!("{}, {} processors, {} GiB", machine.processor, machine.processors, machine.memory_gib),
        ),
        ("kernel", machine.kernel.clone()),
        ("load before", short(machine.load)),
    ];
    if let Some(stolen) = machine.stolen {
        rows.push(("kept by host", format!("{stolen:.1} % of the processors' time during the run")));
    }
    rows.push(("compiler", machine.rustc.clone()));
    rows.push(("build", machine.flags.clone()));
    let used = data.results.used.iter().map(|(name, version)| (name.as_str(), version.clone()));
    let rows: Vec<Vec<String>> =
        rows.into_iter().chain(used).map(|(name, text)| vec![name.to_owned(), text]).collect();
    table::render(&[("what", Lean::Left), ("which", Lean::Left)], &rows)
}

/// In lines that fit an editor.
fn wrapped(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < LINE => line.extend([" ", word]),
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

/// Each figure with what stands beside it indented below it.
fn figure_table(figures: &[&Figure]) -> String {
    let mut rows = Vec::new();
    for figure in figures {
        let parent = figures.iter().find(|other| figure.is_beside(other));
        if parent.is_some() {
            continue;
        }
        rows.push(row(figure, &figure.id, String::new()));
        for other in figures.iter().filter(|other| other.is_beside(figure)) {
            let tail = other.id.get(figure.id.len() + 1..).unwrap_or(&other.id);
            let times = (other.unit == figure.unit).then(|| format!("{:.2}", other.value / figure.value));
            rows.push(row(other, &format!("  {tail}"), times.unwrap_or_default()));
        }
    }
    let mut columns = vec![
        ("id", Lean::Left),
        ("value", Lean::Right),
        ("unit", Lean::Left),
        ("limit", Lean::Right),
        ("ratio", Lean::Right),
        ("", Lean::Left),
        ("rounds", Lean::Right),
        ("× ours", Lean::Right),
    ];
    // Beside a ratio stand what it was made of, and no multiples of it.
    if rows.iter().all(|row: &Vec<String>| row.last().is_none_or(String::is_empty)) {
        columns.pop();
    }
    table::render(&columns, &rows)
}

fn row(figure: &Figure, name: &str, times: String) -> Vec<String> {
    [name.to_owned()].into_iter().chain(figure.cells()).chain([times]).collect()
}

fn draw(plot: &Plot, data: &Data) -> Result<(&'static str, &'static str, String), Failure> {
    let lacking = |id: &str| {
        Failure::broken(format!("the run has no `{id}`; what was left out is named in its output"))
    };
    match plot {
        Plot::Bars { file, title, bars } => {
            let figures = &data.results.figures;
            let mut drawn = Vec::new();
            let mut unit = "";
            for (label, id) in *bars {
                let figure = figures.iter().find(|figure| figure.id == *id).ok_or_else(|| lacking(id))?;
                unit = &figure.unit;
                drawn.push(Bar { label, value: figure.value, ours: label.starts_with("chancery") });
            }
            Ok((file, title, plot::bars(title, unit, &drawn)))
        }
        Plot::Lines { file, title, curve } => {
            let curves = &data.results.curves;
            let found = curves.iter().find(|one| one.id == *curve).ok_or_else(|| lacking(curve))?;
            Ok((file, title, plot::lines(title, found)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::data::tests::whole;
    use super::super::plot::tests::assert_well_formed;
    use super::*;

    #[test]
    fn the_page_has_every_group_every_picture_and_the_machine() {
        let data = whole();
        let page = Page::of(&data).unwrap();
        for group in &GROUPS {
            assert!(page.text.contains(&format!("## {}\n", group.title)), "{}", group.title);
        }
        for (file, svg) in &page.pictures {
            assert!(page.text.contains(&format!("(benchmarks/{file})")), "{file}");
            assert_well_formed(svg);
        }
        assert_eq!(page.pictures.len(), 9);
        assert!(page.text.contains(&data.machine.commit) && page.text.contains("jose"), "{}", page.text);
        assert!(page.text.ends_with("- `http.token.vs_oidc_provider`: 32\n"), "{}", page.text);
    }

    #[test]
    fn a_missed_limit_stands_in_the_table_and_at_the_top() {
        let page = Page::of(&whole()).unwrap().text;
        assert!(
            page.contains("**12 of 13 limits met.** Missed: `codec.jwt.verify_cached_ns` at 1.21.\n"),
            "{page}"
        );
        assert!(page.contains("codec.jwt.verify_cached_ns    363  ns      300   1.21  MISSED"), "{page}");
    }

    #[test]
    fn peers_stand_below_ours_with_how_many_times_ours_they_take() {
        let page = Page::of(&whole()).unwrap().text;
        let lines: Vec<&str> = page.lines().collect();
        let at = lines.iter().position(|line| line.starts_with("codec.jwt.sign ")).unwrap();
        let words = |line: &str| line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ");
        assert_eq!(words(lines[at]), "40.0 µs 39.0 × 1.06 1.03 met 38.0 to 47.0");
        assert_eq!(words(lines[at + 1]), "90.0 µs 2.25");
        assert!(lines[at + 1].starts_with("  raw "));
    }

    #[test]
    fn prose_is_wrapped_between_words() {
        let text = wrapped(&"word ".repeat(60));
        assert!(text.lines().all(|line| line.len() <= LINE && line.ends_with("word")), "{text}");
        assert_eq!(text.split_whitespace().count(), 60);
    }

    #[test]
    fn figures_of_a_machine_that_was_busy_are_called_provisional() {
        let mut data = whole();
        assert!(!Page::of(&data).unwrap().text.contains("Provisional"));
        data.machine.load = 3.2;
        assert!(Page::of(&data).unwrap().text.contains("**Provisional:**"));
    }

    #[test]
    fn a_run_that_lacks_a_peer_has_no_page() {
        let mut data = whole();
        data.results.figures.retain(|figure| figure.id != "codec.jwt.verify_cold.jose");
        let failure = Page::of(&data).map(|page| page.text).unwrap_err().to_string();
        assert!(failure.contains("codec.jwt.verify_cold.jose"), "{failure}");
    }

    #[test]
    fn a_group_that_is_younger_than_the_data_is_not_on_their_page() {
        let mut data = whole();
        data.results.curves.retain(|curve| !curve.id.starts_with("revocation."));
        let page = Page::of(&data).unwrap();
        assert!(!page.text.contains("## What revocation costs"), "{}", page.text);
        assert_eq!(page.pictures.len(), 6);
    }

    #[test]
    fn a_figure_that_no_group_knows_is_shown_all_the_same() {
        let mut data = whole();
        data.results.take(&serde_json::json!({"id": "gate.answer", "value": 1, "unit": "ms"})).unwrap();
        let page = Page::of(&data).unwrap().text;
        assert!(page.contains("## Further figures") && page.contains("gate.answer"), "{page}");
    }
}
