"""Which documents our rules drop, beside datatrove and dolma: each rule alone, the same documents.

    python -m tests.benchmarks.rules [--books 5000] [--every 1] [--each 220] [--seed 5]

English book pieces, the main text of WCXB's pages, two manuals (all from ../shared/data), and bad
pages of every kind, made with a seed. For each rule that a peer has: how many either drops, and
three F1:

- `all`: over all documents.
- `judged`: over those where ours does not abstain. It does where its number alone would drop
  scripts without spaces, code, tables, verse, and pages with little of their text in short lines;
  and no n-gram is the most frequent where none comes twice.
- `alike`: the same, with each text put before the peer's own code as ours reads it (`read_alike`).
  What then still differs are the definitions themselves.

`ours only` and `theirs only` count the documents that one of them drops alone, where ours judges,
with their kinds, and how many of these are left when the peer reads alike. With fewer than 50
dropped by the peer a rule is reported as `few`. Where both peers have a rule, their F1 against each
other says how much they differ themselves: where that is much, no rule could be like both. Why
definitions differ is said below each rule that does not reach .95, and in the rule's documentation.
All of it goes to build/rules.json, with the places of the documents that differ.
"""

import argparse
import gzip
import json
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from pathlib import Path

import pyarrow as pa

from pipeline.select.rule import Rule
from pipeline.signals.family import Family
from tests.benchmarks.bad_pages import bad_pages
from tests.benchmarks.peers import PACKAGES, python_of
from tests.benchmarks.same_rules import RULES
from tests.peers.rules import WAYS

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared/data"
BOOKS = SHARED / "text/books_chunks_sample5000.jsonl.gz"
PAGES = SHARED / "extraction/wcxb_dev.tar.xz"
MANUALS = (SHARED / "dedup/installguide_en.docs.jsonl.gz", SHARED / "dedup/gimp.docs.jsonl.gz")
OUT = ROOT / "build/rules.json"
PEERS = ("datatrove", "dolma")
BATCH = 256
ENOUGH = 0.95  # of F1
FEWEST = 50  # documents that a peer has to drop for a rule to be compared
NO_ABSTENTION = {"unsegmented": 1.0, "code": 1.0, "tables": 1.0, "verse": 1.0, "little": 0.0}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--books", type=int, default=5000, help="pieces of books")
    parser.add_argument("--every", type=int, default=1, help="of pages and manuals only each nth")
    parser.add_argument("--each", type=int, default=220, help="made pages of each kind")
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args()
    if missing := [path for path in (BOOKS, PAGES, *MANUALS) if not path.exists()]:
        sys.exit(f"{missing[0]} is not there: the comparison needs the shared data.")
    kinds, texts = documents(given)
    ours, abstained = our_drops(texts)
    theirs = {peer: peer_drops(peer, texts) for peer in PEERS}
    rows = [
        row(peer, rule, kinds, ours[rule], abstained[rule], theirs)
        for peer in PEERS
        for rule in RULES
        if rule in theirs[peer][0]
    ]
    of_peers = {peer: PACKAGES[peer] for peer in PEERS}
    told = {"documents": Counter(kinds), "peers": of_peers, "seed": given.seed, "rules": rows}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(told, indent=1))
    say(rows)


