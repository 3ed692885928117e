"""HAProxy reads no JWKS: the key that signs, as the file that it wants. A rotation would need this again, and a reload."""
import base64
import json
import os
import urllib.request

with urllib.request.urlopen(os.environ["MATRIX_JWKS"], timeout=10) as answer:
    x = json.load(answer)["keys"][0]["x"]
body = base64.b64encode(bytes.fromhex("302a300506032b6570032100") + base64.urlsafe_b64decode(x + "=")).decode()
with open("key.pem", "w") as file:
    file.write(f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
