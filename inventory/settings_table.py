"""The table of settings for the docs, made from the class that reads them."""

from __future__ import annotations

from pydantic import SecretStr

from inventory.settings import Settings


def settings_table() -> str:
    """Markdown: a row a setting with its name in the environment, default and meaning."""
    lines = ["| setting | default | meaning |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        shown = "" if default in (None, "") else f"`{default}`"
        secret = f"; also `{name.upper()}_FILE`" if "SecretStr" in str(field.annotation) else ""
        lines.append(f"| `{name.upper()}`{secret} | {shown} | {field.description} |")
    return "\n".join(lines) + "\n"
