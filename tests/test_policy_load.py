"""From paths to a policy set: which files, which documents, and what stops whom."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest

from govcheck.diagnostics import GovcheckError
from govcheck.model import Severity, Text, UnitKind
from govcheck.policy import discover, line_reader, load_policies
from govcheck.policy.discover import shown_path
from policies import ROLES, codes, document, faults, load, policy, rule, write


def names(*paths: Path) -> list[str]:
    return [file.path.name for file in discover(paths)[0]]


# Files


def test_a_folder_is_read_recursively_in_order_of_path(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "deep/er/c.YAML", "notes.md", "d.json"):
        write(tmp_path, name=name)
    assert names(tmp_path) == ["a.yml", "b.yaml", "c.YAML"]


def test_hidden_files_hidden_folders_and_examples_are_skipped(tmp_path: Path) -> None:
    for name in (".hidden.yaml", ".git/a.yaml", "examples/b.yaml", "deep/examples/c.yaml", "d.yaml"):
        write(tmp_path, name=name)
    assert names(tmp_path) == ["d.yaml"]


@pytest.mark.parametrize("name", ["examples", ".hidden", "examples/b.yaml", ".hidden/.c.yml", "plain.txt"])
def test_what_is_named_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    for file in ("examples/b.yaml", ".hidden/.c.yml", ".hidden/d.yml", "plain.txt"):
        write(tmp_path, name=file)
    assert len(names(tmp_path / name)) == 1


def test_a_file_named_twice_counts_once(tmp_path: Path) -> None:
    file = write(tmp_path, policy())
    (tmp_path / "link.yaml").symlink_to(file)
    assert names(file, tmp_path, tmp_path / "." / "set.yaml") == ["set.yaml"]


def test_a_folder_that_links_to_itself_ends(tmp_path: Path) -> None:
    write(tmp_path, policy())
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    assert names(tmp_path) == ["set.yaml"]


def test_every_path_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = codes(tmp_path / "no.yaml", tmp_path / "empty", tmp_path / "nor this")
    assert sorted(said) == ["missing-path", "missing-path", "no-policy-files"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_an_error(tmp_path: Path) -> None:
    file = write(tmp_path, policy())
    file.chmod(0)
    assert codes(file) == ["unreadable-file"]


def test_a_folder_that_ends_in_yaml_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").mkdir()
    write(tmp_path, policy())
    assert names(tmp_path) == ["set.yaml"]


def test_paths_are_shown_from_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, policy(), name="policies/set.yaml")
    monkeypatch.chdir(tmp_path)
    assert load(file).headers[0].path == "policies/set.yaml"
    assert load(Path("./policies")).headers[0].path == "policies/set.yaml"


def test_shipped_packs_are_shown_as_in_the_source_tree_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = [header.path for header in load_policies([], lenient=False).headers]
    assert shown
    assert all(path.startswith("policies/") for path in shown)
    assert line_reader()(shown[0], 1) is not None


def test_lines_of_a_file_are_read_for_diagnostics(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"\xef\xbb\xbfone\r\ntwo\xff\n")
    read = line_reader()
    assert [read(str(file), number) for number in (0, 1, 2, 9)] == [None, "one", "two\ufffd", None]
    assert read("nowhere.yaml", 1) is None


# Packs


def test_a_set_without_a_policy_gets_the_shipped_packs_besides(tmp_path: Path) -> None:
    packs = write(tmp_path, policy("pack"), name="packs/pack.yaml").parent
    own = write(tmp_path, document("Organisation", ROLES))
    assert [found.header.id for found in load(own, packs=packs).policies] == ["pack"]
    assert [found.header.id for found in load(packs=packs).policies] == ["pack"]


def test_a_set_with_a_policy_gets_no_packs(tmp_path: Path) -> None:
    packs = write(tmp_path, policy("pack"), name="packs/pack.yaml").parent
    assert [found.header.id for found in load(write(tmp_path, policy("own")), packs=packs).policies] == ["own"]


def test_a_policy_with_a_packs_id_replaces_the_pack(tmp_path: Path) -> None:
    packs = write(tmp_path, policy("access"), policy("devices"), name="packs/all.yaml").parent
    own = write(tmp_path, policy("access", rule("OWN-1")))
    assert [found.id for found in load(packs, own, packs=packs).rules] == ["devices-1", "OWN-1"]


def test_roles_that_packs_name_are_not_held_against_ones_own_organisation(tmp_path: Path) -> None:
    packs = write(tmp_path, policy("pack"), name="packs/pack.yaml").parent
    own = write(tmp_path, document("Organisation", "roles: {board: {}}\n"))
    assert faults(own, packs=packs) == ()


def test_packs_are_not_added_where_a_file_could_not_be_read(tmp_path: Path) -> None:
    own = write(tmp_path, "kind: [", name="own.yaml")
    body = "activities: [{id: a, assign: {lead: A/R}, covers: [access-1]}]\n"
    matrix = write(tmp_path, document("RaciMatrix", body), name="matrix.yaml")
    assert codes(own, matrix) == ["yaml-syntax"]


# Documents


def test_a_policy_is_typed_in_full(tmp_path: Path) -> None:
    parameters = "parameters: {mfa_min: 0.98, names: [a, b], days: [1, 2.5]}\n"
    more = f"{parameters}people: true\nunit: support\nreviewed: 2026-06-01\n"
    body = rule(
        expect="contains(:names, mail) AND 1 IN :days",
        more="    where: account_enabled\n    at_least: :mfa_min\n    tags: [mfa]\n    references: [a, b]\n",
    )
    loaded = load(write(tmp_path, policy(rules=body, more=more)))
    (found,) = loaded.policies
    (checked,) = loaded.rules
    assert found.parameters == {"mfa_min": 0.98, "names": ("a", "b"), "days": (1.0, 2.5)}
    assert found.people
    assert found.header.unit == "support"
    assert found.header.reviewed == datetime(2026, 6, 1, tzinfo=UTC)
    assert (checked.policy, checked.severity, checked.table) == ("access", Severity.HIGH, "users")
    assert (checked.at_least, checked.tags, checked.references) == ("mfa_min", ("mfa",), ("a", "b"))
    assert checked.title == Text(nl="Everyone can use MFA", en="Everyone can use MFA")
    assert checked.where is not None
    assert checked.where.columns == {"account_enabled"}
    assert [example.passes for example in checked.examples] == [True, False]
    assert checked.examples[1].row == {"id": "u2", "is_mfa_capable": False}
    assert (checked.span.line, checked.span.column) == (13, 9)


def test_an_organisation_is_typed_in_full(tmp_path: Path) -> None:
    body = """\
