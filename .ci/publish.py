"""Put a built site into the folder that is published, without touching the versions that stand there already.

    python .ci/publish.py site published              # the newest state, at the root
    python .ci/publish.py site published --version v1.2.0    # a release, in a folder of its own

A release is never replaced: what was cited stays as it was. `versions.json` lists the releases, newest first.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from pathlib import Path

_VERSION = re.compile(r"v(\d+)\.(\d+)\.(\d+)")
LIST = "versions.json"
_KEPT = {LIST, "CNAME", ".nojekyll", ".git"}


class PublishingError(Exception):
    """What is wrong with a folder or a version; the message says what was expected."""


def versions(published: Path) -> list[str]:
    """The releases that stand in the folder, newest first."""
    found = [path.name for path in published.iterdir() if path.is_dir() and _VERSION.fullmatch(path.name)]
    return sorted(found, key=_numbers, reverse=True)


def publish(site: Path, published: Path, version: str | None = None) -> list[str]:
    """Copy the site, and give the releases that stand there then."""
    if not (site / "index.html").is_file():
        raise PublishingError(f"{site}: expected a built site, found no index.html")
    if version is not None and not _VERSION.fullmatch(version):
        raise PublishingError(f"version: expected vMAJOR.MINOR.PATCH, got {version!r}")
    published.mkdir(parents=True, exist_ok=True)
    if version is None:
        for path in published.iterdir():
            if path.name not in _KEPT and not (path.is_dir() and _VERSION.fullmatch(path.name)):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(site, published, dirs_exist_ok=True)
    else:
        if (published / version).exists():
            raise PublishingError(f"{published / version}: this version is published already, and stays as it is")
        shutil.copytree(site, published / version)
    (published / ".nojekyll").touch()  # GitHub would leave out files whose names begin with "_"
    found = versions(published)
    text = json.dumps([{"version": one, "path": f"{one}/"} for one in found], indent=1)
    (published / LIST).write_text(text + "\n", encoding="utf-8")
    return found


def _numbers(version: str) -> tuple[int, ...]:
    match = _VERSION.fullmatch(version)
    return tuple(map(int, match.groups())) if match else ()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Put a built site into the folder that is published.")
    parser.add_argument("site", type=Path)
    parser.add_argument("published", type=Path)
    parser.add_argument("--version")
    options = parser.parse_args(arguments)
    try:
        found = publish(options.site, options.published, options.version)
    except PublishingError as error:
        print(f"publish: {error}", file=sys.stderr)
        return 1
    print(f"== published; releases: {', '.join(found) or 'none yet'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
