"""Compose and the Dockerfile: variables are settings that there are, and processes hear a stop while they start."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
import yaml  # type: ignore[import-untyped]
from scrapy.settings import default_settings

from crawler import settings as of_scrapy
from inventory.settings import Settings
from tests.docs.pages import read

SERVICES: Final[dict[str, dict[str, Any]]] = yaml.safe_load(read("compose.yaml"))["services"]
OURS: Final = {name: service for name, service in SERVICES.items() if service["image"].startswith("yardstick-")}
DOCKERFILE: Final = read("Dockerfile")
OF_BOTOCORE: Final = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"}
OF_OTHERS: Final = OF_BOTOCORE | {"FORWARDED_ALLOW_IPS", "DEMO_HOST", "CRAWL_EVERY", "CRAWL_VERTICALS"}
"""uvicorn's, the demo's dealer files', deploy/schedule.sh's."""


@pytest.mark.parametrize("name", sorted(OURS))
def test_each_variable_that_compose_sets_is_one_that_something_reads(name: str) -> None:
    known = {setting.upper() for setting in Settings.model_fields} | OF_OTHERS
    assert set(OURS[name].get("environment", {})) <= known


@pytest.mark.parametrize("name", sorted(OURS))
def test_each_of_our_containers_hears_a_stop_while_it_starts_and_can_write_nowhere_but_tmp(name: str) -> None:
    service = OURS[name]
    assert service["init"] is True
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]
    assert service["cap_drop"] == ["ALL"]


def test_what_is_not_set_for_s3_stays_unset() -> None:
    given = SERVICES["worker"]["environment"]
    assert {given[name] for name in OF_BOTOCORE} == {None}


def test_a_volume_of_a_container_without_rights_is_a_folder_of_its_user_in_the_image() -> None:
    (folders,) = re.findall(r"install -d -o yardstick -g yardstick (.+)", DOCKERFILE)
    mounted = {
        volume.split(":")[1]
        for service in OURS.values()
        for volume in service.get("volumes", [])
        if not volume.startswith("./")
    }
    assert mounted == set(folders.split())


def test_the_crawlers_image_has_what_thumbnails_need_and_the_browsers_what_its_driver_needs() -> None:
    named = re.findall(r"^(\w+)==", read("requirements-thumbnails.txt"), re.M)
    assert named == ["botocore", "pillow"]
    assert "-r requirements-thumbnails.txt" in DOCKERFILE
    assert "!requirements-thumbnails.txt\n" in read(".dockerignore")
    assert '"$BROWSER" libatomic1' in DOCKERFILE


def test_thumbnails_can_be_stored_in_buckets_without_acls() -> None:
    assert default_settings.IMAGES_STORE_S3_ACL == "private"  # else ours is not needed any more
    assert of_scrapy.IMAGES_STORE_S3_ACL == "bucket-owner-full-control"
