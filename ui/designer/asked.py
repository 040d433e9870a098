"""What every page of the designer is asked with: its addresses, its forms, its object."""

from collections.abc import Mapping
from typing import Any

from litestar.params import URLEncodedBody

from engine.errors import UnknownObject
from ui.designer.workspace import Workspace
from ui.security.rights import ADMIN
from ui.widgets.base import Form

METADATA = f"{ADMIN}metadata"
HOME = "/designer"
INVALID = 422

Posted = URLEncodedBody[dict[str, Any]]


def address(object_key: str, field: str = "") -> str:
    """Give the address of an object's designing page."""
    return f"{HOME}/object/{object_key}" + (f"?field={field}" if field else "")


def form_data(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Give a submitted form: every name with all its values."""
    return {
        name: [str(one) for one in (value if isinstance(value, list) else [value])]
        for name, value in data.items()
    }


def one_of(form: Form, name: str) -> str:
    """Give the last value of a name; "" when it was not sent."""
    values = form.get(name, ())
    return values[-1] if values else ""


def require_object(workspace: Workspace, object_key: str) -> Any:
    """Give an object of the workspace.

    Raises:
        UnknownObject: there is none of that key.
    """
    definition = workspace.object(object_key)
    if definition is None:
        raise UnknownObject(object=object_key)
    return definition
