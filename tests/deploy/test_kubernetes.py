"""The Kubernetes examples name images, commands, settings and volumes that there are; nothing of them runs as root."""

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
from tests.docs.pages import read

FILES: Final = ("yardstick.yaml", "crawls.yaml", "workers.yaml")
OBJECTS: Final[list[dict[str, Any]]] = [
    found for name in FILES for found in yaml.safe_load_all(read(f"deploy/kubernetes/{name}"))
]
OPERATIONS: Final = read("docs/operations.md")
SECRET: Final = dict(re.findall(r"--from-literal=([\w-]+)=(\S+)", OPERATIONS))
"""Keys of the Secret, which stands in no file: a command of the documentation makes it."""
SETTINGS: Final = {
    found["metadata"]["name"]: found["data"] for found in OBJECTS if found["kind"] == "ConfigMap" and "data" in found
}
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


PODS: Final = list(_pods(OBJECTS))
CONTAINERS: Final = [pytest.param(c, id=f"{name}/{c['name']}") for name, pod in PODS for c in pod["containers"]]


def test_the_example_has_all_its_parts() -> None:
    names = {(found["kind"], found["metadata"]["name"].removeprefix("yardstick-")) for found in OBJECTS}
    assert names == {
        ("ConfigMap", "settings"), ("PersistentVolumeClaim", "snapshots"), ("Job", "roles"), ("Job", "migrate"),
        ("Deployment", "api"), ("Service", "api"), ("CronJob", "snapshot"), ("CronJob", "crawl-equipment"),
        ("Deployment", "worker"), ("CronJob", "queue"),
    }  # fmt: skip


def test_no_secret_stands_in_a_file() -> None:
    assert not [found for found in OBJECTS if found["kind"] == "Secret"]
    for name in FILES:
        assert not re.search(r"://\w+:[^@\s]+@", read(f"deploy/kubernetes/{name}"))


@pytest.mark.parametrize("pod", [pytest.param(pod, id=name) for name, pod in PODS])
def test_nothing_runs_as_root_or_writes_outside_its_volumes(pod: dict[str, Any]) -> None:
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "/tmp" in [mount["mountPath"] for mount in container["volumeMounts"]]
        if container["image"] != "postgres:17":
            assert f"--uid {pod['securityContext']['runAsUser']} " in DOCKERFILE


def test_workers_are_as_composes_are() -> None:
    (worker,) = (pod for name, pod in PODS if name == "yardstick-worker")
    theirs = COMPOSE["services"]["worker"]
    (container,) = worker["containers"]
    assert container["args"] == theirs["command"]
    assert f"{worker['terminationGracePeriodSeconds']}s" == theirs["stop_grace_period"]
    given = {variable["name"]: variable.get("value") for variable in container["env"]}
    assert given["DISTRIBUTED"] == "true"
    assert given["METRICS_PORT"] == str(container["ports"][0]["containerPort"])
    (queue,) = (pod for name, pod in PODS if name == "yardstick-queue")
    assert queue["containers"][0]["args"] == ["scrapy", "queue", "add", "--due"]


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
    ours = {name.upper() for name in Settings.model_fields}
    for variable in container.get("env", []):
        if container["image"].startswith("postgres"):
            assert variable["name"] in OF_LIBPQ or re.search(rf"\bsecret {variable['name']}\b", ROLES)
        else:
            assert variable["name"] in ours
        reference = variable.get("valueFrom", {}).get("secretKeyRef")
        assert (reference is None) == ("value" in variable)
        assert reference is None or (reference["name"] == "yardstick" and reference["key"] in SECRET)
    for source in container.get("envFrom", []):
        assert SETTINGS[source["configMapRef"]["name"]].keys() <= ours


def test_values_of_the_settings_can_be_used() -> None:
    for _, pod in PODS:
        for container in pod["containers"]:
            given = {v["name"].lower(): v["value"] for v in container.get("env", []) if "value" in v}
            for source in container.get("envFrom", []):
                given |= {n.lower(): v for n, v in SETTINGS[source["configMapRef"]["name"]].items()}
            if given.get("distributed") == "true":
                given["redis_url"] = SECRET["redis-url"]
            Settings(**given)


def test_the_api_reads_with_the_role_that_can_only_select() -> None:
    used = {
        name: variable["valueFrom"]["secretKeyRef"]["key"]
        for name, pod in PODS
        for container in pod["containers"]
        for variable in container.get("env", [])
        if variable["name"] == "DATABASE_URL"
    }
    urls = {name: re.findall(r"//(\w+):([^@]*)@", SECRET[key])[0] for name, key in used.items()}
    assert urls["yardstick-api"] == ("yardstick_reader", SECRET["READER_PASSWORD"])
    assert {url for name, url in urls.items() if name != "yardstick-api"} == {
        ("yardstick_owner", SECRET["OWNER_PASSWORD"])
    }


def test_ports_and_probes_are_those_of_the_api() -> None:
    objects = {found["kind"]: found for found in OBJECTS if found["metadata"]["name"] == "yardstick-api"}
    (container,) = objects["Deployment"]["spec"]["template"]["spec"]["containers"]
    (port,) = container["ports"]
    assert f"EXPOSE {port['containerPort']}\n" in DOCKERFILE
    paths = create_app(Settings()).openapi()["paths"]
    for probe in (container["startupProbe"], container["readinessProbe"], container["livenessProbe"]):
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
            assert mounts.get("dealers", "/app/dealers") == "/app/dealers"
        for volume in volumes.values():
            assert volume.get("persistentVolumeClaim", {}).get("claimName", next(iter(claims))) in claims
            if config := volume.get("configMap"):
                assert f"kubectl create configmap {config['name']} --from-file=" in OPERATIONS
