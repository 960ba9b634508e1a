"""Servers that tests read mirrors from, all of them on 127.0.0.1."""
