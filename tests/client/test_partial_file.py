"""A file is under its name whole or not at all, however it was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from orthanc_state.client.partial_file import PartialFile

_MEBIBYTE = 2**20


@pytest.mark.parametrize("sizes", [[0], [1], [8 * _MEBIBYTE], [5 * _MEBIBYTE] * 4 + [3], [20 * _MEBIBYTE + 1, 0, 7]])
def test_what_is_written_in_pieces_of_any_size_is_there(tmp_path: Path, sizes: list[int]) -> None:
    target = tmp_path / "archive.zip"
    pieces = [bytes([number + 1]) * size for number, size in enumerate(sizes)]
    with PartialFile(target) as file:
        for piece in pieces:
            file.write(piece)
        assert not target.exists()
        file.sync()
    assert target.read_bytes() == b"".join(pieces)
    assert list(tmp_path.iterdir()) == [target]


def test_a_failure_after_much_was_written_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    target = tmp_path / "archive.zip"
    target.write_bytes(b"before")

    def fail() -> None:
        with PartialFile(target) as file:
            file.write(b"x" * (9 * _MEBIBYTE))
            raise RuntimeError("the server is gone")

    with pytest.raises(RuntimeError, match="is gone"):
        fail()
    assert target.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [target]
