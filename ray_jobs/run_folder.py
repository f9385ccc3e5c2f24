"""The files of a job's run folder, by which its process and its driver meet."""

ORDER = "order.json"  # what is asked
RESULT = "result.json"  # what came out, written last
METRICS = "metrics.jsonl"  # a line per logged step, as it goes
REFUSAL = "refusal.txt"  # why the job cannot be done, in a sentence
LOG = "job.log"  # what the process printed
STOP = "stop"  # somebody wants the job to leave a checkpoint and return
CHECKPOINTS = "checkpoints"
