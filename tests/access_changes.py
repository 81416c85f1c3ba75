"""A tenant after what closes a hole, so that tests can ask whether it is closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from govcheck.access.edits import Change, Edit, Kind, edited
from govcheck.access.model import Clause, Conditions, Directory, Grant, PeopleNamed, Policy, State, Targets
from govcheck.access.requirements import MFA, Controls

NEW_POLICY = "new-policy"


def apply_change(directory: Directory, change: Change, controls: Controls) -> Directory:
    """The tenant after a change."""
    if change.policy is None:
        return _with_new_policy(directory, change.edits[0].kind)
    wanted = change.policy.id
    edited = (
        _edited_policy(each, change.edits, controls.mfa) if each.id == wanted else each for each in directory.policies
    )
    return replace(directory, policies=tuple(edited))


def _with_new_policy(directory: Directory, kind: Kind) -> Directory:
    legacy = frozenset({"exchangeActiveSync", "other"}) if kind == "add-block" else frozenset()
    new = Policy(
        id=f"{NEW_POLICY}-{kind}",
        name=f"{NEW_POLICY}-{kind}",
        state=State.ENABLED,
        conditions=Conditions(
            include_people=PeopleNamed(words=frozenset({"All"})),
            targets=Targets(include_ids=frozenset({"all"})),
            clients=legacy,
        ),
        grant=Grant(blocks=True) if kind == "add-block" else Grant(clauses=(frozenset({MFA}),)),
    )
    others = (each for each in directory.policies if each.id != new.id)
    defaults = False if kind == "replace-defaults" else directory.security_defaults
    return replace(directory, policies=(*others, new), security_defaults=defaults)


def _edited_policy(policy: Policy, edits: Iterable[Edit], counted: Clause) -> Policy:
    kinds = {each.kind for each in edits}
    grant = policy.grant
    if "grant" in kinds:
        grant = replace(grant, clauses=tuple(clause & counted or clause for clause in grant.clauses))
    state = State.ENABLED if "enable" in kinds else policy.state
    return replace(policy, state=state, grant=grant, conditions=edited(policy.conditions, edits))
