"""The command line: each command asks the core and prints."""

import os

# click asks for translations, which do not exist: four files for each text, unless the language is none.
os.environ.setdefault("LANGUAGE", "C")

from cachetui.cli.commands import cli, report_error, run

__all__ = ["cli", "report_error", "run"]
