//! What a program shows to the proxy, in the place of a token.

use super::fault::Fault;
use crate::failure::Failure;
use crate::secret_file;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use chancery_verifier::entropy::{Entropy as _, SystemEntropy};
use rustix::fs::{Mode, OFlags};
use rustix::process::geteuid;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// What a key begins with: whoever finds one sees what it is, and that it opens nothing but a proxy of one machine.
const PREFIX: &str = "chancery-proxy-";
const RANDOM_BYTES: usize = 32;

/// A fixed key, known to the programs of one user.
pub(super) struct Key(Zeroizing<String>);

impl Key {
    /// The one in this file, which is made if it is missing.
    pub(super) fn kept_in(path: &Path) -> Result<Self, Failure> {
        match Self::read(path) {
            Ok(key) => return Ok(key),
            Err(why) if why.kind() == io::ErrorKind::NotFound => {}
            Err(why) => return Err(unusable(path, &why)),
        }
        let mut random = Zeroizing::new([0; RANDOM_BYTES]);
        SystemEntropy.fill(&mut *random);
        let key = Zeroizing::new(format!("{PREFIX}{}", hex::encode(*random)));
        let content = Zeroizing::new(format!("{}\n", *key));
        match secret_file::publish(path, content.as_bytes())? {
            Some(_) => Ok(Self(key)),
            // Another proxy was faster.
            None => Self::read(path).map_err(|why| unusable(path, &why)),
        }
    }

    fn read(path: &Path) -> io::Result<Self> {
        let other = |why: &str| io::Error::other(why.to_owned());
        // A pipe or a link is none, and nobody is waited for.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let mut file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
        let about = file.metadata()?;
        if !about.is_file() || about.uid() != geteuid().as_raw() || about.mode() & 0o077 != 0 {
            return Err(other("others may read it, or it is another user's"));
        }
        let most = PREFIX.len() + 2 * RANDOM_BYTES + 1;
        let mut text = Zeroizing::new(String::with_capacity(most + 1));
        io::Read::by_ref(&mut file)
            .take(u64::try_from(most + 1).unwrap_or(u64::MAX))
            .read_to_string(&mut text)?;
        let key = text.trim_end();
        let random = key.strip_prefix(PREFIX).filter(|random| random.len() == 2 * RANDOM_BYTES);
        if random.is_some_and(|random| random.bytes().all(|b| b.is_ascii_hexdigit())) {
            Ok(Self(Zeroizing::new(key.to_owned())))
        } else {
            Err(other("it holds something else"))
        }
    }

    /// Whether a request comes from who knows it.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Fault> {
        let mut shown = headers.get_all(AUTHORIZATION).iter();
        let (Some(only), None) = (shown.next(), shown.next()) else { return Err(Fault::KeyMissing) };
        let (scheme, key) =
            only.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(Fault::KeyMissing)?;
        if !scheme.eq_ignore_ascii_case("Bearer") {
            return Err(Fault::KeyMissing);
        }
        // How far it is right must not show in the time that it takes.
        if bool::from(self.0.as_bytes().ct_eq(key.as_bytes())) { Ok(()) } else { Err(Fault::KeyWrong) }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(***)")
    }
}

fn unusable(path: &Path, why: &io::Error) -> Failure {
    Failure::unusable("proxy_key_unusable", format!("{} is no key file of the proxy: {why}", path.display()))
        .fix("Name another file with --key-out, or remove that one: another key is made then.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_the_whole_key_opens_and_only_as_the_one_bearer_token() {
        let key = Key(Zeroizing::new("chancery-proxy-abc".to_owned()));
        let shown = |values: &[&'static str]| {
            let values = values.iter().map(|value| (AUTHORIZATION, HeaderValue::from_static(value)));
            key.check(&values.collect()).map_err(|fault| fault.reason().to_owned())
        };
        assert_eq!(shown(&["Bearer chancery-proxy-abc"]), Ok(()));
        assert_eq!(shown(&["bearer chancery-proxy-abc"]), Ok(()));
        for wrong in ["Bearer chancery-proxy-ab", "Bearer chancery-proxy-abcd", "Bearer ", "Bearer x"] {
            assert_eq!(shown(&[wrong]), Err("proxy_key_wrong".to_owned()), "{wrong}");
        }
        for missing in
            [&[][..], &["Basic chancery-proxy-abc"], &["Bearer"], &["Bearer chancery-proxy-abc", "Bearer x"]]
        {
            assert_eq!(shown(missing), Err("proxy_key_missing".to_owned()), "{missing:?}");
        }
    }
}
