"""The machine in containers: what can be checked of it without starting one."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prefect.settings.legacy import _get_settings_fields
from prefect.settings.models.root import Settings

INFRA = Path(__file__).parents[2] / "infra"
TEXT = (INFRA / "compose.yaml").read_text()
CONTENT = yaml.safe_load(TEXT)
SERVICES = CONTENT["services"]
ASKED = {
    "PENSTOCK_RECIPE": "web",
    "PENSTOCK_RECIPES_FOLDER": "/recipes",
    "POSTGRES_PASSWORD": "a",
    "PREFECT_AUTH": "operator:b",
    "RAY_AUTH_TOKEN": "c",
}


def test_nothing_listens_beyond_this_machine():
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:4200:4200"]


def test_ray_opens_nothing_beyond_the_container_that_flows_share_with_it():
    for name in ("ray", "worker"):
        assert SERVICES[name]["environment"]["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] == "0"
        assert SERVICES[name]["environment"]["RAY_AUTH_MODE"] == "token"


def test_every_secret_is_asked_for_and_none_is_written_down():
    for name in ("POSTGRES_PASSWORD", "PREFECT_AUTH", "RAY_AUTH_TOKEN"):
        uses = re.findall(rf"\$\{{{name}[^}}]*\}}", TEXT)
        assert uses
        assert all(use.startswith(f"${{{name}:?") for use in uses)


def test_prefect_knows_every_setting():
    known = set(_get_settings_fields(Settings))
    asked = {
        name
        for service in SERVICES.values()
        for name in service.get("environment", {})
        if name.startswith("PREFECT_")
    }
    assert asked <= known


def test_a_service_waits_for_another_that_is_there_and_can_say_that_it_is_well():
    for service in SERVICES.values():
        for other, wait in service.get("depends_on", {}).items():
            if wait["condition"] == "service_healthy":
                assert SERVICES[other]["healthcheck"]["test"]
            else:
                assert wait["condition"] == "service_completed_successfully"
                assert SERVICES[other]["restart"] == "on-failure"


def test_images_are_of_one_version_and_files_are_there():
    assert all(re.search(r":[^:]+$", service["image"]) for service in SERVICES.values())
    assert not [one for one in SERVICES.values() if one["image"].endswith(":latest")]
    build = SERVICES["server"]["build"]
    assert (INFRA / build["context"] / build["dockerfile"]).is_file()
    deploy = SERVICES["deploy"]["command"][-1]
    for line in deploy.splitlines():
        words = shlex.split(line)
        files = [word for word in words if word.endswith((".yaml", ".toml"))]
        assert all((INFRA / ".." / file).is_file() for file in files)


def test_the_worker_has_what_the_deployments_ask_for():
    wanted = set(re.findall(r"\{\{ \$(\w+) \}\}", (INFRA / "prefect.yaml").read_text()))
    assert wanted <= set(SERVICES["deploy"]["environment"])


def test_a_flow_is_a_driver_on_the_machine_of_ray():
    worker = SERVICES["worker"]
    assert {worker[kind] for kind in ("network_mode", "pid", "ipc")} == {"service:ray"}
    assert {"store:/store", "ray:/tmp/ray"} <= set(worker["volumes"]) & {
        *SERVICES["ray"]["volumes"]
    }


COMPOSE = ["docker", "compose"]
THERE = (
    shutil.which("docker")
    and not subprocess.run([*COMPOSE, "version"], capture_output=True).returncode
)


@pytest.mark.skipif(not THERE, reason="Docker's compose is not installed")
def test_compose_takes_the_file_and_says_what_it_lacks():
    command = [*COMPOSE, "--file", str(INFRA / "compose.yaml"), "config"]
    done = subprocess.run(command, env=os.environ | ASKED, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    without = {name: value for name, value in ASKED.items() if name != "PREFECT_AUTH"}
    done = subprocess.run(command, env=os.environ | without, capture_output=True, text=True)
    assert done.returncode != 0
    assert "user:password of Prefect's page" in done.stderr
