//! The first administrator: made with the issuer, its secret in a file of its owner's.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::office::Refusal;
use crate::secret_file::{self, is_of_the_trusted};
use chancery_issuer::admin::{self, Desk, FIRST_ADMIN};
use chancery_issuer::client::Client;
use chancery_issuer::secret::ClientSecret;
use chancery_token::ClientId;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use zeroize::Zeroizing;

/// Longest file that can be one line with a secret.
const MAX_FILE_BYTES: u64 = 256;

/// Makes the first administrator, if there is none of its name; answers whether it did.
///
/// The file comes first. A process that dies between the two, or does not hear from the store any more, leaves a
/// file whose secret the next start uses; of several processes that start on one store at once one makes the
/// administrator, and the others take away what they wrote.
pub(crate) async fn ensure(desk: &Desk<'_>, file: &Path) -> Result<bool, Failure> {
    if stored(desk).await?.is_some() {
        return Ok(false);
    }
    let mut drawn = ClientSecret::generate(desk.environment, desk.entropy);
    let line = Zeroizing::new(format!("{}\n", drawn.reveal()));
    let published = secret_file::publish(file, line.as_bytes()).map_err(|why| {
        why.ending(Exit::Config)
            .fix("Set [admin] secret_file to a file in a folder that is yours: it will hold the first administrator's secret.")
    })?;
    if published.is_none() {
        drawn = read(desk, file)?;
    }
    let digest = drawn.digest(desk.hasher);
    if admin::first(desk, drawn).await.map_err(|why| Refusal::from(why).into_failure())?.is_some() {
        return Ok(true);
    }
    // Another process was faster. It may have used the file that this one wrote: then it is the right one.
    let is_its_secret =
        stored(desk).await?.is_some_and(|client| client.secrets.iter().any(|held| held.digest == digest));
    if let (Some(published), false) = (published, is_its_secret) {
        published.withdraw();
    }
    Ok(false)
}

async fn stored(desk: &Desk<'_>) -> Result<Option<Client>, Failure> {
    let Ok(id) = FIRST_ADMIN.parse::<ClientId>() else { return Ok(None) };
    desk.store.client(&id).await.map_err(|why| crate::local::store_failure(&why))
}

/// The secret that is in the file already.
fn read(desk: &Desk<'_>, file: &Path) -> Result<ClientSecret, Failure> {
    let refused = |why: &dyn std::fmt::Display| {
        let message = format!("{} is no administrator's secret: {why}", file.display());
        Failure::new(Exit::Config, "admin_secret_unusable", message)
            .fix("Move it away, and a new one is written there; or name another file as [admin] secret_file.")
    };
    // Asked before it is opened: opening a pipe waits for whoever writes to it.
    let is_file = std::fs::symlink_metadata(file).map_err(|why| refused(&why))?.is_file();
    if !is_file {
        return Err(refused(&"it is a link or something else that is no file of its own"));
    }
    let opened = File::open(file).map_err(|why| refused(&why))?;
    let about = opened.metadata().map_err(|why| refused(&why))?;
    let mode = about.mode() & 0o777;
    // Whoever could write it chose the secret, and whoever can read it is the administrator.
    if !is_of_the_trusted(&about) {
        return Err(refused(&format!("it belongs to another user (uid {})", about.uid())));
    }
    if mode & 0o077 != 0 {
        return Err(refused(&format!("others than its owner may use it (mode {mode:03o})")));
    }
    let mut text = Zeroizing::new(String::with_capacity(512));
    opened.take(MAX_FILE_BYTES).read_to_string(&mut text).map_err(|why| refused(&why))?;
    ClientSecret::parse(text.trim_end(), desk.environment).map_err(|why| refused(&why))
}
