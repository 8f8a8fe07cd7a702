"""Asking for what takes two people, and deciding: what the pages of every such request have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from portal.people.access import signed_in
from portal.requests.deciding import CannotBeDone

View = Callable[..., HttpResponse]
Find = Callable[..., tuple[Any, Any]]


def could(form: forms.Form, do: Callable[[], object], field: str | None = None) -> bool:
    """Do what a form asks for if it is valid. What cannot be done is its error, at `field`."""
    if not form.is_valid():
        return False
    try:
        do()
    except CannotBeDone as error:
        form.add_error(field, str(error))
        return False
    return True


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of one kind of request.

    What a request is about is read once, by `find`, and given to whatever shows it.

    find: from the request and what stands in the address, what it is about and the request that waits, or None. guard: who may come here,
    as a decorator. home: the address of the page of what a request is about. nothing: what is said where no request waits.
    """

    find: Find
    guard: Callable[[View], View]
    home: Callable[[Any], str]
    nothing: str

    def pressing(self, do: Callable[..., object], *, done: str) -> View:
        """A button: `do` is a verb that takes who and the key of what `find` found. Where it cannot be done, the page at home says so."""

        def press(request: HttpRequest, about: Any, asked: Any) -> HttpResponse:
            try:
                do(person=signed_in(request), key=asked.pk)
                messages.success(request, done)
            except CannotBeDone as error:
                messages.warning(request, str(error))
            return redirect(self.home(about))

        return self._posted(press)

    def answering(
        self, make: Callable[..., forms.Form], do: Callable[..., object], show: View, *, done: str, to: Callable[[Any], str] | None = None
    ) -> View:
        """A form of the second person's: `make` takes what was posted and what was asked, and `do` is given what it was cleaned to as well.

        `show`: the page again, from the request, what it is about, what was asked and the form. `to`: the address that follows, where that
        is not home.
        """

        def answer(request: HttpRequest, about: Any, asked: Any) -> HttpResponse:
            form = make(request.POST, asked)
            field = "reference" if "reference" in form.fields else None
            if not could(form, lambda: do(person=signed_in(request), key=asked.pk, **form.cleaned_data), field):
                return show(request, about, asked, form)
            if done:
                messages.success(request, done)
            return redirect((to or self.home)(about))

        return self._posted(answer)

    def _posted(self, then: Callable[[HttpRequest, Any, Any], HttpResponse]) -> View:
        """Where there is nothing to decide any more, the page at home says so."""

        @require_POST
        @self.guard
        def posted(request: HttpRequest, **address: Any) -> HttpResponse:
            about, asked = self.find(request, **address)
            if asked is not None:
                return then(request, about, asked)
            messages.warning(request, f"{self.nothing} any more. Nothing was changed")
            return redirect(self.home(about))

        return posted
