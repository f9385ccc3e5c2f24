"""Whether the environment of this process names keys: it alone does, so nothing repeats them."""

import os

FILE_VARIABLE = "PENSTOCK_ENCRYPTION_KEY_FILE"
SERVICE_VARIABLE = "PENSTOCK_KMS"


def wanted() -> bool:
    """Whether stores are to be encrypted. Loads nothing, for those that are not."""
    return bool(os.environ.get(FILE_VARIABLE) or os.environ.get(SERVICE_VARIABLE))
