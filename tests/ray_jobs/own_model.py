"""A model as a user may write one, outside of our packages."""

from typing import Any, ClassVar

from ray_jobs.models.model import Model


class OwnModel(Model):
    """Settings of a network that nobody builds."""

    network: ClassVar[str] = "tests.ray_jobs.own_network:Network"

    def exported(self, *, vocabulary: int, context: int) -> dict[str, Any]:
        """Nothing."""
        return {}
