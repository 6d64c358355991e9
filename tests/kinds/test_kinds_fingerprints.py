"""Records of secrets: told apart where they differ, telling nothing, and no record of a server can do harm."""

from __future__ import annotations

import json
from time import process_time
from typing import Any, Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orthanc_state.document.load import from_data
from orthanc_state.kinds.fingerprint import PROPERTY, SALT_LENGTH, Fingerprints, Record
from orthanc_state.kinds.kind import Context
from orthanc_state.kinds.peers import KIND as PEERS
from orthanc_state.kinds.secret import Secret

SALT = bytes(range(SALT_LENGTH))
OTHER_SALT = bytes(SALT_LENGTH)
KEY = Secret("the key of the site", "!env KEY")
ADDRESS = "peers/backup/password"

Mode = Literal["scrypt", "key"]


def made(mode: Mode) -> Fingerprints:
    return Fingerprints("key", KEY) if mode == "key" else Fingerprints(mode)


@pytest.mark.parametrize(
    ("mode", "digest"), [("scrypt", "IU3i3sW4HBh6ddP036O+Fv+7"), ("key", "IAbYlsj+aQB+4v19I5hOJDMN")]
)
def test_a_digest_is_the_same_for_ever(mode: Mode, digest: str) -> None:
    # Were it to change, every secret of every server would look rotated.
    assert made(mode).digest(Secret("s3cret pässword"), SALT, ADDRESS) == digest


@pytest.mark.parametrize("mode", ["scrypt", "key"])
def test_a_digest_is_of_the_secret_the_address_and_the_salt(mode: Mode) -> None:
    one = made(mode).digest(Secret("a", "!env A"), SALT, ADDRESS)
    assert made(mode).digest(Secret("a", "!file b"), SALT, ADDRESS) == one, "not of where it was read from"
    digests = {
        one,
        made(mode).digest(Secret("b"), SALT, ADDRESS),
        made(mode).digest(Secret("a"), OTHER_SALT, ADDRESS),
        made(mode).digest(Secret("a"), SALT, "peers/other/password"),
        made(mode).digest(Secret("a"), SALT, "peers/backup/http_headers.X"),
    }
    assert len(digests) == 5
    assert len(one) == 24


def test_another_key_gives_another_digest() -> None:
    digests = {Fingerprints("key", Secret(key)).digest(Secret("a"), SALT, ADDRESS) for key in ("k", "K", "k2")}
    assert len(digests) == 3
    assert made("scrypt").digest(Secret("a"), SALT, ADDRESS) not in digests


@pytest.mark.parametrize("mode", ["scrypt", "key"])
def test_a_record_is_read_by_the_mode_that_wrote_it_and_by_no_other(mode: Mode) -> None:
    record = Record(SALT, {"password": "digest", "http_headers.X": "other"})
    text = made(mode).dump(record)
    assert made(mode).load(text) == record
    others = [Fingerprints("off"), made("key" if mode == "scrypt" else "scrypt")]
    assert [other.load(text) for other in others] == [None, None]


def test_a_record_holds_neither_secret_nor_key() -> None:
    fingerprints = made("key")
    digest = fingerprints.digest(Secret("hunter2"), SALT, ADDRESS)
    text = fingerprints.dump(Record(SALT, {"password": digest}))
    assert "hunter2" not in text
    assert KEY.reveal() not in text
    assert KEY.reveal() not in repr(fingerprints)
    assert set(json.loads(text)) == {"v", "kdf", "salt", "digests"}


@pytest.mark.parametrize(("mode", "key"), [("key", None), ("scrypt", KEY), ("off", KEY)])
def test_a_key_belongs_to_its_mode_alone(mode: Any, key: Secret | None) -> None:
    with pytest.raises(ValueError, match="needs a key, and no other mode takes one"):
        Fingerprints(mode, key)


def test_fingerprints_are_on_unless_they_are_off() -> None:
    assert made("scrypt").on
    assert made("key").on
    assert not Fingerprints("off").on


def test_the_records_of_a_server_share_a_salt() -> None:
    fingerprints = made("scrypt")
    record = Record(SALT, {})
    assert fingerprints.salt_for([None, record, Record(OTHER_SALT, {})]) == SALT
    new = fingerprints.salt_for([None])
    assert new == fingerprints.salt_for([])
    assert len(new) == SALT_LENGTH
    assert made("scrypt").salt_for([]) != new, "another run makes another one"


# Hostile records

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "v": st.just(1) | JSON,
        "kdf": st.sampled_from(["scrypt", "key", "off"]) | JSON,
        "salt": st.sampled_from(["AAECAwQFBgcICQoLDA0ODw==", "AAAA", "é", "", "AAECAwQFBgcICQoLDA0ODw"]) | JSON,
        "digests": st.dictionaries(st.text(max_size=8), JSON, max_size=3) | JSON,
        "n": st.just(2**60),
    },
)


