"""docs/ops.md is what the compiler says about itself, and every op that is imported has a row."""
import pathlib
import subprocess


def test_page_is_current(importer):
    done = subprocess.run([importer.program, "--ops-page"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    page = pathlib.Path(__file__).parents[3] / "docs" / "ops.md"
    assert page.read_text() == done.stdout, "write it again: agc-import --ops-page > docs/ops.md"
