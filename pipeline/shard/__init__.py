"""From unique documents to what a model reads: splits, a tokenizer, and packed rows of tokens."""
