"""What the rule language refuses, before anything is collected."""

from __future__ import annotations

import pytest

from govcheck.catalogue import tables
from govcheck.expr import compile_expression
from govcheck.expr.faults import ExpressionFaults
from govcheck.model import Text
from oracle.adapter import faults_of
from oracle.cases import PARAMETERS

NOT_OF_THE_LANGUAGE = {
    "nothing at all": "",
    "only space": " \n",
    "a query": "SELECT TRUE",
    "a subquery as an item": "id IN (SELECT id FROM users)",
    "a subquery as a value": "(SELECT count(*) FROM users) > 1",
    "EXISTS": "EXISTS (SELECT 1)",
    "a second statement": "account_enabled; DROP TABLE users",
    "a semicolon at the end": "account_enabled;",
    "a comment to the end of the line": "account_enabled -- really",
    "a comment in between": "account_enabled /* really */ AND TRUE",
    "a minus right after a minus": "size(methods_registered) = 1--1",
    "a comment of the MySQL kind": "account_enabled # really",
    "a name in double quotes": '"account_enabled"',
    "a name in backquotes": "`account_enabled`",
    "a name in brackets": "[account_enabled]",
    "text in double quotes": 'user_type = "Guest"',
    "text that does not end": "user_type = 'Guest",
    "text of the escaping kind": r"user_type = E'\x41'",
    "text in dollars": "user_type = $$Guest$$",
    "text of the Unicode kind": "user_type = U&'Guest'",
    "words after the end": "account_enabled TRUE",
    "a parenthesis too many": "(account_enabled))",
    "a parenthesis too few": "(account_enabled",
    "an operator without an operand": "account_enabled AND",
    "an operand without an operator": "user_type 'Guest'",
    "comparisons in a chain": "1 < 2 < 3",
    "equals in a chain": "user_type = mail = 'a'",
    "two equals signs": "user_type == 'Guest'",
    "an equals sign that forgives NULL": "user_type <=> 'Guest'",
    "IS DISTINCT FROM": "user_type IS DISTINCT FROM 'Guest'",
    "remainders": "length(mail) % 2 = 0",
    "powers": "length(mail) ^ 2 = 4",
    "text glued together": "mail || 'a' = 'aa'",
    "a cast": "CAST(mail AS INTEGER) = 1",
    "a cast by colons": "mail::int = 1",
    "an interval": "created_date_time > created_date_time - INTERVAL 1 DAY",
    "ILIKE": "mail ILIKE 'A%'",
    "SIMILAR TO": "mail SIMILAR TO 'a'",
    "LIKE with ESCAPE": "mail LIKE 'a!%' ESCAPE '!'",
    "an element of a list": "methods_registered[1] = 'sms'",
    "a lambda": "list_filter(methods_registered, x -> x = 'sms') IS NULL",
    "a window": "count_of(devices) OVER () > 1",
    "a star": "count_of(*) > 1",
    "a number that is no double": "1e400 > size(methods_registered)",
    "a number in hexadecimal": "size(methods_registered) = 0x1",
    "a number with a letter": "size(methods_registered) = 1a",
    "a full-width operator": "user_type \uff1d 'Guest'",
    "an invisible character in a name": "account\u200b_enabled",
    "a NUL": "account_enabled\x00",
    "CASE without WHEN": "CASE ELSE TRUE END",
    "CASE without END": "CASE WHEN TRUE THEN TRUE",
    "IN nothing": "user_type IN ()",
    "a parameter without a name": "user_type = :",
    "a question mark": "user_type = ?",
}

