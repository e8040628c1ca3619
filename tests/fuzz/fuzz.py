"""Runs the libFuzzer targets in turn, for a minute or for hours.

    fuzz.py --bin BUILD/bin --seeds BUILD/tests/fuzz/seeds [--hours 8] [--workers 2] [--work FOLDER] [TARGET...]

Each worker takes the next target for a slice of time. WORK/TARGET is the growing corpus, so that a later call goes on where this one
ends; WORK/found holds the inputs that crashed, leaked, hung or took too much memory; WORK/log has a line for each slice with the CPU
seconds, and the last lines printed are the sums. The exit code is 1 when something was found. What is worth keeping goes, minimised
(fuzz-TARGET -minimize_crash=1 FILE), into tests/fuzz/corpus/TARGET with the fix.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

CORPUS = Path(__file__).resolve().parent / "corpus"
MINUTES_OF_A_SLICE = 5
# libFuzzer's exit code after SIGINT, and what ends a target that does not listen to it, such as one that somebody has stopped (SIGSTOP).
ENDED = (72, -signal.SIGINT, -signal.SIGKILL)
SECONDS_TO_END = 15
# Bytes of the largest input, where libFuzzer's guess from the seeds is too small.
LARGEST = {"importer": 16384, "program": 32768, "json": 8192}
# An input takes milliseconds; what takes this long hangs. Allocations of 1 GB for an input of kilobytes are bugs.
LIMITS = ["-timeout=30", "-rss_limit_mb=3000", "-malloc_limit_mb=1024"]
# The distribution's LLVM is not instrumented: what its headers poison in our code, its libraries do not unpoison.
SANITIZERS = {"ASAN_OPTIONS": "allow_user_poisoning=0:detect_container_overflow=0:allocator_may_return_null=0",
              "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}


class Fuzzer:
    def __init__(self, options):
        self.options, self.lock, self.seconds, self.failed = options, threading.Lock(), {}, []
        self.stopped, self.running = False, set()
        self.found = options.work / "found"
        self.found.mkdir(parents=True, exist_ok=True)

    def run(self, target, seconds):
        """One slice of one target -> whether it came to its end without a finding."""
        corpus = self.options.work / target
        corpus.mkdir(exist_ok=True)
        folders = [corpus, self.options.seeds / target] + [f for f in [CORPUS / target] if f.is_dir()]
        dictionary = self.options.seeds / f"{target}.dict"
        command = [self.options.bin / f"fuzz-{target}", *folders, *LIMITS, f"-max_total_time={max(1, int(seconds))}", "-print_final_stats=1",
                   f"-artifact_prefix={self.found}/{target}-", f"-seed={self.options.seed or time.time_ns() % 2**31}"]
        command += [f"-dict={dictionary}"] if dictionary.exists() else []
        command += [f"-max_len={LARGEST[target]}"] if target in LARGEST else []
        log = self.options.work / f"{target}.log"
        with open(log, "w") as out:
            with self.lock:
                if self.stopped:
                    return True
                process = subprocess.Popen([str(c) for c in command], stdout=out, stderr=out, env={**os.environ, **SANITIZERS},
                                           start_new_session=True)  # Ctrl-C is for this program, which passes it on
                self.running.add(process.pid)
            _, status, usage = os.wait4(process.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        cpu = usage.ru_utime + usage.ru_stime
        text = log.read_text(errors="replace")
        runs = next((line.split()[-1] for line in text.splitlines() if "stat::number_of_executed_units" in line), "?")
        with self.lock:
            self.running.remove(process.pid)
            code = 0 if self.stopped and code in ENDED else code
            self.seconds[target] = self.seconds.get(target, 0) + cpu
            with open(self.options.work / "log", "a") as out:
                out.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S')} {target} cpu_seconds={cpu:.0f} runs={runs} corpus={len(list(corpus.iterdir()))} "
                          f"peak_mb={usage.ru_maxrss // 1024} exit={code}\n")
            if code:
                self.failed.append(target)
                keep = self.options.work / "found" / f"{target}-{time.strftime('%H%M%S')}.log"
                keep.write_text(text)
                print(f"fuzz-{target} found something; the input is in {self.found}, the report is {keep}:\n" + "\n".join(text.splitlines()[-40:]), flush=True)
        return code == 0

    def work(self, turns, end):
        while (left := end - time.monotonic()) > 1 and not self.stopped:
            with self.lock:
                target = next(turns)
            self.run(target, min(left, self.slice))

    def rotate(self, targets):
        self.slice = min(60 * MINUTES_OF_A_SLICE, max(1, self.options.seconds * self.options.workers / len(targets)))
        end = time.monotonic() + self.options.seconds
        turns = (targets[n % len(targets)] for n in range(1 << 62))
        workers = [threading.Thread(target=self.work, args=(turns, end)) for _ in range(self.options.workers)]
        for worker in workers:
            worker.start()

        def wait(seconds=float("inf")):  # not join(), which an interrupt leaves in doubt
            until = time.monotonic() + seconds
            while any(worker.is_alive() for worker in workers) and time.monotonic() < until:
                time.sleep(0.1)

        def send(number):
            with self.lock:
                self.stopped = True
                for process in self.running:
                    with contextlib.suppress(ProcessLookupError):  # it has just ended
                        os.kill(process, number)

        try:
            wait()
        except KeyboardInterrupt:  # the slices that run are ended and written down
            send(signal.SIGINT)
            wait(SECONDS_TO_END)
            send(signal.SIGKILL)
            wait()
        for target, cpu in sorted(self.seconds.items()):
            print(f"{target}: {cpu:.0f} CPU seconds")
        print(f"{sum(self.seconds.values()) / 3600:.2f} CPU hours, {len(self.failed)} slices with a finding")
        return 1 if self.failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=Path, required=True, help="folder of the programs fuzz-TARGET")
    parser.add_argument("--seeds", type=Path, required=True, help="folder that make_seeds.py wrote")
    parser.add_argument("--work", type=Path, default=Path("build/fuzz-work"), help="folder of corpora, findings and the log")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--hours", type=float, help="time on the clock in all")
    length.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0, help="libFuzzer's seed; 0: another one each time")
    parser.add_argument("targets", nargs="*")
    options = parser.parse_args()
    if options.hours is not None:
        options.seconds = 3600 * options.hours
    targets = options.targets or sorted(p.name[len("fuzz-"):] for p in options.bin.glob("fuzz-*") if p.name != "fuzz-program-seeds")
    if not targets:
        parser.error(f"there is no fuzz-TARGET in {options.bin}; build the preset fuzz first")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return Fuzzer(options).rotate(targets)


if __name__ == "__main__":
    sys.exit(main())
