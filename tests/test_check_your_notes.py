"""The page "Check your own notes": its files are written, its commands run, and what they print is what the page says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILE = re.compile(r'^``` \{ \.\w+ title="([^"]+)" \}\n(.*?)^```$', re.DOTALL | re.MULTILINE)
CONSOLE = re.compile(r"^``` console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMANDS = {"cnnsym": "cnnsym", "pytest": "pytest", "mkdocs": "mkdocs"}


def sessions(text: str) -> list[tuple[list[str], str]]:
    """The commands of the page, each with what it prints."""
    found = []
    for block in CONSOLE.findall(text):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            found.append((shlex.split(command), printed))
    return found


def timeless(text: str, folder: Path) -> str:
    """Times differ from run to run, and a build names the whole path."""
    text = text.replace(f"{folder}{os.sep}", "")
    text = re.sub(r"\d+(?:\.\d+)?( ?(?:ms|s\b|seconds|秒))", r"#\1", text)
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return "\n".join(line for line in lines if line and line != "INFO    -  Cleaning site directory")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_is_true(tmp_path: Path, language: str) -> None:
    text = (ROOT / "docs" / language / "check-your-notes.md").read_text("utf-8")
    files = FILE.findall(text)
    assert [name for name, _ in files] == ["docs/index.md", "derivations/ridge.py", "draft.md", "mkdocs.yml"]
    for name, body in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(body, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", "utf-8")  # not the settings of a folder above
    commands = sessions(text)
    assert len(commands) == 5
    settings = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONUTF8": "1", "COLUMNS": "300", "NO_COLOR": "1"}
    for (program, *options), expected in commands:
        done = subprocess.run(
            [sys.executable, "-m", COMMANDS[program], *options],
            cwd=tmp_path,
            env=settings,
            capture_output=True,
            text=True,
            check=False,
        )
        printed = timeless(done.stdout + done.stderr, tmp_path)
        assert printed == timeless(expected, tmp_path), (program, options, done.stderr[-2000:])
        assert done.returncode == ("draft.md" in options)


def test_the_languages_hold_the_same_files_and_commands() -> None:
    pages = [(ROOT / "docs" / language / "check-your-notes.md").read_text("utf-8") for language in ("en", "zh")]
    english, chinese = (dict(FILE.findall(page)) for page in pages)
    assert english.keys() == chinese.keys()
    for name in ("derivations/ridge.py", "draft.md", "mkdocs.yml"):
        assert english[name] == chinese[name], name
    without = [[c for c, _ in sessions(page.replace(" --lang zh", ""))] for page in pages]
    assert without[0] == without[1]
