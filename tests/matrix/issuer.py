"""Issuers as they are shipped, each in a folder of its own, and the tokens that they give."""
import json
import os
import pathlib
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHANCERY = os.environ.get("CHANCERY_BIN", str(ROOT / "target/release/chancery"))
AUDIENCE = "https://api.documint.example"
OTHER_PRODUCT = """
[product.shipping]
title = "Shipping"
audience = "https://shipping.example"
format = "jwt"

[product.shipping.resource.parcels.action.read]
sentence = "Can read the parcels of one tenant."
owner = "matrix"
risk = "read"
"""


class Issuer:
    """`chancery serve` for the issuer name `url`, listening on `port`."""

    def __init__(self, folder, url, port, algorithm="EdDSA"):
        self.folder, self.address = folder, f"http://127.0.0.1:{port}"
        self.environment = {
            **os.environ,
            "CHANCERY_CONFIG__KEYS__ALGORITHM_NAME": algorithm,
            "CHANCERY_CONFIG__KEYS__JWKS_MAX_AGE": "1s",
            "CHANCERY_CONFIG__KEYS__PUBLISH_LEAD": "1s",
        }
        folder.mkdir(parents=True)
        self.run("init", "--example", "documint", "--url", url, "--listen", f"127.0.0.1:{port}")
        with (folder / "catalog.toml").open("a") as catalog:
            catalog.write(OTHER_PRODUCT)
        with (folder / "log").open("w") as log:
            self.process = subprocess.Popen([CHANCERY, "serve"], cwd=folder, env=self.environment, stdout=log, stderr=log)
        try:
            wait_until(lambda: answers(self.address + "/readyz"), f"the issuer in {folder}")
            self.run(*CLIENT, "viewer", "--tenant", "acme,globex", "--scope", "invoices:read=It lists them for people",
                     "--scope", "customers:read=It shows who pays", "--unbounded", "It shows all of them within a tenant",
                     "--out", "viewer.secret")
            self.run(*CLIENT, "courier", "--tenant", "acme", "--scope", "parcels:read=It says where they are",
                     "--unbounded", "It shows all of them within a tenant", "--out", "courier.secret")
        except BaseException:
            self.stop()
            raise

    def run(self, *arguments):
        done = subprocess.run([CHANCERY, *arguments], cwd=self.folder, env=self.environment, text=True, capture_output=True)
        if done.returncode:
            raise RuntimeError(f"chancery {' '.join(arguments)}: {done.stderr}")

    def token(self, client, scope, tenant):
        form = {"grant_type": "client_credentials", "client_id": client, "scope": scope, "tenant": tenant,
                "client_secret": (self.folder / f"{client}.secret").read_text().strip()}
        data = urllib.parse.urlencode(form).encode()
        with urllib.request.urlopen(self.address + "/oauth2/token", data, timeout=10) as answer:
            return json.load(answer)["access_token"]

    def keys(self):
        with urllib.request.urlopen(self.address + "/.well-known/jwks.json", timeout=10) as answer:
            return json.load(answer)["keys"]

    def stop(self):
        self.process.terminate()
        self.process.wait()


CLIENT = ("client", "create", "--owner", "matrix", "--purpose", "Tries the verifiers of others", "--expires", "9d")


def answers(url):
    """Whether anything answers there over HTTP, whatever it says."""
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def wait_until(condition, what, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} is not there after {seconds} s")
        time.sleep(0.1)
