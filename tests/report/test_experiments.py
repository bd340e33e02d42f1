"""Experiments in reports: measured, never proved; everything that is needed to repeat them is shown."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from cnnsym.claim import Experiment, Text
from cnnsym.report.experiments import experiment_block, experiments_table, read_experiment
from cnnsym.report.measured import measured_line, measured_page
from cnnsym.report.overview import Section, overview

NASTY = "<b>&\"'</b>"
EXPERIMENT = Experiment(
    id="3.2-overfit",
    section="3.2",
    title=Text("过拟合", f"overfitting {NASTY}"),
    statement=Text("讲义说", f"it helps {NASTY}"),
    setup=Text("做法是", f"train both {NASTY}"),
    finding=Text("看到了", f"it did here {NASTY}"),
    results="results/3.2-overfit.json",
    command="python run.py",
    source="Lin et al. 2013",
    file="derivations/x.py",
    line=7,
)
RESULTS = {
    "experiment": "3.2-overfit",
    "command": "python run.py",
    "versions": {"python": "3.12.1", "numpy": "2.1.0"},
    "seeds": [0, 1, 7],
    "data": {"zh": "数字图", "en": f"digits {NASTY}"},
    "metrics": {"a": {"zh": "正确率", "en": f"accuracy {NASTY}"}, "g": {"zh": "差距", "en": "gap"}},
    "conditions": [
        {"name": {"zh": "均值", "en": f"GAP {NASTY}"}, "values": {"a": [0.9, 0.92, 0.94], "g": [1, 2, 3]}},
        {"name": {"zh": "全连接", "en": "FC"}, "values": {"a": [0.8, 0.8, 0.8], "g": [4, 5.5, 6]}},
    ],
}


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "3.2-overfit.json").write_text(json.dumps(RESULTS), "utf-8")
    return read_experiment(EXPERIMENT, tmp_path / "x.py")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_block_holds_everything(one, lang) -> None:
    text = experiment_block(one, lang, "../results/3.2-overfit.json")
    soup = BeautifulSoup(text, "html.parser")
    assert not soup.find("b") and "proved" not in text
    block = soup.find(id="3.2-overfit")
    assert block["class"] == ["cnnsym-claim", "cnnsym-claim--experiment"]
    assert block.select_one(".cnnsym-badge")["class"][1] == "cnnsym-badge--experiment"
    shown = block.get_text()
    for part in (EXPERIMENT.title, EXPERIMENT.statement, EXPERIMENT.setup, EXPERIMENT.finding):
        assert getattr(part, lang) in shown
    for part in ("python run.py", "python 3.12.1, numpy 2.1.0", "0, 1, 7", "Lin et al. 2013", RESULTS["data"][lang]):
        assert part in shown
    assert block.find("a", href="../results/3.2-overfit.json")
    assert len(block.select("figure svg[role=img]")) == 2
    rows = [[cell.get_text() for cell in row.find_all("td")] for row in block.select("table tbody tr")]
    assert [row[1:] for row in rows] == [["0.920 ± 0.020", "2.0 ± 1.0"], ["0.8 ± 0", "5.2 ± 1.0"]]
    assert rows[1][0] == {"zh": "全连接", "en": "FC"}[lang]
    assert block.find("details")["data-search-exclude"] == "1"
    ids = [element["id"] for element in soup.select("[id]")]
    assert len(ids) == len(set(ids))


def test_what_has_no_results_says_so_and_is_not_an_experiment(one, tmp_path) -> None:
    (tmp_path / "results" / "3.2-overfit.json").unlink()
    lacking = read_experiment(EXPERIMENT, tmp_path / "x.py")
    assert lacking.problem.startswith("results/3.2-overfit.json: no results there")
    text = experiment_block(lacking, "en", "x")
    assert "cnnsym-claim--unchecked" in text and "could not be read" in text and "badge--experiment" not in text
    assert "<svg" not in text and "it did here" not in text, "no finding without numbers"


def test_the_report_page_has_a_table_of_them(one) -> None:
    soup = BeautifulSoup(experiments_table([one], "en"), "html.parser")
    (cells,) = [[cell.get_text() for cell in row.find_all("td")] for row in soup.select("tbody tr")]
    assert cells[:5] == ["3.2-overfit", EXPERIMENT.title.en, "3.2", "Experiment", "3"]
    page = BeautifulSoup(overview([], [Section("3.2", "GAP", "u")], "en", "", [one]), "html.parser")
    assert [cell.get_text() for cell in page.select("table")[2].select("td")] == ["3.2 GAP", "1 result", "Experiment × 1"]
    assert page.find(id="experiments") and not BeautifulSoup(overview([], [], "en"), "html.parser").find(id="experiments")


@pytest.mark.parametrize(("lang", "word"), [("zh", "实测"), ("en", "measured")])
def test_text_calls_it_measured(one, lang, word) -> None:
    line = measured_line("3.2-overfit", one.results, lang)
    assert line.startswith(f"≈ {word}  3.2-overfit") and re.findall(r"\d+", line.partition("overfit")[2]) == ["2", "2", "3"]
    page = measured_page(replace(EXPERIMENT, title=Text("题", "T")), one.results, ["docs/a.md#x"], lang)
    assert not any(mark in page for mark in ("✓", "proved", "已证明"))
    for part in ("derivations/x.py:7", "docs/a.md#x", "0.920 ± 0.020", "5.2 ± 1.0", "python run.py", "numpy 2.1.0", "0, 1, 7"):
        assert part in page
    for part in (EXPERIMENT.statement, EXPERIMENT.setup, EXPERIMENT.finding):
        assert getattr(part, lang) in page
