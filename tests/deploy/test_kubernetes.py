"""The Kubernetes example names images, commands, settings, ports, secrets and volumes that there are."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
import yaml  # type: ignore[import-untyped]

import crawler.commands
from api.app import create_app
from inventory.settings import Settings
from tests.docs.pages import fenced, read

OBJECTS: Final[list[dict[str, Any]]] = list(yaml.safe_load_all(read("deploy/kubernetes/yardstick.yaml")))
CRON_JOB: Final = [
    yaml.safe_load(text) for text in fenced(read("docs/operations.md"), "yaml") if "kind: CronJob" in text
]
COMPOSE: Final = yaml.safe_load(read("compose.yaml"))
DOCKERFILE: Final = read("Dockerfile")
ROLES: Final = read("deploy/postgres/10-roles.sh")
COMMANDS: Final = {module.name for module in pkgutil.iter_modules(crawler.commands.__path__)} | {"crawl"}
OF_LIBPQ: Final = {"PGHOST", "PGPASSWORD"}


def _pods(objects: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for found in objects:
        spec = found.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template:
            yield found["metadata"]["name"], template["spec"]


PODS: Final = list(_pods(OBJECTS + CRON_JOB))
CONTAINERS: Final = [pytest.param(c, id=f"{name}/{c['name']}") for name, pod in PODS for c in pod["containers"]]


def test_the_example_has_all_its_parts() -> None:
    kinds = sorted(found["kind"] for found in OBJECTS)
    assert kinds == ["CronJob", "Deployment", "Job", "Job", "PersistentVolumeClaim", "Secret", "Service"]
    assert len(CRON_JOB) == 1


@pytest.mark.parametrize("container", CONTAINERS)
def test_an_image_is_one_that_compose_builds_or_runs(container: dict[str, Any]) -> None:
    assert container["image"] in {service["image"] for service in COMPOSE["services"].values()}


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_command_is_one_that_there_is(container: dict[str, Any]) -> None:
    match container.get("command", container.get("args")):
        case None:
            assert container["image"] == "yardstick-api"  # whose image starts the API
            assert 'CMD ["uvicorn", "api.app:app"' in DOCKERFILE
        case ["scrapy", name, *_]:
            assert name in COMMANDS
        case ["python", "-m", "inventory", name]:
            assert f"`python -m inventory {name}`" in read("docs/operations.md")
        case ["bash", script]:
            assert read(f"deploy/postgres/{script.removeprefix('/roles/')}") == ROLES
        case other:
            pytest.fail(f"unknown command {other}")


@pytest.mark.parametrize("container", CONTAINERS)
def test_each_variable_is_a_setting_and_each_secret_has_its_key(container: dict[str, Any]) -> None:
    secrets = {found["metadata"]["name"]: found["stringData"] for found in OBJECTS if found["kind"] == "Secret"}
    ours = {name.upper() for name in Settings.model_fields}
    for variable in container.get("env", []):
        if container["image"].startswith("postgres"):
            assert variable["name"] in OF_LIBPQ or re.search(rf"\bsecret {variable['name']}\b", ROLES)
        else:
            assert variable["name"] in ours
        reference = variable.get("valueFrom", {}).get("secretKeyRef")
        assert (reference is None) == ("value" in variable)
        assert reference is None or reference["key"] in secrets[reference["name"]]


def test_values_of_the_settings_can_be_used() -> None:
    for _, pod in PODS:
        for container in pod["containers"]:
            given = {v["name"].lower(): v["value"] for v in container.get("env", []) if "value" in v}
            Settings(**given)


def test_the_api_reads_with_the_role_that_can_only_select() -> None:
    (secret,) = (found["stringData"] for found in OBJECTS if found["kind"] == "Secret")
    used = {
        name: variable["valueFrom"]["secretKeyRef"]["key"]
        for name, pod in PODS
        for container in pod["containers"]
        for variable in container.get("env", [])
        if variable["name"] == "DATABASE_URL"
    }
    urls = {name: re.findall(r"//(\w+):([^@]*)@", secret[key])[0] for name, key in used.items()}
    assert urls["yardstick-api"] == ("yardstick_reader", secret["READER_PASSWORD"])
    assert {url for name, url in urls.items() if name != "yardstick-api"} == {
        ("yardstick_owner", secret["OWNER_PASSWORD"])
    }


def test_ports_and_probes_are_those_of_the_api() -> None:
    objects = {found["kind"]: found for found in OBJECTS}
    (container,) = objects["Deployment"]["spec"]["template"]["spec"]["containers"]
    (port,) = container["ports"]
    assert f"EXPOSE {port['containerPort']}\n" in DOCKERFILE
    paths = create_app(Settings()).openapi()["paths"]
    for probe in (container["readinessProbe"], container["livenessProbe"]):
        assert probe["httpGet"]["path"] in paths
        assert probe["httpGet"]["port"] == port["name"]
    (served,) = objects["Service"]["spec"]["ports"]
    assert served["targetPort"] == port["name"]
    labels = objects["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert objects["Service"]["spec"]["selector"] == labels
    assert objects["Deployment"]["spec"]["selector"]["matchLabels"] == labels


def test_each_mount_has_its_volume_and_each_claim_is_there() -> None:
    claims = {found["metadata"]["name"] for found in OBJECTS if found["kind"] == "PersistentVolumeClaim"}
    for name, pod in PODS:
        volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
        for container in pod["containers"]:
            mounts = {mount["name"]: mount["mountPath"] for mount in container.get("volumeMounts", [])}
            assert mounts.keys() == volumes.keys(), name
            folder = next((v["value"] for v in container.get("env", []) if v["name"] == "SNAPSHOT_DIR"), None)
            assert mounts.get("snapshots") == folder
        for volume in volumes.values():
            assert volume.get("persistentVolumeClaim", {}).get("claimName", next(iter(claims))) in claims
