"""A small site of real pages, and a recipe that takes it the whole way in seconds."""

import shutil
from pathlib import Path

from flows.recipe import parse_recipe
from flows.session import Asked, Session
from infra.demo_site.serve import unpack
from schemas.runtime import Runtime
from tests.support import Silent

KEPT = ("en/howto", "en/ssl", "en/misc", "fr/howto", "ja/howto", "ko/howto", "index.html")
EXACT = ("documents", "verdicts", "clusters", "corpus", "validation", "tokenizer", "tokens")


def small_site(folder):
    """About fifty pages of the demonstration's; the sitemap names them all."""
    unpack(folder)
    manual = folder / "manual"
    for page in sorted(manual.rglob("*.html")):
        name = page.relative_to(manual).as_posix()
        if not name.startswith(KEPT):
            page.unlink()
    shutil.rmtree(manual / "private")


def small_recipe(url, **sections):
    """The demonstration's recipe in little."""
    content = {
        "name": "small",
        "pages": {
            "source": {
                "kind": "web",
                "seeds": [f"{url}manual/index.html"],
                "loopback": True,
                "requests_per_second": 500.0,
            }
        },
        "documents": {"extractor": "resiliparse"},
        "verdicts": {"rules": ["empty_text", {"kind": "word_count", "fewest": 50}]},
        "corpus": {"split": {"group": "site_path", "validation_share": 0.3}},
        "tokenizer": {"vocabulary": 512},
        "tokens": {"context": 128},
        "model": {
            "steps": 3,
            "rows_per_step": 4,
            "model": {"kind": "decoder", "layers": 1, "width": 32, "heads": 2, "key_heads": 2},
        },
    }
    return parse_recipe(content | sections, "the small recipe")


def run(
    recipe,
    store,
    *,
    to="tokens,tokens.validation",
    runner="process",
    workers=1,
    listener=None,
    **asked,
):
    """Run a recipe without Prefect; the runner, with what each stage did."""
    runtime = Runtime(store=str(store), runner=runner, workers=workers, shard_documents=20)
    session = Session(recipe, Asked(to=to, **asked), runtime)
    made = session.run_flow(session.flows()[-1], listener or Silent())
    session.write_down(made)
    session.gate(made)
    return made


def digests(runner, stages=EXACT):
    """Stage -> the digests of its version."""
    return {name: runner.store.open(runner.ref(name)).digests for name in stages}


def edited(folder: Path):
    """Edit three pages, add two, remove one; returns how many changed."""
    manual = folder / "manual"
    pages = sorted(manual.glob("en/howto/*.html"))
    for page in pages[:3]:
        text = page.read_text(encoding="utf-8")
        words = "<p>This paragraph was added to the page later, in one sentence of its own.</p>"
        page.write_text(text.replace("</h1>", f"</h1>{words}", 1), encoding="utf-8")
    for name in ("first", "second"):
        text = pages[4].read_text(encoding="utf-8")
        paragraphs = "".join(
            f"<p>The {name} new page speaks of matter number {n} and of what follows from it in "
            f"the {name} case, which is told here at the length that a page takes.</p>"
            for n in range(12)
        )
        body = text[: text.index("</h1>")] + f" {name}</h1>{paragraphs}</body></html>"
        (manual / f"en/howto/{name}.html").write_text(body, encoding="utf-8")
    pages[5].unlink()
