"""Correct pages of many kinds come through the default policies as they went in."""

import unicodedata
from pathlib import Path

import pytest

from flows.first_recipe.text import first_recipe
from flows.first_recipe.source import Looked
from flows.recipe import parse_recipe, read_recipe
from pipeline.extract.normalise import normalise
from pipeline.extract.repair import repair
from tests.pipeline.select import harmless
from tests.pipeline.select.test_policy import judged, signals
