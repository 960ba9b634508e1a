"""A terminal browser for Spack build caches.

   Address        bytes          Specs            rows, bitmaps          Result
locate -----> fetch -----> sources -----> catalog -------------> search ------> render --> cli | tui
  ^                                  (one file on disk)           ^  ^                          |
  |                                          |                    |  |                          |
spack     [ refresh runs these steps ]     graph -> install   query  +-------- Selection -------+
                                                             [ doctor checks all of it ]

The rooms, their doors and how data moves through them: .github/CONTRIBUTING.md
"""

__version__ = "0.1.0"
