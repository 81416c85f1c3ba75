"""Tricky cases of Conditional Access, each with its reason and source: oracle and product get them right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from oracle_access.boxes import leaves_gaps, overlaps, personas, wrong_answers
from oracle_access.evaluator import answer
from oracle_access.product import product_answer, product_effective, product_rows
from oracle_access.security_defaults import ADMINISTRATORS
from oracle_access.space import effective, sample
from oracle_access.tricky_cases import Case, read_cases

CASES = list(read_cases())

Answer = Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]]
Effective = Callable[[Mapping[str, Any]], Mapping[str, Mapping[str, Any]]]


def test_the_table_is_large_and_names_no_case_twice() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_oracle_gets_it_right(case: Case) -> None:
    _check(case, answer, effective)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rows_divide_the_sign_ins_of_everybody_in_it_and_answer_each_right(case: Case) -> None:
    groups = list(personas(product_rows(case.tenant)).values())

    assert not any(overlaps(rows) or leaves_gaps(rows) for rows in groups)
    for user in case.tenant["users"]:
        drawn = sample(case.tenant, user["id"], 100)
        assert not user["accountEnabled"] or any(not wrong_answers(case.tenant, rows, drawn) for rows in groups)


def _check(case: Case, answer: Answer, effective: Effective) -> None:
    for signin, expected in case.signins:
        assert dict(answer(case.tenant, signin)) == expected
    if case.effective:
        columns = effective(case.tenant)
        for user, expected in case.effective.items():
            assert {name: columns[user][name] for name in expected} == expected


@pytest.mark.parametrize("role", ADMINISTRATORS, ids=lambda role: ADMINISTRATORS[role])
def test_security_defaults_ask_mfa_of_every_role_that_microsoft_lists(role: str) -> None:
    (case,) = [case for case in CASES if case.name == "security defaults ask MFA of administrators every time"]
    definition = {"id": role, "templateId": role, "displayName": ADMINISTRATORS[role], "isBuiltIn": True}
    assignments = [{**assignment, "roleDefinitionId": role} for assignment in case.tenant["role_assignments"]]
    tenant = {**case.tenant, "role_definitions": [definition], "role_assignments": assignments}

    assert [product_answer(tenant, signin) for signin, _ in case.signins] == [answer for _, answer in case.signins]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_product_gets_it_right(case: Case) -> None:
    _check(case, product_answer, product_effective)
