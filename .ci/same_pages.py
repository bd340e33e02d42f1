"""Compare two builds of the site: the same pages, and on each the same claims.

python .ci/same_pages.py site build/properdocs
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

_BLOCK = re.compile(r'class="cnnsym-claim[\s"]')
_BADGE = re.compile(r'class="cnnsym-badge (cnnsym-badge--[a-z]+)')


def pages(site: Path) -> dict[str, tuple[int, list[str]]]:
    """For each page the number of its claim blocks, and its badges in their order."""
    texts = {
        path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in sorted(site.rglob("*.html"))
    }
    return {name: (len(_BLOCK.findall(text)), _BADGE.findall(text)) for name, text in texts.items()}


def differences(one: Path, other: Path) -> list[str]:
    """What differs, one line each."""
    first, second = pages(one), pages(other)
    found = [f"{name}: only in {one}" for name in sorted(first.keys() - second.keys())]
    found += [f"{name}: only in {other}" for name in sorted(second.keys() - first.keys())]
    for name in sorted(first.keys() & second.keys()):
        if first[name] != second[name]:
            (blocks, badges), (others, other_badges) = first[name], second[name]
            found.append(
                f"{name}: {blocks} claim blocks and {len(badges)} badges, against {others} and {len(other_badges)}"
            )
    if not any(blocks for blocks, _ in first.values()):
        found.append(f"{one}: no page has a claim")
    return found


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or not all(Path(argument).is_dir() for argument in arguments):
        print("usage: python .ci/same_pages.py SITE OTHER_SITE (two folders)", file=sys.stderr)
        return 2
    found = differences(*map(Path, arguments))
    print("\n".join(found) or "== both builds hold the same pages and claims")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
