"""MkDocs hook: what "Check it yourself" needs goes into assets/recheck/ of the site, and its size into the pages.

`claims.json` there says of each claim in which derivation it stands and what its page shows; nothing of it says how a claim was
judged. The pages hold the number of bytes in `<meta name="cnnsym-recheck">`; without it their script offers nothing.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.pages import Page
from recheck_pack import RecheckUnavailable, packed, size

from cnnsym.campaign import loaded
from cnnsym.collect import every_file
from cnnsym.errors import CnnsymError
from cnnsym.pages import displays

log = get_plugin_logger("recheck")

FOLDER = "assets/recheck"
_FILES: dict[str, Path] = {}  # of this build; MkDocs keeps a hook's module between builds, but calls on_pre_build first


def on_pre_build(config: MkDocsConfig) -> None:
    """Make what is served, or take it from the cache."""
    _FILES.clear()
    root = Path(config.config_file_path).parent
    try:
        _FILES.update(packed(root, _derivations(config)))
    except RecheckUnavailable as error:
        log.warning(f"no check in the browser: {error}")


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Tell the script of a page with claims how much it would fetch."""
    if not _FILES or ("cnnsym-claim" not in output and "data-recheck" not in output):
        return output
    return output.replace("</head>", f'<meta name="cnnsym-recheck" content="{size(_FILES)}"></head>', 1)


def on_post_build(config: MkDocsConfig) -> None:
    """Put everything into the site."""
    if not _FILES:
        return
    folder = Path(config.site_dir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in _FILES.items():
        shutil.copyfile(path, folder / name)
    try:
        text = json.dumps(contents(_derivations(config), Path(config.docs_dir)), ensure_ascii=False)
    except CnnsymError as error:  # the plugin that judges the claims has more to say about it
        log.warning(f"no check in the browser: {error}")
        return
    (folder / "claims.json").write_text(text, encoding="utf-8")


def contents(derivations: Path, docs: Path) -> dict[str, Any]:
    """The derivations with their declarations, and the claims with the LaTeX of their pages."""
    shown = {}
    for page in sorted((docs / "zh").rglob("*.md")):
        for display in displays(page.read_text(encoding="utf-8-sig")):
            for label in display.labels:
                shown.setdefault(label, display.latex.strip())
    modules, claims = {}, {}
    for path in every_file([derivations]):
        derivation = loaded(str(path)).derivation
        file = f"{derivations.name}/{path.relative_to(derivations.resolve()).as_posix()}"
        modules[file] = {"title": derivation.title._asdict(), "context": derivation.context.strip()}
        for claim in derivation.claims:
            if claim.id in shown:
                claims[claim.id] = {"file": file, "title": claim.title._asdict(), "latex": shown[claim.id]}
    return {"derivations": modules, "claims": claims}


def _derivations(config: MkDocsConfig) -> Path:
    return Path(config.config_file_path).parent / config.plugins["cnnsym"].config.derivations
