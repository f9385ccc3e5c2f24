"""NTREX-128 as sentences, pieces of sentences and documents with their languages.

1,997 news sentences in each of 127 languages and variants; 123 news articles. The names of the
files are ISO 639-3 with a script or country; `CODES` gives each the BCP 47 language that a detector
should answer. Variants of one language (eng-GB, eng-US; zho-CN, zho-TW; srp-Cyrl, srp-Latn) have
the same. Dari (prs) is Persian (fa) and Filipino (fil) is Tagalog (tl), as detectors have only
those; Sorani (ckb), Hassaniya (mey), North Ndebele (nde) and Cantonese (yue) stay their own.

Source: https://github.com/MicrosoftTranslator/NTREX, CC-BY-SA-4.0
"""

import random
import tarfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

ARCHIVE = Path(__file__).parents[3] / "shared" / "data" / "language" / "ntrex.tar.gz"
_CODES = (
    "afr:af amh:am arb:ar aze-Latn:az bak:ba bel:be bem:bem ben:bn bod:bo bos:bs bul:bg cat:ca "
    "ces:cs ckb-Arab:ckb cym:cy dan:da deu:de div:dv dzo:dz ell:el eng-GB:en eng-IN:en eng-US:en "
    "est:et eus:eu ewe:ee fao:fo fas:fa fij:fj fil:tl fin:fi fra:fr fra-CA:fr fuc:ff gle:ga "
    "glg:gl guj:gu hau:ha heb:he hin:hi hmn:hmn hrv:hr hun:hu hye:hy ibo:ig ind:id isl:is ita:it "
    "jpn:ja kan:kn kat:ka kaz:kk khm:km kin:rw kir:ky kmr:ku kor:ko lao:lo lav:lv lit:lt ltz:lb "
    "mal:ml mar:mr mey:mey mkd:mk mlg:mg mlt:mt mon:mn mri:mi msa:ms mya:my nde:nd nep:ne nld:nl "
    "nno:nn nob:no nso:nso nya:ny orm:om pan:pa pol:pl por:pt por-BR:pt prs:fa pus:ps ron:ro "
    "rus:ru shi:shi sin:si slk:sk slv:sl smo:sm sna-Latn:sn snd-Arab:sd som:so spa:es spa-MX:es "
    "sqi:sq srp-Cyrl:sr srp-Latn:sr ssw:ss swa:sw swe:sv tah:ty tam:ta tat:tt tel:te tgk-Cyrl:tg "
    "tha:th tir:ti ton:to tsn:tn tuk:tk tur:tr uig:ug ukr:uk urd:ur uzb:uz ven:ve vie:vi wol:wo "
    "xho:xh yor:yo yue:yue zho-CN:zh zho-TW:zh zul:zu"
)
CODES = dict(pair.split(":") for pair in _CODES.split())
PIECES = (1, 2, 4, 8)  # words
PIECES_OF_EACH = 250


class Texts(NamedTuple):
    """Texts of one kind in one language: sentences, documents or pieces of so many words."""

    name: str  # the file's
    language: str
    kind: str
    texts: list[str]


def ntrex(archive: Path = ARCHIVE) -> Iterator[Texts]:
    """Sentences of all languages, by name, and the articles that consecutive ones make up."""
    files = {}
    with tarfile.open(archive) as opened:
        for member in opened:
            read = opened.extractfile(member)
            if read is not None:
                files[Path(member.name).name] = read.read().decode()
    articles = files["DOCUMENT_IDS.tsv"].splitlines()
    for name, language in sorted(CODES.items()):
        lines = files[f"newstest2019-ref.{name}.txt"].split("\n")[: len(articles)]
        pairs = groupby(zip(articles, lines, strict=True), key=lambda pair: pair[0])
        yield Texts(name, language, "sentences", lines)
        yield Texts(name, language, "documents", ["\n".join(x for _, x in ls) for _, ls in pairs])


def pieces(sentences: Texts) -> Iterator[Texts]:
    """Runs of one to eight words out of sentences, the same on every call."""
    chance = random.Random(sentences.name)
    for words in PIECES:
        texts = []
        for line in chance.sample(sentences.texts, PIECES_OF_EACH):
            split = line.split()
            start = chance.randrange(max(1, len(split) - words + 1))
            texts.append(" ".join(split[start : start + words]))
        yield sentences._replace(kind=f"{words} words", texts=texts)


def halves(texts: Texts) -> tuple[Texts, Texts]:
    """The texts that the confidence was fitted on, and those it is tried on; one part is empty.

    Every second language by its code is fitted on. English, which texts in other languages are
    most often mistaken for, has to be in both: every second text of it.
    """
    if texts.language == "en":
        return texts._replace(texts=texts.texts[::2]), texts._replace(texts=texts.texts[1::2])
    fitted = sorted(set(CODES.values())).index(texts.language) % 2 == 0
    nothing = texts._replace(texts=[])
    return (texts, nothing) if fitted else (nothing, texts)
