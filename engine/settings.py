"""What an installation decides: read from the environment and ``heddle.toml``, checked at start.

A setting ``port`` is the variable ``HEDDLE_PORT`` or the key ``port`` of the file; the
environment wins. An unknown name is refused like a bad value: a misspelt setting that is silently
ignored is found only when it is missed.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from engine.context import Locale
from engine.errors import FieldError, InvalidValue
from metadata.errors import PlatformError

PREFIX = "HEDDLE_"
NOT_SETTINGS = ("HEDDLE_CONFIG", "HEDDLE_TEST_")
"""Names (or their beginnings) that are ours but no setting: where the file is, what tests use."""
CONFIG_FILE = "heddle.toml"
LANGUAGES = ("zh-CN", "en")
UNITS = {"": 1, "B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}

Network = IPv4Network | IPv6Network


class SettingsInvalid(PlatformError):
    """Settings that cannot be used; ``errors`` names each with the reason."""

    code = "settings_invalid"
    status = 500

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__(count=len(errors))
        self.errors = errors


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise InvalidValue("not_text")
    return raw.strip()


def _language(raw: Any) -> str:
    text = _text(raw)
    if text not in LANGUAGES:
        raise InvalidValue("unknown_language", known=", ".join(LANGUAGES))
    return text


def _zone(raw: Any) -> ZoneInfo:
    try:
        return ZoneInfo(_text(raw))
    except (LookupError, ValueError, OSError):
        raise InvalidValue("unknown_zone") from None


def _boolean(raw: Any) -> bool:
    known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    found = known.get(str(raw).strip().lower())
    if found is None:
        raise InvalidValue("not_true_or_false")
    return found


def _integer(low: int, high: int) -> Callable[[Any], int]:
    def read(raw: Any) -> int:
        try:
            number = int(str(raw).strip())
        except ValueError:
            raise InvalidValue("not_a_number") from None
        if not low <= number <= high:
            raise InvalidValue("out_of_range", low=low, high=high)
        return number

    return read


def _size(raw: Any) -> int:
    match = re.fullmatch(r"(\d{1,12})\s*([KMG]?B?)", str(raw).strip().upper())
    if match is None or (match[2] not in UNITS and f"{match[2]}B" not in UNITS):
        raise InvalidValue("not_a_size")
    number = int(match[1]) * UNITS.get(match[2], UNITS.get(f"{match[2]}B", 1))
    if number < UNITS["KB"]:
        raise InvalidValue("out_of_range", low="1 KB", high="…")
    return number


def _texts(raw: Any) -> tuple[str, ...]:
    items = raw.split(",") if isinstance(raw, str) else raw
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise InvalidValue("not_a_list")
    return tuple(item.strip().lower() for item in items if item.strip())


def _networks(raw: Any) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(item, strict=False) for item in _texts(raw))
    except ValueError:
        raise InvalidValue("not_an_address") from None


def _web_address(raw: Any) -> str:
    text = _text(raw).rstrip("/")
    parts = urlsplit(text)
    if text and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path):
        raise InvalidValue("not_a_web_address")
    return text


def _database(raw: Any) -> str:
    text = _text(raw)
    if text and text.split(":", 1)[0].split("+", 1)[0] not in {"sqlite", "postgresql"}:
        raise InvalidValue("not_a_database")
    return text


def _folder(raw: Any) -> Path:
    return Path(_text(str(raw))).expanduser().absolute()


def _one_of(*words: str) -> Callable[[Any], str]:
    def read(raw: Any) -> str:
        word = _text(raw).lower()
        if word not in words:
            raise InvalidValue("unknown_word", known=", ".join(words))
        return word

    return read


def _mail_address(raw: Any) -> str:
    text = _text(raw)
    if text and not re.fullmatch(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+\.?[^\s@<>,;\"]*", text):
        raise InvalidValue("not_a_mail_address")
    return text


def _issuer(raw: Any) -> str:
    text = _text(raw)
    parts = urlsplit(text)
    known = parts.scheme in {"http", "https"} and parts.hostname
    if text and (not known or parts.query or parts.fragment or text.endswith("/")):
        raise InvalidValue("not_a_web_address")
    return text


NEEDED_WITH = {
    "smtp_host": ("mail_from", "public_url"),
    "smtp_user": ("smtp_host", "smtp_password"),
    "oidc_issuer": ("oidc_client_id", "public_url"),
}
"""A setting -> those without which it is of no use."""
SETTINGS: dict[str, tuple[str | int, Callable[[Any], Any]]] = {
    "data_dir": ("var", _folder),
    "database_url": ("", _database),
    "host": ("127.0.0.1", _text),
    "port": (8000, _integer(1, 65535)),
    "locale": ("zh-CN", _language),
    "zone": ("Asia/Shanghai", _zone),
    "week_start": (0, _integer(0, 6)),
    "public_url": ("", _web_address),
    "allowed_hosts": ("", _texts),
    "trusted_proxies": ("", _networks),
    "allow_http": ("false", _boolean),
    "max_json": ("2 MB", _size),
    "max_upload": ("64 MB", _size),
    "file_types": (
        "jpg, jpeg, png, webp, gif, bmp, tif, tiff, heic, pdf, docx, xlsx, pptx, doc, xls, ppt, "
        "wps, odt, ods, odp, txt, md, csv, json, xml, eml, msg, zip, rar, 7z, dwg, mp3, m4a, "
        "wav, amr, mp4, mov, webm",
        _texts,
    ),
    "file_quota": ("20 GB", _size),
    "outgoing_networks": ("", _networks),
    "bin_days": (0, _integer(0, 3650)),
    "api_calls_a_minute": (6_000, _integer(0, 1_000_000)),
    "export_rows_a_day": (50_000, _integer(0, 1_000_000_000)),
    "run_jobs": ("true", _boolean),
    "threads": (12, _integer(8, 16)),
    "session_idle_hours": (8, _integer(1, 168)),
    "session_days": (7, _integer(1, 90)),
    "password_length": (10, _integer(8, 64)),
    "totp_drift": (1, _integer(0, 10)),
    "smtp_host": ("", _text),
    "smtp_port": (587, _integer(1, 65535)),
    "smtp_tls": ("starttls", _one_of("starttls", "tls", "none")),
    "smtp_user": ("", _text),
    "smtp_password": ("", _text),
    "mail_from": ("", _mail_address),
    "oidc_issuer": ("", _issuer),
    "oidc_client_id": ("", _text),
    "oidc_client_secret": ("", _text),
    "oidc_label": ("", _text),
    "oidc_match": ("email", _one_of("email", "mobile")),
    "oidc_unverified": ("false", _boolean),
    "oidc_activates": ("false", _boolean),
}
"""Name -> default, as it would be written, and its check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, checked. Sizes in bytes. What each means: message ``setting.<name>``."""

    data_dir: Path
    database_url: str = field(repr=False)
    host: str
    port: int
    locale: str
    zone: ZoneInfo
    week_start: int
    public_url: str
    allowed_hosts: tuple[str, ...]
    trusted_proxies: tuple[Network, ...]
    allow_http: bool
    max_json: int
    max_upload: int
    file_types: tuple[str, ...]
    file_quota: int
    outgoing_networks: tuple[Network, ...]
    bin_days: int
    api_calls_a_minute: int
    export_rows_a_day: int
    run_jobs: bool
    threads: int
    session_idle_hours: int
    session_days: int
    password_length: int
    totp_drift: int
    smtp_host: str
    smtp_port: int
    smtp_tls: str
    smtp_user: str
    smtp_password: str = field(repr=False)
    mail_from: str
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: str = field(repr=False)
    oidc_label: str
    oidc_match: str
    oidc_unverified: bool
    oidc_activates: bool

    @property
    def mails(self) -> bool:
        """Tell whether mail can be sent."""
        return bool(self.smtp_host)

    @property
    def database(self) -> str:
        """Give the address of the database: a file in `data_dir` unless a setting says more."""
        return self.database_url or f"sqlite:///{self.data_dir / 'heddle.db'}"

    @property
    def locale_of_company(self) -> Locale:
        """Give the language, zone and first day of the week where a person chose none."""
        return Locale(language=self.locale, zone=self.zone, week_start=self.week_start)


@dataclass(frozen=True, slots=True)
class SettingDoc:
    """A row of the reference: ``name`` in the file, ``variable`` in the environment."""

    name: str
    variable: str
    default: str
    message: str  # key of the text that explains it


def settings_reference() -> tuple[SettingDoc, ...]:
    """List every setting, in the order of the class."""
    return tuple(
        SettingDoc(name, PREFIX + name.upper(), str(default), f"setting.{name}")
        for name, (default, _) in SETTINGS.items()
    )


def check_database(text: str) -> str:
    """Check the address of a database.

    Raises:
        SettingsInvalid: it is neither SQLite's nor PostgreSQL's.
    """
    try:
        found = _database(text)
    except InvalidValue as error:
        raise SettingsInvalid((FieldError("--to", error.reason, error.params),)) from None
    if not found:
        raise SettingsInvalid((FieldError("--to", "not_a_database"),))
    return found


def load_settings(
    environment: Mapping[str, str], folder: Path, overrides: Mapping[str, Any] | None = None
) -> Settings:
    """Read the settings.

    Args:
        environment: usually ``os.environ``; ``HEDDLE_CONFIG`` may name the file.
        folder: where ``heddle.toml`` is looked for.
        overrides: what the command line says; wins over both.

    Raises:
        SettingsInvalid: a name is unknown, a value bad, or the file no TOML; lists all of them.
    """
    raw, errors = _read_file(environment, folder)
    for name, value in environment.items():
        if name.startswith(PREFIX) and not name.startswith(NOT_SETTINGS):
            raw[name] = value
    raw |= {PREFIX + name.upper(): value for name, value in (overrides or {}).items()}
    known = {PREFIX + name.upper(): name for name in SETTINGS}
    values = {name: read(default) for name, (default, read) in SETTINGS.items()}
    for variable, value in raw.items():
        name = known.get(variable, "")
        if not name:
            errors.append(FieldError(variable, "unknown_setting"))
            continue
        try:
            values[name] = SETTINGS[name][1](value)
        except InvalidValue as error:
            errors.append(FieldError(variable, error.reason, error.params))
    errors += _left_out(values)
    if errors:
        raise SettingsInvalid(tuple(errors))
    return Settings(**values)


def _left_out(values: Mapping[str, Any]) -> list[FieldError]:
    """Tell what is missing beside a setting, and of a provider that would speak in the clear."""
    errors = [
        FieldError(PREFIX + other.upper(), "needed_with", {"setting": PREFIX + name.upper()})
        for name, others in NEEDED_WITH.items()
        if values[name]
        for other in others
        if not values[other]
    ]
    issuer = urlsplit(values["oidc_issuer"])
    if issuer.scheme == "http" and not _is_within(issuer.hostname or "", values):
        errors.append(FieldError(PREFIX + "OIDC_ISSUER", "not_encrypted"))
    return errors


def _is_within(host: str, values: Mapping[str, Any]) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in values["outgoing_networks"])


def _read_file(
    environment: Mapping[str, str], folder: Path
) -> tuple[dict[str, Any], list[FieldError]]:
    named = environment.get("HEDDLE_CONFIG", "")
    path = Path(named) if named else folder / CONFIG_FILE
    if not named and not path.exists():
        return {}, []
    try:
        with path.open("rb") as file:
            found = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}, [FieldError("HEDDLE_CONFIG", "unreadable_file", {"file": str(path)})]
    return {PREFIX + name.upper(): value for name, value in found.items()}, []
