"""`${variable}` in documents: typed, escaped, traced to where it was given, and never a way to a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthanc_state.document.load import DocumentError, load, loads
from orthanc_state.document.variables import Variable, VariableError, Variables, from_assignment
from orthanc_state.errors import Place
from orthanc_state.kinds.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.document.document import Document

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
PLAIN = st.text(max_size=20).filter(lambda text: "${" not in text and not text.endswith("$"))


def document(text: str, **variables: Any) -> Document:
    return loads("version: 1\n" + text, name="site.yaml", environment={"SET": "canary"}, variables=variables)


def problem(text: str, **variables: Any) -> str:
    with pytest.raises(DocumentError) as caught:
        document(text, **variables)
    assert "canary" not in str(caught.value)
    return "\n".join(map(str, caught.value.problems))


def test_a_value_that_is_one_variable_has_its_type() -> None:
    text = """\
modalities:
  pacs: {aet: "${aet}", host: "${site}.${domain}", port: "${port}", allow_echo: "${echo}"}
  ct:
    aet: ${aet}2
    host: ct.${domain}
    port: ${port}
    timeout: 5
metrics: ${metrics}
"""
    sections = document(
        text, aet="PACS", site="lausanne", domain="example", port=11112, echo=False, metrics=True
    ).sections
    pacs, ct = sections["modalities"]["pacs"], sections["modalities"]["ct"]
    assert (pacs.aet, pacs.host, pacs.port, pacs.allow_echo) == ("PACS", "lausanne.example", 11112, False)
    assert (ct.aet, ct.host, ct.port) == ("PACS2", "ct.example", 11112)


def test_a_secret_is_a_whole_value_and_never_a_part_of_a_text() -> None:
    peer = 'peers: {{a: {{url: "http://a", username: {}, password: "{}"}}}}\n'
    secret = Secret("canary", "!env SET")
    found = document(peer.format("u", "${word}"), word=secret).sections["peers"]["a"]
    assert found.password == secret
    assert "is a secret, and cannot be a part" in problem(peer.format("u", "x${word}"), word=secret)
    assert "this field is not a secret" in problem(peer.format('"${word}"', "${word}"), word=secret)
    missing = Variable(Secret("", "!env X"), Place("fleet.yaml", 3, 4), "the environment variable X is not set")
    assert problem(peer.format("u", "${word}"), word=missing) == (
        "site.yaml:2:53: the variable `word`: the environment variable X is not set"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metrics: ${metrisc}", "site.yaml:2:10: there is no variable `metrisc` (did you mean `metrics`?)"),
        ("metrics: ${x}", "site.yaml:2:10: there is no variable `x` (known are metrics, a, b, port, long)"),
        ("metrics: ${not a name}", "site.yaml:2:10: `${` begins a variable, and this is none"),
        ("metrics: ${a}", "the variable `a` is made of itself: a → b → a"),
        ("metrics: {x: ${a}}", 'site.yaml:2:15: a variable that is not quoted (in braces, write "${NAME}")'),
        (
            "peers: {a: {url: 'http://a', username: u, password: !env '${SET}'}}",
            "site.yaml:2:53: !env takes no variables; a variable can be a reference itself",
        ),
        (
            "modalities:\n  a: {aet: A, host: h, port: '${port}'}",
            "site.yaml:3:30 modalities.a.port: `99999`: expected 65534 or less (from the variable `port` "
            "(fleet.yaml:7:8))",
        ),
        ("metrics: ${long}", "come to too many characters"),
    ],
)
def test_what_is_wrong_with_a_variable_has_a_place(text: str, expected: str) -> None:
    variables = {
        "metrics": True,
        "a": "${b}",
        "b": "${a}",
        "port": Variable(99999, Place("fleet.yaml", 7, 8)),
        "long": "${_}" * 2,
    }
    if "long" in text:
        variables["_"] = "x" * 60_000
    assert expected in problem(text, **variables)


def test_texts_of_texts_of_texts_take_no_time() -> None:
    variables = {f"v{number}": "".join(f"${{v{number + 1}}}" for _ in range(100)) for number in range(9)}
    assert "too many characters" in problem("metrics: ${v0}", **variables, v9="x")
    deep = {f"v{number}": f"${{v{number + 1}}}" for number in range(20)}
    assert "more than 10 variables stand in each other" in problem("metrics: ${v0}", **deep, v20="x")


def test_keys_and_templates_of_policies_are_left_alone() -> None:
    text = """\
policies:
  - name: hospital
    level: study
    metadata: {set: {"1024": "{InstitutionName} of ${site}"}}
"""
    (policy,) = document(text, site="Lausanne").sections["policies"]
    assert policy.metadata.set == {"1024": "{InstitutionName} of Lausanne"}
    assert "a name has only letters" in problem('modalities: {"${site}": {aet: A, host: h, port: 1}}', site="x")


def test_variables_tell_documents_apart_when_they_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text("version: 1\nmetrics: ${on}\n")
    digests = [load(path, variables=values).digest for values in ({"on": True}, {"on": False}, {"on": True, "x": 1})]
    assert digests[0] == digests[2] != digests[1]
    path.write_text("version: 1\nmetrics: true\n")
    assert load(path).digest == load(path, variables={"x": 1}).digest


@pytest.mark.parametrize(
    ("values", "message"), [({"a-b": 1}, "is no name of a variable"), ({"a": [1]}, "is neither a text, a number")]
)
def test_variables_that_are_none(values: dict[str, Any], message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        loads("version: 1\n", variables=values)


@pytest.mark.parametrize(
    ("text", "value"),
    [("a=1", 1), ("a=-5", -5), ("a=true", True), ("a=01", "01"), ("a=", ""), ("a=b=c", "b=c"), ("a=1.5", "1.5")],
)
def test_assignments(text: str, value: object) -> None:
    name, variable = from_assignment(text)
    assert (name, variable.value, type(variable.value)) == ("a", value, type(value))


@pytest.mark.parametrize("text", ["a", "=1", "a-b=1", "1a=1"])
def test_assignments_that_are_none(text: str) -> None:
    with pytest.raises(VariableError, match="expected NAME=VALUE"):
        from_assignment(text)


@given(text=st.text(alphabet="${}ab", max_size=30))
def test_law_what_is_escaped_stands_for_itself(text: str) -> None:
    assert Variables({}).put_into(text.replace("${", "$${")) == (text, ())


@given(values=st.dictionaries(NAMES, PLAIN, min_size=1), between=st.lists(PLAIN, min_size=2), data=st.data())
def test_law_each_use_is_replaced_and_nothing_else(
    values: dict[str, str], between: list[str], data: st.DataObject
) -> None:
    used = [data.draw(st.sampled_from(sorted(values))) for _ in between[1:]]
    template = between[0] + "".join(f"${{{name}}}{text}" for name, text in zip(used, between[1:], strict=True))
    expected = between[0] + "".join(values[name] + text for name, text in zip(used, between[1:], strict=True))
    found, taken = Variables(values).put_into(template)
    assert found == expected
    assert {each.name for each in taken} == set(used)


@given(value=st.one_of(st.integers(), st.booleans(), st.floats(allow_nan=False), PLAIN), depth=st.integers(0, 8))
def test_law_a_type_is_kept_through_variables_of_variables(value: object, depth: int) -> None:
    chain: dict[str, object] = {f"v{number}": f"${{v{number + 1}}}" for number in range(depth)}
    found, taken = Variables({**chain, f"v{depth}": value}).put_into("${v0}")
    assert (found, type(found)) == (value, type(value))
    assert len(taken) == depth + 1
