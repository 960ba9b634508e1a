"""The command line: each command asks the core and prints."""

from cachetui.cli.commands import cli, reported, run

__all__ = ["cli", "reported", "run"]
