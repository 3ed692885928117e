#!/usr/bin/env python3
"""DocuMint's invoices and customers: a service that is not Rust, and knows nothing of tokens.

It stands behind nginx, which asks `chancery gate` about every request. What the gate found out comes in headers
(`claims.py`); the archive holds the tenant and the bounds against each record. With --issuer it believes no header:
it follows the revocation log and checks each token itself (`tokens.py`), behind a gate or without one.
"""

import argparse
import pathlib

import claims
import serving
from archive import Archive


def routes(archive):
    """What it serves, with the scope of each route, as `routes.json` has it."""
    return [
        ("GET", "/healthz", None, lambda *_: (200, b"ok", {"Content-Type": "text/plain; charset=utf-8"})),
        ("GET", "/customers", "customers:read", archive.list_customers),
        ("GET", "/customers/{number}", "customers:read", archive.show_customer),
        ("GET", "/invoices", "invoices:read", archive.list_invoices),
        ("POST", "/invoices", "invoices:create", archive.create_invoice),
        ("GET", "/invoices/{number}", "invoices:read", archive.show_invoice),
        ("DELETE", "/invoices/{number}", "invoices:delete", archive.delete_invoice),
        ("GET", "/invoices/{number}/export", "invoices:export", archive.export_invoice),
    ]


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--port", type=int, default=8431, help="where to listen on 127.0.0.1; 0 takes a free one")
    words.add_argument("--issuer", help="check each token here, and follow this issuer's revocation log")
    words.add_argument("--audience", default="https://api.documint.example", help="what this service is called")
    words.add_argument("--environment", default="test", help="live or test: tokens of the other are refused")
    words.add_argument("--max-staleness", type=int, default=60, help="seconds without news until all is refused")
    words.add_argument("--state", default="invoices-state", help="a folder for keys and news, of this process alone")
    words.add_argument("--name", help="what it is called when it asks for news, so that the issuer counts it")
    words.add_argument("--client-id", help="the client that it is to the issuer")
    words.add_argument("--secret-file", type=pathlib.Path, help="the file that holds its secret and nothing else")
    arguments = words.parse_args()
    serving.serve("invoices", arguments.port, routes(Archive()), caller(arguments))


def caller(arguments):
    """From what a request may do is read."""
    if arguments.issuer is None:
        return claims.from_gate
    # Here, because the service that believes the gate has need of no library.
    import tokens
    from chancery_follower import Follower

    secret = arguments.secret_file.read_text().strip() if arguments.secret_file else None
    follower = Follower(
        arguments.issuer, arguments.state, arguments.max_staleness, arguments.name, arguments.client_id, secret
    ).start()
    return tokens.checked_by(follower, arguments.audience, arguments.environment)


if __name__ == "__main__":
    main()
