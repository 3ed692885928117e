//! Paths as they are written in a configuration.

use std::path::{Path, PathBuf};

/// Reads the path that stands in a file in `folder`, from where a relative one begins. `named` is what the setting is called
/// in a fault.
///
/// # Errors
/// What is wrong with it, for whoever wrote it: it is empty, or the secret itself. The text is not repeated.
pub fn written_path(named: &str, text: &str, folder: Option<&Path>) -> Result<PathBuf, String> {
    if text.starts_with("chm_") || text.starts_with("chs_") {
        return Err(format!(
            "{named} holds a secret; write the path of a file that holds it, and renew the secret"
        ));
    }
    if text.is_empty() {
        return Err(format!("{named} is empty; write a path"));
    }
    Ok(folder.map_or_else(|| PathBuf::from(text), |folder| folder.join(text)))
}
