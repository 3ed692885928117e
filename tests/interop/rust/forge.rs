//! Tokens that nobody may accept, and two of each format that everybody must.

mod altered;
mod bits;
mod jwt;
mod jwt_signed;
mod paseto;
mod paseto_signed;
mod wrong_claims;

use crate::Fault;
use crate::description::{Description, Product};
use crate::fetch::{Live, token};
use crate::guarded::now;
use crate::stolen::Stolen;
use chancery_token::{SecretKey, UnixTime};
use chancery_verifier::entropy::{Entropy as _, SystemEntropy};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// Fewer would not show much.
const LEAST: usize = 20;

/// How often the clock is looked at while the last token runs out.
const PULSE: Duration = Duration::from_millis(20);

/// The file `forgeries` of the description.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Forgeries {
    pub(crate) jwt: OfOneFormat,
    pub(crate) paseto: OfOneFormat,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct OfOneFormat {
    pub(crate) good: String,
    /// As good, signed here with the issuer's key.
    pub(crate) resigned: String,
    pub(crate) forged: Vec<Forged>,
}

/// A token that must be refused, and what is wrong with it.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Forged {
    pub(crate) case: String,
    pub(crate) token: String,
}

/// What forging begins with.
struct Material<'s> {
    good: String,
    /// As good as the first one, and not the same.
    another: String,
    stolen: &'s Stolen,
    /// A key that the issuer never had.
    stranger: SecretKey,
    now: UnixTime,
}

/// What was signed here.
struct Signed {
    /// The control: where this one is refused, the others prove nothing.
    resigned: String,
    forged: Vec<Forged>,
}

impl Forgeries {
    pub(crate) fn read(path: &Path) -> Result<Self, Fault> {
        Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
    }
}

impl Forged {
    fn new(case: impl Into<String>, token: impl Into<String>) -> Self {
        Self { case: case.into(), token: token.into() }
    }
}

/// Writes the file. By then the tokens that had to run out have done so.
pub(crate) async fn write(description: &Description) -> Result<(), Fault> {
    let stolen = Stolen::from(&description.forger, &description.asker.issuer).await?;
    let mut worthless = Vec::new();
    let mut all_over = now();
    for asked in &description.forger.worthless {
        let (jwt, paseto) =
            (token(&asked.asker, &asked.jwt).await?, token(&asked.asker, &asked.paseto).await?);
        if asked.once_over {
            all_over = all_over.max(jwt.expires_at).max(paseto.expires_at);
        }
        worthless.push((asked.case.as_str(), jwt, paseto));
    }
    let jwt = material(description, &description.jwt, &stolen).await?;
    let paseto = material(description, &description.paseto, &stolen).await?;
    let mut forged_jwts = jwt::forge(&jwt)?;
    let signed_jwts = jwt_signed::forge(&jwt)?;
    forged_jwts.extend(signed_jwts.forged);
    forged_jwts.extend(worthless.iter().map(|(case, jwt, _)| real(case, jwt)));
    forged_jwts.push(Forged::new("a real PASETO", &paseto.good));
    let mut forged_pasetos = paseto::forge(&paseto)?;
    let signed_pasetos = paseto_signed::forge(&paseto)?;
    forged_pasetos.extend(signed_pasetos.forged);
    forged_pasetos.extend(worthless.iter().map(|(case, _, paseto)| real(case, paseto)));
    forged_pasetos.push(Forged::new("a real JWT", &jwt.good));
    let forgeries = Forgeries {
        jwt: OfOneFormat { good: jwt.good, resigned: signed_jwts.resigned, forged: forged_jwts },
        paseto: OfOneFormat { good: paseto.good, resigned: signed_pasetos.resigned, forged: forged_pasetos },
    };
    for half in [&forgeries.jwt, &forgeries.paseto] {
        half.check()?;
    }
    let mut ticks = tokio::time::interval(PULSE);
    while now() < all_over {
        ticks.tick().await;
    }
    std::fs::write(&description.forgeries, serde_json::to_vec_pretty(&forgeries)?)?;
    println!("{} forged JWTs, {} forged PASETOs", forgeries.jwt.forged.len(), forgeries.paseto.forged.len());
    Ok(())
}

async fn material<'s>(
    description: &Description,
    product: &Product,
    stolen: &'s Stolen,
) -> Result<Material<'s>, Fault> {
    let (good, another) =
        (token(&description.asker, product).await?.text, token(&description.asker, product).await?.text);
    let mut seed = [0; 32];
    SystemEntropy.fill(&mut seed);
    Ok(Material { good, another, stolen, stranger: SecretKey::from_seed(&seed), now: now() })
}

fn real(case: &str, live: &Live) -> Forged {
    Forged::new(format!("a real token {case}"), &live.text)
}

impl OfOneFormat {
    /// A forgery that is a good token, or one of the others, would prove nothing.
    fn check(&self) -> Result<(), Fault> {
        let cases: BTreeSet<&str> = self.forged.iter().map(|forged| forged.case.as_str()).collect();
        let tokens: BTreeSet<&str> = self.forged.iter().map(|forged| forged.token.as_str()).collect();
        let count = self.forged.len();
        // The two good ones may be the same: Ed25519 signs the same thing in one way.
        let has_good = [&self.good, &self.resigned].iter().any(|good| tokens.contains(good.as_str()));
        if count < LEAST || cases.len() != count || tokens.len() != count || has_good {
            return Err(format!(
                "{count} forgeries with {} names, {} different tokens, {} good ones among them; {LEAST} and no good one are needed",
                cases.len(),
                tokens.len(),
                if has_good { "some" } else { "no" }
            )
            .into());
        }
        Ok(())
    }
}