roles:
  ciso: {title: {nl: CISO}, holders: ["user:a@b.nl", "role:board"], deputies: ["group:g"]}
  board: {}
units:
  - {id: support, kind: team, parent: operations, group: g1, work_mode: hybrid, countries: [NL]}
  - {id: operations, name: Operatie, kind: department, parent: organisation, department: Operations}
privacy: {min_group: 7}
"""
    found = load(write(tmp_path, document("Organisation", body))).organisation
    assert found is not None
    assert found.roles[0].holders == ("user:a@b.nl", "role:board")
    assert found.roles[1].title.in_lang("nl") == "board"
    assert [(unit.name, unit.kind, unit.parent) for unit in found.units] == [
        ("support", UnitKind.TEAM, "operations"),
        ("Operatie", UnitKind.DEPARTMENT, "organisation"),
    ]
    assert found.min_group == 7


@pytest.mark.parametrize(
    ("written", "hours"), [("P1D", 24), ("PT4H", 4), ("P2W", 336), ("P1DT12H", 36), ("PT90M", 1.5), ("PT1800S", 0.5)]
)
def test_a_duration_is_read_as_hours(tmp_path: Path, written: str, hours: float) -> None:
    body = f"escalations: [{{id: e, levels: [{{role: lead, within: {written}}}]}}]\n"
    (matrix,) = load(write(tmp_path, document("RaciMatrix", body))).matrices
    assert matrix.escalations[0].levels == (("lead", hours),)


def test_an_exception_is_granted_when_its_document_took_effect_unless_it_says_so(tmp_path: Path) -> None:
    row = "{id: %s, rule: access-1, units: [a], reason: r, owner: lead, approved_by: ciso, expires: 2026-12-31%s}"
    body = f"effective: 2026-01-01\nexceptions: [{row % ('E1', '')}, {row % ('E2', ', granted: 2026-02-01')}]\n"
    found = load(write(tmp_path, policy(), document("Exceptions", body))).waivers
    assert [waiver.granted for waiver in found] == [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)]
    assert all(waiver.valid for waiver in found)


def test_the_digest_is_of_the_contents_and_not_of_paths_order_or_comments(tmp_path: Path) -> None:
    first = load(write(tmp_path, policy("a"), policy("b"), name="one.yaml")).digest
    second = load(
        write(tmp_path, "# said twice\n", policy("b"), name="two/b.yaml"),
        write(tmp_path, policy("a"), name="two/a.yaml"),
    ).digest
    third = load(write(tmp_path, policy("a"), policy("c"), name="three.yaml")).digest
    assert first == second
    assert first != third


# What stops whom

SOFT = {
    "two-accountables": "activities: [{id: a, assign: {teamlead: A, ciso: A, engineer: R}}]\n",
    "no-accountable": "activities: [{id: a, assign: {engineer: R}}]\n",
    "nobody-responsible": "activities: [{id: a, assign: {teamlead: A}}]\n",
    "unknown-letter": "activities: [{id: a, assign: {teamlead: A/R, engineer: X}}]\n",
    "unknown-role": "activities: [{id: a, assign: {teamlead: A/R, enginer: C}}]\n",
    "unknown-rule": "activities: [{id: a, assign: {teamlead: A/R}, covers: [NO-1]}]\n",
    "unknown-unit": "unit: nowhere\n",
    "escalation-cycle": "escalations: [{id: e, levels: [{role: ciso, within: P1D}, {role: ciso, within: P2D}]}]\n",
    "duplicate-id": "activities: [{id: a, assign: {teamlead: A/R}}, {id: a, assign: {teamlead: A/R}}]\n",
}


@pytest.mark.parametrize("code", SOFT)
def test_a_matrix_that_makes_no_sense_stops_validate_and_warns_check(tmp_path: Path, code: str) -> None:
    file = write(tmp_path, policy(), document("Organisation", ROLES), document("RaciMatrix", SOFT[code]))
    with pytest.raises(GovcheckError) as problem:
        load(file)
    assert [(fault.code, fault.level) for fault in problem.value.diagnostics] == [(code, "error")]
    loaded = load(file, lenient=True)
    assert [(fault.code, fault.level) for fault in loaded.diagnostics] == [(code, "warning")]
    assert len(loaded.matrices) == 1


ROW = "{id: E, rule: access-1, subjects: [u], reason: r, owner: teamlead, approved_by: ciso, expires: 2026-12-31}"


@pytest.mark.parametrize(
    ("code", "row"),
    [
        ("exception-without-expiry", ROW.replace(", expires: 2026-12-31", "")),
        ("unknown-rule", ROW.replace("access-1", "access-2")),
        ("approved-by-owner", ROW.replace("ciso", "teamlead")),
        ("expires-before-granted", ROW.replace("reason", "granted: 2027-01-01, reason")),
    ],
)
def test_an_exception_at_fault_stops_validate_and_waives_nothing_in_check(tmp_path: Path, code: str, row: str) -> None:
    file = write(tmp_path, policy(), document("Exceptions", f"exceptions:\n  - {row}\n"))
    assert codes(file) == [code]
    loaded = load(file, lenient=True)
    assert [(fault.code, fault.level) for fault in loaded.diagnostics] == [(code, "warning")]
    assert [waiver.valid for waiver in loaded.waivers] == [False]


def test_an_expired_exception_is_no_fault(tmp_path: Path) -> None:
    row = ROW.replace("2026-12-31", "2020-01-01")
    loaded = load(write(tmp_path, policy(), document("Exceptions", f"exceptions: [{row}]\n")))
    assert loaded.diagnostics == ()
    assert loaded.waivers[0].valid


def test_units_and_parents_that_make_no_sense_are_left_out_of_a_lenient_set(tmp_path: Path) -> None:
    body = """\
