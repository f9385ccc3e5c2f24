"""The extractors that a recipe can name; one file, one extractor."""
