//! Which exit code a fault on this machine has. The faults themselves say what to do.

use crate::exit::Exit;
use crate::failure::{Failure, Fault};
use chancery_catalog::CatalogError;
use chancery_issuer::config::{BadConfig, ConfigFault, Origin};
use chancery_issuer::issuer::OpenFault as IssuerFault;
use chancery_issuer::keyring::KeyringFault;
use chancery_issuer::master_key::MasterKeyFault;
use chancery_issuer::revocation::LogFault;
use chancery_issuer::store::{IdentityFault, MasterKeyError, OpenFault, RedisFault, StoreFault};

/// A configuration that holds faults; all of them are told.
pub(crate) fn config(why: &BadConfig) -> Failure {
    let faults = why.faults.iter().map(|ConfigFault { origin, message }| match origin {
        Origin::File { path, line } => {
            Fault { file: Some(path.display().to_string()), line: Some(*line), ..Fault::told(message) }
        }
        Origin::Default | Origin::Variable { .. } => Fault::told(format!("{origin}: {message}")),
    });
    Failure::new(Exit::Config, why.reason(), format!("the configuration is refused:\n{why}")).faults(faults)
}

/// A catalog that holds faults; all of them are told.
pub(crate) fn catalog(faults: &[CatalogError]) -> Failure {
    let reason = faults.first().map_or("catalog_refused", |first| first.fault.reason());
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let faults = faults.iter().map(|CatalogError { file, line, fault }| Fault {
        reason: Some(fault.reason().to_owned()),
        file: Some(file.clone()),
        line: Some(*line),
        ..Fault::told(fault.to_string())
    });
    Failure::new(Exit::Config, reason, format!("the catalog is refused:\n{}", lines.join("\n")))
        .faults(faults)
}

pub(super) fn master_key(why: &MasterKeyFault) -> Failure {
    Failure::new(Exit::Key, why.reason(), why)
}

pub(super) fn open_store(why: &OpenFault) -> Failure {
    Failure::new(Exit::Store, why.reason(), why)
}

pub(super) fn open_redis(why: &RedisFault) -> Failure {
    Failure::new(Exit::Store, why.reason(), why)
}

pub(super) fn new_key(why: &MasterKeyError) -> Failure {
    match why {
        MasterKeyError::Key(fault) => master_key(fault),
        MasterKeyError::Store(fault) => store(fault),
    }
}

/// A store that fails while it is used.
pub(crate) fn store(why: &StoreFault) -> Failure {
    Failure::new(Exit::Store, why.reason(), why)
}

pub(super) fn identity(why: &IdentityFault) -> Failure {
    let exit = match why {
        IdentityFault::OtherEnvironment { .. } | IdentityFault::OtherIssuer { .. } => Exit::Config,
        IdentityFault::OtherMasterKey { .. } => Exit::Key,
        IdentityFault::Store(_) => Exit::Store,
    };
    Failure::new(exit, why.reason(), why)
}

/// A keyring that cannot be used.
pub(crate) fn keyring(why: &KeyringFault) -> Failure {
    let exit = match why {
        KeyringFault::Store(_) => Exit::Store,
        KeyringFault::Judged { .. }
        | KeyringFault::Missing
        | KeyringFault::Seal(_)
        | KeyringFault::Unreadable { .. } => Exit::Key,
    };
    Failure::new(exit, why.reason(), why)
}

/// A revocation log that cannot be followed.
pub(super) fn revocation_log(why: &LogFault) -> Failure {
    Failure::new(Exit::Store, why.reason(), why)
}

pub(super) fn open_issuer(why: &IssuerFault) -> Failure {
    match why {
        IssuerFault::Algorithm { .. } => Failure::new(Exit::Config, why.reason(), why),
        IssuerFault::Catalog(faults) => catalog(faults),
        IssuerFault::Identity(fault) => identity(fault),
        IssuerFault::Keyring(fault) => keyring(fault),
        IssuerFault::KeyEnded(_) => Failure::new(Exit::Store, why.reason(), why),
        IssuerFault::Log(fault) => revocation_log(fault),
        IssuerFault::Store(fault) => store(fault),
    }
}
