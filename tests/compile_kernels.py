"""Has the kernels compiled that most tests run: `python -m tests.compile_kernels`.

A minute of one core where there is no compiled code yet. Two test processes that begin at once
would both do it.
"""

from pipeline.run.numba_cache import use_numba_cache


def main():
    use_numba_cache()
    from pipeline.extract.limits import Limits  # numba reads where its cache is when it is imported
    from tests.tiny_corpus import two_windows

    two_windows()
    Limits().check_tags("<p>tags</p>")


if __name__ == "__main__":
    main()
