"""Two ids for every version: the key, what was asked, and the digest, what came out.

Standard library only, so that any Python, with nothing installed, finds the same ids:

- `canonical`: one stable byte form of configurations and of rows
- `digest`: what came out, free of order, chunks and shards
- `fingerprint`: the code that a stage reaches, one digest per definition
- `key`: what was asked, as one hash over its parts
- `why`: how two keys differ, in plain English
"""
