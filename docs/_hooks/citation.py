"""MkDocs hook: at the foot of each page stands what it takes to cite it as it was proved.

That is the version of cnnsym, a date and the digest of all judged claims (`cnnsym.report.digest`), which the plugin puts into
`config.extra`. The date is that of the sources, SOURCE_DATE_EPOCH or the last commit, so that a build can be repeated.
"""

from __future__ import annotations

import os
import re
import subprocess
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.pages import Page

import cnnsym

WORDS = {
    "zh": {
        "line": "cnnsym {version}，{date}，命题摘要 ",
        "summary": "引用本页",
        "text": "{title}。见《cnnsym：由机器检验的卷积网络讲义》，版本 {version}，{date}，命题摘要 sha256:{digest}。{url}",
        "book": "cnnsym：由机器检验的卷积网络讲义",
    },
    "en": {
        "line": "cnnsym {version}, {date}, digest of the claims ",
        "summary": "Cite this page",
        "text": "{title}. In: cnnsym, lecture notes on convolutional networks, checked by machine. Version {version}, {date}, "
        "digest of the claims sha256:{digest}. {url}",
        "book": "cnnsym: lecture notes on convolutional networks, checked by machine",
    },
}
SHORT = 16  # of the 64 digits, in a line that is to be read
_SPECIAL = {
    "\\": r"\textbackslash{}",
    **{c: f"\\{c}" for c in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    config.extra["date"] = date_of(Path(config.config_file_path).parent)
    return config


def on_page_context(context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Any) -> dict[str, Any]:
    """Give the theme the citation of the page."""
    lang = str(config.theme["language"])
    page.meta["citation"] = citation(
        title=plain(str(page.title)),
        name=page.file.dest_uri.removesuffix(".html"),
        url=page.canonical_url or "",
        digest=config.extra["claims_digest"],
        date=config.extra["date"],
        words=WORDS.get(lang, WORDS["en"]),
    )
    return context


def citation(*, title: str, name: str, url: str, digest: str, date: str, words: dict[str, str]) -> dict[str, str]:
    """Line, text and BibTeX entry; `name` is the page's address without its ending."""
    known = {"title": title, "version": cnnsym.__version__, "date": date, "digest": digest[:SHORT], "url": url}
    fields = {
        "title": f"{{{_tex(title)}}}",
        "howpublished": f"{{{_tex(words['book'])}}}",
        "author": "{{cnnsym contributors}}",
        "year": f"{{{date[:4]}}}",
        "version": f"{{{cnnsym.__version__}}}",
        "note": f"{{as of {date}, digest of the claims sha256:{digest}}}",
        **({"url": f"{{{url}}}"} if url else {}),
    }
    entry = ",\n".join(f"  {field} = {value}" for field, value in fields.items())
    return {
        "line": words["line"].format(**known),
        "digest": digest[:SHORT],
        "summary": words["summary"],
        "text": words["text"].format(**known).strip(),
        "bibtex": f"@misc{{cnnsym-{re.sub(r'[^A-Za-z0-9]+', '-', name)},\n{entry}\n}}",
    }


def plain(title: str) -> str:
    """A title without markup."""
    return unescape(re.sub(r"<[^>]+>", "", title)).strip()


def date_of(root: Path) -> str:
    """The day of the sources, as YYYY-MM-DD in UTC: of SOURCE_DATE_EPOCH, of the last commit, or else today."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH", "")
    if seconds and not seconds.isdecimal():
        raise PluginError(f"SOURCE_DATE_EPOCH: expected seconds since 1970, got {seconds!r}")
    if not seconds:
        try:
            done = subprocess.run(
                ["git", "log", "-1", "--format=%ct"], cwd=root, capture_output=True, text=True, timeout=10, check=False
            )
            seconds = done.stdout.strip() if done.returncode == 0 else ""
        except (OSError, subprocess.TimeoutExpired):
            pass  # no git: a folder of sources only
    return (datetime.fromtimestamp(int(seconds), UTC) if seconds else datetime.now(UTC)).strftime("%Y-%m-%d")


def _tex(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in text)
