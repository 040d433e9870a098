"""Which widget draws which field type."""

from collections.abc import Mapping
from types import MappingProxyType

from engine.fields.registry import FIELD_TYPES
from metadata.model import FieldDef
from ui.widgets.any_link import AnyLinkWidget
from ui.widgets.base import Widget
from ui.widgets.boolean import BooleanWidget
from ui.widgets.date import DateTimeWidget, DateWidget
from ui.widgets.date_range import DateRangeWidget
from ui.widgets.file import FileWidget, ImageWidget
from ui.widgets.line_items import LineItemsWidget
from ui.widgets.link import DepartmentWidget, LinkWidget, UserWidget
from ui.widgets.links import LinksWidget, UsersWidget
from ui.widgets.long_text import LongTextWidget
from ui.widgets.multi_select import MultiSelectWidget
from ui.widgets.number import DecimalWidget, IntegerWidget, MoneyWidget, PercentWidget
from ui.widgets.phone import EmailWidget, PhoneWidget, UrlWidget
from ui.widgets.region import RegionWidget
from ui.widgets.rich_text import RichTextWidget
from ui.widgets.select import SelectWidget
from ui.widgets.tags import TagsWidget
from ui.widgets.text import AutoNumberWidget, TextWidget

WIDGETS: Mapping[str, Widget] = MappingProxyType(
    {
        "text": TextWidget(),
        "long_text": LongTextWidget(),
        "rich_text": RichTextWidget(),
        "integer": IntegerWidget(),
        "decimal": DecimalWidget(),
        "percent": PercentWidget(),
        "money": MoneyWidget(),
        "boolean": BooleanWidget(),
        "date": DateWidget(),
        "datetime": DateTimeWidget(),
        "date_range": DateRangeWidget(),
        "select": SelectWidget(),
        "multi_select": MultiSelectWidget(),
        "tags": TagsWidget(),
        "phone": PhoneWidget(),
        "email": EmailWidget(),
        "url": UrlWidget(),
        "region": RegionWidget(),
        "user": UserWidget(),
        "users": UsersWidget(),
        "department": DepartmentWidget(),
        "link": LinkWidget(),
        "links": LinksWidget(),
        "any_link": AnyLinkWidget(),
        "auto_number": AutoNumberWidget(),
        "file": FileWidget(),
        "line_items": LineItemsWidget(),
        "image": ImageWidget(),
    }
)
"""By the name that a field type gives its widget."""


def widget_of(field: FieldDef) -> Widget:
    """Give the widget of a field."""
    return WIDGETS[FIELD_TYPES[field.type].widget]
