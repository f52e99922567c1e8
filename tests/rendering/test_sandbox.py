"""Chromium's own sandbox, where the crawler is not root's: on, or its absence is said with what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.crawl.crawling import ROOT

AS_NOBODY = """
import asyncio, os, sys
from pathlib import Path
from types import SimpleNamespace
from crawler.fetching.rendering.provider import LazyBrowser, launch_options
from crawler.tracking.error_class import Refused

if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)

async def main():
    options = launch_options(Path(sys.argv[1]), sandbox=True, environment=os.environ)
    config = SimpleNamespace(browser_type_name="chromium", launch_options=options, cdp_url=None, connect_url=None)
    lazy = LazyBrowser(config)
    try:
        browser = await lazy.launch_browser()
    except Refused as error:
        return print("refused", error)
    page = await browser.new_page()
    await page.set_content("<p>drawn")
    session = await browser.new_browser_cdp_session()
    found = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
    [renderer] = [Path(f"/proc/{entry['id']}/status") for entry in found if entry["type"] == "renderer"][:1]
    [filtered] = [line.split()[1] for line in renderer.read_text().splitlines() if line.startswith("Seccomp:")]
    print(await page.inner_text("body"), "filtered" if filtered == "2" else "free")
    await lazy.rest()

asyncio.run(main())
"""


def may_make_namespaces():
    """Whether who is not root may have a user namespace here, which Chromium's sandbox is made of."""
    tried = ["unshare", "-Ur", "true"]
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *tried]
    return subprocess.run(as_nobody if os.geteuid() == 0 else tried, capture_output=True).returncode == 0


def test_a_crawler_that_is_not_roots_has_a_browser_in_its_sandbox_or_is_told_what_to_set(chromium, tmp_path):
    command = [sys.executable, "-c", AS_NOBODY, shutil.which(chromium) or chromium]
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd="/", env=env, capture_output=True, text=True, timeout=60, check=False)
    if may_make_namespaces():
        assert done.stdout == "drawn filtered\n", done.stderr
    else:
        assert done.stdout.startswith("refused no browser could be started"), done.stderr
        assert "RENDER_SANDBOX=false" in done.stdout
