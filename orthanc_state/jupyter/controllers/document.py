"""The document that somebody edits: one text, of which forms are another side."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from orthanc_state.client.partial_file import PartialFile
from orthanc_state.document.load import DocumentError, loads
from orthanc_state.document.reader import content_of
from orthanc_state.document.write import variable_for
from orthanc_state.errors import OrthancStateError
from orthanc_state.jupyter.controllers.editor import EditError, Editor, written
from orthanc_state.jupyter.controllers.forms import section_form, section_forms
from orthanc_state.jupyter.controllers.observable import Observable
from orthanc_state.kinds.constraints import NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthanc_state.client import Orthanc
    from orthanc_state.document.document import Document
    from orthanc_state.errors import Problem

BEGINNING = "version: 1\n"


class DocumentController(Observable):
    """One document with its text, and what is wrong with it.

    A secret that stands in the text itself is taken out of it, and a reference put in its place: what a notebook shows
    is saved with it.

    Args:
        text: The document to begin with.
        environment: Where `!env` looks; the environment of the process if None.

    Attributes:
        text: The document as YAML.
        path: The file that it was opened from or saved to; None where there is none.
        document: What the text says; None while something is wrong with it.
        problems: What is wrong with it.
        taken: The environment variables that stand for secrets which were taken out of the text.
        revision: Another number after each change of the text that did not come from whoever writes it as YAML.
    """

    def __init__(self, text: str = BEGINNING, *, environment: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.text = ""
        self.path: Path | None = None
        self.document: Document | None = None
        self.problems: tuple[Problem, ...] = ()
        self.taken: tuple[str, ...] = ()
        self.revision = 0
        self._environment = environment
        self._saved = ""
        self._on_disk: bytes | None = None
        self._line_end = "\n"
        self._editor: Editor | None = None
        self._take(text)
        self._saved = self.text

    @property
    def dirty(self) -> bool:
        """Whether it was changed since it was opened or saved."""
        return self.text != self._saved

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.path) if self.path is not None else "the document"

    def write(self, text: str) -> None:
        """Somebody has written the text."""
        if text != self.text:
            self._take(text, typed=True)
            self.changed()

    def open(self, path: str) -> None:
        """Open a file.

        Raises:
            OrthancStateError: It cannot be read.
        """
        if not path.strip():
            raise OrthancStateError("no file was given", hint="Write its name: site.yaml.")
        file = Path(path.strip())
        content, problem = content_of(file)
        if problem is not None:
            raise OrthancStateError(str(problem))
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise OrthancStateError(f"{file} is not text in UTF-8") from None
        self.path = file
        self._on_disk = content
        self._line_end = "\r\n" if "\r\n" in text else "\n"
        self._take(text.replace("\r\n", "\n"))
        self._saved = self.text
        self.changed()

    def save(self, path: str = "") -> None:
        """Save it: whole, or not at all.

        Args:
            path: The file; the one that it was opened from if empty.

        Raises:
            OrthancStateError: It cannot be written, or somebody else has changed it since it was opened.
        """
        file = Path(path.strip()) if path.strip() else self.path
        if file is None:
            raise OrthancStateError("no file was given", hint="Write its name: site.yaml.")
        self._refuse_to_overwrite(file)
        content = self.text.replace("\n", self._line_end).encode()
        try:
            with PartialFile(file) as partial:
                partial.write(content)
                partial.sync()
        except (OSError, ValueError) as error:
            reason = error.strerror or str(error) if isinstance(error, OSError) else "no file can have this name"
            raise OrthancStateError(f"cannot write {file}: {reason}") from None
        self.path, self._on_disk, self._saved = file, content, self.text
        self._validate()
        self.changed()

    def take_from(self, orthanc: Orthanc) -> None:
        """Begin with what a server is now.

        Raises:
            ClientError: It cannot be reached.
        """
        from orthanc_state.engine import dump

        self._take(dump(orthanc).text)
        self.changed()

    def entries(self, section: str) -> list[str]:
        """The entries of a section: their names, or their numbers."""
        return self._editor.entries(section_form(section).kind) if self._editor is not None else []

    def title(self, section: str, entry: str) -> str:
        """What an entry is called: of one that is counted, the name that it gives itself."""
        if section_form(section).numbered:
            return self.value(section, entry, "name") or f"number {int(entry) + 1}"
        return entry

    def value(self, section: str, entry: str, field: str) -> str:
        """What is written in a field of the form; empty where nothing is."""
        return written(self._editor.value(section_form(section).kind, entry, field)) if self._editor else ""

    def declares(self, section: str) -> bool:
        """Whether the document has a section."""
        return self._editor is not None and self._editor.declares(section_form(section).kind)

    def prunes(self, section: str) -> bool:
        """Whether what a section does not declare is to be removed."""
        return self._editor is not None and self._editor.prunes(section_form(section).kind)

    def problems_of(self, section: str, entry: str, field: str) -> str:
        """What is wrong with a field, in words; empty where nothing is."""
        path = ".".join(filter(None, [section, entry, field]))
        return "; ".join(problem.message for problem in self.problems if problem.field == path)

    def set(self, section: str, entry: str, field: str, text: str) -> None:
        """Somebody has written a field of the form; empty is left out of the document.

        Raises:
            EditError: It cannot stand there.
        """
        form = section_form(section)
        value = form.field(field).parsed(text)
        editor = self._edit()
        if value is None:
            editor.remove(form.kind, entry, field)
        else:
            editor.set(form.kind, entry, field, value)
        self._edited(editor)

    def add(self, section: str, name: str) -> str:
        """Add an entry.

        Args:
            section: The section.
            name: Its name; of one that is counted, what it calls itself.

        Returns:
            The entry: its name, or its number.

        Raises:
            EditError: It cannot have this name, or there is one already.
        """
        form, name = section_form(section), name.strip()
        if not name:
            raise EditError("an entry needs a name", hint="Write it first.")
        editor = self._edit()
        if not form.numbered:
            self._check_new(editor, section, name)
        entry = editor.add(form.kind, name)
        self._edited(editor)
        return entry

    def remove(self, section: str, entry: str) -> None:
        """Take an entry, or with none a whole section, out of the document."""
        editor = self._edit()
        editor.remove(section_form(section).kind, entry)
        self._edited(editor)

    def set_prune(self, section: str, *, on: bool) -> None:
        """Say whether what a section does not declare is to be removed."""
        editor = self._edit()
        editor.set_prune(section_form(section).kind, on=on)
        self._edited(editor)

    def _check_new(self, editor: Editor, section: str, name: str) -> None:
        if section != "dicomweb_servers" and re.fullmatch(NAME, name) is None:
            raise EditError(f"`{name}` cannot be a name", hint="It has letters, digits, `-` and `_` only.")
        if name in editor.entries(section_form(section).kind):
            raise EditError(f"{section} has a `{name}` already")

    def _edit(self) -> Editor:
        return Editor(self.text)

    def _edited(self, editor: Editor) -> None:
        self._take(editor.text)
        self.changed()

    def _take(self, text: str, *, typed: bool = False) -> None:
        self.text, self.taken = _without_secrets(text)
        if not typed or self.text != text:
            self.revision += 1
        self._validate()

    def _validate(self) -> None:
        try:
            self._editor = Editor(self.text)
        except EditError:
            self._editor = None
        try:
            folder = self.path.parent if self.path is not None else Path()
            self.document = loads(self.text, name=self.name, environment=self._environment, folder=folder)
            self.problems = ()
        except DocumentError as error:
            self.document, self.problems = None, error.problems

    def _refuse_to_overwrite(self, file: Path) -> None:
        """Refuse to write over what somebody else has written."""
        try:
            there = file.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise OrthancStateError(f"cannot write {file}: {error.strerror}") from None
        known = self.path is not None and os.path.abspath(file) == os.path.abspath(self.path)
        if not known:
            raise OrthancStateError(f"{file} is there already", hint="Save under another name, or open it first.")
        if there != self._on_disk:
            hint = "Save under another name, or open it again and lose what was changed here."
            raise OrthancStateError(f"{file} was changed by somebody else since it was opened", hint=hint)


def _without_secrets(text: str) -> tuple[str, tuple[str, ...]]:
    """A text with a reference in the place of each secret that stands in it, and the names of the variables."""
    try:
        editor = Editor(text)
    except EditError:
        return text, ()
    names: list[str] = []
    for form in section_forms():
        for entry, field, name in list(editor.clear_secrets(form.kind)):
            path = [*form.kind.path, entry, field, *([name] if name else [])]
            variable = variable_for(path, set(names))
            editor.replace_secret(form.kind, entry, field, name, f"!env {variable}")
            names.append(variable)
    return (editor.text, tuple(names)) if names else (text, ())
