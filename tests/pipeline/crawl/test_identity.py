"""What makes a document the same one."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.crawl.identity import doc_id, payload_of_text, row_doc_id

PAYLOAD = bytes(32)


def test_ids_stay_what_they_were():
    assert doc_id("web", "http://example.org/", PAYLOAD).hex() == "fd1b01234a9996361ce9dea8ad58432f"
    assert row_doc_id("jsonl", PAYLOAD, 7, PAYLOAD).hex() == "cf5e4fef3c0b2f4598f441c9e91b8628"
    assert payload_of_text("text", "title", None).hex()[:32] == "3c86acbb4844ecb13c95eb5be28e0fef"


@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), min_size=2, max_size=8))
def test_different_documents_have_different_ids(pairs):
    ids = {pair: doc_id(*pair, PAYLOAD) for pair in pairs}
    assert len(set(ids.values())) == len(ids)
    texts = {pair: payload_of_text(pair[0], pair[1] or None, None) for pair in pairs}
    assert len(set(texts.values())) == len(texts)


def test_a_missing_title_is_not_an_empty_one():
    kinds = [payload_of_text("x", title, lang) for title in (None, "") for lang in (None, "")]
    assert len(set(kinds)) == 4
