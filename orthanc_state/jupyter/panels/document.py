"""Document: what the server should be, in forms and as YAML; both are the same document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from orthanc_state.errors import OrthancStateError
from orthanc_state.jupyter.controllers.forms import Control, section_form, section_forms
from orthanc_state.jupyter.controls import area, bar, button, checkbox, choice, form, labelled, submit, text, told
from orthanc_state.jupyter.panels.panel import Panel
from orthanc_state.render.element import element

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from xml.etree.ElementTree import Element

    from orthanc_state.jupyter.controllers.document import DocumentController
    from orthanc_state.jupyter.controllers.forms import FormField, SectionForm
    from orthanc_state.jupyter.controllers.session import Session

YAML = "yaml"
"""The side that is the text itself."""

LEFT_OUT = ""


class DocumentPanel(Panel):
    """Edits a document.

    Args:
        controller: The document.
        session: A server to begin from; None for none.
    """

    title: ClassVar[str] = "Document"
    name: ClassVar[str] = "document"

    def __init__(self, controller: DocumentController, session: Session | None = None) -> None:
        self.controller = controller
        self.session = session
        self._side = "modalities"
        self._entry = ""
        self._file = str(controller.path or "site.yaml")
        # What was written in a field and cannot stand there, until it is written anew.
        self._rejected: dict[tuple[str, str, str], tuple[str, str]] = {}
        super().__init__(controller, *([session] if session is not None else []))

    def body(self) -> Iterable[Element | None]:
        """The file, what is wrong, and one side of the document."""
        yield self._files()
        yield from self._problems()
        yield self._sides()
        yield self._yaml() if self._side == YAML else self._section(section_form(self._side))

    def on_side(self, value: Any, values: Mapping[str, Any]) -> None:
        """Another section, or the text."""
        side = str(value)
        self._side, self._entry = side if side == YAML else section_form(side).kind.name, ""

    def on_entry(self, value: Any, values: Mapping[str, Any]) -> None:
        """Another entry of the section."""
        self._entry = str(value)

    def on_text(self, value: Any, values: Mapping[str, Any]) -> None:
        """The text was written."""
        self.controller.write(str(value))

    def on_set(self, value: Any, values: Mapping[str, Any]) -> None:
        """A field of the form was written."""
        key = (self._side, self._entry, str(values.get("field", "")))
        self._rejected.pop(key, None)
        try:
            self.controller.set(*key, str(value))
        except OrthancStateError as error:
            # A secret is not kept, be it only to be shown again.
            secret = section_form(self._side).field(key[2]).control is Control.REFERENCE
            self._rejected[key] = ("" if secret else str(value), str(error))
            self.controller.revision += 1
            raise

    def on_add(self, value: Any, values: Mapping[str, Any]) -> None:
        """An entry is to be added."""
        self._entry = self.controller.add(self._side, str(values.get("name", "")))

    def on_remove(self, value: Any, values: Mapping[str, Any]) -> None:
        """An entry, or the section, is to be taken out of the document."""
        entry, self._entry = str(value), ""
        self.controller.remove(self._side, entry)

    def on_prune(self, value: Any, values: Mapping[str, Any]) -> None:
        """What the section does not declare is to be removed, or left alone."""
        self.controller.set_prune(self._side, on=bool(value))

    def on_open(self, value: Any, values: Mapping[str, Any]) -> None:
        """A file is to be opened."""
        self._file = str(values.get("file", ""))
        self._refuse_to_lose()
        self.controller.open(self._file)
        self._entry = ""

    def on_save(self, value: Any, values: Mapping[str, Any]) -> None:
        """The document is to be saved under the name that stands there."""
        self.controller.save(self._file)

    def on_file(self, value: Any, values: Mapping[str, Any]) -> None:
        """The name of the file was written."""
        self._file = str(value)

    def on_dump(self, value: Any, values: Mapping[str, Any]) -> None:
        """It is to begin with what the server is."""
        if self.session is not None:
            self._refuse_to_lose()
            self.controller.take_from(self.session.server())
            self._entry = ""

    def _refuse_to_lose(self) -> None:
        if self.controller.dirty:
            hint = "Save it first, under a name of its own if need be."
            raise OrthancStateError("the document was changed and not saved", hint=hint)

    def _files(self) -> Element:
        name = labelled(self._id("file"), "File", text("file", self._file, data_change="file"))
        state = "not saved" if self.controller.dirty else "saved" if self.controller.path is not None else ""
        server = self.session is not None and self.session.connected
        return form(
            "open",
            bar(
                name,
                submit("Open", css=""),
                button("Save", "save", css="primary" if self.controller.dirty else ""),
                button("Begin from the server", "dump") if server else None,
                element("span", state, css="soft"),
            ),
        )

    def _problems(self) -> Iterator[Element]:
        taken, problems = self.controller.taken, self.controller.problems
        if taken:
            lines = [f"Set the environment variable {name}, or write !file PATH in its place." for name in taken]
            yield told("warning", "A secret stood in the text and was taken out of it", lines)
        if problems:
            count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
            yield told("error", count, map(str, problems))
        else:
            warnings = self.controller.document.warnings if self.controller.document is not None else ()
            yield told("warning", "Warnings", map(str, warnings)) if warnings else told("ok", "Valid")

    def _sides(self) -> Element:
        buttons = [
            button(
                form.label + self._count(form),
                "side",
                form.kind.name,
                css="side",
                pressed=self._side == form.kind.name,
            )
            for form in section_forms()
        ]
        buttons.append(button("YAML", "side", YAML, css="side", pressed=self._side == YAML))
        return element("div", *buttons, css="sides", role="group", aria_label="Section")

    def _count(self, form: SectionForm) -> str:
        if not self.controller.declares(form.kind.name):
            return ""
        return f" ({len(self.controller.entries(form.kind.name))})" if form.entries else " •"

    def _yaml(self) -> Element:
        lines = self.controller.text.count("\n") + 2
        control = area(
            "text",
            self.controller.text,
            rows=min(max(lines, 12), 40),
            force=str(self.controller.revision),
            data_input="text",
            css="code",
        )
        return labelled(self._id("text"), "The document as YAML", control)

    def _section(self, form_: SectionForm) -> Element:
        parts: list[Element | None] = [element("p", form_.help, css="help")]
        if form_.entries:
            parts += [self._entries(form_), self._prune(form_)]
        else:
            parts += [*self._fields(form_, ""), self._leave(form_)]
        return element("div", *parts, css="section", data_key=form_.kind.name)

    def _entries(self, form_: SectionForm) -> Element:
        section = form_.kind.name
        names = self.controller.entries(section)
        if self._entry not in names:
            self._entry = names[0] if names else ""
        wrong = {
            str(problem.field).split(".")[len(form_.kind.path)]
            for problem in self.controller.problems
            if problem.field.startswith(f"{section}.")
        }
        listed = [
            element(
                "li",
                button(
                    self.controller.title(section, name) + (" !" if name in wrong else ""),
                    "entry",
                    name,
                    css="entry",
                    pressed=name == self._entry,
                ),
                data_key=name,
            )
            for name in names
        ]
        new = text("name", "", placeholder="name")
        new.set("aria-label", f"Name of a new entry of {section}")
        adding = form("add", new, submit("Add", css=""), css="add")
        left = element("div", element("ul", *listed, css="entries") if listed else None, adding)
        right = element("div", css="soft")
        if self._entry:
            title = self.controller.title(section, self._entry)
            head = bar(
                element("h4", title), button("Remove", "remove", self._entry, label=f"Remove {title}", css="plain")
            )
            right = element("div", head, *self._fields(form_, self._entry), data_key=f"{section}/{self._entry}")
        else:
            right.text = "Nothing is declared. A section that is left out is not managed."
        return element("div", left, right, css="columns")

    def _fields(self, form_: SectionForm, entry: str) -> list[Element]:
        given: list[Element] = []
        more: list[Element] = []
        for field in form_.fields:
            made = self._field(form_.kind.name, entry, field)
            plain = not form_.entries or field.required or self.controller.value(form_.kind.name, entry, field.name)
            (given if plain else more).append(made)
        folded = (
            element(
                "details",
                element("summary", f"Left out, as Orthanc has them ({len(more)})"),
                element("div", *more, css="grid"),
                css="folded",
            )
            if more
            else None
        )
        return [element("div", *given, css="grid"), *([folded] if folded is not None else [])]

    def _field(self, section: str, entry: str, field: FormField) -> Element:
        value = self.controller.value(section, entry, field.name)
        problem = self.controller.problems_of(section, entry, field.name)
        rejected = self._rejected.get((section, entry, field.name))
        if rejected is not None:
            value, problem = rejected
        identifier = self._id(".".join(filter(None, [section, entry, field.name])).replace(" ", "_"))
        control = self._control(field, value, f"{section}/{entry}/{field.name}")
        required = " *" if field.required else ""
        return labelled(identifier, field.label + required, control, help=field.help, problem=problem)

    def _control(self, field: FormField, value: str, key: str) -> Element:
        tells = {"data_value": field.name, "data_key": key}
        if field.control in (Control.TRUTH, Control.CHOICE):
            words = field.choices if field.control is Control.CHOICE else ("true", "false")
            default = f"left out ({field.default})" if field.default else "left out"
            options = {LEFT_OUT: default, **{word: word for word in words}}
            if value not in options:
                options[value] = value
            return choice(key, value, options, data_change="set", **tells)
        force = str(self.controller.revision)
        if field.control is Control.YAML:
            rows = max(2, value.count("\n") + 1)
            return area(key, value, rows=rows, force=force, css="code", data_change="set", **tells)
        placeholder = "!env NAME or !file PATH" if field.control is Control.REFERENCE else field.default
        return text(key, value, placeholder=placeholder, data_change="set", data_force=force, **tells)

    def _prune(self, form_: SectionForm) -> Element | None:
        if not form_.kind.prunable:
            return None
        tick = checkbox("prune", checked=self.controller.prunes(form_.kind.name), data_change="prune")
        return labelled(self._id("prune"), "Delete what is on the server and not declared here", tick)

    def _leave(self, form_: SectionForm) -> Element | None:
        if not self.controller.declares(form_.kind.name):
            return element("p", "Left out: this is not managed, and stays as it is on the server.", css="soft")
        return bar(button("Leave this section out", "remove", css="plain"))
