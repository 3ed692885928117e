//! What foreign libraries signed, judged by our verifier.

use crate::Fault;
use crate::description::Description;
use crate::forge::Forged;
use crate::guarded::Guarded;
use crate::say::Library;
use chancery_token::{Format, KeySet};
use serde::Deserialize;
use serde_json::{Value, json};

/// A file in the folder `theirs`.
#[derive(Debug, Deserialize)]
struct Theirs {
    library: String,
    version: String,
    format: Format,
    key: Value,
    token: String,
    forged: Vec<Forged>,
}

/// A verdict on every token that `client` left.
pub(crate) fn judge(description: &Description, client: &str) -> Result<(), Fault> {
    let file = description.theirs.join(format!("{client}.json"));
    let text = std::fs::read_to_string(&file).map_err(|why| format!("{}: {why}", file.display()))?;
    let theirs: Theirs = serde_json::from_str(&text).map_err(|why| format!("{}: {why}", file.display()))?;
    theirs.try_all(description)
}

impl Theirs {
    fn try_all(&self, description: &Description) -> Result<(), Fault> {
        let document = json!({ "keys": [self.key] }).to_string();
        let keys = KeySet::read(self.format, document.as_bytes())?.keys;
        let service = Guarded::new(description, self.format, &description.asker.issuer, keys)?;
        let library = Library { name: &self.library, version: &self.version };
        let refusal = service.refusal(&self.token);
        library.say("its own tokens are verified by us", refusal.is_none(), refusal.unwrap_or_default());
        for forged in &self.forged {
            let refusal = service.refusal(&forged.token);
            library.say(
                &format!("we refuse: {}", forged.case),
                refusal.is_some(),
                refusal.unwrap_or_default(),
            );
        }
        Ok(())
    }
}
