"""Bearer tokens: the settings' key and algorithm and no other, an end, an audience, scopes."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from api.access.identity import AccessError, Refused
from api.access.tokens import Tokens, tokens_of
from inventory.settings import Settings, load_settings

SECRET = "s" * 40
AUDIENCE = "yardstick"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
P256 = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()


def _claims(**more: Any) -> dict[str, Any]:
    given = {"sub": "ann", "aud": AUDIENCE, "exp": int(time.time()) + 300, "scope": "read export other"} | more
    return {name: value for name, value in given.items() if value is not None}


def _tokens(**settings: Any) -> Tokens:
    found = tokens_of(load_settings(jwt_audience=AUDIENCE, **settings))
    assert found is not None
    return found


def _pem(key: Any) -> str:
    made: bytes = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return made.decode()


def test_a_good_token_says_who_and_what() -> None:
    found = _tokens(jwt_secret=SECRET).identity(jwt.encode(_claims(), SECRET, "HS256"))
    assert (found.name, found.scopes) == ("ann", {"read", "export"})


@pytest.mark.parametrize(
    ("claim", "scopes"),
    [
        ({"scp": ["read"]}, {"read"}),
        ({"scopes": ["export"]}, {"export"}),
        ({}, set()),
        ({"scope": 5}, set()),
        ({"scp": [["read"], "export"]}, {"export"}),
    ],
)
def test_scopes_may_stand_in_any_usual_claim(claim: dict[str, Any], scopes: set[str]) -> None:
    token = jwt.encode(_claims(scope=None) | claim, SECRET, "HS256")
    assert _tokens(jwt_secret=SECRET).identity(token).scopes == scopes


@pytest.mark.parametrize(
    "claims",
    [
        _claims(exp=int(time.time()) - 60),
        _claims(exp=None),
        _claims(aud="another"),
        _claims(aud=None),
        _claims(nbf=int(time.time()) + 600),
        _claims(iss="somebody"),
        _claims(iss=None),
    ],
)
def test_a_token_that_is_not_for_us_or_has_no_end_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        _tokens(jwt_secret=SECRET, jwt_issuer="https://id.example").identity(jwt.encode(claims, SECRET, "HS256"))


def _unsigned(claims: dict[str, Any]) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": "none", "typ": "JWT"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


def test_none_and_other_algorithms_are_refused() -> None:
    for token in (
        _unsigned(_claims()),
        jwt.encode(_claims(), SECRET * 2, "HS512"),
        jwt.encode(_claims(), "t" * 40, "HS256"),
        jwt.encode(_claims(), RSA, "RS256"),
        "no token",
        "a.b.c",
        "x" * 10_000,
    ):
        with pytest.raises(Refused):
            _tokens(jwt_secret=SECRET).identity(token)


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (P256, "ES256"), (ED, "EdDSA")])
def test_a_public_key_takes_its_own_algorithm_only(key: Any, algorithm: str) -> None:
    tokens = _tokens(jwt_public_key=_pem(key))
    assert tokens.identity(jwt.encode(_claims(), key, algorithm)).name == "ann"
    if key is RSA:
        with pytest.raises(Refused):
            tokens.identity(jwt.encode(_claims(), key, "PS256"))
    # The old trick: the public key taken for the secret of HS256.
    signing = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=").decode()
    body = jwt.encode(_claims(), SECRET, "HS256").split(".")[1]
    import hashlib
    import hmac

    signature = hmac.digest(_pem(key).encode(), f"{signing}.{body}".encode(), hashlib.sha256)
    forged = f"{signing}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    with pytest.raises(Refused):
        tokens.identity(forged)


def test_a_key_set_is_looked_up_by_kid() -> None:
    entries = [
        json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA.public_key())) | {"kid": "one", "use": "sig", "alg": "RS256"},
        json.loads(jwt.algorithms.ECAlgorithm.to_jwk(P256.public_key())) | {"kid": "two"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "three"},
    ]
    tokens = _tokens(jwt_jwks=json.dumps({"keys": entries}))
    assert tokens.identity(jwt.encode(_claims(), RSA, "RS256", headers={"kid": "one"})).name == "ann"
    assert tokens.identity(jwt.encode(_claims(), P256, "ES256", headers={"kid": "two"})).name == "ann"
    for key, algorithm, kid in ((RSA, "RS256", "two"), (RSA, "RS256", "nine"), (RSA, "RS256", None)):
        with pytest.raises(Refused):
            tokens.identity(jwt.encode(_claims(), key, algorithm, headers={"kid": kid} if kid else None))


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"jwt_secret": "short", "jwt_audience": "a"}, "JWT_SECRET"),
        ({"jwt_secret": SECRET}, "JWT_AUDIENCE"),
        ({"jwt_public_key": "no key", "jwt_audience": "a"}, "JWT_PUBLIC_KEY"),
        ({"jwt_jwks": "{}", "jwt_audience": "a"}, "JWT_JWKS"),
        ({"jwt_jwks": '{"keys":[]}', "jwt_audience": "a"}, "JWT_JWKS"),
        ({"jwt_jwks": "[1]", "jwt_audience": "a"}, "JWT_JWKS"),
        ({"jwt_secret": SECRET, "jwt_jwks": "{}", "jwt_audience": "a"}, "JWT_SECRET and JWT_JWKS"),
    ],
)
def test_settings_that_cannot_be_used_are_named_and_not_shown(settings: dict[str, str], named: str) -> None:
    with pytest.raises(AccessError, match=named) as refused:
        tokens_of(load_settings(**settings))
    assert "short" not in str(refused.value).replace("shorter", "")
    assert SECRET not in str(refused.value)


def test_without_a_key_there_are_no_tokens() -> None:
    assert tokens_of(Settings()) is None
