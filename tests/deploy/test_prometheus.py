"""The examples for Prometheus ask for metrics, labels and classes that there are."""

from __future__ import annotations

import re

import pytest
import yaml  # type: ignore[import-untyped]

from tests.docs.pages import ROOT, read

FOLDER = ROOT / "deploy" / "prometheus"
ALERTS = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))
DOCUMENTED = {
    name: set(re.findall(r"`(\w+)`", labels))
    for name, labels in re.findall(r"^\| `(\w+)` \| \w+ \| ([^|]*)\|", read("docs/metrics.md"), re.M)
}


def test_each_alert_asks_for_metrics_and_labels_that_are_documented() -> None:
    rules = [rule for group in ALERTS["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules) > 4
    for rule in rules:
        asked = re.findall(r"(yardstick_\w+?)(_bucket)?(?:\{(\w+)=~)?\b(?!\w)", rule["expr"])
        assert asked, rule
        for name, _, label in asked:
            assert name in DOCUMENTED, rule
            assert not label or label in DOCUMENTED[name], rule
        assert rule["annotations"]["summary"]


@pytest.mark.parametrize("name", ["prometheus.yml", "compose.yml"])
def test_a_configuration_names_the_rules_that_stand_beside_it(name: str) -> None:
    config = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    assert [(FOLDER / name).exists() for name in config["rule_files"]] == [True]
    assert all(job.get("static_configs") or job["dns_sd_configs"] for job in config["scrape_configs"])


def test_composes_configuration_asks_services_that_there_are_on_ports_that_they_have() -> None:
    config = yaml.safe_load((FOLDER / "compose.yml").read_text(encoding="utf-8"))
    services = yaml.safe_load(read("compose.yaml"))["services"]
    jobs = [job["static_configs"][0] for job in config["scrape_configs"] if "static_configs" in job]
    targets = [target for job in jobs for target in job["targets"]]
    asked = dict(target.split(":") for target in targets)
    assert asked["api"] == services["api"]["ports"][0].rpartition(":")[2]
    assert f"{asked['crawler']} with the profile metrics" in read("compose.yaml")
    assert services["crawler"]["environment"]["METRICS_HOST"] == "0.0.0.0"
    (workers,) = [job["dns_sd_configs"][0] for job in config["scrape_configs"] if "dns_sd_configs" in job]
    assert workers == {"names": ["worker"], "type": "A", "port": int(asked["crawler"])}
    assert services["worker"]["environment"]["METRICS_HOST"] == "0.0.0.0"
    assert "./deploy/prometheus:/etc/prometheus:ro" in services["prometheus"]["volumes"]


def test_each_metric_that_is_documented_is_one_that_the_code_tells() -> None:
    sources = [ROOT / "crawler" / "metrics" / "collector.py", *(ROOT / "api").rglob("*.py")]
    told = {name for path in sources for name in re.findall(r"\b(yardstick_\w+)", path.read_text(encoding="utf-8"))}
    for name in DOCUMENTED:
        assert name in told or name.removesuffix("_total") in told, name
