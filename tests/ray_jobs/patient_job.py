"""A job that looks for its stop file only now and then; its order says what it is to write.

It leaves `began`, and `stopped` or `finished`, with that word, in its folder.
"""

import time
from pathlib import Path

from ray_jobs.job_process import run_job
from ray_jobs.run_folder import STOP
from schemas.jobs import GenerateOrder, Passage

LOOK_SECONDS = 3.0


def work(order):
    run = Path(order.run)
    (run / "began").write_text(order.prompt)
    time.sleep(LOOK_SECONDS)
    end = "stopped" if (run / STOP).exists() else "finished"
    (run / end).write_text(order.prompt)
    return Passage(text=end)


if __name__ == "__main__":
    run_job(GenerateOrder, work)
