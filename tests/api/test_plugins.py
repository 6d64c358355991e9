"""The plugins of a server: one of Debian's package."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc
from orthanc_state.client import NotFoundError

if TYPE_CHECKING:
    from orthanc_state.testing import OrthancServer


def test_one_that_is_loaded(
    orthanc: Orthanc, orthanc_server: OrthancServer, start_orthanc: Callable[..., OrthancServer]
) -> None:
    assert orthanc.plugins.names() == ["explorer.js"]
    with pytest.raises(NotFoundError):
        orthanc.plugins["serve-folders"].information()
    if (root := orthanc_server.installation.root) is None:
        pytest.skip("this Orthanc was not unpacked here, so its plugins are nowhere")
    (library,) = root.glob("usr/lib/orthanc/libServeFolders.so.*")
    with Orthanc(start_orthanc({"Plugins": [str(library)]}).url) as extended:
        assert extended.plugins.names() == ["explorer.js", "serve-folders"]
        information = extended.plugins["serve-folders"].information()
        assert (information["ID"], information["Version"]) == ("serve-folders", orthanc_server.version)
        assert information["ExtendsOrthancExplorer"] is False
        assert "folders" in information["Description"]


def test_what_they_add_to_orthanc_explorer(orthanc: Orthanc) -> None:
    assert orthanc.plugins.explorer_js().startswith("// Extensions to Orthanc Explorer")
