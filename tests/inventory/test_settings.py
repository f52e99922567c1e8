"""Settings and secrets come from the environment or from files; what is wrong is named and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory.__main__ import main
from inventory.engine import DatabaseUrlError, database_url, reader_engine, sqlite_file
from inventory.secrets import SecretFileError, read_secret
from inventory.settings import Settings, SettingsError, load_settings
from inventory.settings_table import settings_table


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(f"{name.upper()}_FILE", raising=False)


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@db/stock")
    monkeypatch.setenv("DEALERS_DIR", "/srv/dealers")
    monkeypatch.setenv("MAX_CRAWL_MINUTES", "")  # compose files write a variable that is not set so
    settings = load_settings()
    assert settings.write_url == settings.read_url == "postgresql://u:p@db/stock"
    assert settings.dealers_dir == Path("/srv/dealers")
    assert settings.max_crawl_minutes == 240


def test_readers_have_a_url_of_their_own_where_it_is_set(monkeypatch):
    monkeypatch.setenv("DATABASE_READ_URL", "postgresql://reader@replica/stock")
    settings = load_settings(database_url="postgresql://writer@db/stock")
    assert (settings.write_url, settings.read_url) == (
        "postgresql://writer@db/stock",
        "postgresql://reader@replica/stock",
    )


def test_a_secret_may_stand_in_a_file(monkeypatch, tmp_path):
    (tmp_path / "url").write_text("postgresql://u:p@db/stock\n", encoding="utf-8")
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))
    assert load_settings().write_url == "postgresql://u:p@db/stock"
    monkeypatch.setenv("DATABASE_URL", "sqlite:///other.sqlite")
    assert load_settings().write_url == "sqlite:///other.sqlite"


def test_a_secret_file_that_is_missing_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_READ_URL_FILE", str(tmp_path / "nothing"))
    with pytest.raises(SettingsError, match=r"DATABASE_READ_URL_FILE=.*nothing: No such file"):
        load_settings()


def test_a_secret_is_read_from_its_variable_its_file_or_nowhere(tmp_path):
    file = tmp_path / "token"
    file.write_text("  abc\n", encoding="utf-8")
    assert read_secret("TOKEN", {"TOKEN": "xyz", "TOKEN_FILE": str(file)}) == "xyz"
    assert read_secret("TOKEN", {"TOKEN": "", "TOKEN_FILE": str(file)}) == "abc"
    assert read_secret("TOKEN", {}) is None
    assert read_secret("TOKEN", {"TOKEN_FILE": ""}) is None


def test_a_secret_file_that_is_no_text_is_named(tmp_path):
    file = tmp_path / "token"
    file.write_bytes(b"\xff\xfe\x00secret")
    with pytest.raises(SecretFileError, match=r"TOKEN_FILE=.*token"):
        read_secret("TOKEN", {"TOKEN_FILE": str(file)})
    with pytest.raises(SecretFileError, match="TOKEN_FILE="):
        read_secret("TOKEN", {"TOKEN_FILE": str(tmp_path)})


@pytest.mark.parametrize(
    ("name", "value"),
    [("LEASE_SECONDS", "soon"), ("LEASE_SECONDS", "1"), ("DATABASE_POOL_SIZE", "0"), ("DOWNLOAD_DELAY_S", "-1"),
     ("API_MAX_PAGE_SIZE", "1e9"), ("STATEMENT_TIMEOUT_MS", "10")],
)  # fmt: skip
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"^{name}: "):
        load_settings()


def test_no_message_shows_a_secret():
    with pytest.raises(SettingsError) as refused:
        load_settings(database_url=["hunter2"], lease_seconds="x")
    assert "DATABASE_URL" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert "hunter2" not in repr(load_settings(database_url="postgresql://u:hunter2@db/stock"))


@pytest.mark.parametrize("url", ["mysql://u:hunter2@db/stock", "not a url hunter2", "", "sqlite+hunter2"])
def test_an_unusable_database_url_is_refused_and_not_shown(url):
    with pytest.raises(DatabaseUrlError, match="sqlite") as refused:
        database_url(url)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "driver"),
    [("postgresql://u@db/x", "postgresql+psycopg"), ("postgres://u@db/x", "postgresql+psycopg"),
     ("postgresql+psycopg2://u@db/x", "postgresql+psycopg"), ("sqlite:///a.sqlite", "sqlite+pysqlite")],
)  # fmt: skip
def test_a_url_gets_the_driver_that_is_installed(url, driver):
    assert database_url(url).drivername == driver


def test_a_database_in_memory_is_refused():
    assert sqlite_file(database_url("sqlite://")) is None
    with pytest.raises(DatabaseUrlError, match="name a file"):
        reader_engine(load_settings(database_url="sqlite://"))


def test_the_table_of_settings_has_a_row_for_each_and_says_which_may_be_files():
    table = settings_table()
    for name in Settings.model_fields:
        assert f"`{name.upper()}`" in table
    assert "`DATABASE_URL`; also `DATABASE_URL_FILE`" in table
    assert "`LEASE_SECONDS` |" in table


def test_the_schema_is_a_job_of_its_own(monkeypatch, capsys, sqlite_url):
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    assert main(["check"]) == 1
    assert "python -m inventory migrate" in capsys.readouterr().out
    assert main(["migrate"]) == 0
    assert main(["check"]) == 0
    assert "up to date" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("url", "said"),
    [("sqlite:////nowhere/at/all.sqlite", "unable to open"), ("mysql://db/x", "not supported"),
     ("postgresql://u@127.0.0.1:1/x", "refused")],
)  # fmt: skip
def test_a_database_that_cannot_be_used_is_exit_status_2_with_its_reason(monkeypatch, capsys, url, said):
    monkeypatch.setenv("DATABASE_URL", url)
    assert main(["migrate"]) == 2
    assert said in capsys.readouterr().err
