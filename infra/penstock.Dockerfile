# One image for Prefect's server, the worker and Ray: the checkout with its pinned packages.
FROM python:3.11-slim-bookworm
RUN useradd --create-home penstock && install --directory --owner=penstock /store /tmp/ray /app
WORKDIR /app
COPY --chown=penstock pyproject.toml README.md infra/constraints.txt ./
# Torch alone and first: asked for by others it may come with gigabytes of CUDA packages.
RUN pip install --no-cache-dir --constraint constraints.txt torch
COPY --chown=penstock . .
RUN pip install --no-cache-dir --constraint infra/constraints.txt --editable .
USER penstock
VOLUME /store
CMD ["penstock", "--help"]
