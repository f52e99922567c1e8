"""JWT bearer tokens: signed by whom the settings name, with the algorithm of that key and no other, and with an end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from api.access.identity import SCOPES, AccessError, Identity, Refused
from inventory.settings import Settings

SHORTEST_SECRET: Final = 32
LONGEST_TOKEN: Final = 8192
LEEWAY_S: Final = 30
CLAIMS_OF_SCOPES: Final = ("scope", "scp", "scopes")
_ASYMMETRIC: Final = ("RS256", "ES256", "EdDSA")


@dataclass(frozen=True, slots=True)
class Tokens:
    """`keys`: `kid` → key and its one algorithm; the key without a `kid` stands under None."""

    keys: Mapping[str | None, tuple[Any, str]]
    issuer: str | None
    audience: str

    def identity(self, token: str) -> Identity:
        """Whose token this is. Raises `Refused`."""
        if len(token) > LONGEST_TOKEN:
            raise Refused("The token is too long.")
        try:
            key, algorithm = self._key(jwt.get_unverified_header(token))
            required = ["exp", "aud", *(["iss"] if self.issuer else [])]
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self.audience,
                issuer=self.issuer,
                leeway=LEEWAY_S,
                options={"require": required},
            )
        except jwt.ExpiredSignatureError:
            raise Refused("The token has expired.") from None
        except jwt.PyJWTError:
            raise Refused("The token is not one that this API accepts.") from None
        return Identity(str(claims.get("sub") or "token")[:64], _scopes(claims))

    def _key(self, header: Mapping[str, Any]) -> tuple[Any, str]:
        found = self.keys.get(header.get("kid")) or self.keys.get(None)
        if found is None:
            raise Refused("The token names a key that this API does not know.")
        return found


def tokens_of(settings: Settings) -> Tokens | None:
    """What the settings accept; None where they name no key. Raises `AccessError`."""
    keys: dict[str | None, tuple[Any, str]] = {}
    given = [name for name in ("jwt_secret", "jwt_public_key", "jwt_jwks") if getattr(settings, name) is not None]
    if not given:
        return None
    if len(given) > 1:
        raise AccessError(f"{' and '.join(name.upper() for name in given)}: set one of them")
    if not settings.jwt_audience:
        raise AccessError("JWT_AUDIENCE: must be set where tokens are accepted: whom they are for")
    if settings.jwt_secret is not None:
        secret = settings.jwt_secret.get_secret_value().encode()
        if len(secret) < SHORTEST_SECRET:
            raise AccessError(f"JWT_SECRET: shorter than {SHORTEST_SECRET} bytes")
        keys[None] = secret, "HS256"
    if settings.jwt_public_key is not None:
        keys[None] = _public_key(settings.jwt_public_key.get_secret_value())
    if settings.jwt_jwks is not None:
        keys |= _key_set(settings.jwt_jwks.get_secret_value())
    return Tokens(keys, settings.jwt_issuer or None, settings.jwt_audience)


def _public_key(pem: str) -> tuple[Any, str]:
    try:
        key = load_pem_public_key(pem.replace("\\n", "\n").encode())
    except ValueError:
        raise AccessError("JWT_PUBLIC_KEY: is no public key in PEM") from None
    if isinstance(key, RSAPublicKey) and key.key_size >= 2048:
        return key, "RS256"
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key, "ES256"
    if isinstance(key, Ed25519PublicKey):
        return key, "EdDSA"
    raise AccessError("JWT_PUBLIC_KEY: is none of RSA (2048 bits and more), P-256 and Ed25519")


def _key_set(text: str) -> dict[str | None, tuple[Any, str]]:
    """Only public signature keys of ours kinds are taken; others may stand beside them."""
    found: dict[str | None, tuple[Any, str]] = {}
    try:
        for entry in json.loads(text)["keys"]:
            if entry.get("use", "sig") != "sig" or entry.get("kty") == "oct":
                continue
            key = jwt.PyJWK(entry)
            if key.algorithm_name in _ASYMMETRIC and "d" not in entry:
                found[entry.get("kid")] = key.key, key.algorithm_name
    except (ValueError, TypeError, KeyError, AttributeError, jwt.PyJWTError):
        raise AccessError("JWT_JWKS: is no JSON Web Key Set") from None
    if not found:
        raise AccessError(f"JWT_JWKS: has no public key for {', '.join(_ASYMMETRIC)}")
    return found


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    named: set[str] = set()
    for claim in CLAIMS_OF_SCOPES:
        value = claims.get(claim)
        words = value.split() if isinstance(value, str) else value if isinstance(value, list) else []
        named |= {word for word in words if isinstance(word, str)}
    return frozenset(scope for scope in SCOPES if scope in named)
