//! What the words on the command line ask for.

/// `[--quick] [FILTER]`, as `cargo xtask bench` hands them on.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// A smoke run: does it still work?
    pub(crate) quick: bool,
    filter: Option<String>,
}

impl Order {
    /// Reads the command line; ends the program with code 2 on words that mean nothing.
    pub(crate) fn from_command_line() -> Self {
        let mut order = Self::default();
        for word in std::env::args().skip(1) {
            match word.as_str() {
                "--quick" => order.quick = true,
                // Cargo adds it whenever it runs a bench.
                "--bench" => {}
                filter if !filter.starts_with('-') && order.filter.is_none() => order.filter = Some(word),
                _ => {
                    eprintln!("unknown word `{word}`; usage: [--quick] [FILTER]");
                    std::process::exit(2);
                }
            }
        }
        order
    }

    /// Whether ids that begin so are asked for: `codec.jwt` is, when the filter says `codec.jwt.sign` or `codec`.
    pub(crate) fn chooses(&self, beginning: &str) -> bool {
        self.filter
            .as_deref()
            .is_none_or(|filter| filter.starts_with(beginning) || beginning.starts_with(filter))
    }
}
