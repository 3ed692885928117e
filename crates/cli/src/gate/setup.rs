//! From a configuration to what judges by it.

use super::config::{Config, Introduced, RevocationConfig};
use crate::exit::Exit;
use crate::failure::Failure;
use chancery_client::Secret;
use chancery_verifier::follow::{Credentials, DiskState, FollowSettings, Follower, Introduction, KeysFrom};
use chancery_verifier::{Revocation, Verifier};
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

/// Room for some two thousand verified tokens. A gate stands beside every instance of a service, and should take
/// little; a token that fell out is verified once more.
const CACHE_BYTES: u64 = 6 * 1024 * 1024;

pub(super) fn verifier(config: &Config) -> Result<Verifier, Failure> {
    let revocation = match &config.revocation {
        RevocationConfig::Follow { freshness, .. } => Revocation::Follow(*freshness),
        // Read once, and told for as long as the process runs.
        RevocationConfig::Ignore { because } => Revocation::Ignore { reason: because.clone().leak() },
    };
    let verifier = Verifier::new(&*config.issuer, &*config.audience, revocation)
        .map_err(|why| Failure::new(Exit::Config, "bad_config", why))?;
    Ok(verifier
        .environment(config.environment)
        .format(config.format)
        .leeway(config.leeway)
        .max_lifetime(config.max_lifetime)
        .cache_bytes(CACHE_BYTES))
}

/// With the secret, if the gate has one.
pub(super) fn follow_settings(config: &Config) -> Result<FollowSettings, Failure> {
    let settings = FollowSettings::new(KeysFrom::Discovery, config.state.clone());
    match &config.revocation {
        RevocationConfig::Follow { introduced: Some(introduced), .. } => {
            Ok(settings.introduce(introduction(introduced)?))
        }
        RevocationConfig::Follow { introduced: None, .. } | RevocationConfig::Ignore { .. } => Ok(settings),
    }
}

fn introduction(introduced: &Introduced) -> Result<Introduction, Failure> {
    let secret = Secret::read_file(&introduced.secret_file).map_err(|why| {
        Failure::new(Exit::Config, "secret_unreadable", why)
            .fix("Correct [revocation] secret_file; `chancery client create` writes such a file.")
    })?;
    let credentials = Credentials::new(introduced.client_id.clone(), secret.expose());
    Ok(Introduction::new(introduced.name.clone()).credentials(credentials))
}

pub(super) fn follower(verifier: &Verifier, settings: FollowSettings) -> Result<Follower, Failure> {
    Follower::start(verifier, settings).map_err(|why| Failure::new(Exit::Config, why.reason(), why))
}

/// Whether the folder can be one, without making it.
pub(super) fn check_state(state: &DiskState) -> Result<(), Failure> {
    match state {
        DiskState::Directory(folder) if folder.exists() && !folder.is_dir() => {
            Err(unusable_state(folder, &io::ErrorKind::NotADirectory.into()))
        }
        DiskState::Directory(_) | DiskState::Nowhere => Ok(()),
    }
}

/// Makes the folder if it is missing. One that is there and cannot be written to is told by the follower, who starts all
/// the same: what lies in it is worth more than a gate that stays away.
pub(super) fn make_state(state: &DiskState) -> Result<(), Failure> {
    let DiskState::Directory(folder) = state else { return Ok(()) };
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.and_then(|()| fs::read_dir(folder).map(drop)).map_err(|why| unusable_state(folder, &why))
}

fn unusable_state(folder: &Path, why: &io::Error) -> Failure {
    let message = format!("the folder {} cannot be used: {why}", folder.display());
    Failure::new(Exit::Config, "state_unusable", message)
        .fix("Give `state` a folder that this user may write to, or say state = \"nowhere\".")
}