@settings(max_examples=100)
@given((RECORDS | JSON).map(json.dumps) | st.text() | JSON | st.binary(max_size=20))
@example("[" * 200_000)
@example('{"a":' * 200_000)
@example('{"v":1,"kdf":"scrypt","salt":' + "[" * 100_000)
@example("9" * 100_000)
@example('{"v":' + "9" * 5_000 + "}")
@example('{"v":1,"kdf":"scrypt","salt":"\\ud800","digests":{}}')
@example("\ufeff{}")
@example("NaN")
def test_any_record_of_a_server_is_read_or_ignored(text: object) -> None:
    for fingerprints in (made("scrypt"), made("key"), Fingerprints("off")):
        record = fingerprints.load(text)
        if record is not None:
            assert len(record.salt) == SALT_LENGTH
            assert all(isinstance(item, str) for pair in record.digests.items() for item in pair)


def test_a_forged_record_cannot_make_the_check_expensive() -> None:
    forged = {"v": 1, "kdf": "scrypt", "salt": "AAECAwQFBgcICQoLDA0ODw==", "digests": {}, "n": 2**30, "r": 64, "p": 64}
    record = made("scrypt").load(json.dumps(forged))
    assert record == Record(SALT, {})
    start = process_time()
    made("scrypt").digest(Secret("a"), record.salt, ADDRESS)
    assert process_time() - start < 2


# What they cost


def seconds(run: Any) -> float:
    start = process_time()
    run()
    return process_time() - start


def test_equal_secrets_cost_one_derivation() -> None:
    one = min(seconds(lambda: made("scrypt").digest(Secret("a"), SALT, ADDRESS)) for _ in range(2))
    fingerprints = made("scrypt")
    secrets = [Secret("a", f"!env NAME_{number}") for number in range(200)]
    many = seconds(lambda: fingerprints.prepare((secret, SALT) for secret in secrets))
    many += seconds(lambda: [fingerprints.digest(secret, SALT, f"peers/{secret.reference}") for secret in secrets])
    assert many < 20 * one, "200 derivations would take 200 times as long"


def test_what_is_prepared_is_not_derived_again() -> None:
    fingerprints = made("scrypt")
    secrets = [Secret(f"secret {number}") for number in range(6)]
    preparing = seconds(lambda: fingerprints.prepare((secret, SALT) for secret in secrets))
    digests: list[str] = []
    digesting = seconds(lambda: digests.extend(fingerprints.digest(secret, SALT, ADDRESS) for secret in secrets))
    assert digesting < preparing / 5
    assert digests[0] == made("scrypt").digest(secrets[0], SALT, ADDRESS)
    assert len(set(digests)) == 6


def test_a_key_costs_nothing() -> None:
    one = min(seconds(lambda: made("scrypt").digest(Secret("a"), SALT, ADDRESS)) for _ in range(2))
    keyed = made("key")
    assert seconds(lambda: [keyed.digest(Secret(f"s{number}"), SALT, ADDRESS) for number in range(200)]) < 2 * one


def test_a_document_of_200_peers_with_one_password_costs_one_derivation() -> None:
    peers = {f"p{number}": {"url": "http://h", "username": "u", "password": "one for all"} for number in range(200)}
    document = from_data({"version": 1, "peers": peers})
    context = Context((1, 12, 7), document.fingerprints)
    one = min(seconds(lambda: made("scrypt").digest(Secret("a"), SALT, ADDRESS)) for _ in range(2))
    digests: set[str] = set()

    def compare() -> None:
        for wanted in PEERS.wanted(document.sections["peers"], {}, {}, context):
            assert wanted.state is not None
            digests.add(wanted.state["password"].digest)  # type: ignore[union-attr, arg-type]

    assert seconds(compare) < 20 * one
    assert len(digests) == 200, "and nobody sees that the passwords are the same"


def test_peers_keep_the_salts_of_their_records() -> None:
    fingerprints = made("key")
    context = Context((1, 12, 7), fingerprints)
    kind = PEERS
    section = from_data(
        {
            "version": 1,
            "peers": {name: {"url": "http://h", "username": "u", "password": "p"} for name in ("old", "new")},
        }
    ).sections["peers"]
    digest = fingerprints.digest(Secret("p"), SALT, "peers/old/password")
    raw = {
        "old": {
            "Url": "http://h/",
            "Username": "u",
            "Password": None,
            PROPERTY: fingerprints.dump(Record(SALT, {"password": digest})),
        }
    }
    live = kind.live(raw, section, context)
    old, new = kind.wanted(section, raw, live, context)
    assert old.state is not None
    assert old.state["password"] == live["old"]["password"], "the same secret is no change"
    assert (old.private, new.private) == (SALT, SALT)
