//! The flag that asks for output for programs.

/// Text or JSON.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Form {
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}
