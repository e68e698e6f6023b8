"""Visits the pages in this process like a browser without scripts: reads pages and sends forms.

The pages ask the API over HTTP; here the same application answers them, without a socket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import requests
from flask import Flask
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from services.wizard.api import connections

ONE_LINE = ("text", "search", "email", "number", "url", "tel", "password", "")
LINE_END = re.compile(r"\r\n?|\n")


class Inside(BaseAdapter):
    """Answers the requests that the pages send to the API."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.app = app

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """One request, answered by the application."""
        body = request.body
        content = body if body is None or isinstance(body, str | bytes) else b"".join(body)
        sent = self.app.test_client().open(
            request.path_url, method=request.method, headers=dict(request.headers), data=content
        )
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = sent.status_code, request, request.url or ""
        answer.headers = CaseInsensitiveDict(sent.headers)
        answer.raw = BytesIO(sent.data)
        return answer

    def close(self) -> None:
        """There is nothing to close."""


def serve_pages(app: Flask) -> None:
    """Let the pages of an application ask its own API."""
    session = connections()
    session.mount("http://", Inside(app))
    app.extensions["wizard_connections"] = session


@dataclass
class Control:
    """One control of a form with what it holds."""

    name: str
    kind: str
    value: str = ""
    on: bool = True
    options: list[tuple[str, bool]] = field(default_factory=list)

    def sent(self) -> Iterator[str]:
        """What a browser sends of it: one-line inputs lose their line ends, all others get CR LF."""
        if self.kind == "select":
            chosen = [value for value, selected in self.options if selected]
            value = (chosen or [value for value, _ in self.options[:1]] or [""])[-1]
        elif self.kind in ONE_LINE:
            value = LINE_END.sub("", self.value)
        else:
            value = self.value
        if self.on and (self.kind != "select" or self.options):
            yield LINE_END.sub("\r\n", value)


@dataclass
class Form:
    """A form of a page; `buttons` are those that send it, with their names and values."""

    method: str
    action: str
    controls: list[Control] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    upload: bool = False

    def filled(self, **changes: str) -> list[tuple[str, str]]:
        """What is sent; `changes` go over the controls of these names."""
        pairs = [(one.name, changes.get(one.name, value)) for one in self.controls for value in one.sent()]
        return [*pairs, *((name, value) for name, value in changes.items() if name not in dict(pairs))]


@dataclass
class Content:
    """What a page has: its forms, links and main headings."""

    forms: list[Form] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    headings: int = 0


@dataclass
class Page:
    """A page as it was answered; it is read where its content is asked for."""

    url: str
    status: int
    text: str

    @cached_property
    def content(self) -> Content:
        """What the page has."""
        reader = _Reader(self.url)
        reader.feed(self.text)
        reader.close()
        return reader.content

    def form(self, ending: str = "") -> Form:
        """The one form that goes to an address with this ending."""
        (found,) = (
            one for one in self.content.forms if urlsplit(one.action).path.endswith(ending or self.url)
        )
        return found


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.content = Content()
        self.by_id: dict[str, Form] = {}
        self.form: Form | None = None
        self.control: Control | None = None
        self.disabled: list[bool] = []
        self.waiting: list[tuple[str, Control | tuple[str, str]]] = []
        self.value: str | None = None
        self.text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value if value is not None else "" for name, value in attributes}
        if tag == "h1":
            self.content.headings += 1
        elif tag == "a" and "href" in given:
            self.content.links.append(given["href"])
        elif tag == "form":
            self.form = Form(given.get("method", "get").lower(), given.get("action", "") or self.url)
            self.form.upload = "multipart" in given.get("enctype", "")
            self.content.forms.append(self.form)
            self.by_id[given.get("id", "")] = self.form
        elif tag == "fieldset":
            self.disabled.append("disabled" in given)
        elif tag in ("input", "select", "textarea", "button"):
            self._control(tag, given)
        elif tag == "option" and self.control is not None:
            self.control.options.append((given.get("value", ""), "selected" in given))

    def _control(self, tag: str, given: Mapping[str, str]) -> None:
        kind = given.get("type", "") if tag == "input" else tag
        if "disabled" in given or any(self.disabled):
            return
        value = given.get("value", "on" if kind in ("checkbox", "radio") else "")
        if tag == "button":
            self._place(given, (given.get("name", ""), value))
            return
        on = "checked" in given if kind in ("checkbox", "radio") else bool(given.get("name"))
        control = Control(given.get("name", ""), kind, value, on and kind != "file")
        if tag in ("select", "textarea"):
            self.control, self.text = control, ""
        self._place(given, control)

    def _place(self, given: Mapping[str, str], what: Control | tuple[str, str]) -> None:
        if "form" in given:
            self.waiting.append((given["form"], what))
        elif self.form is not None:
            _add(self.form, what)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "fieldset":
            self.disabled.pop()
        elif tag == "textarea" and self.control is not None:
            self.control.value = self.text.removeprefix("\n")
        if tag in ("select", "textarea"):
            self.control = None

    def handle_data(self, data: str) -> None:
        self.text += data

    def close(self) -> None:
        super().close()
        for identity, what in self.waiting:
            _add(self.by_id[identity], what)


def _add(form: Form, what: Control | tuple[str, str]) -> None:
    if isinstance(what, Control):
        form.controls.append(what)
    else:
        form.buttons.append(what)


class Visitor:
    """A person who is signed in, in a language."""

    def __init__(self, app: Flask, bearer: str, language: str = "en") -> None:
        self.client = app.test_client()
        self.client.get("/signin", query_string={"token": bearer})
        self.client.set_cookie("carryover_language", language)

    def open(self, url: str) -> Page:
        """A page; redirections are followed."""
        return self._read(self.client.get(url, follow_redirects=True))

    def send(self, page: Page, form: Form, button: tuple[str, str] = ("", ""), **changes: str) -> Page:
        """The page that a form leads to."""
        pairs = form.filled(**changes) + ([button] if button[0] else [])
        target = urljoin(page.url, form.action)
        if form.method == "get":
            return self.open(f"{urlsplit(target).path}?{urlencode(pairs)}")
        data = urlencode(pairs) if not form.upload else dict(pairs)
        kind = "multipart/form-data" if form.upload else "application/x-www-form-urlencoded"
        return self._read(self.client.post(target, data=data, content_type=kind, follow_redirects=True))

    @staticmethod
    def _read(answer: Any) -> Page:
        where = answer.request
        url = where.path + (f"?{where.query_string.decode()}" if where.query_string else "")
        is_page = answer.mimetype == "text/html"
        return Page(url, answer.status_code, answer.text if is_page else "")
