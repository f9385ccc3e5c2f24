"""Bad pages of every kind that rules look for, made from good prose and a seed.

Each kind of badness is drawn evenly from a range that holds the rules' bound, so that about as many
pages lie on either side of it, and many near it.
"""

import random
import re

SENTENCE = re.compile(r"(?<=[.!?])\s+")
SOUND = "And we have to be with the rest of that."  # for every rule that wants stop words
STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")


class Prose:
    """Sentences and words of good prose, to draw from."""

    def __init__(self, texts):
        found = [part for text in texts for part in SENTENCE.split(text) if "\n" not in part]
        self.sentences = [s for s in found if 60 <= len(s) <= 160 and s[0].isupper()]
        words = {word for sentence in self.sentences for word in sentence.split()}
        self.words = sorted(word for word in words if word.isalpha() and word.islower())
        self.short = [word for word in self.words if len(word) <= 2]

    def lines(self, rng, count):
        return rng.sample(self.sentences, count)

    def running(self, rng, count):
        """So many words in one line."""
        words = []
        while len(words) < count:
            words += rng.choice(self.sentences).split()
        return words[:count]

    def heading(self, rng, fewest=2, most=4):
        return " ".join(rng.choice(self.words) for _ in range(rng.randint(fewest, most))).title()


def bad_pages(texts, *, each, seed):
    """Kind -> `each` pages.

    Args:
        texts: good prose, a few hundred pieces.
        each: pages of a kind.
        seed: of all that is drawn.
    """
    prose = Prose(texts)
    return {
        kind: [make(prose, random.Random(f"{seed} {kind} {number}")) for number in range(each)]
        for kind, make in KINDS.items()
    }


def few_words(prose, rng):
    return " ".join(prose.running(rng, rng.randint(5, 95)))


def many_words(prose, rng):
    lines, words, most = [], 0, rng.randint(500, 4000)
    while words < most:
        lines += [rng.choice(prose.sentences)]
        words += len(lines[-1].split())
    return "\n".join(lines)


def short_words(prose, rng):
    share = rng.random()
    words = (rng.choice(prose.short if rng.random() < share else prose.words) for _ in range(200))
    return f"{SOUND} {' '.join(words)}."


def long_words(prose, rng):
    share, words = rng.random(), []
    for _ in range(150):
        joined = 3 if rng.random() < share else 1
        words.append("".join(rng.choice(prose.words) for _ in range(joined)))
    return f"{SOUND} {' '.join(words)}."


def hashes(prose, rng):
    share = rng.uniform(0, 0.25)
    return " ".join(f"#{w}" if rng.random() < share else w for w in prose.running(rng, 200))


def ellipses(prose, rng):
    share, dots = rng.uniform(0, 0.25), rng.choice(("...", "…"))
    return " ".join(w + dots if rng.random() < share else w for w in prose.running(rng, 200))


def bullets(prose, rng):
    lines, share, mark = prose.lines(rng, 40), rng.uniform(0.8, 1), rng.choice("-•")
    count = round(share * len(lines))
    return "\n".join(f"{mark} {line}" if at < count else line for at, line in enumerate(lines))


def ellipsis_lines(prose, rng):
    lines, share, dots = prose.lines(rng, 30), rng.uniform(0, 0.6), rng.choice(("...", "…"))
    count = round(share * len(lines))
    ended = [line.rstrip(".!?") + dots if at < count else line for at, line in enumerate(lines)]
    return "\n".join(ended)


def numbers(prose, rng):
    share = rng.uniform(0, 0.4)
    words = prose.running(rng, 200)
    return " ".join(str(rng.randint(10, 9999)) if rng.random() < share else w for w in words)


def no_stop_words(prose, rng):
    words = [w for w in prose.running(rng, 250) if w.strip(".,;:!?\"'").lower() not in STOP_WORDS]
    for stop in rng.sample(STOP_WORDS, rng.randint(0, 4)):
        words.insert(rng.randrange(len(words)), stop)
    return " ".join(words)


def duplicate_lines(prose, rng):
    return "\n".join(_repeating(rng, prose.lines(rng, 40), rng.uniform(0, 0.6)))


