"""Every value that a page carries for its own scripts, with where it stands.

JSON scripts (`__NEXT_DATA__` and the like), `name = {…}` and `f({…})` in scripts as JSON or as JavaScript literals,
`JSON.parse("…")`, Nuxt's payloads (2: a function with arguments; 3: a flat array of references), the flight data of
Next's app router, and attributes that hold JSON (Inertia and other frameworks mount a page's data so).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from crawler.extraction.carried import Carried
from crawler.extraction.js_literal import read_literal, unquoted
from crawler.extraction.page import Page
from crawler.extraction.query import strings
from crawler.extraction.strict_json import parse_json
from crawler.extraction.subject import Script, Subject

MAX_SCRIPTS: Final = 120
MAX_CHARS: Final = 3_000_000
_KNOWN_CHARS: Final = 25_000
"""What a longer script carries is not remembered."""
_MAX_ASSIGNED: Final = 40
_MAX_LITERALS: Final = 12
_MAX_DEPTH: Final = 14
_MAX_REVIVED: Final = 50_000
_ASSIGNED: Final = re.compile(r"""[=(]\s?(?=[{\[]\s{0,20}["{\[])""")
_LITERAL: Final = re.compile(r"""=\s{0,3}(?=\{\s{0,20}[A-Za-z_$'][\w$']{0,40}\s?:)""")
_ASSIGNS: Final = re.compile(r"""[\w$\])"']\s{0,3}\Z""")
"""Before its sign, which is looked for first: most letters are before none."""
_PARSED: Final = re.compile(r"""JSON\.parse\(\s?(?=["'`])""")
_JS_STRING: Final = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`""", re.DOTALL)
_NUXT: Final = re.compile(
    r"__NUXT__\s?=\s?\(?\s?(?:function\s?\((?P<names>[\w$,\s]*)\)\s?\{|\((?P<arrow>[\w$,\s]*)\)\s?=>\s?\{)"
)
_RETURN: Final = re.compile(r"\breturn\s?\(?\s?(?=\{)")
_FLIGHT: Final = re.compile(r"self\.__next_f\.push\(\s?(?=\[)")
_FLIGHT_ROW: Final = re.compile(r"(?:^|\n)[0-9a-f]{1,4}:(?:[A-Z]{1,2})?(?=[\[{])")
_JSON_ATTRIBUTES: Final = strings("""//body//@*[starts-with(., '{"') or starts-with(., '[{"')]""")
_JSON_ATTRIBUTE: Final = re.compile(rb"""=\s*["']?(?:\[|&[#\w]{1,12};?)?(?:\{|&[#\w]{1,12};?)(?:"|&)""")
"""How such an attribute is written; any sign may be an entity."""
_REVIVED: Final = frozenset({"Reactive", "ShallowReactive", "Ref", "ShallowRef", "EmptyRef", "Island"})
_DECODER: Final = json.JSONDecoder(strict=False)


def own_scripts(subject: Subject) -> list[Script]:
    """Scripts that are neither JSON-LD nor templates."""
    kinds = ("ld+json", "template")
    return [s for s in subject.scripts if not any(k in s.type for k in kinds)][:MAX_SCRIPTS]


def script_values(subject: Subject, *, thoroughly: bool) -> Iterator[tuple[Carried, str]]:
    """Each value with its source ("__NEXT_DATA__", "script").

    Without `thoroughly` only of scripts that speak of a price, and no literals that are not JSON: it costs half.
    """
    flight: list[str] = []
    for script in own_scripts(subject):
        text = script.text
        if not 40 < len(text) <= MAX_CHARS or (not thoroughly and "rice" not in text):
            continue
        if "json" in script.type:
            value = parse_json(text)
            yield Carried(_revived(value) if script.id == "__NUXT_DATA__" else value), script.id or "script"
        elif "__next_f" in text:
            flight += _flight_texts(text)
        elif "__NUXT__" in text and (payload := _nuxt_payload(text)) is not None:
            yield Carried(payload), "__NUXT__"
        elif '"' in text or "'" in text:
            assigned = _known_assigned if len(text) <= _KNOWN_CHARS else _assigned
            yield from ((carried, script.id or "script") for carried in assigned(text, thoroughly))
    if flight:
        yield from ((Carried(value), "__next_f") for value in _flight_rows("".join(flight)))


def may_hold_attribute_values(page: Page) -> bool:
    """Whether an attribute of a page may begin as JSON does: the quick question before all attributes are walked."""
    return b"\x00" in page.body or _JSON_ATTRIBUTE.search(page.body) is not None


def attribute_values(subject: Subject) -> Iterator[tuple[Carried, str]]:
    """The JSON of attributes."""
    for text in _JSON_ATTRIBUTES(subject.root)[:50]:
        if 40 < len(text) <= MAX_CHARS:
            yield Carried(parse_json(text)), "attribute"


@lru_cache(maxsize=256)
def _known_assigned(text: str, literals: bool) -> tuple[Carried, ...]:
    """Most scripts of a page stand in all pages of its site."""
    return tuple(_assigned(text, literals))


def _assigned(text: str, literals: bool) -> Iterator[Carried]:
    """The values assigned to a variable or passed to a function in a script."""
    position = 0
    for _ in range(_MAX_ASSIGNED):
        match = _ASSIGNED.search(text, position)
        if match is None:
            break
        try:
            value, position = _DECODER.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            position = match.end() + 1
            continue
        yield Carried(value)
    if "JSON.parse" in text:
        for match in list(_PARSED.finditer(text))[:_MAX_LITERALS]:
            if quoted := _JS_STRING.match(text, match.end()):
                yield Carried(parse_json(unquoted(quoted[0])))
    yield from map(Carried, _literals(text) if literals else ())


def _literals(text: str) -> Iterator[Any]:
    """The first literals that are assigned to a name."""
    position = tried = 0
    for match in _LITERAL.finditer(text):
        if match.start() < position or not _ASSIGNS.search(text, max(position, match.start() - 4), match.start()):
            continue
        literal = read_literal(text, match.end())
        position = literal[1] if literal else match.end() + 1
        if literal:
            yield literal[0]
        tried += 1
        if tried >= _MAX_LITERALS:
            return


def _nuxt_payload(text: str) -> Any | None:
    """`window.__NUXT__=(function(a,b){return {data:[{title:a}]}}("x",1))`: the object with the arguments in place."""
    match = _NUXT.search(text)
    if match is None:
        return None
    names = [name.strip() for name in (match["names"] or match["arrow"] or "").split(",") if name.strip()]
    opening = _RETURN.search(text, match.end())
    first = read_literal(text, opening.end()) if opening else None
    if opening is None or first is None:
        return None
    call = text.find("(", first[1], first[1] + 20)
    arguments = read_literal(text, call) if call >= 0 else None
    if not names or arguments is None:
        return first[0]
    with_arguments = read_literal(text, opening.end(), dict(zip(names, arguments[0], strict=False)))
    return with_arguments[0] if with_arguments else None


def _revived(flat: Any) -> Any:
    """Nuxt 3's payload, where every value stands once in an array and objects hold places in it."""
    if not isinstance(flat, list) or not flat:
        return flat
    budget = [_MAX_REVIVED]

    def revive(at: Any, depth: int) -> Any:
        budget[0] -= 1
        if type(at) is not int or not 0 <= at < len(flat) or depth > _MAX_DEPTH or budget[0] < 0:
            return None
        value = flat[at]
        if isinstance(value, dict):
            return {key: revive(place, depth + 1) for key, place in value.items()}
        if isinstance(value, list):
            if value and isinstance(value[0], str):
                return revive(value[1], depth + 1) if value[0] in _REVIVED and len(value) > 1 else None
            return [revive(place, depth + 1) for place in value]
        return value

    return revive(0, 0)


def _flight_texts(text: str) -> Iterator[str]:
    for match in _FLIGHT.finditer(text):
        pushed = read_literal(text, match.end())
        if pushed and isinstance(pushed[0], list) and len(pushed[0]) > 1 and isinstance(pushed[0][1], str):
            yield pushed[0][1]


def _flight_rows(text: str) -> Iterator[Any]:
    for match in list(_FLIGHT_ROW.finditer(text))[:500]:
        try:
            yield _DECODER.raw_decode(text, match.end())[0]
        except (ValueError, RecursionError):
            continue
