//! Our own verifier, held to what the others are held to.

use crate::Fault;
use crate::description::Description;
use crate::fetch::{address, document, metadata};
use crate::forge::{Forgeries, OfOneFormat};
use crate::guarded::Guarded;
use crate::say::Library;
use chancery_token::{Format, KeySet};

const LIBRARY: Library<'static> = Library { name: "chancery-verifier", version: env!("CARGO_PKG_VERSION") };

/// Verifies a live token of each format with the published keys, and refuses the forged ones.
pub(crate) async fn verify(description: &Description) -> Result<(), Fault> {
    let forgeries = Forgeries::read(&description.forgeries)?;
    let metadata = metadata(&description.asker.issuer).await?;
    let halves =
        [(Format::Jwt, "jwks_uri", &forgeries.jwt), (Format::Paseto, "paserk_uri", &forgeries.paseto)];
    for (format, member, tokens) in halves {
        let keys = KeySet::read(format, &document(address(&metadata, member)?).await?)?.keys;
        let service = Guarded::new(description, format, &description.asker.issuer, keys)?;
        try_all(&service, tokens);
    }
    Ok(())
}

fn try_all(service: &Guarded, tokens: &OfOneFormat) {
    let refusal = service.refusal(&tokens.good);
    LIBRARY.say("verifies a live token", refusal.is_none(), refusal.unwrap_or_default());
    let refusal = service.refusal(&tokens.resigned);
    let case = "verifies a token signed by the forger with the issuer's key";
    LIBRARY.say(case, refusal.is_none(), refusal.unwrap_or_default());
    for forged in &tokens.forged {
        let refusal = service.refusal(&forged.token);
        LIBRARY.say(&format!("refuses: {}", forged.case), refusal.is_some(), refusal.unwrap_or_default());
    }
}
