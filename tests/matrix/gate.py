"""Tries the samples of docs/guides/gate: python3 tests/matrix/gate.py [NAME...] [--made-up]"""
import os
import sys

sys.dont_write_bytecode = True
os.environ["no_proxy"] = "127.0.0.1"

from proxies import careless, made_up, real
from proxies.products import PRODUCTS


class Checks:
    def __init__(self, name):
        self.name, self.made, self.failed = name, 0, []

    def __call__(self, what, got, expected):
        self.made += 1
        if got != expected:
            self.failed.append(f"{self.name}: {what}: {got!r}, not {expected!r}")


def main(arguments):
    sys.stdout.reconfigure(line_buffering=True)
    names = [name for name in arguments if not name.startswith("--")]
    failed = []
    for product in PRODUCTS:
        if names and product.name not in names:
            continue
        product.fetch()
        for part in [made_up, careless] + [real] * ("--made-up" not in arguments):
            checks = Checks(f"{product.name} {product.version}")
            part.run(product, checks)
            failed += checks.failed
            print(f"{checks.name:16} {part.__name__.removeprefix('proxies.'):8} {checks.made:3} checks, {len(checks.failed)} failed")
    print("\n".join(failed) or "All as expected.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
