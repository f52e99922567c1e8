"""Documents lead where they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCUMENTS, ROOT, anchors, code_spans, links, read

TOP_FOLDERS = ("api", "bench", "crawler", "dealers", "demo", "deploy", "docs", "inventory", "pipelines", "tests")
#: Folders that running makes, which a fresh clone does not hold yet.
MADE = tuple(line for line in read(".gitignore").splitlines() if line.endswith("/"))
DOCUMENT_IDS = [str(path.relative_to(ROOT)) for path in DOCUMENTS]


@pytest.mark.parametrize("document", DOCUMENTS, ids=DOCUMENT_IDS)
def test_every_link_in_a_document_leads_to_a_file_and_a_heading_that_exist(document: Path) -> None:
    for link in links(document.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), f"{document.name} links to {link}"
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{document.name} links to {link}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=DOCUMENT_IDS)
def test_every_path_that_a_document_names_exists(document: Path) -> None:
    for code in code_spans(document.read_text(encoding="utf-8")):
        path = code.split(" ")[-1]
        is_path = path.split("/")[0] in TOP_FOLDERS and "/" in path and not re.search(r"[*<>{}…]|acme", path)
        if is_path and not path.startswith(MADE):
            assert (ROOT / path).exists(), f"{document.name} names {code}"


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.M))
    for document in DOCUMENTS:
        for target in re.findall(r"`make ([a-z]+)`|^    make ([a-z]+)", document.read_text(encoding="utf-8"), re.M):
            assert (target[0] or target[1]) in targets, f"{document.name} names make {target}"


def test_every_decision_record_is_linked_from_the_architecture() -> None:
    linked = set(links(read("docs/architecture.md")))
    for record in (ROOT / "docs" / "adr").glob("*.md"):
        assert f"adr/{record.name}" in linked