def duplicate_paragraphs(prose, rng):
    paragraphs = [" ".join(prose.lines(rng, 3)) for _ in range(20)]
    return "\n\n".join(_repeating(rng, paragraphs, rng.uniform(0, 0.6)))


def few_duplicate_characters(prose, rng):
    lines = prose.lines(rng, 60)
    again = [line[: rng.randint(10, 50)] + "." for line in lines[: rng.randint(0, 4)]]
    return "\n".join([*lines, *again, *again])


def frequent_phrases(prose, rng):
    size, share = rng.choice((2, 3, 4)), rng.uniform(0, 0.5)
    return _with_phrase(prose, rng, [rng.choice(prose.words) for _ in range(size)], share)


def repeated_phrases(prose, rng):
    return _with_phrase(prose, rng, rng.choice(prose.sentences).split(), rng.uniform(0, 0.5))


def few_sentences(prose, rng):
    lines = [*prose.lines(rng, rng.randint(1, 9)), *(prose.heading(rng, 3, 6) for _ in range(12))]
    rng.shuffle(lines)
    return "\n".join(lines)


def lorem_ipsum(prose, rng):
    return _with_line(prose, rng, "Lorem ipsum dolor sit amet, consectetur adipiscing elit.")


def curly_braces(prose, rng):
    return _with_line(prose, rng, "He wrote var a = { b: 1 }; and left it there.")


def javascript(prose, rng):
    return _with_line(prose, rng, "Please turn on JavaScript to see the rest of this page.")


def no_full_stops(prose, rng):
    lines, share = prose.lines(rng, 40), rng.uniform(0, 0.3)
    count = round(share * len(lines))
    bare = [line if at < count else line.rstrip(".!?\"'”’)") for at, line in enumerate(lines)]
    return "\n".join(bare)


def short_lines(prose, rng):
    count = round(rng.uniform(0.4, 1) * 40)
    lines = [*(prose.heading(rng)[:30] for _ in range(count)), *_cut(prose, rng, 40 - count)]
    rng.shuffle(lines)
    return "\n".join(lines)


def list_lines(prose, rng):
    words = rng.uniform(1, 7)
    return "\n".join(prose.heading(rng, int(words), int(words) + 1) for _ in range(60))


def few_paragraphs(prose, rng):
    long = [" ".join(prose.lines(rng, 4)) for _ in range(rng.randint(0, 6))]
    return "\n".join([*long, *prose.lines(rng, 5)])


def _repeating(rng, parts, share):
    """As many parts, so large a share of them repeats of others."""
    again = round(share * len(parts))
    kept = parts[: len(parts) - again]
    mixed = kept + [rng.choice(kept) for _ in range(again)]
    rng.shuffle(mixed)
    return mixed


def _with_phrase(prose, rng, phrase, share):
    """300 words, about so large a share of them in one phrase, said again and again."""
    words = prose.running(rng, round(300 * (1 - share)))
    for _ in range(round(300 * share / len(phrase))):
        at = rng.randrange(len(words) + 1)
        words[at:at] = ["·".join(phrase)]
    return " ".join(words).replace("·", " ")


def _with_line(prose, rng, line):
    """Prose, every second time with the line in it."""
    lines = prose.lines(rng, 12)
    return "\n".join([*lines[:6], *([line] if rng.random() < 0.5 else []), *lines[6:]])


def _cut(prose, rng, count):
    """Lines of 35 to 60 characters."""
    return [line[: rng.randint(35, 60)].rstrip() for line in prose.lines(rng, count)]


KINDS = {
    make.__name__: make
    for make in (
        *(few_words, many_words, short_words, long_words, hashes, ellipses, bullets),
        *(ellipsis_lines, numbers, no_stop_words, duplicate_lines, duplicate_paragraphs),
        *(few_duplicate_characters, frequent_phrases, repeated_phrases, few_sentences),
        *(lorem_ipsum, curly_braces, javascript, no_full_stops, short_lines, list_lines),
        few_paragraphs,
    )
}
