"""Runs the verifiers of others against a real issuer: python3 tests/matrix/try.py [NAME...] [--write]"""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
# All of it is on this machine, whatever proxy leads out of it.
os.environ["no_proxy"] = "127.0.0.1"

from ed25519 import Key
from front import Front
from issuer import AUDIENCE, ROOT, Issuer, answers, wait_until
from tokens import GOOD, live, made, read, signed, storm

HERE = pathlib.Path(__file__).resolve().parent
WORK = ROOT / "target/matrix"
EXPECTED = HERE / "expected.json"
CASES = ["good", "no token", "forged", "alg none", "iss", "aud", "expired", "exp 30s", "no exp", "nbf", "typ JWT", "no typ",
         "env", "tenant", "scope", "rotated", "new key", "Ed25519"]
# The least that it starts with; all that it can be told; and that with what is missing written by hand.
ROUTES = ["default", "told", "complete"]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class EndedByItself(Exception):
    """The product did not start; how it ended is an outcome too."""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(NoRedirect)


def ask(url, token=None):
    request = urllib.request.Request(url)
    if token:
        request.add_header("Authorization", "Bearer " + token)
    try:
        with OPENER.open(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


class Trial:
    """One product: a folder with its configuration, and `trial.json`, which says how to prepare and start it."""

    def __init__(self, name):
        self.name, self.source, self.folder = name, HERE / name, WORK / name
        self.plan = json.loads((self.source / "trial.json").read_text())
        self.routes = self.plan.get("routes", ROUTES)
        self.process = None

    def prepare(self):
        shutil.copytree(self.source, self.folder, dirs_exist_ok=True)
        (self.folder / "log").unlink(missing_ok=True)
        with (self.folder / "prepare.log").open("w") as log:
            for command in self.plan["prepare"]:
                if subprocess.run(command, cwd=self.folder, stdout=log, stderr=log).returncode:
                    raise RuntimeError(f"{' '.join(command)} failed: see {log.name}")
        done = subprocess.run(self.plan["version"], cwd=self.folder, capture_output=True, text=True)
        self.version = done.stdout.strip() or done.stderr.strip()

    def start(self, issuer):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        second = free_port()
        words = {"PORT": port, "SECOND_PORT": second, "ISSUER": issuer, "AUDIENCE": AUDIENCE,
                 "JWKS": issuer + "/.well-known/jwks.json", "FOLDER": self.folder, "UPSTREAM": issuer.removeprefix("http://")}
        for template in self.source.glob("*.in"):
            text = template.read_text()
            for word, value in words.items():
                text = text.replace(f"@{word}@", str(value))
            (self.folder / template.stem).write_text(text)
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(self.plan["start"], cwd=self.folder, stdout=log, stderr=log, start_new_session=True,
                                            env={**os.environ, **{f"MATRIX_{word}": str(value) for word, value in words.items()}})
        needed = [f"{self.url}/{self.routes[0]}"] + [f"http://127.0.0.1:{second}"] * self.plan.get("has_second", False)
        wait_until(lambda: self.process.poll() is not None or all(map(answers, needed)), f"{self.name} ({log.name})")
        if self.process.poll() is not None:
            raise EndedByItself(self.process.returncode)

    def stop(self):
        if not self.process:
            return
        # What it started beside itself may outlive it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()

    def send(self, token=None):
        return [ask(f"{self.url}/{route}", token) for route in self.routes]


def run(trial):
    """The outcome of each case, one status for each route of the trial."""
    issuer_folder = WORK / "issuers" / trial.name
    shutil.rmtree(issuer_folder, ignore_errors=True)
    front, known, late = Front(), Key(), Key()
    front.own.append(known)
    issuers = []
    try:
        issuers.append(Issuer(issuer_folder / "EdDSA", front.url, free_port()))
        front.sources.append(issuers[0])
        tokens = live(issuers[0])
        tokens |= made(known, tokens["good"])
        issuers[0].run("key", "rotate", "--format", "jwt")
        trial.start(front.url)
        outcomes = {"good": trial.send(tokens["good"]), "no token": trial.send()}
        outcomes |= {case: trial.send(token) for case, token in tokens.items()}
        if trial.plan.get("gateway"):
            outcomes["elsewhere"] = [ask(trial.url + "/elsewhere")]

        first = read(tokens["good"], 0)["kid"]
        rotated = [tokens["good"]]

        def has_rotated():
            rotated[0] = issuers[0].token("viewer", "invoices:read", "acme")
            return read(rotated[0], 0)["kid"] != first

        wait_until(has_rotated, "the rotation")
        outcomes["rotated"] = trial.send(rotated[0])
        front.own.append(late)
        outcomes["new key"] = trial.send(signed(late, read(tokens["good"], 1)))
        for case, sent in {"fetches good": [rotated[0]] * 20, "fetches unknown": storm(known, tokens["good"])}.items():
            before = front.fetches
            for token in sent:
                ask(f"{trial.url}/{trial.routes[-1]}", token)
            outcomes[case] = [front.fetches - before]
        trial.stop()

        issuers.append(Issuer(issuer_folder / "Ed25519", front.url, free_port(), "Ed25519"))
        front.sources.append(issuers[1])
        trial.start(front.url)
        outcomes["Ed25519"] = trial.send(issuers[1].token("viewer", "invoices:read", "acme"))
        outcomes["beside Ed25519"] = trial.send(tokens["good"])
        return outcomes
    except EndedByItself as ended:
        return {"ended with": [ended.args[0]]}
    finally:
        trial.stop()
        for issuer in issuers:
            issuer.stop()
        front.stop()


def shown(name, version, routes, outcomes):
    print(f"\n{name} {version}")
    if "ended with" in outcomes:
        print(f"  does not start: it ends with {outcomes['ended with'][0]}")
        return
    for at, route in enumerate(routes):
        lets_in = [case for case in CASES if outcomes[case][at] < 300 and case not in GOOD]
        keeps_out = [case for case in CASES if outcomes[case][at] >= 300 and case in GOOD]
        breaks = [case for case in CASES if outcomes[case][at] >= 500]
        told = ["lets in: " + ", ".join(lets_in)] if lets_in else []
        told += ["refuses: " + ", ".join(keeps_out)] if keeps_out else []
        told += ["answers 5xx: " + ", ".join(breaks)] if breaks else []
        if outcomes["beside Ed25519"][at] != outcomes["good"][at]:
            told.append("a key named Ed25519 in the set breaks the others")
        print(f"  /{route:8} {'; '.join(told) or 'as it should be'}")
    if "elsewhere" in outcomes:
        print(f"  a path that no rule names, without a token: {outcomes['elsewhere'][0]}")
    good, unknown = outcomes["fetches good"][0], outcomes["fetches unknown"][0]
    print(f"  keys fetched for 20 good tokens: {good}; for 20 unknown key ids: {unknown}")


def main(arguments):
    sys.stdout.reconfigure(line_buffering=True)
    write = "--write" in arguments
    names = [name for name in arguments if not name.startswith("--")]
    names = names or sorted(path.parent.name for path in HERE.glob("*/trial.json"))
    expected = json.loads(EXPECTED.read_text()) if EXPECTED.exists() else {}
    wrong = []
    for name in names:
        trial = Trial(name)
        trial.prepare()
        outcomes = run(trial)
        shown(name, trial.version, trial.routes, outcomes)
        told = {"version": trial.version, "routes": trial.routes, "outcomes": outcomes}
        if write:
            expected[name] = told
            EXPECTED.write_text(listed(expected))
        elif name not in expected:
            wrong.append(f"{name}: expected.json does not have it")
        else:
            before = expected[name]["outcomes"]
            wrong += [f"{name} {expected[name]['version']} -> {trial.version}: {case}: {before.get(case)} -> {outcome}"
                      for case in {**before, **outcomes} if before.get(case) != (outcome := outcomes.get(case))]
    print("\n" + ("\n".join(["Not as expected:", *wrong]) if wrong else "All as expected."))
    return 1 if wrong else 0


def listed(expected):
    """One line for each case, so that a change reads well."""
    parts = []
    for name in sorted(expected):
        cases = ",\n".join(f"      {json.dumps(case)}: {json.dumps(got)}" for case, got in expected[name]["outcomes"].items())
        version, routes = (json.dumps(expected[name][member]) for member in ("version", "routes"))
        head = f'    "version": {version},\n    "routes": {routes}'
        parts.append(f"  {json.dumps(name)}: {{\n{head},\n    \"outcomes\": {{\n{cases}\n    }}\n  }}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
