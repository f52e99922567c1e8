"""Workers, commands and the API reach Redis in one way: REDIS_URL with REDIS_PARAMS, by TLS and password too."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr
from redis import Redis
from scrapy.settings import Settings as ScrapySettings

from api.routes.queue import _view
from api.serving.redis_link import RedisLink
from crawler.frontier.connecting import queue_redis
from inventory.redis_connection import check_redis
from inventory.settings import Settings, SettingsError, load_settings
from tests.crawl.crawling import scrapy
from tests.frontier.test_together import shared
from tests.servers.redis import running_redis

PASSWORD = "p4ss-w0rd"


def certificate(folder):
    """For `localhost`, signed by itself: files of it and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), datetime.now(UTC)
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "ca.pem", folder / "key.pem"
    pem = serialization.Encoding.PEM
    files[0].write_bytes(built.public_bytes(pem))
    plain = serialization.NoEncryption()
    files[1].write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return files


@contextmanager
def behind_tls(port, certificate_file, key_file):
    """A port that speaks TLS in front of another one (the wheel's Redis cannot)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file, key_file)
    loop, listening, tasks = asyncio.new_event_loop(), threading.Event(), set()
    ports: list[int] = []

    async def pump(reader, writer):
        while data := await reader.read(65_536):
            writer.write(data)
        writer.close()

    async def serve(reader, writer):
        tasks.add(asyncio.current_task())
        there = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, there[1]), pump(there[0], writer), return_exceptions=True)

    async def whole():
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        ports.append(server.sockets[0].getsockname()[1])
        listening.set()
        await stop.wait()
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    stop = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(whole(),))
    thread.start()
    listening.wait()
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def test_all_parts_pass_tls_and_the_password(sqlite_settings, tmp_path):
    files = certificate(tmp_path)
    parameters = {"ssl_ca_certs": str(files[0]), "password": PASSWORD}
    with running_redis() as redis, behind_tls(redis.port, *files) as port:
        with Redis.from_url(redis.url) as open_to_all:
            open_to_all.config_set("requirepass", PASSWORD)
        url = f"rediss://localhost:{port}/3"
        env = shared(sqlite_settings.write_url, url, tmp_path, REDIS_PARAMS=json.dumps(parameters))
        status, out, said = scrapy(env, "queue", "show")
        assert (status, json.loads(out or "{}").get("crawls")) == (0, []), said
        by_hand = scrapy(env | {"REDIS_PARAMS": ""}, "queue", "show", "-s", f"REDIS_PARAMS={json.dumps(parameters)}")
        assert by_hand[0] == 0, by_hand[2]
        status, _, said = scrapy(
            env | {"REDIS_PARAMS": json.dumps(parameters | {"password": "wr0ng"})}, "queue", "show"
        )
        assert (status, "REDIS_URL: Redis does not let us in (AuthenticationError" in said) == (4, True)
        assert "wr0ng" not in said

        async def others():
            settings = Settings(redis_url=SecretStr(url), redis_params=SecretStr(json.dumps(parameters)))
            worker = queue_redis(settings, ScrapySettings({"REDIS_PARAMS": settings.redis_parameters}))
            link = RedisLink(url, parameters=settings.redis_parameters)
            link.put("kept", b"1", 60)
            try:
                assert int((await worker.client_info())["db"]) == 3
                assert (await _view(url, settings.redis_parameters)).crawls == []
                assert await link.get("kept") == b"1"
            finally:
                await worker.aclose()
                await link.close()

        asyncio.run(others())


@pytest.mark.parametrize(
    ("url", "parameters", "said"),
    [
        ("localhost:6379", "", "REDIS_URL: Redis URL must specify one of the following schemes"),
        ("redis://localhost/stock", "", "REDIS_URL: /stock is no number of a database"),
        ("redis://localhost/0", '{"pasword": "s3cret"}', "REDIS_PARAMS: got an unexpected keyword argument 'pasword'"),
        ("redis://localhost/0", '{"ssl_ca_certs": "x"}', r"argument 'ssl_ca_certs' \(rediss:// for TLS"),
        ("redis://localhost/0", "s3cret", "REDIS_PARAMS: Value error, is no JSON object"),
        ("redis://localhost/0", '["s3cret"]', "REDIS_PARAMS: Value error, is no JSON object"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_connection_is_named_before_anything_starts(monkeypatch, url, parameters, said):
    monkeypatch.setenv("REDIS_URL", url)
    monkeypatch.setenv("REDIS_PARAMS", parameters)
    with pytest.raises(SettingsError, match=said) as refused:
        check_redis(load_settings())
    assert "s3cret" not in str(refused.value)