UNKNOWN = {
    "an unknown column": "user_typ = 'Guest'",
    "a column in other case": "User_Type = 'Guest'",
    "a column of another table": "is_encrypted",
    "a column with its table": "users.account_enabled",
    "an unknown parameter": "user_type = :nobody",
    "a parameter in other case": "user_type = :KIND",
    "an unknown function": "trim(mail) = 'a'",
    "a function that reads files": "read_text('/etc/passwd') = 'a'",
    "a function that reads the environment": "getenv('HOME') = 'a'",
    "a function of the clock": "created_date_time < now()",
    "the clock": "created_date_time < CURRENT_TIMESTAMP",
    "an aggregate": "count(mail) = 1",
    "an unknown relation": "any_of(laptops, TRUE)",
    "an outer column without parent": "any_of(devices, account_enabled)",
    "parent at the top": "parent.account_enabled",
    "an unknown column of the parent": "any_of(devices, parent.is_encrypted)",
    "a parent's parent": "any_of(teams, any_of(owners, parent.parent.account_enabled))",
    "relations three deep": "any_of(teams, any_of(owners, any_of(devices, is_encrypted)))",
    "a relation as a value": "devices = 'a'",
    "a table as a value": "users",
}

ILL_TYPED = {
    "a condition that is text": "user_type",
    "a condition that is a number": "size(methods_registered)",
    "a condition that is a parameter of another type": ":kind",
    "NOT of text": "NOT user_type",
    "AND of a number": "account_enabled AND 1",
    "text compared with a number": "user_type = 1",
    "a flag compared with text": "account_enabled = 'true'",
    "a flag compared with a number": "account_enabled = 1",
    "text compared with a parameter that is a number": "user_type = :days",
    "= NULL": "user_type = NULL",
    "<> NULL": "user_type <> NULL",
    "NULL =": "NULL = user_type",
    "arithmetic on text": "mail + 1 > 0",
    "arithmetic on flags": "account_enabled + 1 > 0",
    "arithmetic on times": "created_date_time + 1 > 0",
    "minus of text": "-mail = 'a'",
    "a list compared with text": "methods_registered = 'sms'",
    "a list compared with a list": "methods_registered = methods_registered",
    "a list parameter compared": "user_type = :names",
    "a value IN a list column": "'sms' IN methods_registered",
    "a value IN a parameter that is no list": "user_type IN :kind",
    "text IN a list of numbers": "user_type IN :levels",
    "items of another type": "user_type IN ('Guest', 1)",
    "json compared": "assigned_licenses = 'a'",
    "json in a function": "length(assigned_licenses) = 1",
    "json in coalesce": "coalesce(assigned_licenses, 'a') = 'a'",
    "bounds of another type": "user_type BETWEEN 1 AND 2",
    "branches of different types": "CASE WHEN TRUE THEN 1 ELSE 'a' END = 1",
    "a WHEN that is no condition": "CASE WHEN user_type THEN TRUE END",
    "a WHEN of another type": "CASE user_type WHEN 1 THEN TRUE END",
    "coalesce of different types": "coalesce(mail, 1) = 1",
    "a time compared with text that is no time": "created_date_time > 'yesterday'",
    "a time compared with a month": "created_date_time > '2026-01'",
    "a time compared with a day that does not exist": "created_date_time > '2026-02-30'",
    "a time without a zone": "created_date_time > '2026-01-01T10:00:00'",
    "a time compared with a parameter that is no time": "created_date_time > :kind",
    "a time compared with a column of text": "created_date_time > mail",
    "a time compared with a number": "created_date_time > 5",
    "days_since of text": "days_since(mail) > 1",
    "days_since of nothing": "days_since() > 1",
    "hours_between of one": "hours_between(created_date_time) > 1",
    "size of text": "size(mail) = 1",
    "length of a list": "length(methods_registered) = 1",
    "contains in text": "contains(mail, 'a')",
    "contains of a number": "contains(methods_registered, 1)",
    "lower of two": "lower(mail, mail) = 'a'",
    "count_of as a condition": "count_of(devices)",
    "any_of without a condition": "any_of(devices)",
    "a condition over related rows that is text": "any_of(devices, os_version)",
}

