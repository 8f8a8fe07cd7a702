"""Who may open a page: role checks that answer 404, because a page that is not yours does not exist for you."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.http import Http404, HttpRequest, HttpResponseBase

from portal.people.models import Person

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def signed_in(request: HttpRequest) -> Person:
    """The person behind the request. The sign-in middleware has already turned everyone else away."""
    return cast("Person", request.user)


def role_required(*roles: str) -> Callable[[View], View]:
    """Open a view to people in any of `roles` (`people.models.Role` values); for anybody else signed in it is a 404."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not signed_in(request).has_role(*roles):
                raise Http404
            return view(request, *args, **kwargs)

        return cast("View", checked)

    return decorate
