"""Telephone numbers."""

import re
from functools import cache, lru_cache
from typing import Any, ClassVar

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberFormat

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields import sample_words
from engine.fields.base import SampleWorld, Schema
from engine.fields.clean import cell_text, line, narrow
from engine.fields.text import PIECE_OPERATORS, TextField
from engine.fields.words import EXTENSIONS, in_language
from metadata.model import FieldDef

LONGEST = 40
CHINA = 86
_EXTENSION_WORD = re.compile(
    r"\s*(?:转|分机号?|ext\.?|x|;ext=)\s*:?\s*(?=[0-9]{1,7}$)", re.IGNORECASE
)
_DASHED_EXTENSION = re.compile(r"(\(?0[0-9]{2,3}\)?[-\s]?[0-9]{7,8})-([0-9]{1,6})")
_MOBILE = re.compile(r"\+861[0-9]{10}")
_BARE_MOBILE = re.compile(r"1(?!79)[3-9][0-9]{9}")  # 179 may begin the code of a carrier
_ALLOWED = re.compile(r"[0-9+()\-.\s/]*(?:;ext=[0-9]+)?")


class PhoneField(TextField):
    """A mobile or landline number, with an extension if need be.

    Input:   national (of ``country``) or international, any spacing; ``0571-88776655 转 123``.
    Stored:  E.164, an extension after ``;ext=``.
    Shown:   national for the field's own country, else international.
    """

    key = "phone"
    widget = "phone"
    schema: ClassVar[Schema] = {"country": {"type": "string", "pattern": "^[A-Z]{2}$"}}
    groupable = False
    personal = True
    conversions = {"text": "as_shown"}
    longest = LONGEST

    @staticmethod
    def country(field: FieldDef) -> str:
        """Give the country whose numbers need no prefix."""
        return str(field.props.get("country", "CN"))

    def parse(self, raw: object, field: FieldDef) -> str | None:
        if isinstance(raw, int) and not isinstance(raw, bool):
            raw = str(raw) if abs(raw) < 10**15 else "-"
        text = narrow(line(raw))
        if not text:
            return None
        number = _read(text, self.country(field))
        stored = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        return f"{stored};ext={number.extension}" if number.extension else stored

    def _operand(self, op: str, raw: object, field: FieldDef, *, last: bool = False) -> Any:
        if op not in PIECE_OPERATORS:
            return super()._operand(op, raw, field, last=last)
        text = narrow(line(str(raw) if isinstance(raw, int) else raw))
        digits = re.sub(r"[^0-9]", "", text)
        if not digits:
            raise InvalidValue("not_a_phone" if text else "value_missing")
        if op != "starts_with":
            return digits
        if text.startswith("+"):
            return f"+{digits}"
        prefix = phonenumbers.country_code_for_region(self.country(field))
        return f"+{prefix}{digits.lstrip('0')}"

    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        if not stored:
            return ""
        return shown(stored, self.country(field), in_language(EXTENSIONS, locale.language))

    def from_text(self, text: object, field: FieldDef, locale: Locale) -> Any:
        return self.parse(cell_text(text), field)

    def unique_key(self, stored: Any, field: FieldDef) -> str | None:
        return stored or None

    def search_text(self, stored: Any, field: FieldDef) -> str:
        return re.sub(r"[^0-9]", "", shown(stored, self.country(field), "")) if stored else ""

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        if field.sample == "telephone":
            return sample_words.telephone(world)
        return sample_words.mobile(world)


def _read(text: str, country: str) -> PhoneNumber:
    """Read a number.

    Raises:
        InvalidValue: nobody can have this number.
    """
    text = _DASHED_EXTENSION.sub(r"\1;ext=\2", _EXTENSION_WORD.sub(";ext=", text))
    if len(text) > LONGEST or not _ALLOWED.fullmatch(text):
        raise InvalidValue("not_a_phone")
    try:
        number = _parse(text, country)
    except NumberParseException:
        raise InvalidValue("not_a_phone") from None
    if not _is_valid(number):
        raise InvalidValue("not_a_phone")
    return number


def _is_valid(number: PhoneNumber) -> bool:
    """Ask the library's own pattern first for what nearly every number is."""
    mobile = _mobile_pattern()
    if number.country_code == CHINA and mobile.fullmatch(str(number.national_number)):
        return True
    return phonenumbers.is_valid_number(number)


@cache
def _mobile_pattern() -> re.Pattern[str]:
    known = PhoneMetadata.metadata_for_region("CN")
    pattern = known.mobile.national_number_pattern if known and known.mobile else None
    return re.compile(pattern or r"(?!)")


def _parse(text: str, country: str) -> PhoneNumber:
    """Cut a text into a number's parts; a bare mobile number of the mainland is its own part."""
    if country == "CN" and _BARE_MOBILE.fullmatch(text):
        return PhoneNumber(country_code=86, national_number=int(text))
    return phonenumbers.parse(text, country)


@lru_cache(maxsize=8192)
def shown(stored: str, country: str, extension_word: str) -> str:
    """Show a stored number; ``extension_word`` stands before an extension.

    A mobile number of the mainland skips the library: lists are full of them.
    """
    if country == "CN" and _MOBILE.fullmatch(stored):
        return f"{stored[3:6]} {stored[6:10]} {stored[10:]}"
    number, _, extension = stored.partition(";ext=")
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException:
        return stored
    own = phonenumbers.country_code_for_region(country) == parsed.country_code
    style = PhoneNumberFormat.NATIONAL if own else PhoneNumberFormat.INTERNATIONAL
    text = phonenumbers.format_number(parsed, style)
    return f"{text}{extension_word}{extension}" if extension else text
