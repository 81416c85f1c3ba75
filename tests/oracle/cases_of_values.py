"""What numbers, lists, text and times are worth."""

from __future__ import annotations

from datetime import UTC, datetime

from oracle.cases import FALSE, NULL, TRUE, case, level, sku

NOON = datetime(2025, 12, 31, 12, tzinfo=UTC)

NUMBERS = [
    sku(
        "division is on doubles",
        "consumed_units / prepaid_units_enabled = 3.5",
        TRUE,
        consumed_units=7,
        prepaid_units_enabled=2,
    ),
    sku("division of literals too", "7 / 2 = 3.5", TRUE),
    sku(
        "division by zero is empty",
        "(consumed_units / prepaid_units_enabled) IS NULL",
        TRUE,
        consumed_units=7,
        prepaid_units_enabled=0,
    ),
    sku("nothing divided by zero compares as large", "consumed_units / 0 > 1", NULL, consumed_units=7),
    sku("zero by zero is empty", "0 / 0 IS NULL", TRUE),
    sku("infinity is empty", "1e308 * 10 > 1", NULL),
    sku("minus infinity is empty", "-1e308 * 10 < 1", NULL),
    sku("infinity does not come back", "1 / (1e308 * 10) = 0", NULL),
    sku("sums are doubles", "0.1 + 0.2 = 0.3", FALSE),
    sku("products are doubles", "0.1 * 3 = 0.30000000000000004", TRUE),
    sku("whole literals are doubles", "9007199254740993 = 9007199254740992", TRUE),
    sku("whole sums do not wrap", "9223372036854775807 + 1 > 0", TRUE),
    sku("columns do not wrap", "consumed_units * consumed_units > 1e18", TRUE, consumed_units=2147483647),
    sku("parameters are doubles", ":days / 4 = 22.5", TRUE),
    sku("* binds tighter than +", "1 + 2 * 3 = 7", TRUE),
    sku("- goes from left to right", "5 - 2 - 1 = 2", TRUE),
    sku("/ goes from left to right", "8 / 4 / 2 = 1", TRUE),
    sku("minus a negative", "1 - -1 = 2", TRUE),
    sku("minus before a parenthesis", "-(1 + 2) = -3", TRUE),
    sku("arithmetic binds tighter than comparison", "1 + 1 = 2 AND 1 < 1 + 1", TRUE),
    sku("arithmetic with an empty value is empty", "consumed_units + 1 > 0", NULL, consumed_units=None),
    sku("zero times empty is empty", "0 * consumed_units = 0", NULL, consumed_units=None),
    sku("minus zero is zero", "-0.0 = 0", TRUE),
    sku("whole and broken numbers compare", "consumed_units = 2.0", TRUE, consumed_units=2),
    level("a double is what it says", "within_hours = 0.1", TRUE, within_hours=0.1),
    level("a NaN in the data is empty", "within_hours IS NULL", TRUE, within_hours=float("nan")),
    level("an infinity in the data does not compare", "within_hours > 5", NULL, within_hours=float("inf")),
    level("the smallest double is not zero", "within_hours > 0", TRUE, within_hours=5e-324),
]

