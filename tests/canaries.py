"""Twenty planted secrets, and the search for them in all that a run leaves."""

import secrets
from pathlib import Path

import obstore
from obstore.store import from_url

NAMES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_CLIENT_SECRET",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_SAS_KEY",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
    "OPENLINEAGE_API_KEY",
    "HF_TOKEN",
    "WANDB_API_KEY",
    "GITHUB_TOKEN",
    "OPENAI_API_KEY",
    "PGPASSWORD",
    "SMTP_PASSWORD",
    "RAY_REDIS_PASSWORD",
)
IN_URLS = ("DATABASE_URL", "PIP_INDEX_URL", "FTP_PROXY")  # scheme://user:SECRET@host/
AUTH_STRINGS = ("PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING")  # one password, both


def planted():
    """Environment variables with secrets in them."""
    found = {name: secrets.token_hex(20).upper() for name in NAMES}
    found |= {name: f"http://ada:{secrets.token_hex(20)}@host.invalid/" for name in IN_URLS}
    password = f"ada:{secrets.token_hex(20)}"
    return found | dict.fromkeys(AUTH_STRINGS, password)


def values(environment):
    """Name -> the secret itself."""
    found = {}
    for name in (*NAMES, *IN_URLS, *AUTH_STRINGS):
        value = environment[name]
        found[name] = value.split(":")[-1].split("@")[0] if ":" in value else value
    return found


def in_bytes(content, environment):
    """The names of the secrets that stand in some bytes, in UTF-8 or UTF-16."""
    return [
        name
        for name, secret in values(environment).items()
        if secret.encode() in content or secret.encode("utf-16-le") in content
    ]


def in_folder(folder, environment):
    """(file, name) of each secret in the files below a folder; how many files were read."""
    found, read = [], 0
    for path in Path(folder).rglob("*"):
        if path.is_file() and not path.is_symlink():
            read += 1
            found += [(str(path), name) for name in in_bytes(path.read_bytes(), environment)]
    return found, read


def objects(uri, environment, endpoint):
    """(name, content with name and metadata) of each object of a store, as it lies there."""
    client = from_url(
        uri,
        client_options={"allow_http": True},
        endpoint=endpoint,
        access_key_id=environment["AWS_ACCESS_KEY_ID"],
        secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )
    for some in obstore.list(client, chunk_size=1000):
        for each in some:
            answer = obstore.get(client, each["path"])
            told = f"{each['path']} {answer.attributes}".encode()
            yield each["path"], bytes(answer.bytes()) + told


def in_bucket(uri, environment, endpoint):
    """(object, name) of each secret in the objects of a store, in their names and metadata."""
    found, read = [], 0
    for path, content in objects(uri, environment, endpoint):
        read += 1
        found += [(path, name) for name in in_bytes(content, environment)]
    return found, read
