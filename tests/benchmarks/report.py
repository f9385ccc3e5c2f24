"""`penstock report` and `penstock whatif` on a made corpus: `python -m tests.benchmarks.report`.

A corpus of 100,000 documents with texts, signals, verdicts, clusters and tokens is made up
(tests/benchmarks/made_corpus.py). Each command runs several times as a person runs it, in a process
of its own, Python's start and imports included; `start` is a command that only prints its help
after the same imports. Prints JSON: medians of processor seconds and of what a person waits for,
and the most memory that a process had.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import mkdtemp

SMALL = ("duplicate_ngrams.most_5=0.4",)
LARGE = ("word_count.fewest=200", "mean_word_length.longest=6", "top_ngrams.most_2=0.1")
IMPORTS = "import flows.whatif.answer, flows.whatif.changes, flows.terminal.effect, flows.subject"


def commands(store: Path) -> dict[str, list[str]]:
    """Name -> the words of a command."""
    version = next((store / "versions" / "verdicts").iterdir()).stem[:12]
    corpus = next((store / "versions" / "tokens").iterdir()).stem[:12]

    def whatif(*changes: str) -> list[str]:
        return ["-m", "flows", "whatif", f"verdicts@{version}", *changes, "--store", str(store)]

    return {
        "start: imports alone": ["-c", IMPORTS],
        "whatif, one threshold": whatif(*SMALL),
        "whatif, one threshold, no examples": [*whatif(*SMALL), "--examples", "0"],
        "whatif, three rules": whatif(*LARGE),
        "report": [
            *("-m", "flows", "report", f"tokens@{corpus}", str(store / "report.html")),
            *("--store", str(store)),
        ],
    }


def once(words: list[str]) -> tuple[float, float, float]:
    """Seconds of processor and of waiting, and MiB, of one process."""
    began = time.perf_counter()
    child = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {child.returncode}")
    cpu = used.ru_utime + used.ru_stime
    return cpu, time.perf_counter() - began, used.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where it is made, and left for next time")
    given = parser.parse_args()
    folder = given.folder or Path(mkdtemp(prefix="report-"))
    try:
        if not (folder / "versions" / "tokens").exists():
            made = f"make(Path({str(folder)!r}), {given.documents})"  # its memory is no command's
            imports = "from pathlib import Path; from tests.benchmarks.made_corpus import make"
            subprocess.run([sys.executable, "-c", f"{imports}; {made}"], check=True)
        figures = {}
        for name, words in commands(folder).items():
            rounds = [once(words) for _ in range(given.times)]
            cpu, waited, mib = (statistics.median(each) for each in zip(*rounds, strict=True))
            figures[name] = {
                "cpu_seconds": round(cpu, 2),
                "seconds": round(waited, 2),
                "mib": round(mib),
            }
        told = {
            "documents": given.documents,
            "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
            "load": round(os.getloadavg()[0], 1),  # others at work on the machine
            "page_bytes": (folder / "report.html").stat().st_size,
            **figures,
        }
        sys.stdout.write(json.dumps(told, indent=1) + "\n")
    finally:
        if given.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
