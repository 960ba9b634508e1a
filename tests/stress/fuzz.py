"""Part 1: changed input for every reader; it ends in an answer or an error of the program.

Each reader is fuzzed in a process of its own, so that one that dies of a signal is counted too:
`python -m tests.stress.fuzz READER SEED ROUNDS` prints what failed.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from cachetui.errors import CachetuiError
from tests.builders.homes import home_variables
from tests.conftest import DATA
from tests.stress.mutating import Mutator
from tests.stress.outcome import Outcome, Run, tell
from tests.stress.readers import BY_NAME, READERS, Reader
from tests.terminal.harness import ROOT, environment

CORPUS = DATA / "fuzz"
"""What once failed, by the name of the reader."""

USUAL = 4000
"""Rounds of a reader of weight 1."""

MOST_SECONDS = 10
"""Of one input: its reader hangs."""

MOST_MEMORY = 3 << 30
"""Bytes of address space of the process."""

MOST_SHRINKING = 150
LARGEST_KEPT = 6000


class Failure(NamedTuple):
    """An input that a reader neither answered nor refused."""

    reason: str
    data: bytes


class Hung(BaseException):
    """An input takes too long."""


def measure(run: Run) -> list[Outcome]:
    """Fuzz all readers."""
    outcomes = []
    for reader in READERS:
        tell(f"fuzz: {reader.what}")
        rounds = max(int(run.times(USUAL) * reader.weight), 1)
        outcome = Outcome(f"changed input: {reader.what}", rounds)
        for failure in in_a_process(reader, run, rounds):
            kept = keep(reader, failure)
            outcome.failures.append(f"{failure.reason} ({kept})")
        outcome.crashed = len(outcome.failures)
        outcomes.append(outcome)
    return outcomes


def in_a_process(reader: Reader, run: Run, rounds: int) -> list[Failure]:
    """Fuzz a reader in a process; if it dies, the input that killed it."""
    home = run.place(f"fuzz-{reader.name}")
    command = [sys.executable, "-m", "tests.stress.fuzz", reader.name, str(run.seed), str(rounds)]
    done = subprocess.run(command, env=environment(home, TMPDIR=str(home)), cwd=ROOT, capture_output=True)
    if done.returncode == 0:
        return [Failure(reason, bytes.fromhex(data)) for reason, data in json.loads(done.stdout)]
    last = home / "last"
    reason = f"exit code {done.returncode}: {done.stderr.decode(errors='replace')[-300:]}"
    return [Failure(reason, last.read_bytes() if last.exists() else b"")]


def failures(reader: Reader, seed: int, rounds: int, folder: Path, last: Path | None = None) -> list[Failure]:
    """Read changed input; one failure of each reason.

    Args:
        last: where each input is written before it is read.
    """
    found: dict[str, Failure] = {}
    for number in range(rounds):
        mutator = Mutator(f"{reader.name} {seed} {number}")
        data = mutator.changed(mutator.random.choice(reader.seeds), reader.seeds)
        if last:
            last.write_bytes(data)
        reason = failure_of(reader, data, folder)
        if reason and reason not in found:
            found[reason] = Failure(reason, shrunk(reader, data, reason, folder))
    return list(found.values())


def failure_of(reader: Reader, data: bytes, folder: Path) -> str:
    """Why a reader failed, and where; empty if it did not."""
    try:
        with time_limit():
            reader.read(data, folder)
    except CachetuiError:
        return ""
    except (Exception, Hung) as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        frames = [f for f in traceback.extract_tb(error.__traceback__) if "cachetui/" in f.filename]
        place = f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else "the test"
        return f"{type(error).__name__} in {place}" + (
            f": {error}" if isinstance(error, AssertionError) else ""
        )
    return ""


@contextmanager
def time_limit() -> Iterator[None]:
    """Raise Hung inside if it takes too long; only where SIGALRM is handled, which is not in the suite."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise Hung

    if signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL:
        yield  # pytest has its own limit
        return
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(MOST_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def shrunk(reader: Reader, data: bytes, reason: str, folder: Path) -> bytes:
    """A smaller input that fails likewise."""
    size, tries = max(len(data) // 2, 1), 0
    while size and tries < MOST_SHRINKING and not reason.startswith("Hung"):
        at = 0
        while at < len(data) and tries < MOST_SHRINKING:
            smaller = data[:at] + data[at + size :]
            tries += 1
            if failure_of(reader, smaller, folder) == reason:
                data = smaller
            else:
                at += size
        size //= 2
    return data


def keep(reader: Reader, failure: Failure) -> str:
    """Keep a small input as a test of the suite; its path."""
    if not failure.data or len(failure.data) > LARGEST_KEPT:
        file = Path(tempfile.mkstemp(prefix=f"{reader.name}-")[1])
    else:
        file = CORPUS / reader.name / hashlib.sha256(failure.data).hexdigest()[:12]
        file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(failure.data)
    return str(file)


def main() -> None:
    """Fuzz one reader in this process."""
    name, seed, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    home = Path(os.environ["HOME"])
    os.environ.update(home_variables(home))
    folder = home / "input"
    folder.mkdir()
    found = failures(BY_NAME[name], seed, rounds, folder, home / "last")
    print(json.dumps([(failure.reason, failure.data.hex()) for failure in found]))


if __name__ == "__main__":
    main()
