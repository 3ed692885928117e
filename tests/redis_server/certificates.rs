//! Certificates for one server, made with the `openssl` command.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The files of one server. The certificate is for `localhost` and 127.0.0.1.
#[derive(Clone, Debug)]
pub struct Certificates {
    /// Whoever trusts this trusts the server.
    pub ca: PathBuf,
    /// The server's certificate.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl Certificates {
    /// Makes new ones in `folder`.
    pub fn make(folder: &Path) -> Self {
        let [ca, ca_key, certificate, key, request] =
            ["ca.pem", "ca.key", "server.pem", "server.key", "server.csr"].map(|name| folder.join(name));
        let path = |path: &Path| path.display().to_string();
        let new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        let mut authority = vec!["req", "-x509", "-days", "2", "-subj", "/CN=Chancery test authority"];
        authority.extend(new_key);
        openssl(&authority, &[("-keyout", &path(&ca_key)), ("-out", &path(&ca))]);
        let mut asked =
            vec!["req", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
        asked.extend(new_key);
        openssl(&asked, &[("-keyout", &path(&key)), ("-out", &path(&request))]);
        openssl(
            &["x509", "-req", "-days", "2", "-copy_extensions", "copy", "-CAcreateserial"],
            &[
                ("-in", &path(&request)),
                ("-CA", &path(&ca)),
                ("-CAkey", &path(&ca_key)),
                ("-out", &path(&certificate)),
            ],
        );
        Self { ca, certificate, key }
    }
}

fn openssl(words: &[&str], files: &[(&str, &str)]) {
    let files = files.iter().flat_map(|(flag, path)| [*flag, *path]);
    let made = Command::new("openssl").args(words).args(files).output();
    let made = made.expect("openssl can be started; Debian's package is openssl");
    assert!(made.status.success(), "openssl {words:?}: {}", String::from_utf8_lossy(&made.stderr));
}
