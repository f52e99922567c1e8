"""API keys: made once, stored as hashes, refused with a name where an entry is wrong."""

from __future__ import annotations

import pytest

from api.__main__ import main
from api.access.identity import AccessError
from api.access.keys import find_key, hashed, new_key, parse_keys


def test_the_command_makes_a_key_that_its_line_lets_in(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["key", "new", "dashboard", "--scopes", "read,export"]) == 0
    key, line = capsys.readouterr().out.split()
    found = find_key(parse_keys(line), key)
    assert found is not None
    assert (found.name, found.scopes) == ("dashboard", {"read", "export"})
    assert key not in line


@pytest.mark.parametrize(
    ("name", "scopes"), [("a b", "read"), ("a:b", "read"), ("", "read"), ("a", "write"), ("a", "")]
)
def test_the_command_refuses_what_cannot_be(name: str, scopes: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["key", "new", name, "--scopes", scopes]) == 2
    assert capsys.readouterr().out == ""


def test_two_keys_differ_and_neither_opens_as_the_other() -> None:
    (one, line), (other, _) = new_key("a", ["read"]), new_key("a", ["read"])
    assert one != other
    assert find_key(parse_keys(line), other) is None


def test_a_file_of_keys_may_have_remarks_and_empty_lines() -> None:
    (_, one), (_, other) = new_key("a", ["read"]), new_key("b", ["read", "export"])
    stored = parse_keys(f"# who\n\n{one} # until June\n  {other}\n")
    assert [key.identity.name for key in stored] == ["a", "b"]


@pytest.mark.parametrize(
    "wrong",
    ["a:read", "a:read:abc", f"a:write:{'0' * 64}", f"a b:read:{'0' * 64}", f"a:read:{'G' * 64}", "# nothing", ""],
)
def test_a_wrong_entry_is_refused_and_not_shown(wrong: str) -> None:
    with pytest.raises(AccessError, match="API_KEYS") as refused:
        parse_keys(wrong)
    assert "0000" not in str(refused.value)


def test_two_keys_of_one_name_are_refused() -> None:
    entry = f"a:read:{hashed('x').decode()}"
    with pytest.raises(AccessError, match="one name"):
        parse_keys(f"{entry} {entry}")
