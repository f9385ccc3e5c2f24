"""Which language a document is in, and which others are in it."""

from typing import Any, ClassVar, NamedTuple

import numpy as np
import pyarrow as pa
from pydantic import Field, PositiveInt

from pipeline.signals.detectors import Found, cld2
from pipeline.signals.evidence import Evidence, judge, weigh_up
from pipeline.signals.family import Family

Array = np.ndarray[Any, Any]

# Scripts that one living language is written in, but for rare exceptions.
_PAIRS = (
    "Jpan:ja Hani:zh Armn:hy Geor:ka Grek:el Gujr:gu Guru:pa Hang:ko Khmr:km Knda:kn "
    "Laoo:lo Mlym:ml Mymr:my Orya:or Sinh:si Taml:ta Telu:te Thaa:dv Thai:th"
)
ONLY_LANGUAGE = dict(pair.split(":") for pair in _PAIRS.split())
MOST = 0.5  # of the bytes of letters: a script that the text is mostly in
ALONE = 0.95  # of them: beside that script there is nothing to ask a detector about
SCRIPT_IS_RIGHT = 0.999  # how often the one language of a script is the text's
PARTS = pa.list_(pa.struct([("language", pa.string()), ("share", pa.float64())]))


class Seen(NamedTuple):
    """What was found in n texts, before it is judged."""

    scripts: Array  # (n,) str
    shares: Array  # (n,) float64: of the bytes of letters, in that script
    settled: Array  # (n,) bool: by the script
    found: Found
    evidence: Evidence  # on the texts that are not settled


