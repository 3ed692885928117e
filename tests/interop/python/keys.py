"""Makes a key pair with joserfc, which Authlib signs with, before its client is registered: `keys.py <folder> <name> <algorithm>`."""
import os
import pathlib
import sys

from joserfc.jwk import OKPKey, RSAKey

MADE = {"EdDSA": lambda: OKPKey.generate_key("Ed25519"), "RS256": lambda: RSAKey.generate_key(2048)}

folder, name, algorithm = pathlib.Path(sys.argv[1]), *sys.argv[2:]
os.umask(0o077)
key = MADE[algorithm]()
(folder / f"{name}.private").write_bytes(key.as_pem(private=True))
(folder / f"{name}.public").write_bytes(key.as_pem(private=False))
