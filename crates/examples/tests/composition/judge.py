"""Judges one case a line: the headers that came, and a record. Prints whether the claims are for it, or why not."""
import json
import sys
from email.message import Message

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import claims

for line in sys.stdin:
    case, headers = json.loads(line), Message()
    for name, value in case["headers"]:
        headers[name] = value
    try:
        print(json.dumps(claims.from_gate(headers, case["scope"]).allows(case["record"], case["axes"])))
    except claims.Refused as refused:
        print(json.dumps(f"{refused.status} {refused.body['reason']}"))
