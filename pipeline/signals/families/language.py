"""Which language a document is in."""

from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import Field, PositiveInt

from pipeline.signals.detectors import Guess, careful, fast, known_to_careful, printable
from pipeline.signals.family import Family

# Scripts that one living language is written in, but for rare exceptions.
_PAIRS = (
    "Jpan:ja Hani:zh Armn:hy Geor:ka Grek:el Gujr:gu Guru:pa Hang:ko Khmr:km Knda:kn "
    "Laoo:lo Mlym:ml Mymr:my Orya:or Sinh:si Taml:ta Telu:te Thaa:dv Thai:th"
)
ONLY_LANGUAGE = dict(pair.split(":") for pair in _PAIRS.split())
KANA_OF_JAPANESE = 0.1  # Japanese has more kana than that among its letters, Chinese none
MOST = 0.5  # of the bytes of letters: a script that the text is mostly in


class Language(Family):
    """The language of a text, how sure that is, and whether the page says the same of itself.

    A script that only one language uses settles it. Otherwise CLD2 is asked, which is fast; where
    it calls itself unreliable, finds less than `sure` of the text in one language, or has fewer
    than `enough` bytes of letters to go by, langdetect is asked too (seeded, and anew for each
    text, so that it always answers the same). If they differ, what the page declares decides, then
    the surer one.

    `language` is the primary subtag of BCP 47 (zh, not zh-Hant) or null where nobody knows;
    `confidence` is 0 to 1; `script` is ISO 15924 (Hant, Latn); `engine` says who decided: script,
    cld2, langdetect, both or none.
    """

    sure: float = Field(default=0.8, ge=0, le=1)
    enough: PositiveInt = Field(default=150, description="bytes of letters for CLD2 alone")
    fewest: PositiveInt = Field(default=3, description="bytes of letters to tell a language by")
    first: PositiveInt = Field(default=20_000, description="characters of a text that CLD2 sees")
    first_careful: PositiveInt = Field(default=2_000, description="characters langdetect sees")
    reads: ClassVar[tuple[str, ...]] = ("text", "declared_language")
    columns: ClassVar[pa.Schema] = pa.schema(
        [
            ("language", pa.string()),
            ("confidence", pa.float64()),
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
        """Count scripts over the whole column, then ask the detectors text by text."""
        from pipeline.signals.kernels.compiled import utf8  # numba takes half a second to import
        from pipeline.signals.kernels.scripts import SCRIPTS, scripts, weigh_scripts

        letters = weigh_scripts(*utf8(batch["text"]), scripts(), len(SCRIPTS))
        declared = [_primary(value) for value in batch["declared_language"].to_pylist()]
        texts = batch["text"].to_pylist()
        rows = [self._row(*row) for row in zip(texts, declared, letters, strict=True)]
        return pa.RecordBatch.from_pylist(rows, schema=self.columns)

    def _row(self, text: str, declared: str | None, letters: Any) -> dict[str, Any]:
        script, share = _main_script(letters)
        if letters.sum() < self.fewest:
            guess, engine = Guess(None, 0.0), "none"
        elif share >= MOST and script in ONLY_LANGUAGE:
            guess, engine = Guess(ONLY_LANGUAGE[script], share), "script"
        else:
            guess, engine = self._detected(text, declared, int(letters.sum()))
        known = guess.language is not None and declared is not None
        return {
            "language": guess.language,
            "confidence": guess.confidence,
            "script": self._han(text) if script == "Hani" else script,
            "script_share": share,
            "declared_agrees": guess.language == declared if known else None,
            "engine": engine,
        }

    def _detected(self, text: str, declared: str | None, letters: int) -> tuple[Guess, str]:
        seen = printable(text[: self.first])
        quick, reliable = fast(seen)
        if reliable and quick.confidence >= self.sure and letters >= self.enough:
            return quick, "cld2"
        slow = careful(seen[: self.first_careful])
        if quick.language == slow.language:
            both = max(quick, slow, key=lambda guess: guess.confidence)
            return both, "both" if both.language else "none"
        return self._decided(quick, reliable, slow, declared)

    def _han(self, text: str) -> str:
        """`Hans` or `Hant`, simplified or traditional; `Hani` where CLD2 cannot tell."""
        return fast(printable(text[: self.first]))[0].script or "Hani"

    def _decided(
        self, quick: Guess, reliable: bool, slow: Guess, declared: str | None
    ) -> tuple[Guess, str]:
        if quick.language is None or slow.language is None:
            return (slow, "langdetect") if quick.language is None else (quick, "cld2")
        if declared in (quick.language, slow.language):
            return (quick, "cld2") if declared == quick.language else (slow, "langdetect")
        unseen = quick.language not in known_to_careful()
        if reliable or (unseen and slow.confidence < self.sure):
            return quick, "cld2"
        return slow, "langdetect"


def _primary(declared: str | None) -> str | None:
    """`zh` of `zh-cn`; None where nothing is declared."""
    return (declared or "").replace("_", "-").partition("-")[0].strip().lower() or None


def _main_script(letters: np.ndarray[Any, Any]) -> tuple[str | None, float]:
    """The script with the most, and its share; Han and kana together are Japanese."""
    from pipeline.signals.kernels.scripts import SCRIPTS

    total = int(letters.sum())
    if total == 0:
        return None, 0.0
    counts = dict(zip(SCRIPTS, letters.tolist(), strict=True))
    han, kana = counts.pop("Hani"), counts.pop("Kana")
    japanese = kana > KANA_OF_JAPANESE * (han + kana)
    counts["Jpan" if japanese else "Hani"] = han + kana
    script = max(counts, key=lambda name: (counts[name], name))
    return script, counts[script] / total
