"""Packages are told by the names and versions that their own metadata have."""

from importlib import metadata

from pipeline.versions.packages import _told, package_versions


def test_every_installed_distribution_is_told_as_its_metadata_have_it():
    for one in metadata.distributions():
        name, version = _told(one)
        assert version == one.version
        assert name.replace("-", "") == "".join(
            c for c in one.metadata["Name"].lower() if c.isalnum()
        )


def test_a_module_that_is_not_called_like_its_distribution_is_found():
    assert package_versions(["re2"]) == {"google-re2": metadata.version("google-re2")}
    assert package_versions(["no_such_module"]) == {"no_such_module": "absent"}
