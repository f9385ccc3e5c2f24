"""The loss of a training as a picture that carries its own style, in Markdown.

Prefect's image artifacts print the whole address below the picture: of a picture in the address
that is pages of letters. Its Markdown takes the same picture, and words.
"""

from __future__ import annotations

from base64 import b64encode

from flows.results.charts import Level, loss_curve
from flows.results.figures import Training
from flows.results.words import beaten, short
from flows.shown.markdown import paragraphs, words

_WIDTH, _HEIGHT = 640, 300  # of the chart, pixels
_STYLE = """
text{font:13px system-ui,sans-serif;fill:#52606d}
.grid{stroke:#e4e7eb}
.line{fill:none;stroke-width:2}
.train{stroke:#2563eb}.model{stroke:#047857}.bigram{stroke:#b4540a;stroke-dasharray:5 4}
text.train{fill:#2563eb;stroke:none}text.model{fill:#047857;stroke:none}
text.bigram{fill:#b4540a;stroke:none}
.point{fill:transparent}
"""


def curve_markdown(training: Training) -> str:
    """The curve, and what it came to."""
    last = training.curve[-1]
    seen = (
        f"Step {last.step:,}: loss {last.loss:.3f} nats per token, after {short(training.tokens)}"
    )
    speed = f" tokens, {short(training.tokens_per_second)} tokens a second."
    picture = f"![Loss by step of training]({_picture(training)})"
    return paragraphs(picture, seen + speed, words(beaten(training), 600))


def _picture(training: Training) -> str:
    """The curve as a data: address."""
    levels = []
    if training.model:
        levels.append(Level("validation", training.model.loss, "model"))
    if training.bigram:
        levels.append(Level("bigram", training.bigram.loss, "bigram"))
    drawn = loss_curve([(point.step, point.loss) for point in training.curve], levels)
    opening, _, rest = drawn.partition(">")
    alone = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}"'
        f"{opening.removeprefix('<svg')}>"
        f'<style>{_STYLE}</style><rect width="100%" height="100%" fill="#fff"/>{rest}'
    )
    return f"data:image/svg+xml;base64,{b64encode(alone.encode()).decode()}"
