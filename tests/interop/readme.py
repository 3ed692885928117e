"""The Python programs of README.md and the guides, run as they stand there: each takes a live token and refuses every forged one."""
import concurrent.futures
import json
import os
import pathlib
import platform
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/guides/*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)\n```$", re.DOTALL | re.MULTILINE)


def read(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


TOLD = read(os.environ["CHANCERY_INTEROP"])
PRODUCT, FORGERIES = TOLD["jwt"], read(TOLD["forgeries"])["jwt"]
PUT = {
    "http://127.0.0.1:8420": TOLD["issuer"],
    "https://api.documint.example": PRODUCT["audience"],
    "invoices:read": PRODUCT["scope"],
    '"test"': json.dumps(TOLD["environment"]),
    '"acme"': json.dumps(TOLD["tenant"]),
}


def takes(program, token):
    """Whether the program takes the token that it reads: then it ends with 0 and says so."""
    done = subprocess.run([sys.executable, "-c", program], input=token + "\n", capture_output=True, text=True, timeout=60)
    return done.returncode == 0 and done.stdout != "", done.stderr


def say(page, case, ok, note=None):
    line = {"library": f"{page} (Python)", "version": platform.python_version(), "case": case, "outcome": "ok" if ok else "failed"}
    print(json.dumps({**line, "note": note} if note else line), flush=True)


# What reads no token from its standard input is a part of a program.
found = [(path.relative_to(ROOT), program) for path in PAGES for program in BLOCK.findall(path.read_text(encoding="utf-8"))
         if "sys.stdin" in program]
for page, program in found:
    for shown, live in PUT.items():
        program = program.replace(shown, live)
    must = {"verifies a live token": "good", "verifies a token signed by the forger with the issuer's key": "resigned"}
    for case, which in must.items():
        taken, why = takes(program, FORGERIES[which])
        say(page, case, taken, None if taken else why[-300:])
    with concurrent.futures.ThreadPoolExecutor(4) as at_once:
        verdicts = at_once.map(lambda forgery: takes(program, forgery["token"])[0], FORGERIES["forged"])
        for forgery, taken in zip(FORGERIES["forged"], verdicts):
            say(page, "refuses: " + forgery["case"], not taken)
if not found:
    sys.exit("no page has a Python program")
