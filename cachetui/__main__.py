"""`python -m cachetui`, and the command of the same name."""

from cachetui.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
