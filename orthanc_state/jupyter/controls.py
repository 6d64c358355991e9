"""What panels are made of, as elements: buttons, fields with their labels, tables, and what is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.render.element import element

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from xml.etree.ElementTree import Element

    from orthanc_state.errors import OrthancStateError


def button(
    text: str,
    action: str,
    value: str = "",
    *,
    css: str = "",
    disabled: bool = False,
    pressed: bool | None = None,
    label: str = "",
) -> Element:
    """A button.

    Args:
        text: What stands on it.
        action: What it asks for.
        value: What it says with it.
        css: `primary`, `danger`, `plain`.
        disabled: Whether it cannot be used now.
        pressed: For one of several of which one is chosen: whether it is this one.
        label: What it is called where the text alone does not tell it.
    """
    more = {"disabled": ""} if disabled else {}
    if pressed is not None:
        more["aria_pressed"] = "true" if pressed else "false"
    if label:
        more["aria_label"] = label
    if value:
        more["data_value"] = value
    return element("button", text, css=css, type="button", data_action=action, **more)


def submit(text: str, *, css: str = "primary", disabled: bool = False) -> Element:
    """The button that hands a form in."""
    more = {"disabled": ""} if disabled else {}
    return element("button", text, css=css, type="submit", **more)


def form(action: str, *children: Element | None, css: str = "", value: str = "") -> Element:
    """A form: what stands in it is told when it is handed in."""
    return element("form", *children, css=css, data_action=action, data_value=value, novalidate="", autocomplete="off")


def text(name: str, value: str = "", *, kind: str = "text", placeholder: str = "", **attributes: str) -> Element:
    """A field of one line.

    Args:
        name: What it is called in its form.
        value: What stands in it.
        kind: `text`, `password`, `number`, `search`.
        placeholder: What stands in it while it is empty.
        attributes: Others: `data_change`, `data_input` and `data_value` tell at once what is written.
    """
    more = {"placeholder": placeholder} if placeholder else {}
    if kind != "password":
        more["value"] = value
    return element("input", name=name, type=kind, autocomplete="off", spellcheck="false", **more, **attributes)


def area(name: str, value: str, *, rows: int, force: str = "", **attributes: str) -> Element:
    """A field of many lines, of which every character is as it is.

    Args:
        name: What it is called.
        value: What stands in it.
        rows: How many lines are shown.
        force: Another one than before means that it changes also while somebody writes in it.
        attributes: Others.
    """
    made = element("textarea", name=name, rows=str(rows), spellcheck="false", data_force=force, **attributes)
    # The first line break after the tag is not part of the text.
    made.text = "\n" + value
    return made


def choice(name: str, value: str, options: Mapping[str, str], **attributes: str) -> Element:
    """A field that is one of several: the values with what is shown for them."""
    made = element("select", name=name, **attributes)
    for key, shown in options.items():
        made.append(element("option", shown, value=key, **({"selected": ""} if key == value else {})))
    return made


def checkbox(name: str, *, checked: bool, disabled: bool = False, **attributes: str) -> Element:
    """A field that is on or off."""
    more = {"checked": ""} if checked else {}
    more |= {"disabled": ""} if disabled else {}
    return element("input", name=name, type="checkbox", **more, **attributes)


def labelled(
    identifier: str, label: str, control: Element, *, help: str = "", problem: str = "", css: str = ""
) -> Element:
    """A field with its label before it, and what helps or is wrong below."""
    control.set("id", identifier)
    about = " ".join(f"{identifier}-{name}" for name, said in (("problem", problem), ("help", help)) if said)
    if about:
        control.set("aria-describedby", about)
    if problem:
        control.set("aria-invalid", "true")
    name = element("label", label, **{"for": identifier})
    parts = [control, name] if control.get("type") == "checkbox" else [name, control]
    return element(
        "div",
        *parts,
        element("p", problem, css="problem", id=f"{identifier}-problem") if problem else None,
        element("p", help, css="help", id=f"{identifier}-help") if help else None,
        css=" ".join(filter(None, ["field", "tick" if control.get("type") == "checkbox" else "", css])),
    )


def bar(*children: Element | str | None, css: str = "") -> Element:
    """Things side by side."""
    return element("div", *children, css=f"bar {css}".strip())


def told(role: str, title: str, lines: Iterable[str] = ()) -> Element:
    """Something that has to be seen: `error`, `warning`, `ok`."""
    items = [element("li", line) for line in lines]
    live = {"role": "alert"} if role == "error" else {"role": "status"}
    head = element("p", element("strong", title))
    return element("div", head, element("ul", *items) if items else None, css=f"callout {role}", **live)


def failure(error: OrthancStateError | None) -> Element | None:
    """An error: what is wrong, where, and what to do about it."""
    if error is None:
        return None
    problems = [str(problem) for problem in getattr(error, "problems", ())]
    return told("error", error.message, [*problems, *filter(None, [error.hint])])


def table(
    columns: Sequence[str], rows: Iterable[Sequence[Element | str]], *, css: str = "", caption: str = ""
) -> Element:
    """A table; the first cell of a row is the heading of it."""
    head = element("tr", *(element("th", column, scope="col") for column in columns))
    body = [
        element(
            "tr",
            element("th", row[0], scope="row"),
            *(element("td", cell) for cell in row[1:]),
        )
        for row in rows
    ]
    named = element("caption", caption) if caption else None
    made = element("table", named, element("thead", head), element("tbody", *body), css=css)
    # A table that is wider than its place can be moved with the keyboard.
    return element("div", made, css="wide")


def facts(pairs: Iterable[tuple[str, Element | str]]) -> Element:
    """Names with their values."""
    made = element("dl", css="facts")
    for name, value in pairs:
        made.append(element("div", element("dt", name), element("dd", value)))
    return made


def progress(done: int, total: int, label: str) -> Element:
    """How much of something is done."""
    share = min(1.0, done / total) if total else 0.0
    filled = element("span", style=f"width: {share:.1%}")
    return element(
        "div",
        filled,
        css="progress",
        role="progressbar",
        aria_label=label,
        aria_valuemin="0",
        aria_valuemax=str(total),
        aria_valuenow=str(min(done, total)),
    )
