"""A tiny app that shows its size and the keys it got; `q` quits and prints a result.

Arguments: `busy` draws all the time, `deaf` ignores hang-ups, `endless` and `asleep` never
come back from the first key, `ours` reads keys as the browser does.
"""

from __future__ import annotations

import os
import signal
import sys
import time

from cachetui.tui.terminal import install_guards, prepared, refusal


def main(arguments: list[str]) -> int:
    """Run the app as the browser is run; the exit status."""
    reason = refusal()
    if reason:
        print(reason, file=sys.stderr)
        return 3
    with prepared() as stdout:
        code = _browse(arguments, stdout)
    if not code:
        print("bye", file=sys.stderr)
    return code


def _get_stuck(arguments: list[str]) -> None:
    while "endless" in arguments:
        pass
    if "asleep" in arguments:
        time.sleep(600)


def _browse(arguments: list[str], stdout: int) -> int:
    from textual import events
    from textual.app import App, ComposeResult
    from textual.widgets import Static

    class SmallApp(App[str]):
        BINDINGS = [("q", "exit_with_result"), ("ctrl+z", "suspend_process")]  # noqa: RUF012
        keys = ""

        def compose(self) -> ComposeResult:
            yield Static("this line █ never changes")
            yield Static(id="size")
            yield Static(id="keys")
            yield Static(id="count")

        def on_mount(self) -> None:
            install_guards(self)
            if "deaf" in arguments:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
            if "busy" in arguments:
                self.set_interval(0.02, self.count)

        def count(self) -> None:
            self.query_one("#count", Static).update(os.urandom(40).hex())

        def on_resize(self, event: events.Resize) -> None:
            self.query_one("#size", Static).update(f"size {event.size.width}x{event.size.height}")

        def on_key(self, event: events.Key) -> None:
            _get_stuck(arguments)
            self.keys += event.character or "?"
            self.query_one("#keys", Static).update(f"keys {self.keys}")

        def action_exit_with_result(self) -> None:
            self.exit("the result")

    from cachetui.tui.driver import TerminalDriver

    app = SmallApp(TerminalDriver if "ours" in arguments else None)
    result = app.run()
    if result:
        os.write(stdout, f"{result}\n".encode())
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
