"""Templates: one Jinja environment of a language, so that texts are found without a request."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ui.built import Assets
from ui.i18n import LANGUAGES, translate

FOLDER = Path(__file__).resolve().parent / "templates"
ICONS = "icons.svg"


class Views:
    """Renders templates. ``environments``: language -> environment, for further globals.

    Templates know ``t(key, **params)``, ``icon(name)``, ``asset(name)`` and ``language``; macros
    know them too, since they are globals and no part of a page's own context.
    """

    def __init__(self, assets: Assets, folder: Path = FOLDER) -> None:
        """Prepare an environment for each language; templates are compiled when first used."""
        self.assets = assets
        self._icons: dict[tuple[str, str], Markup] = {}
        self.environments = {
            language: self._environment(folder, language) for language in LANGUAGES
        }

    def render(self, template: str, language: str, context: Mapping[str, Any]) -> str:
        """Render a template in a language."""
        return self.environments[language].get_template(template).render(context)

    def icon(self, name: str, css: str = "") -> Markup:
        """Draw an icon of the sprite, in the size and colour of the text around it.

        A page has dozens, the same on every page: each is drawn once.
        """
        drawn = self._icons.get((name, css))
        if drawn is None:
            shape = Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>')
            drawn = shape.format(f"h-icon {css}".strip(), self.assets.url(ICONS), name)
            self._icons[name, css] = drawn
        return drawn

    def _environment(self, folder: Path, language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment.globals |= {
            "t": partial(translate, language),
            "icon": self.icon,
            "asset": self.assets.url,
            "language": language,
        }
        return environment
