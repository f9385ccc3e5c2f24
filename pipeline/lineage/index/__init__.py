"""The index: what versions say of documents, sorted so that a question reads a few pages of it."""
