"""The example of the README runs, and what its comments say is true."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_example(capsys):
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    names: dict = {}
    exec(compile(example, "README.md", "exec"), names)
    assert (names["verdict"].name, names["mistake"].name) == ("proved", "refuted")
    assert "all sizes" in capsys.readouterr().out


def test_its_links_lead_somewhere():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / "README.md").read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target
