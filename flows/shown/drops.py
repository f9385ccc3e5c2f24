"""Drops by rule, beside those of the last version, as rows of a table."""

from __future__ import annotations

from collections.abc import Mapping

from flows.shown.rates import Place, Rate

Row = dict[str, str | int]


def drop_rows(now: Mapping[Place, Rate], before: Mapping[Place, Rate] | None) -> list[Row]:
    """The rule that took most first; without an earlier version nothing is told of it."""
    places = sorted(
        dict.fromkeys([*now, *(before or ())]),
        key=lambda place: (-now.get(place, Rate(0, 0)).documents, place),
    )
    return [_row(place, now, before) for place in places]


def _row(place: Place, now: Mapping[Place, Rate], before: Mapping[Place, Rate] | None) -> Row:
    rate = now.get(place, Rate(0, 0))
    row: Row = {
        "left at": place[0],
        "by": place[1],
        "documents": rate.documents,
        "of": rate.of,
        "share": f"{rate.share:.1%}",
    }
    if before is not None:
        past = before.get(place, Rate(0, 0))
        points = 100 * (rate.share - past.share)
        row |= {
            "last time": past.documents,
            "its share": f"{past.share:.1%}",
            "change": f"{points:+.1f} points" if round(points, 1) else "",
        }
    return row