PATTERNS = {
    "a backslash in LIKE": r"mail LIKE 'a\_b'",
    "LIKE from a column": "mail LIKE user_type",
    "LIKE of a list": "methods_registered LIKE 'a'",
    "a broken regex": "matches(mail, '(')",
    "a regex from a column": "matches(mail, user_type)",
    "a regex that is computed": "matches(mail, lower('A'))",
    "a regex that looks ahead": "matches(mail, 'a(?=b)')",
    "a regex that looks back": r"matches(mail, '(a)\1')",
    "a regex from a parameter that is a number": "matches(mail, :days)",
}

BOMBS = {
    "parentheses without end": "(" * 4_000 + "account_enabled" + ")" * 4_000,
    "NOT without end": "NOT " * 2_400 + "account_enabled",
    "minus without end": "- " * 4_900 + "1 = 1",
    "functions without end": "lower(" * 1_400 + "mail" + ")" * 1_400 + " = 'a'",
    "CASE without end": "CASE WHEN TRUE THEN " * 350 + "TRUE" + " END" * 350,
    "coalesce without end": "coalesce(" * 900 + "mail" + ", 'a')" * 900 + " = 'a'",
    "a million characters": "account_enabled OR " * 55_000 + "TRUE",
    "a million opening parentheses": "(" * 1_000_000,
    "a regex too large": "matches(mail, '((a{1,1000}){1,1000}){1,1000}')",
}

REFUSED = NOT_OF_THE_LANGUAGE | UNKNOWN | ILL_TYPED | PATTERNS | BOMBS


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in REFUSED.items()])
def test_the_compiler_refuses(text: str) -> None:
    assert faults_of(text, "users", PARAMETERS)


ONE_CAUSE = {
    "minus before a text": ("-mail = 'a'", "not-a-number"),
    "a sum with a text": ("mail + 1 = 'a'", "not-a-number"),
    "a sum with an unknown column": ("nope * 2 = 'a'", "unknown-column"),
    "json in coalesce": ("coalesce(assigned_licenses, 'a') = 'a'", "json-column"),
    "json alone in coalesce": ("coalesce(assigned_licenses) = 'a'", "json-column"),
    "json between two texts": ("assigned_licenses BETWEEN 'a' AND 'b'", "json-column"),
    "a text between two numbers": ("mail BETWEEN 1 AND 2", "type-mismatch"),
    "a text in a list of numbers": ("mail IN (1, 2, 3)", "type-mismatch"),
    "coalesce of nothing": ("coalesce() = 1", "argument-count"),
}


@pytest.mark.parametrize(("text", "code"), [pytest.param(*case, id=name) for name, case in ONE_CAUSE.items()])
def test_one_cause_is_told_once(text: str, code: str) -> None:
    assert faults_of(text, "users", PARAMETERS) == [code]


def test_two_causes_are_told_apart() -> None:
    assert faults_of("mail IN (1, TRUE)", "users", PARAMETERS) == ["type-mismatch", "type-mismatch"]
    assert faults_of("nope = lost", "users", PARAMETERS) == ["unknown-column", "unknown-column"]


@pytest.mark.parametrize(
    ("text", "nl", "en"),
    [
        ("days_since() > 1", "verwacht 1 argument, geen 0", "takes 1 argument, not 0"),
        ("contains(mail) OR TRUE", "verwacht 2 argumenten, geen 1", "takes 2 arguments, not 1"),
    ],
)
def test_one_argument_is_not_several(text: str, nl: str, en: str) -> None:
    said = _said(text)
    assert nl in said.in_lang("nl")
    assert en in said.in_lang("en")


def test_a_broken_regex_is_told_in_the_words_of_its_engine_alone() -> None:
    assert _said("matches(mail, '[a')").in_lang("en") == "this is no valid regular expression (RE2): missing ]: [a"


def _said(text: str) -> Text:
    with pytest.raises(ExpressionFaults) as refusal:
        compile_expression(text, tables()["users"], PARAMETERS)
    [fault] = refusal.value.faults
    return fault.message