class Language(Family):
    """The languages of a text, how sure that is, and whether the page says the same of itself.

    A script that only one language uses settles it. Else two detectors are asked: CLD2, and the
    n-gram profiles of langdetect. Where they agree, or langdetect has no profile of CLD2's
    language, CLD2's answer stands. Where they differ, what the page declares decides between
    them, else the one that is right more often in such a case. No answer depends on chance.

    `language` is the primary subtag of BCP 47 (zh, not zh-Hant) or null where nobody knows;
    `confidence` is how likely it is right, 0 to 1: of answers with .8 about 80 % are.
    `languages` are up to four languages and their shares of the text, the main one first; what
    is missing to 1 is in no language that was told. `script` is ISO 15924 (Hant, Latn); `engine`
    says who decided: script, both, cld2, langdetect or none.
    """

    fewest: PositiveInt = Field(default=3, description="bytes of letters to tell a language by")
    least: float = Field(
        default=0.1, ge=0, le=1, description="confidence below which the language is unknown"
    )
    first: PositiveInt = Field(
        default=1_400,
        description="bytes of a text that CLD2 sees; of a longer one, in 6 pieces",
    )
    first_grams: PositiveInt = Field(
        default=500, le=1 << 20, description="bytes that langdetect's profiles are held against"
    )
    reads: ClassVar[tuple[str, ...]] = ("text", "declared_language")
    columns: ClassVar[pa.Schema] = pa.schema(
        [
            ("language", pa.string()),
            ("confidence", pa.float64()),
            ("languages", PARTS),
            ("script", pa.string()),
            ("script_share", pa.float64()),  # of the bytes of letters
            ("declared_agrees", pa.bool_()),  # null: nothing declared, or language unknown
            ("engine", pa.string()),
        ]
    )
    examples: ClassVar = (
        ("The server reads this file when it starts, and then never again.", {"language": "en"}),
        ("Der Server liest diese Datei beim Start und danach nie wieder.", {"language": "de"}),
        ("서버는 시작할 때 이 파일을 읽는다.", {"language": "ko", "engine": "script"}),
        ("サーバは起動時にこの設定ファイルを読みます。", {"language": "ja", "script": "Jpan"}),
        ("服务器启动时读取此配置文件。", {"language": "zh", "script": "Hans"}),
        ("這個伺服器啟動時會讀取設定檔。", {"language": "zh", "script": "Hant"}),
        ("12 + 34 = 46", {"language": None, "confidence": 0.0, "engine": "none"}),
        (
            {"text": "Le serveur lit ce fichier au démarrage.", "declared_language": "fr-ca"},
            {"language": "fr", "declared_agrees": True},
        ),
        (
            {"text": "This page has not been translated yet.", "declared_language": "tr"},
            {"language": "en", "declared_agrees": False},
        ),
    )

    def measure(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Look at the texts, then judge what was seen."""
        scripts, shares, settled, found, evidence = self.look(batch["text"])
        declared = [_primary(value) for value in batch["declared_language"].to_pylist()]
        languages, confidence, engines = judge(evidence, declared, self.least)
        for row in np.flatnonzero(settled).tolist():
            languages[row] = ONLY_LANGUAGE[scripts[row]]
            confidence[row], engines[row] = SCRIPT_IS_RIGHT, "script"
        agrees = [
            one == other if one and other else None
            for one, other in zip(languages, declared, strict=True)
        ]
        columns = (
            languages,
            confidence,
            _parts(languages, found, np.where(settled, shares, 0.0).tolist()),
            _written(scripts, found),
            shares,
            agrees,
            engines,
        )
        arrays = [pa.array(*each) for each in zip(columns, self.columns.types, strict=True)]
        return pa.record_batch(arrays, schema=self.columns)

    def look(self, texts: pa.Array) -> Seen:
        """Count scripts and n-grams over the whole column, and ask CLD2 text by text."""
        from pipeline.signals.kernels.blanks import blank_out, readable
        from pipeline.signals.kernels.grams import weigh_grams
        from pipeline.signals.kernels.scripts import main_scripts, weigh_scripts
        from pipeline.signals.kernels.utf8 import utf8  # numba takes half a second to import
        from pipeline.signals.profiles import profiles

        data, offsets = utf8(texts)
        data = blank_out(data, offsets, readable())
        scripts, shares, letters = main_scripts(weigh_scripts(data, offsets))
        enough = letters >= self.fewest
        settled = enough & (shares >= MOST) & np.isin(scripts, tuple(ONLY_LANGUAGE))
        asked = enough & (~settled | (shares < ALONE) | (scripts == "Hani"))
        found = cld2(data.tobytes(), offsets, asked, self.first)
        names, table, steps = profiles()
        undecided = enough & ~settled
        profiled = undecided & np.array([name in (None, *names) for name in found.languages], bool)
        costs, known = weigh_grams(data, offsets, profiled, table, self.first_grams)
        costs = costs[:, : len(names)] / steps
        evidence = weigh_up(found, undecided, costs, known, letters, names)
        return Seen(scripts, shares, settled, found, evidence)


def _primary(declared: str | None) -> str | None:
    """`zh` of `zh-cn`; None where nothing is declared."""
    return (declared or "").replace("_", "-").partition("-")[0].strip().lower() or None


def _written(scripts: Array, found: Found) -> list[str | None]:
    """The scripts, Han as `Hans` or `Hant`, simplified or traditional, where CLD2 can tell."""
    names: list[str | None] = [name or None for name in scripts.tolist()]
    for row in np.flatnonzero(scripts == "Hani").tolist():
        if found.languages[row] == "zh":
            names[row] = "Hant" if found.traditional[row] else "Hans"
    return names


def _parts(
    languages: list[str | None], found: Found, of_script: list[float]
) -> list[list[tuple[str | None, float]]]:
    """The languages of each text and their shares; none where the main one is not known.

    CLD2's shares; where it has not seen the language that the text was judged to be, what it took
    for its main language counts as that. `of_script` is the share of a script that settled the
    language, 0 where none did.
    """
    rows: list[list[tuple[str | None, float]]] = []
    for main, parts, settled in zip(languages, found.parts, of_script, strict=True):
        if main is None:
            rows.append([])
            continue
        shares = dict(parts)
        share = settled or shares.get(main) or (parts[0][1] if parts else 1.0)
        beside = parts if settled or main in shares else parts[1:]
        left = 1.0 - share
        row: list[tuple[str | None, float]] = [(main, share)]
        for language, part in beside:
            foreign = language != main and not (settled and language in ONLY_LANGUAGE.values())
            if foreign and left > 0:
                row.append((language, min(part, left)))
                left -= part
        rows.append(row)
    return rows
