"""A terminal browser for Spack build caches.

mirror --bytes--> sources --Specs--> catalog --rows, bitmaps--> search --Result--> tui | list
                                  (one file on disk)              ^                  |
                                                       query -----+  <--Selection----+
"""

__version__ = "0.1.0"
