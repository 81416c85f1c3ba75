"""Intune gives the name that somebody signs in with and no id: capitals in it must not part people from their terms."""

from __future__ import annotations

import pytest

from tenants import Rows, Verdicts, judge, person, policy, rule

STATUSES = "terms_acceptances"


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    accepted = {"terms_and_conditions_id": "t1", "accepted_version": 2}
    rows: Rows = {
        "users": [
            person("ann", user_principal_name="Ann.de.Vries@delinde.example", department="Zorg"),
            person("bob", user_principal_name="bob@delinde.example", department="Zorg"),
            person("cor", user_principal_name=None),
        ],
        "terms_and_conditions_acceptance_statuses": [
            {"id": "a1", "user_principal_name": "ann.de.vries@delinde.example", **accepted},
            {"id": "b1", "user_principal_name": "BOB@delinde.example", **accepted},
            {"id": "b2", "user_principal_name": "bob@delinde.example", **accepted},
            {"id": "x1", "user_principal_name": None, **accepted},
        ],
    }
    rules = policy(
        rule("ACCEPTED", "users", f"any_of({STATUSES}, accepted_version >= 2)", where="id <> 'cor'"),
        rule("NAMELESS", "users", f"count_of({STATUSES}) = 0", where="user_principal_name IS NULL"),
        rule("TWICE", "users", f"count_of({STATUSES}) = 2", where="id = 'bob'"),
        rule("BESIDE", "users", f"any_of({STATUSES}, accepted_version <= length(parent.department))"),
        rule("BACK", "terms_and_conditions_acceptance_statuses", "count_of(user) = 1", where="id <> 'x1'"),
        rule("NOBODY", "terms_and_conditions_acceptance_statuses", "count_of(user) = 0", where="id = 'x1'"),
    )
    return judge(tmp_path_factory.mktemp("capitals"), [rules], rows)


@pytest.mark.parametrize(
    ("name", "people"), [("ACCEPTED", 2), ("NAMELESS", 1), ("TWICE", 1), ("BACK", 3), ("NOBODY", 1)]
)
def test_people_are_found_whatever_the_capitals_and_never_by_an_empty_name(
    verdicts: Verdicts, name: str, people: int
) -> None:
    assert verdicts.counts(name) == (people, 0, 0, 0)


def test_a_condition_that_looks_at_the_person_finds_the_same_terms(verdicts: Verdicts) -> None:
    assert verdicts.subjects("BESIDE") == [("cor", "fail")]
    assert verdicts.counts("BESIDE") == (2, 1, 0, 0)