LISTS_AND_TEXT = [
    case("contains finds", "contains(methods_registered, 'fido2')", TRUE, methods_registered=["sms", "fido2"]),
    case("contains minds case", "contains(methods_registered, 'FIDO2')", FALSE, methods_registered=["fido2"]),
    case("an empty list contains nothing", "contains(methods_registered, 'a')", FALSE, methods_registered=[]),
    case("contains of no list is open", "contains(methods_registered, 'a')", NULL, methods_registered=None),
    case("contains of an empty value is open", "contains(methods_registered, mail)", NULL, methods_registered=["a"]),
    case(
        "contains of an empty value in an empty list is open",
        "contains(methods_registered, mail)",
        NULL,
        methods_registered=[],
    ),
    case("contains takes a list parameter", "contains(:names, display_name)", TRUE, display_name="Ana"),
    case("contains of an empty parameter is false", "contains(:none, display_name)", FALSE, display_name="Ana"),
    case("size counts", "size(methods_registered) = 2", TRUE, methods_registered=["a", "a"]),
    case("size of an empty list is 0", "size(methods_registered) = 0", TRUE, methods_registered=[]),
    case("size of no list is open", "size(methods_registered) = 0", NULL, methods_registered=None),
    case("lower", "lower(display_name) = 'élan'", TRUE, display_name="ÉLAN"),
    case("upper", "upper(display_name) = 'ÉLAN'", TRUE, display_name="élan"),
    case("length counts code points", "length(display_name) = 3", TRUE, display_name="a\U0001f600é"),
    case("length of empty text is 0", "length(display_name) = 0", TRUE, display_name=""),
    case("length of an empty value is open", "length(display_name) = 0", NULL, display_name=None),
    case("starts_with", "starts_with(display_name, 'An')", TRUE, display_name="Ana"),
    case("starts_with takes signs literally", "starts_with(display_name, '%')", FALSE, display_name="Ana"),
    case("everything starts with nothing", "starts_with(display_name, '')", TRUE, display_name=""),
    case("ends_with", "ends_with(display_name, 'na')", TRUE, display_name="Ana"),
    case("ends_with takes a column", "ends_with(display_name, mail)", NULL, display_name="Ana", mail=None),
]

TIMES = [
    case("days_since is a double", "days_since(created_date_time) = 0.5", TRUE, created_date_time=NOON),
    case(
        "days_since of what comes is negative",
        "days_since(created_date_time) = -1",
        TRUE,
        created_date_time=datetime(2026, 1, 2, tzinfo=UTC),
    ),
    case("days_until is the contrary", "days_until(created_date_time) = -0.5", TRUE, created_date_time=NOON),
    case("days_since of an empty time is open", "days_since(created_date_time) > 0", NULL),
    case(
        "hours_between is b minus a",
        "hours_between(employee_hire_date, created_date_time) = 12",
        TRUE,
        employee_hire_date=datetime(2025, 12, 31, tzinfo=UTC),
        created_date_time=NOON,
    ),
    case(
        "hours_between is negative when reversed",
        "hours_between(created_date_time, employee_hire_date) = -12",
        TRUE,
        employee_hire_date=datetime(2025, 12, 31, tzinfo=UTC),
        created_date_time=NOON,
    ),
    case(
        "half an hour is half",
        "hours_between(created_date_time, employee_hire_date) = 0.5",
        TRUE,
        created_date_time=NOON,
        employee_hire_date=datetime(2025, 12, 31, 12, 30, tzinfo=UTC),
    ),
    case("a date is 00:00 UTC", "created_date_time > '2025-12-31'", TRUE, created_date_time=NOON),
    case("text beside a time is a time", "created_date_time = '2025-12-31T12:00:00Z'", TRUE, created_date_time=NOON),
    case("an offset counts", "created_date_time = '2025-12-31T13:00:00+01:00'", TRUE, created_date_time=NOON),
    case("fractions count", "created_date_time < '2025-12-31T12:00:00.001Z'", TRUE, created_date_time=NOON),
    case("the text may come first", "'2026-01-01' > created_date_time", TRUE, created_date_time=NOON),
    case(
        "times go BETWEEN dates",
        "created_date_time BETWEEN '2025-12-31' AND '2026-01-01'",
        TRUE,
        created_date_time=NOON,
    ),
    case(
        "times are IN dates",
        "created_date_time IN ('2025-12-31', '2025-12-31T12:00:00Z')",
        TRUE,
        created_date_time=NOON,
    ),
    case("a parameter may hold a time", "created_date_time = :start", TRUE, created_date_time=NOON),
    case(
        "CASE of a time",
        "CASE created_date_time WHEN '2025-12-31T12:00:00Z' THEN TRUE END",
        TRUE,
        created_date_time=NOON,
    ),
    case("times compare with times", "created_date_time >= employee_hire_date", NULL, created_date_time=NOON),
]

VALUES = NUMBERS + LISTS_AND_TEXT + TIMES
