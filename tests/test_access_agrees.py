"""Product and oracle agree on invented tenants: on single sign-ins, on what holds of all of them, on rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from oracle_access.boxes import Row, leaves_gaps, overlaps, personas, wrong_answers
from oracle_access.evaluator import answer
from oracle_access.policies import CONDITIONS
from oracle_access.pools import seeded
from oracle_access.product import product_answer, product_answers, product_effective, product_rows
from oracle_access.shrink import shrink
from oracle_access.signins import invent_signin
from oracle_access.space import effective, sample, signins
from oracle_access.tenants import invent_tenant

Raw = Mapping[str, Any]

LARGEST_SPACE = 1500
SAMPLE = 200


def _show(tenant: Raw, *more: Any) -> str:
    return "\n".join(json.dumps(each, indent=1, ensure_ascii=False) for each in (tenant, *more))


@pytest.mark.parametrize("seed", range(20))
def test_they_agree_on_single_sign_ins(seed: int) -> None:
    for number in range(100):
        random = seeded(seed, number)
        tenant = invent_tenant(random, broad=number % 3 == 0)
        scenarios = [invent_signin(random, tenant) for _ in range(10)]
        expected = [answer(tenant, scenario) for scenario in scenarios]
        for scenario, wanted, found in zip(scenarios, expected, product_answers(tenant, scenarios), strict=True):
            if found != wanted:
                _report_answers(tenant, scenario)


def _report_answers(tenant: dict[str, Any], signin: Raw) -> None:
    tenant = shrink(tenant, lambda smaller: product_answer(smaller, signin) != answer(smaller, signin))
    pytest.fail(_show(tenant, signin, {"product": product_answer(tenant, signin), "oracle": answer(tenant, signin)}))


@pytest.mark.parametrize("seed", range(20))
def test_they_agree_on_what_holds_of_all_sign_ins(seed: int) -> None:
    for number in range(10):
        random = seeded(seed, number)
        tenant = invent_tenant(random, people=2, conditions=random.sample(CONDITIONS, 2), broad=True)
        if all(count < LARGEST_SPACE for count, _ in enumerate(signins(tenant, "", only_applications=True))):
            _compare_columns(tenant)


def _compare_columns(tenant: dict[str, Any]) -> None:
    if product_effective(tenant) == effective(tenant):
        return
    tenant = shrink(tenant, lambda smaller: product_effective(smaller) != effective(smaller))
    pytest.fail(_show(tenant, {"product": product_effective(tenant), "oracle": effective(tenant)}))


@pytest.mark.parametrize("seed", range(20))
def test_rows_divide_all_sign_ins_of_a_person_and_answer_each_right(seed: int) -> None:
    for number in range(4):
        random = seeded(seed, number)
        tenant = invent_tenant(random, people=1, conditions=random.sample(CONDITIONS, 2), broad=True)
        (user,) = tenant["users"]
        user["accountEnabled"] = True
        rows = product_rows(tenant)
        drawn = sample(tenant, user["id"], SAMPLE)

        assert {row["people"] for row in rows} == {1}
        assert not overlaps(rows), _show(tenant)
        assert not leaves_gaps(rows), _show(tenant)
        assert not wrong_answers(tenant, rows, drawn), _show(tenant, wrong_answers(tenant, rows, drawn))


def test_every_enabled_account_has_a_persona_with_its_answers_and_no_disabled_account_has() -> None:
    for number in range(30):
        random = seeded(number)
        tenant = invent_tenant(random, conditions=["clientAppTypes", "platforms"], broad=number % 2 == 0)
        groups = personas(product_rows(tenant))
        people = {name: rows[0]["people"] for name, rows in groups.items()}
        enabled = [user["id"] for user in tenant["users"] if user["accountEnabled"]]
        fitting = {name: [id_ for id_ in enabled if _fits(tenant, rows, id_)] for name, rows in groups.items()}

        assert sum(people.values()) == len(enabled), _show(tenant)
        assert {id_ for ids in fitting.values() for id_ in ids} == set(enabled), _show(tenant)
        assert all(people[name] <= len(ids) for name, ids in fitting.items()), _show(tenant)


def _fits(tenant: Raw, rows: list[Row], user_id: str) -> bool:
    return not wrong_answers(tenant, rows, sample(tenant, user_id, SAMPLE))
