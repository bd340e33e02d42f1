"""The examples of the README run, and what their comments say is true."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_examples(capsys):
    examples = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    names: dict = {}
    for example in examples:
        exec(compile(example, "README.md", "exec"), names)
    assert len(examples) == 2
    assert (names["verdict"].name, names["mistake"].name) == ("proved", "refuted")
    first, second = capsys.readouterr().out.splitlines()
    assert "all sizes" in first
    assert "all sizes" in second


def test_its_links_lead_somewhere():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / "README.md").read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target
