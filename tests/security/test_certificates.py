"""Certificates are checked, always: no switch turns that off, and no place in the source does."""

from __future__ import annotations

import re
from pathlib import Path

import orthanc_state

SOURCE = Path(orthanc_state.__file__).parent
OFF = re.compile(
    r"(Client|Transport|request|get)\([^)]*verify\s*=\s*False|CERT_NONE|check_hostname\s*=\s*False|_create_unverified"
)
LOOKS_ONLY = "checks/certificates.py"
"""It reads the certificate of a server to tell when it expires, and sends nothing."""


def test_the_source_turns_checking_off_only_where_it_looks_at_a_certificate() -> None:
    found = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py") if OFF.search(path.read_text())}
    assert found == {LOOKS_ONLY}
    assert not re.search(r"\.send|sendall|\.write\(", (SOURCE / LOOKS_ONLY).read_text())


def test_no_option_and_no_variable_turns_checking_off() -> None:
    from tools.command_line import commands

    for command in commands():
        for option in command.options:
            assert not re.search(r"insecure|no-verify|no-check|skip-tls", option.spelling), option.spelling
    text = "".join(path.read_text() for path in SOURCE.rglob("*.py"))
    assert not re.search(r"environ[^\n]*(INSECURE|VERIFY)", text)
