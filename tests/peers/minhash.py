"""What libraries of MinHash do with documents; prints seconds of one thread as JSON.

    PYTHON-WITH-THE-LIBRARY -m tests.peers.minhash datasketch|rensa DOCUMENTS

They sign the runs of five lower-case words that white space divides, with 140 values.
"""

import json
import sys
import time
from pathlib import Path

WORDS, VALUES = 5, 140


def main():
    library, path = sys.argv[1:]
    sign = {"datasketch": datasketch, "rensa": rensa}[library]()
    texts = [json.loads(line)["text"] for line in Path(path).read_text().splitlines()]
    sign(runs(texts[0]))
    began = time.process_time()
    for text in texts:
        sign(runs(text))
    sys.stdout.write(json.dumps({"cpu_seconds": time.process_time() - began}) + "\n")


def runs(text):
    words = text.lower().split()
    return {" ".join(words[i : i + WORDS]) for i in range(max(1, len(words) - WORDS + 1))}


def datasketch():
    from datasketch import MinHash

    def sign(shingles):
        made = MinHash(num_perm=VALUES, scheme="affine32")
        made.update_batch([shingle.encode() for shingle in shingles])
        return made.hashvalues

    return sign


def rensa():
    from rensa import RMinHash

    def sign(shingles):
        made = RMinHash(num_perm=VALUES, seed=1)
        made.update(list(shingles))
        return made.digest()

    return sign


if __name__ == "__main__":
    main()
