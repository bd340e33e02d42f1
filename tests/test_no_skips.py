"""CI forbids skipped tests; this is the option that does it."""

from pathlib import Path

import pytest


@pytest.fixture
def project(pytester):
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text(encoding="utf-8"))
    pytester.makepyfile(
        test_one="import pytest\ndef test_skipped(): pytest.skip('no browser')\n@pytest.mark.xfail\ndef test_known(): assert 0",
        test_two="import pytest\npytest.importorskip('no_such_package')",
    )
    return pytester


def test_without_the_option_a_skip_is_a_skip(project):
    project.runpytest_inprocess().assert_outcomes(skipped=2, xfailed=1)


def test_with_it_a_skip_fails_and_says_why(project):
    result = project.runpytest_inprocess("--no-skips", "--continue-on-collection-errors")
    result.assert_outcomes(failed=1, errors=1, xfailed=1)
    result.stdout.fnmatch_lines(["*skipped, which --no-skips forbids*no browser*"])
