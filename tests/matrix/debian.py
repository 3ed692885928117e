"""Unpacks Debian packages, and what they need and this machine lacks, into ./root: python3 debian.py NAME..."""
import pathlib
import subprocess
import sys

FOLDER = pathlib.Path("packages")


def main(names):
    FOLDER.mkdir(exist_ok=True)
    if not list(FOLDER.glob("*.deb")):
        plan = subprocess.run(["apt-get", "install", "--simulate", "--no-install-recommends", "-o", "Debug::NoLocking=1", *names],
                              check=True, capture_output=True, text=True).stdout
        wanted = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
        subprocess.run(["apt-get", "download", *(wanted or names)], cwd=FOLDER, check=True)
    for package in sorted(FOLDER.glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", package, "root"], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
