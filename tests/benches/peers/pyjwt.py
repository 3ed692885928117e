"""PyJWT takes its turns: it signs and verifies what it is told, and says how many nanoseconds that took."""
import json
import platform
import sys
import time

import cryptography
import jwt
from jwt.algorithms import OKPAlgorithm

JOB = json.loads(sys.stdin.readline())
CLAIMS, TOKENS = JOB["claims"], JOB["tokens"]
SECRET_KEY = OKPAlgorithm.from_jwk(JOB["key"])
PUBLIC_KEY = SECRET_KEY.public_key()
HEADERS = {"typ": "at+jwt", "kid": JOB["key"]["kid"]}
RULES = {"issuer": JOB["issuer"], "audience": JOB["audience"], "options": {"require": ["iss", "aud", "exp"]}}


def sign(at):
    return jwt.encode(CLAIMS[at % len(CLAIMS)], SECRET_KEY, algorithm="EdDSA", headers=HEADERS)


def verify(at):
    return jwt.decode(TOKENS[at % len(TOKENS)], PUBLIC_KEY, algorithms=["EdDSA"], **RULES)


VERSION = f"{jwt.__version__} over cryptography {cryptography.__version__} on Python {platform.python_version()}"
print(json.dumps({"version": VERSION, "token": sign(0)}), flush=True)
done = 0
for line in sys.stdin:
    verb, repetitions = line.split()
    work, end = {"sign": sign, "verify": verify}[verb], done + int(repetitions)
    start = time.perf_counter_ns()
    while done < end:
        work(done)
        done += 1
    print(time.perf_counter_ns() - start, flush=True)