units:
  - {id: a, kind: team, group: g1, parent: b}
  - {id: b, kind: team, group: g2, parent: a}
  - {id: c, kind: team, group: g3, parent: nowhere}
  - {id: a, kind: team, group: g4}
"""
    file = write(tmp_path, document("Organisation", body))
    assert sorted(codes(file)) == ["duplicate-id", "unit-cycle", "unknown-unit"]
    organisation = load(file, lenient=True).organisation
    assert organisation is not None
    assert [(unit.id, unit.parent) for unit in organisation.units] == [("a", None), ("b", "a"), ("c", None)]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("yaml-syntax", "kind: ["),
        ("unknown-key", policy(more="colour: blue\n")),
        ("unknown-table", policy(rules=rule().replace("check: users", "check: cars"))),
        ("unknown-column", policy(rules=rule(expect="is_happy"))),
        ("unknown-parameter", policy(rules=rule(expect="display_name = :who"))),
        ("duplicate-id", policy() + policy()),
        ("second-organisation", document("Organisation", name="a") + document("Organisation", name="b")),
        ("unknown-kind", document("Policies")),
    ],
)
def test_what_cannot_be_read_stops_everybody(tmp_path: Path, code: str, text: str) -> None:
    file = write(tmp_path, text)
    for lenient in (False, True):
        with pytest.raises(GovcheckError) as problem:
            load(file, lenient=lenient)
        assert code in [fault.code for fault in problem.value.diagnostics if fault.level == "error"]


def test_the_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    first = write(tmp_path, "a: b: c", name="a.yaml")
    second = write(tmp_path, policy(more="colour: blue\n", rules=rule(expect="is_happy")), name="b.yaml")
    third = write(tmp_path, document("RaciMatrix", "activities: [{id: a, assign: {lead: R}}]\n"), name="c.yaml")
    assert codes(third, first, second) == ["yaml-syntax", "unknown-key", "unknown-column", "no-accountable"]


def test_a_lenient_set_that_cannot_be_read_tells_its_other_faults_as_warnings(tmp_path: Path) -> None:
    file = write(tmp_path, policy(more="colour: blue\n"), document("RaciMatrix", SOFT["no-accountable"]))
    levels = {fault.code: fault.level for fault in faults(file, lenient=True)}
    assert levels == {"unknown-key": "error", "no-accountable": "warning"}


# Names that cannot be known


def test_without_an_organisation_roles_and_units_are_not_checked(tmp_path: Path) -> None:
    body = "unit: anywhere\nactivities: [{id: a, assign: {whoever: A/R}}]\n"
    assert codes(write(tmp_path, policy(), document("RaciMatrix", body))) == []


def test_an_owner_that_the_organisation_does_not_know_is_a_warning(tmp_path: Path) -> None:
    loaded = load(write(tmp_path, policy(), document("Organisation", "roles: {board: {}}\n")))
    assert [(fault.code, fault.level) for fault in loaded.diagnostics] == [("unknown-role", "warning")]


@pytest.mark.parametrize("unit", ["organisation", "0f0f0f0f-1111-4222-8333-444444444444"])
def test_a_matrix_may_be_about_the_organisation_or_an_undeclared_team(tmp_path: Path, unit: str) -> None:
    file = write(tmp_path, policy(), document("Organisation", ROLES), document("RaciMatrix", f"unit: {unit}\n"))
    assert codes(file) == []


def test_rules_of_a_policy_that_is_itself_at_fault_are_known(tmp_path: Path) -> None:
    matrix = document("RaciMatrix", "activities: [{id: a, assign: {lead: A/R}, covers: [access-1]}]\n")
    assert codes(write(tmp_path, policy(more="colour: blue\n"), matrix)) == ["unknown-key"]


def test_deputies_may_stand_in_for_each_other(tmp_path: Path) -> None:
    body = 'roles: {a: {deputies: ["role:b"]}, b: {deputies: ["role:a"]}}\n'
    assert codes(write(tmp_path, policy(), document("Organisation", body + "owner: a\n"))) == ["unknown-role"]


def test_shipped_packs_are_shown_alike_wherever_they_are_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packs = tmp_path / ".venv" / "lib" / "govcheck" / "policies"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(import_module("govcheck.policy.discover"), "shipped", lambda _: packs)
    assert shown_path(packs / "access.yaml") == "policies/access.yaml"