def documents(given):
    """What each document is, and its text."""
    found = [("book", row["text"]) for row in _rows(BOOKS)][: given.books]
    good = [text for _, text in found[:: max(1, len(found) // 500)]]
    pages = [("web page", text) for text in _main_texts()]
    pages += [("manual", r["text"]) for path in MANUALS for r in _rows(path) if "/en/" in r["id"]]
    found += pages[:: given.every]
    for kind, pages in bad_pages(good, each=given.each, seed=given.seed).items():
        found += [(f"made: {kind}", text) for text in pages]
    found = [(kind, text.strip()) for kind, text in found if text.strip()]
    return [kind for kind, _ in found], [text for _, text in found]


def our_drops(texts):
    """Of each rule the places it drops, and those that its number drops but it leaves alone."""
    signals = measured(texts)
    dropped, abstained = {}, {}
    for name, same in RULES.items():
        rule = Rule.parse(same.ours)
        settings = {field: NO_ABSTENTION[field] for field in NO_ABSTENTION if hasattr(rule, field)}
        plain = Rule.parse({**settings, **same.ours})
        dropped[name], all_of_them = _places(rule, signals), _places(plain, signals)
        silent = set() if same.silent is None else _zeros(signals[same.silent])
        abstained[name] = (all_of_them | silent) - dropped[name]
    return dropped, abstained


def measured(texts):
    """The signals that any of the rules reads."""
    rules = [Rule.parse(same.ours) for same in RULES.values()]
    families = sorted({name.partition(".")[0] for rule in rules for name in rule.reads})
    found = {}
    for kind in families:
        family, tables = Family.named(kind)(), []
        for at in range(0, len(texts), BATCH):
            piece = pa.array(texts[at : at + BATCH], pa.large_string())
            nothing = pa.nulls(len(piece), pa.string())
            columns = [piece, nothing, nothing, nothing]
            names = ["text", "declared_language", "url", "title"]
            tables.append(family.measure(pa.RecordBatch.from_arrays(columns, names)))
        table = pa.Table.from_batches(tables)
        found |= {f"{kind}.{name}": table[name].combine_chunks() for name in table.column_names}
    return found


def peer_drops(peer, texts):
    """Of each rule the places that a peer drops: as it is, and reading as ours does."""
    with tempfile.TemporaryDirectory() as place:
        documents, out = Path(place) / "documents.jsonl", Path(place) / "dropped.json"
        documents.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
        script = ["-m", "tests.peers.rules", peer, documents, out]
        subprocess.run([python_of(peer), *script], check=True, cwd=ROOT)
        told = json.loads(out.read_text())
    return [{rule: set(places) for rule, places in told[way].items()} for way in WAYS]


def row(peer, rule, kinds, ours, abstained, theirs):
    """What there is to say of one rule."""
    as_it_is, alike = (way.get(rule, set()) for way in theirs[peer])
    drops = as_it_is - abstained
    reads_alike = rule in theirs[peer][1]
    others = [theirs[other][0].get(rule) for other in PEERS if other != peer]
    only_ours, only_theirs = ours - drops, drops - ours
    return {
        "rule": rule,
        "peer": peer,
        "theirs": len(as_it_is),
        "ours": len(ours),
        "all": _f1(ours, as_it_is),
        "judged": _f1(ours, drops),
        "alike": _f1(ours, alike - abstained) if reads_alike else None,
        "few": len(drops) < FEWEST,
        "abstained": _counts(kinds, abstained & as_it_is),
        "ours_only": _counts(kinds, only_ours),
        "theirs_only": _counts(kinds, only_theirs),
        "left_alike": len(ours ^ (alike - abstained)) if reads_alike else None,
        "peers_f1": _f1(as_it_is, others[0]) if others[0] is not None else None,
        "why": RULES[rule].why.get(peer, ""),
        "places": {"ours": sorted(only_ours)[:50], "theirs": sorted(only_theirs)[:50]},
    }


def say(rows):
    """A table for people."""
    head = f"{'rule':30} {'peer':9} {'theirs':>6} {'ours':>5} {'all':>5} {'judged':>6} {'alike':>5}"
    head += f" {'peers F1':>8} {'abstained':>9} {'ours only':>9} {'theirs only':>11}"
    sys.stdout.write(f"{head}\n")
    for each in rows:
        alone = [sum(each[name].values()) for name in ("abstained", "ours_only", "theirs_only")]
        sys.stdout.write(
            f"{each['rule']:30} {each['peer']:9} {each['theirs']:6} {each['ours']:5} "
            f"{each['all']:5.3f} {each['judged']:6.3f} {_share(each['alike']):>5} "
            f"{_share(each['peers_f1']):>8} "
            f"{alone[0]:9} {alone[1]:9} {alone[2]:11}{'  few' if each['few'] else ''}\n"
        )
        if each["judged"] < ENOUGH:
            sys.stdout.writelines(f"    {line}\n" for line in _reasons(each))
    low = below_with_both(rows)
    said = ", ".join(f"{rule} {best:.3f}" for rule, best in low.items()) or "none"
    sys.stdout.write(f"judged, below {ENOUGH} with both peers: {said}\n")


def below_with_both(rows):
    """The rules that reach `ENOUGH` with neither peer, and the better F1 of the two."""
    best = {}
    for each in rows:
        best[each["rule"]] = max(best.get(each["rule"], 0.0), each["judged"])
    return {rule: share for rule, share in best.items() if share < ENOUGH}


def _reasons(each):
    """Why a rule differs, in lines."""
    yield f"ours only: {_listed(each['ours_only'])}"
    yield f"theirs only: {_listed(each['theirs_only'])}"
    if each["left_alike"] is not None:
        yield f"of these left when it reads alike: {each['left_alike']}"
    yield each["why"]


def _listed(counts):
    return ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "none"


def _counts(kinds, places):
    """How many documents of each kind, the most first."""
    return dict(Counter(kinds[place] for place in places).most_common())


def _share(number):
    return "" if number is None else f"{number:.3f}"


def _zeros(signal):
    return {place for place, value in enumerate(signal.to_pylist()) if value == 0}


def _f1(one, other):
    return 2 * len(one & other) / max(len(one) + len(other), 1)


def _places(rule, signals):
    drop = rule.judge({name: signals[name] for name in rule.reads}).drop.fill_null(False)
    return {place for place, dropped in enumerate(drop.to_pylist()) if dropped}


def _rows(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _main_texts():
    """The main content of WCXB's pages, as people marked it."""
    with tarfile.open(PAGES) as archive:
        for member in archive:
            if member.name.endswith(".json") and "ground-truth" in member.name:
                page = json.load(archive.extractfile(member))
                yield page["ground_truth"].get("main_content") or ""


if __name__ == "__main__":
    main()
