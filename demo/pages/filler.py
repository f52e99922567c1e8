"""The weight of real pages: style sheets, bundles, mega-menus and banners that a crawler must see past.

Everything is drawn from a `Random` of the dealer's own, so that pages are the same in every run.
"""

from __future__ import annotations

from random import Random
from typing import Final

WORDS: Final = [
    "nav",
    "item",
    "list",
    "grid",
    "hero",
    "card",
    "badge",
    "panel",
    "row",
    "col",
    "media",
    "wrap",
    "inner",
    "outer",
    "title",
    "text",
    "link",
    "icon",
    "menu",
    "drawer",
    "modal",
    "btn",
    "field",
    "label",
    "input",
    "form",
    "tab",
    "pill",
    "chip",
    "toast",
    "banner",
    "slide",
    "thumb",
    "zoom",
    "rate",
    "star",
    "cart",
    "quote",
    "lead",
    "crumb",
    "foot",
    "head",
]
PROPERTIES: Final = (
    "margin:{n}px", "padding:{n}px {m}px", "font-size:{n}px", "line-height:1.{n}", "color:#{h}", "background:#{h}",
    "border:1px solid #{h}", "border-radius:{n}px", "display:flex", "flex:0 0 {m}%", "width:{m}%", "max-width:{n}0px",
    "transition:all .{n}s ease", "transform:translateY(-{n}px)", "box-shadow:0 {n}px {m}px rgba(0,0,0,.1)",
)  # fmt: skip


def _css_rule(rng: Random) -> str:
    names = f".{rng.choice(WORDS)}-{rng.choice(WORDS)}__{rng.choice(WORDS)}"
    body = ";".join(
        rng.choice(PROPERTIES).format(n=rng.randint(2, 32), m=rng.randint(4, 100), h=f"{rng.randrange(16**6):06x}")
        for _ in range(rng.randint(2, 5))
    )
    rule = f"{names}{{{body}}}"
    return f"@media(min-width:{rng.choice((576, 768, 992, 1200))}px){{{rule}}}" if rng.random() < 0.15 else rule


def css(rng: Random, size: int) -> str:
    """About `size` bytes of a compiled style sheet."""
    rules: list[str] = []
    length = 0
    while length < size:
        rules.append(_css_rule(rng))
        length += len(rules[-1])
    return "".join(rules)


def functions(rng: Random, size: int) -> list[str]:
    """About `size` bytes of a minified bundle: valid JavaScript that defines functions and variables and calls none."""
    made: list[str] = []
    length = 0
    while length < size:
        a, b = rng.choice(WORDS), rng.choice(WORDS)
        number = rng.randrange(10**6)
        made.append(
            rng.choice(
                (
                    f"function _{a}{number}(e,t){{return e&&e.{b}?t({number},e.{b}):null}}",
                    f"var _{b}{number}=function(e){{for(var "
                    f't=0,n=[];t<e.length;t++)n.push(e[t].{a}||"{a}-{b}");return n}};',
                    f'function _{b}{number}(e){{if(!e)throw new Error("{a} #{number}");return '
                    f"Object.assign({{{a}:!0}},e)}}",
                    f'var _{a}{number}={{id:{number},name:"{a}",selector:".{a}-{b}",delay:{rng.randint(50, 900)}}};',
                )
            )
        )
        length += len(made[-1])
    return made


def bundle(parts: list[str]) -> str:
    """The functions as an inline script."""
    return "<script>!function(){" + "".join(parts) + "}();</script>"


def icons(rng: Random, size: int) -> str:
    """About `size` bytes of an inline SVG sprite."""
    symbols: list[str] = []
    length = 0
    while length < size:
        path = "".join(f"{rng.choice('MLHVCSQ')}{rng.uniform(0, 24):.2f} {rng.uniform(0, 24):.2f}" for _ in range(24))
        symbols.append(
            f'<symbol id="i-{rng.choice(WORDS)}-{len(symbols)}" viewBox="0 0 24 24"><path d="{path}z"/></symbol>'
        )
        length += len(symbols[-1])
    return f'<svg xmlns="http://www.w3.org/2000/svg" style="display:none">{"".join(symbols)}</svg>'


def mega_menu(groups: list[tuple[str, list[tuple[str, str]]]], promo: str = "") -> str:
    """Navigation with a panel per group of (text, href), and a promotion in each as shops have it."""
    panels = "".join(
        f'<li class="mega__item"><a class="mega__top" href="{links[0][1] if links else "/"}">{name}</a>'
        '<div class="mega__panel"><ul>'
        + "".join(
            f'<li><a class="mega__link" href="{href}" data-track="nav|{text}">{text}</a></li>' for text, href in links
        )
        + f'</ul><div class="mega__promo">{promo}</div></div></li>'
        for name, links in groups
    )
    return f'<nav class="mega" aria-label="Main"><ul class="mega__list">{panels}</ul></nav>'


def cookie_banner(text: str, accept: str) -> str:
    return (
        '<div id="consent" class="consent" role="dialog" aria-live="polite"><p>' + text + "</p>"
        f'<button type="button">{accept}</button><button type="button">Preferences</button></div>'
    )


class Ballast:
    """A dealer's shared parts: `head` goes into every head, one of `tails` behind every page.

    `kilobytes` is what a page shall weigh at least and at most, before its own middle.
    """

    def __init__(self, seed: str, kilobytes: tuple[int, int]) -> None:
        rng = Random(f"ballast {seed}")
        low, high = kilobytes[0] * 1000, kilobytes[1] * 1000
        third = low // 3
        self.head = f"<style>{css(rng, third)}</style>".encode()
        self.top = icons(rng, third // 2).encode()
        rest = max(low - third - third // 2, 200)
        parts = functions(rng, rest + high - low)
        # The tails are beginnings of one bundle: each page of a dealer is a bit heavier or lighter.
        shares = [(rest + (high - low) * step // 3) / (rest + high - low) for step in range(4)]
        self.tails = tuple(bundle(parts[: int(len(parts) * share)]).encode() for share in shares)

    def tail(self, share: float) -> bytes:
        """One of the tails, by a number from 0 to 1 that is the page's own."""
        return self.tails[min(int(share * len(self.tails)), len(self.tails) - 1)]
