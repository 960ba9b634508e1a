"""The command line: each command asks the core and prints."""

from cachetui.cli.commands import cli, report_error, run

__all__ = ["cli", "report_error", "run"]
