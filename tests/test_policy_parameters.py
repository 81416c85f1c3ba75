"""Values that an organisation, a unit or the command line puts in the place of a default."""

from __future__ import annotations

from pathlib import Path

import pytest

from govcheck.diagnostics import GovcheckError
from govcheck.policy import PolicySet, parse_settings
from policies import codes, document, load, policy, rule, write

MORE = """\
parameters:
  {share: 0.9, days: 30, text: a, yes: true, names: [a], numbers: [1], pattern: a, since: 2026-01-01}
"""
RULES = rule(
    expect="display_name = :text AND :yes AND contains(:names, mail) AND 1 IN :numbers AND matches(mail, :pattern)",
    more="    where: days_since(created_date_time) > :days AND created_date_time > :since\n    at_least: :share\n",
)


def loaded(folder: Path, organisation: str = "") -> PolicySet:
    return load(write(folder, policy("a.b", RULES, MORE), document("Organisation", organisation)))


@pytest.fixture
def policies(tmp_path: Path) -> PolicySet:
    return loaded(tmp_path, "roles: {ciso: {}}\n")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("a.b.share=0.95", 0.95),
        ("a.b.share=1", 1),
        ("a.b.days=-3", -3),
        ("a.b.text=b", "b"),
        ("a.b.text=1.10", "1.10"),
        ("a.b.text=true", "true"),
        ("a.b.text='quoted'", "quoted"),
        ("a.b.text=a=b", "a=b"),
        ("a.b.yes=false", False),
        ("a.b.names=[x, y]", ("x", "y")),
        ("a.b.names=[]", ()),
        ("a.b.numbers=[1, 2.5]", (1.0, 2.5)),
        ("a.b.numbers=[]", ()),
    ],
)
def test_a_setting_is_yaml_typed_by_the_default(policies: PolicySet, setting: str, value: object) -> None:
    name = setting.partition("=")[0]
    assert parse_settings([setting], policies.policies) == {name: value}


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("a.b.share", "bad-setting"),
        ("a.b.share=", "bad-setting"),
        ("a.b.share=[", "bad-setting"),
        ("a.b.share=!!int 1", "bad-setting"),
        ("a.b.share=0.9\n---\n1", "bad-setting"),
        ("share=0.9", "unknown-parameter"),
        ("a.share=0.9", "unknown-parameter"),
        ("a.b.shares=0.9", "unknown-parameter"),
        ("a.b.share=high", "override-type"),
        ("a.b.share=true", "override-type"),
        ("a.b.yes=1", "override-type"),
        ("a.b.names=x", "override-type"),
        ("a.b.names=[1]", "override-type"),
        ("a.b.numbers=[a]", "override-type"),
        ("a.b.text=[a]", "override-type"),
        ("a.b.text=~", "override-type"),
        ("a.b.share=2", "not-a-share"),
        ("a.b.pattern='('", "override-unfit"),
        ("a.b.since=soon", "override-unfit"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused_by_name(policies: PolicySet, setting: str, code: str) -> None:
    with pytest.raises(GovcheckError) as problem:
        parse_settings([setting], policies.policies)
    assert [fault.code for fault in problem.value.diagnostics] == [code]


def test_all_settings_at_fault_are_told_and_the_nearest_name_suggested(policies: PolicySet) -> None:
    with pytest.raises(GovcheckError) as problem:
        parse_settings(["a.b.shre=1", "a.b.days=x"], policies.policies)
    first, second = problem.value.diagnostics
    assert "`a.b.share`" in first.helps[0].in_lang("nl")
    assert second.code == "override-type"


def test_an_organisation_overrides_parameters_for_all_and_shares_per_unit(tmp_path: Path) -> None:
    body = (
        "roles: {ciso: {}}\nparameters: {a.b.days: 10, a.b.text: 7}\n"
        "units: [{id: u, kind: team, group: g, parameters: {a.b.share: 0.5}}]\n"
    )
    organisation = loaded(tmp_path, body.replace("7", "'7'")).organisation
    assert organisation is not None
    assert organisation.parameters == {"a.b.days": 10, "a.b.text": "7"}
    assert organisation.units[0].parameters == {"a.b.share": 0.5}


def test_a_unit_cannot_override_what_a_condition_reads(tmp_path: Path) -> None:
    body = "roles: {ciso: {}}\nunits: [{id: u, kind: team, group: g, parameters: {a.b.days: 5}}]\n"
    with pytest.raises(GovcheckError) as problem:
        loaded(tmp_path, body)
    (fault,) = problem.value.diagnostics
    assert fault.code == "unit-override"
    assert "`ACC-01`" in fault.message.in_lang("en")
    assert "`where`" in fault.message.in_lang("en")


def test_overrides_that_cannot_be_read_stop_a_lenient_set_too(tmp_path: Path) -> None:
    file = write(
        tmp_path, policy("p", RULES, MORE), document("Organisation", "parameters: {p.dayz: 1}\nroles: {ciso: {}}\n")
    )
    assert codes(file, lenient=True) == ["unknown-parameter"]


def test_a_parameter_that_only_at_least_reads_counts_as_used(tmp_path: Path) -> None:
    text = policy("p", rule(more="    at_least: :share\n"), "parameters: {share: 0.9}\n")
    assert codes(write(tmp_path, text)) == []
