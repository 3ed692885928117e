"""`chancery gate`, as it is shipped."""
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request

from issuer import AUDIENCE, CHANCERY, ROOT, answers, wait_until

ROUTES = ROOT / "crates/examples/composition/routes.json"
CONFIG = """
issuer = "{issuer}"
audience = "{audience}"
environment = "test"
routes = "{routes}"
state = "state"

[revocation]
max_staleness = 60
"""


class RealGate:
    def __init__(self, folder, issuer):
        folder.mkdir(parents=True)
        self.folder, self.listen, self.process = folder, "127.0.0.1:0", None
        (folder / "gate.toml").write_text(CONFIG.format(issuer=issuer, audience=AUDIENCE, routes=ROUTES))
        self.start()

    def start(self):
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen([CHANCERY, "gate", "--listen", self.listen], cwd=self.folder, text=True,
                                            stdout=subprocess.PIPE, stderr=log)
        line = self.process.stdout.readline()
        found = re.search(r"http://([0-9.]+:(\d+))$", line.strip())
        if not found:
            raise RuntimeError(f"the gate says {line!r}: see {self.folder / 'log'}")
        # The same address after a restart: the proxy knows no other.
        self.listen, self.port = found[1], int(found[2])
        wait_until(lambda: answers(f"http://{self.listen}/healthz") and self.is_ready(), "the gate", 30)

    def is_ready(self):
        try:
            return urllib.request.urlopen(f"http://{self.listen}/readyz", timeout=5).status == 200
        except urllib.error.HTTPError:
            return False

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)
        # All of its threads: the signal alone is delivered some time later.
        os.waitpid(self.process.pid, os.WUNTRACED)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
