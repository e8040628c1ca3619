"""fuzz.py with targets that only pretend: what it passes on, what it writes down, and that a finding is not lost."""

import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

FUZZ = Path(__file__).resolve().parent / "fuzz.py"
GOOD = '#!/bin/sh\necho "$@" >> "$(dirname "$0")/calls"\necho stat::number_of_executed_units: 12\nsleep 0.2\n'
BAD = '#!/bin/sh\necho "ERROR: AddressSanitizer"\nsleep 0.2\nexit 77\n'


class Driver(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def put(self, **targets):
        for name, text in targets.items():
            path = self.folder / f"fuzz-{name}"
            path.write_text(text)
            path.chmod(0o755)

    def command(self, *arguments):
        return [sys.executable, "-B", FUZZ, "--bin", self.folder, "--seeds", self.folder / "seeds", "--work", self.folder / "work", *arguments]

    def fuzz(self, *arguments, **targets):
        self.put(**targets)
        return subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=60)

    def test_targets_take_turns(self):
        done = self.fuzz("--seconds", "3", "--workers", "2", a=GOOD, b=GOOD)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        log = (self.folder / "work/log").read_text()
        for name in "ab":
            self.assertIn(f" {name} cpu_seconds=", log)
            self.assertIn(f"{name}: ", done.stdout)
        self.assertIn("runs=12", log)
        calls = (self.folder / "calls").read_text()
        for option in ("-timeout=", "-rss_limit_mb=", "-malloc_limit_mb=1024", "-max_total_time="):
            self.assertIn(option, calls)

    def test_a_finding_is_kept_and_told(self):
        done = self.fuzz("--seconds", "2", "--workers", "2", good=GOOD, bad=BAD)
        self.assertEqual(done.returncode, 1)
        self.assertIn("fuzz-bad found something", done.stdout)
        self.assertIn("AddressSanitizer", done.stdout)
        self.assertIn("exit=77", (self.folder / "work/log").read_text())
        self.assertTrue(list((self.folder / "work/found").glob("bad-*.log")))

    def test_an_end_from_outside_is_written_down(self):
        self.put(slow="#!/bin/sh\ntrap 'exit 72' INT\ntouch $(dirname $0)/started\nwhile :; do sleep 0.1; done\n")
        process = subprocess.Popen(self.command("--hours", "1"), stdout=subprocess.PIPE, text=True)
        for _ in range(300):
            if (self.folder / "started").exists():
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0)
        self.assertIn("slow: 0 CPU seconds", out)
        self.assertIn("exit=0", (self.folder / "work/log").read_text())

    def test_without_targets(self):
        self.assertIn("build the preset fuzz first", self.fuzz("--seconds", "1").stderr)


if __name__ == "__main__":
    unittest.main()
