"""What a handler may ask for by name; the types of its parameters.

A parameter ``visitor: GivenVisitor`` gets the visitor. They are passed on as they are: the web
framework must not look into them, as it would into a body.
"""

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from engine.context import Context
from engine.publish.live import LiveSite
from ui.security.visitor import PageContext
from ui.services import Services

GivenSite = NamedDependency[SkipValidation[LiveSite]]
GivenContext = NamedDependency[SkipValidation[Context]]
GivenVisitor = NamedDependency[SkipValidation[PageContext]]
GivenServices = NamedDependency[SkipValidation[Services]]
