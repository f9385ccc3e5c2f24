"""Append-only logs in a store: numbered, create-only records; the highest number is the newest."""

from collections.abc import Callable
from typing import Generic, TypeVar

from pydantic import ValidationError

from pipeline.errors import DamagedFile
from pipeline.storage.files import Files
from schemas.record import Record

Kind = TypeVar("Kind", bound=Record)


class Log(Generic[Kind]):
    """The records of one kind below one folder. Two writers never take the same number."""

    def __init__(self, files: Files, folder: str, kind: type[Kind]) -> None:
        self._files, self._folder, self._kind = files, folder, kind

    def numbers(self) -> list[int]:
        """The numbers that are taken, ascending."""
        names = (entry.path.rpartition("/")[2] for entry in self._files.entries(self._folder))
        return sorted(int(name[:-5]) for name in names if name[:-5].isdigit())

    def get(self, number: int) -> Kind:
        """The record of that number."""
        path = self._path(number)
        try:
            return self._kind.model_validate_json(self._files.read(path))
        except ValidationError as error:
            raise DamagedFile(path, stage=self._folder, problem=str(error)) from error

    def newest(self) -> tuple[int, Kind] | None:
        """The last record and its number, or None."""
        numbers = self.numbers()
        return (numbers[-1], self.get(numbers[-1])) if numbers else None

    def append(self, make: Callable[[int], Kind]) -> tuple[int, Kind]:
        """Add the record that `make` gives for the number it gets."""
        number = (self.numbers() or [0])[-1] + 1
        while True:
            record = make(number)
            if self._files.create(self._path(number), record.model_dump_json(indent=1).encode()):
                return number, record
            number += 1

    def _path(self, number: int) -> str:
        return f"{self._folder}/{number:010d}.json"
