"""Ask mirrors for their indexes at the same time: a silent one must not hold up the others.

Each mirror is asked in a thread. An `Asking` may outlive a refresh: what is there is compiled and shown
first, the threads go on, and the next refresh takes what has arrived meanwhile.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from cachetui.errors import UNFORESEEN, Cancelled, SourceError, unforeseen
from cachetui.refresh.progress import DONE, FAILED, RECEIVING, WAITING, MirrorProgress
from cachetui.secret import foreign

if TYPE_CHECKING:
    from cachetui.fetch import IndexState, OnReceived, Session

AT_ONCE = 8
"""Mirrors that are asked at the same time, not counting those that have been silent for SILENT_SECONDS."""

MOST_THREADS = 64

SILENT_SECONDS = 2.0

PACE = 0.05
"""Seconds between two reports while nothing happens."""

GRACE = 0.15
"""Seconds in which the threads may save what they have received, once nobody wants it any more."""

USEFUL_RATE = 16_000.0
"""Bytes per second of a mirror that is slow, but worth waiting for at the next start."""

Update = Callable[["Session", "OnReceived"], "IndexState"]
"""Updates the index of one mirror. Raises SourceError."""


class Ask:
    """One mirror that is asked.

    Attributes:
        name: of the mirror.
        done, total: bytes received, and in all (0: unknown).
        state: the new state of its index; None: not there, or not yet.
        error: why there is none.
        bug: an error of this program.
        was_stopped: its answer is not wanted any more.
    """

    def __init__(self, name: str, place: str, update: Update, clock: Callable[[], float]) -> None:
        self.name = name
        self.done = self.total = 0
        self.state: IndexState | None = None
        self.error: SourceError | None = None
        self.bug: Exception | None = None
        self.was_stopped = False
        self.ended = threading.Event()
        self._place = place
        self._update = update
        self._clock = clock
        self.begin()

    @property
    def has_ended(self) -> bool:
        """Whether there is a state or an error."""
        return self.ended.is_set()

    @property
    def has_index(self) -> bool:
        """Whether it has answered, and there is an index."""
        return self.has_ended and self.state is not None and self.state.has_index

    def begin(self) -> None:
        """Count the time from now."""
        self._began = self._heard = self._clock()

    def run(self, session: Session) -> None:
        """Ask the mirror; whatever goes wrong concerns this one alone."""
        try:
            self.state = self._update(session, self._received)
        except SourceError as error:
            self.error = error
        except Cancelled:
            self.was_stopped = True
        except UNFORESEEN as error:
            self.error = unforeseen(self._place, error, foreign(error))
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits
            self.bug = error

    def _received(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        self._heard = self._clock()

    @property
    def silence(self) -> float:
        """Seconds since anything was received."""
        return self._clock() - self._heard

    @property
    def why_missing(self) -> str:
        """Why there is no answer, while there is none."""
        age = self._clock() - self._began
        seconds = f"{age:,.0f} s" if age >= 1 else f"{age:.1f} s"
        return f"{self.progress.size} received in {seconds}" if self.done else f"no answer within {seconds}"

    @property
    def is_useful(self) -> bool:
        """Whether it sends an index at a rate that leads to an end at one of the next starts."""
        return self.done >= USEFUL_RATE * max(self._clock() - self._began, 0.1)

    @property
    def progress(self) -> MirrorProgress:
        """How far it is."""
        if self.has_ended:
            state, reason = (FAILED, self.error.reason) if self.error else (DONE, "")
        else:
            state, reason = (RECEIVING if self.done else WAITING), ""
        return MirrorProgress(self.name, state, self.done, self.total, self.silence, reason)


class Asking:
    """Mirrors that are asked in parallel.

    Args:
        is_shown: what is there is shown already, so that only something new is a reason to end waiting.
        clock: in seconds.

    Attributes:
        has_begun: the mirrors that are to be asked are known.
        is_hurried: the user does not want to wait any longer for those that have not answered.
        has_something: there is something to show.
    """

    def __init__(self, is_shown: bool = False, clock: Callable[[], float] = monotonic) -> None:
        self.is_shown = is_shown
        self.has_begun = False
        self.is_hurried = False
        self.has_something = is_shown
        self._clock = clock
        self._session: Session | None = None
        self._asks: dict[str, Ask] = {}
        self._queue: deque[Ask] = deque()
        self._threads: set[threading.Thread] = set()
        self._changed = threading.Condition()
        self._is_closed = self._is_disconnected = False
        self._noted = 0

    def begin(self, connect: Callable[[Callable[[], None]], Session]) -> None:
        """Connect; called once.

        Args:
            connect: opens the session whose waits call its argument, which raises Cancelled in the end.
        """
        self.has_begun = True
        self._session = connect(self._tick)

    def add(self, key: str, ask: Ask) -> None:
        """Ask a mirror as soon as its turn comes."""
        with self._changed:
            self._asks[key] = ask
            self._queue.append(ask)

    def ask(self, name: str, place: str, update: Update) -> Ask:
        """Make the question to a mirror."""
        return Ask(name, place, update, self._clock)

    def find(self, key: str) -> Ask | None:
        """The question to a mirror that is open, or whose answer was not taken."""
        return self._asks.get(key)

    def take(self, key: str) -> Ask | None:
        """The answer of a mirror that has come since the last call; None: none has."""
        with self._changed:
            ask = self._asks.get(key)
            if ask is None or not ask.has_ended:
                return None
            del self._asks[key]
        if ask.bug is not None:
            raise ask.bug
        return ask

    @property
    def is_going_on(self) -> bool:
        """Whether there is a mirror that has not answered, or an answer that was not taken."""
        return bool(self._asks) and not self._is_closed

    def take_notes(self) -> Sequence[str]:
        """The remarks of the connections since the last call."""
        found = self._session.notes[self._noted :] if self._session is not None else []
        self._noted += len(found)
        return found

    def wait(
        self,
        seconds: float | None,
        has_something: bool,
        report: Callable[[Sequence[MirrorProgress]], None],
    ) -> None:
        """Wait until all have answered, or until something is to be shown and the time is over.

        Args:
            seconds: from now; None: wait for all.
            has_something: whether there is something to show without any of them.
            report: called regularly; may raise to stop.
        """
        end = self._clock() + (seconds or 0.0)
        asks = list(self._asks.values())  # their order is that of the mirrors
        while True:
            self._start_threads()
            left = [ask for ask in asks if not ask.has_ended]
            arrived = any(ask.has_index for ask in asks)
            self.has_something = arrived or has_something
            is_over = self.is_hurried or (seconds is not None and self._clock() >= end)
            is_enough = arrived if self.is_shown else self.has_something
            if not left or (is_over and is_enough):
                break
            report([ask.progress for ask in asks])
            with self._changed:
                if not any(ask.has_ended for ask in left):
                    self._changed.wait(PACE)
        self.is_shown = True

    def hurry(self) -> None:
        """Go on with what is there."""
        self.is_hurried = True
        with self._changed:
            self._changed.notify_all()

    def stop(self) -> None:
        """Give up those that have not answered; what they have received is kept for the next time."""
        with self._changed:
            self._is_closed = True
            self._queue.clear()
            self._changed.notify_all()
        self._disconnect()

    def close(self) -> None:
        """Stop, and give the threads a moment to keep what they have received."""
        self.stop()
        end = monotonic() + GRACE
        for thread in list(self._threads):
            thread.join(max(end - monotonic(), 0.0))

    def _disconnect(self) -> None:
        """Close the connections once nobody uses them any more; the last thread does it, if one is stuck."""
        with self._changed:
            if self._session is None or not self._is_closed or self._threads or self._is_disconnected:
                return
            self._is_disconnected = True
        self._session.__exit__(None, None, None)

    def _tick(self) -> None:
        if self._is_closed:
            raise Cancelled("stopped")

    def _start_threads(self) -> None:
        """Start as many as may run; silent ones leave their place to others."""
        with self._changed:
            running = [ask for ask in self._asks.values() if not ask.has_ended and ask not in self._queue]
            room = AT_ONCE - sum(ask.silence < SILENT_SECONDS for ask in running)
            room = min(room, MOST_THREADS - len(running))
            while self._queue and room > 0 and not self._is_closed:
                ask = self._queue.popleft()
                ask.begin()
                # A daemon: the program does not wait for a thread that may be stuck.
                thread = threading.Thread(target=self._run, args=(ask,), name="ask", daemon=True)
                self._threads.add(thread)
                thread.start()
                room -= 1

    def _run(self, ask: Ask) -> None:
        assert self._session is not None
        try:
            ask.run(self._session)
        finally:
            with self._changed:
                self._threads.discard(threading.current_thread())
                ask.ended.set()
                self._changed.notify_all()
            self._start_threads()
            self._disconnect()
