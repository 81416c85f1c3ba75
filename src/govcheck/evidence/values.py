"""Cells to values: numbers and dates as Dutch and English programs write them, and periods with their first day."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from govcheck.catalogue import ColumnType
from govcheck.evidence.sheet import Cell

YES = frozenset({"true", "yes", "ja", "waar", "on", "aan", "1", "y", "j"})
NO = frozenset({"false", "no", "nee", "onwaar", "off", "uit", "0", "n"})
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:([., \u00a0\u202f'])\d{3})(?:\1\d{3})*")
_ISO_DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?"
)
_CLOCK = r"(?:,? (\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([AaPp])\.?[Mm]\.?)?)?"
_LOCAL_DATE = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})" + _CLOCK)
_WORDED_DATE = re.compile(r"(\d{1,2})[-/. ]([a-z]{3,9})\.?[-/., ]+(\d{4}|\d{2})" + _CLOCK, re.IGNORECASE)
_AMERICAN_DATE = re.compile(r"([a-z]{3,9})\.? (\d{1,2}),? (\d{4})" + _CLOCK, re.IGNORECASE)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "januari", "january"),
            ("feb", "februari", "february"),
            ("mrt", "maart", "mar", "march"),
            ("apr", "april"),
            ("mei", "may"),
            ("jun", "juni", "june"),
            ("jul", "juli", "july"),
            ("aug", "augustus", "august"),
            ("sep", "sept", "september"),
            ("okt", "oktober", "oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
_CENTURY = 2000
_NOON = 12


class NotAValue(Exception):  # noqa: N818 - what the cell is
    """A cell that does not hold what its column holds. Says nothing of the cell."""


def read_value(cell: Cell, kind: ColumnType, *, month_first: bool, below_zero: bool = False) -> Any:
    """The value of a cell; None for an empty one. Times are naive and in UTC. Raises `NotAValue`.

    Whole numbers are counts, and not below zero, unless `below_zero`.
    """
    if isinstance(cell, str):
        cell = cell.strip().strip("\u00a0")
    if cell is None or cell in ("", "-", []):
        return None
    if kind == "time":
        return read_time(cell, month_first=month_first)
    value = _READERS[kind](cell)
    if kind == "int" and value < 0 and not below_zero:
        raise NotAValue
    return value


def _text(cell: Cell) -> str:
    if isinstance(cell, list):
        return "; ".join(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _list(cell: Cell) -> list[str]:
    if isinstance(cell, list):
        return cell
    return [part.strip() for part in re.split(r"[;,|\n]", str(cell)) if part.strip()]


def _bool(cell: Cell) -> bool:
    if isinstance(cell, bool):
        return cell
    said = _text(cell).lower()
    if said in YES or said in NO:
        return said in YES
    raise NotAValue


def _float(cell: Cell) -> float:
    """A number with a decimal comma or point, maybe with signs between thousands, maybe a percentage."""
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        raise NotAValue
    if isinstance(cell, str):
        written = cell.removesuffix("%").strip()
        decimal = max(written.rfind(","), written.rfind("."))
        if decimal >= 0:
            whole, part = re.sub(r"[., \u00a0\u202f']", "", written[:decimal]), written[decimal + 1 :]
            written = f"{whole}.{part}"
        if not re.fullmatch(r"[+-]?\d*\.?\d+", written):
            raise NotAValue
        cell = written
    try:
        number = float(cell)
    except (ValueError, OverflowError):
        raise NotAValue from None
    if not math.isfinite(number):
        raise NotAValue
    return number


def _int(cell: Cell) -> int:
    """A whole number, small enough for its column."""
    if isinstance(cell, str) and _THOUSANDS.fullmatch(cell):
        cell = re.sub(r"[^\d+-]", "", cell)
    number = _float(cell)
    if not number.is_integer() or not abs(number) < 2**53:
        raise NotAValue
    return int(number)


_READERS: Mapping[str, Callable[[Cell], Any]] = {
    "bool": _bool,
    "int": _int,
    "float": _float,
    "text": _text,
    "list": _list,
}


# Times


def read_time(cell: Cell, *, month_first: bool) -> datetime:
    """A date or time, as naive UTC. Raises `NotAValue`."""
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).replace(tzinfo=None) if cell.tzinfo else cell
    if not isinstance(cell, str):
        raise NotAValue
    try:
        return _iso(cell) or _local(cell, month_first=month_first) or _worded(cell)
    except (ValueError, OverflowError):
        raise NotAValue from None


def _iso(text: str) -> datetime | None:
    found = _ISO_DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - naive means UTC here
    zone = found[7]
    if zone and zone not in ("Z", "UTC"):
        hours, minutes = int(zone[1:3]), int(zone[-2:])
        shift = timedelta(hours=hours, minutes=minutes)
        moment -= shift if zone[0] == "+" else -shift
    return moment


def _local(text: str, *, month_first: bool) -> datetime | None:
    found = _LOCAL_DATE.fullmatch(text)
    if found is None:
        return None
    one, other = int(found[1]), int(found[2])
    month, day = (one, other) if month_first else (other, one)
    return _moment(_year(found[3]), month, day, found.groups()[3:])


def _worded(text: str) -> datetime:
    if (found := _WORDED_DATE.fullmatch(text)) is not None:
        day, name, year = found[1], found[2], found[3]
    elif (found := _AMERICAN_DATE.fullmatch(text)) is not None:
        name, day, year = found[1], found[2], found[3]
    else:
        raise NotAValue
    month = _MONTHS.get(name.lower())
    if month is None:
        raise NotAValue
    return _moment(_year(year), month, int(day), found.groups()[3:])


def _moment(year: int, month: int, day: int, clock: tuple[str | None, ...]) -> datetime:
    hour, minute, second = (int(part or 0) for part in clock[:3])
    half = (clock[3] or "").lower()
    if half:
        hour = hour % _NOON + (_NOON if half == "p" else 0)
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - naive means UTC here


def _year(written: str) -> int:
    return int(written) + (_CENTURY if len(written) == len("26") else 0)


# Periods


def read_period(cell: Cell, column: str) -> tuple[str, datetime, datetime]:
    """A month, quarter, ISO week or other period: its text in one form, its first day and its last.

    Raises `NotAValue`.
    """
    if isinstance(cell, datetime):
        cell = cell.date().isoformat()
    text = " ".join(_text(cell).lower().split())
    for name, read in _PERIODS.items():
        if column in (name, "period"):
            try:
                found = read(text)
            except (ValueError, OverflowError):
                raise NotAValue from None
            if found is not None:
                said, first, after = found
                return said, _midnight(first), _midnight(after - timedelta(days=1))
    raise NotAValue


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - naive means UTC here


_Period = tuple[str, date, date]


def _week(text: str) -> _Period | None:
    found = re.fullmatch(r"(\d{4})[- ]?(?:w|wk|week )?[- ]?(\d{1,2})", text)
    turned = re.fullmatch(r"(?:w|wk|week)?[- ]?(\d{1,2})[-/ ](\d{4})", text)
    if found is not None:
        year, week = int(found[1]), int(found[2])
    elif turned is not None:
        year, week = int(turned[2]), int(turned[1])
    else:
        return None
    first = date.fromisocalendar(year, week, 1)
    return f"{year}-W{week:02d}", first, first + timedelta(days=7)


def _quarter(text: str) -> _Period | None:
    found = re.fullmatch(r"(\d{4})[- ]?(?:q|k|kw|kwartaal ?)[- ]?([1-4])", text)
    turned = re.fullmatch(r"(?:(?:q|k|kw|kwartaal) ?([1-4])|([1-4])e kwartaal)[-/ ](?:van )?(\d{4})", text)
    if found is not None:
        year, quarter = int(found[1]), int(found[2])
    elif turned is not None:
        year, quarter = int(turned[3]), int(turned[1] or turned[2])
    else:
        return None
    return f"{year}-Q{quarter}", _first_of(year, 3 * quarter - 2), _first_of(year, 3 * quarter + 1)


def _month(text: str) -> _Period | None:
    found = re.fullmatch(r"(\d{4})[-/ ](\d{1,2})(?:-\d{1,2})?", text)
    turned = re.fullmatch(r"(?:\d{1,2}[-/])?(\d{1,2})[-/ ](\d{4})", text)
    worded = re.fullmatch(r"([a-z]+)\.?[- ](\d{4})", text)
    if worded is not None and worded[1] in _MONTHS:
        year, month = int(worded[2]), _MONTHS[worded[1]]
    elif found is not None:
        year, month = int(found[1]), int(found[2])
    elif turned is not None:
        year, month = int(turned[2]), int(turned[1])
    else:
        return None
    if month not in _MONTHS.values():
        return None
    return f"{year}-{month:02d}", _first_of(year, month), _first_of(year, month + 1)


def _half(text: str) -> _Period | None:
    found = re.fullmatch(r"(\d{4})[- ]?h([12])|h([12])[- ](\d{4})", text)
    if found is None:
        return None
    year, half = int(found[1] or found[4]), int(found[2] or found[3])
    return f"{year}-H{half}", _first_of(year, 6 * half - 5), _first_of(year, 6 * half + 1)


def _whole_year(text: str) -> _Period | None:
    return (text, _first_of(int(text), 1), _first_of(int(text) + 1, 1)) if re.fullmatch(r"\d{4}", text) else None


def _first_of(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


_PERIODS: Mapping[str, Callable[[str], _Period | None]] = {
    "quarter": _quarter,
    "half": _half,
    "year": _whole_year,
    "month": _month,
    "iso_week": _week,
}
PERIODS: Mapping[str, str] = {"quarter": "quarter", "month": "month", "iso_week": "week", "period": "period"}
"""Columns that hold a period, with the name before `_start` and `_end` of the columns beside them."""
