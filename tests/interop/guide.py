"""The Python program of docs/guides/refresh.md, run as it stands there: it signs who it is, and refreshes."""
import pathlib
import re
import subprocess
import sys

from interop import Client, claims_of

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/guides/refresh.md"
program = re.search(r"^```python\n(# agent\.py .*?)\n```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE).group(1)

client = Client("Authlib")
client.library = "docs/guides/refresh.md (Authlib)"
role = client.told["roles"]["guide"]["eddsa"]
words = [sys.executable, "-c", program, client.issuer, role["client_id"], role["private_key_file"]]
# The issuer of the tests listens on loopback, without TLS.
done = subprocess.run(words, env={"AUTHLIB_INSECURE_TRANSPORT": "1", "no_proxy": "127.0.0.1"}, capture_output=True, text=True, timeout=60)
good = done.returncode == 0 and claims_of(done.stdout.strip())["client_id"] == role["client_id"]
client.say("prints a good token", good, None if good else done.stderr[-300:])
