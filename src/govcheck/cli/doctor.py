"""`govcheck doctor`: who we are to Graph, what we may read there, and which rules that is enough for."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from govcheck.cli import options as shared
from govcheck.cli.options import help_text
from govcheck.model import Lang, Reason

if TYPE_CHECKING:
    from govcheck.catalogue import MissingColumn
    from govcheck.cli.snapshots import Origin, Voice
    from govcheck.engine.needs import FeedNeed
    from govcheck.graph.answers import Source
    from govcheck.graph.diagnosis import Identity, Sample
    from govcheck.policy.types import PolicySet, Rule

ALL_CHECKABLE, SOMETHING_NOT = 0, 3

Found = dict[str, Any]


@click.command(help=help_text("doctor"))
@shared.options(
    shared.paths,
    shared.policies,
    shared.tenant,
    shared.cloud,
    shared.allow_beta,
    shared.select,
    shared.ignore,
    shared.min_severity,
    shared.text_or_json,
    shared.lang,
    shared.quiet,
    shared.verbose,
    shared.debug,
)
def doctor(paths: tuple[Path, ...], **given: Any) -> int:
    """Sign in, read one row of everything the rules need, and tell what that showed."""
    from govcheck.cli.audit import audited
    from govcheck.cli.inputs import choose_rules
    from govcheck.cli.snapshots import open_source, origin_of, voice_of
    from govcheck.engine.people_packs import open_rules
    from govcheck.graph.faults import SignInError, UnreachableError

    lang = shared.language(given["lang"])
    policies, rules = choose_rules(paths, given, lang)
    origin, voice = origin_of(given), voice_of(given, lang)
    source: Source | None = None
    try:
        with audited("doctor", origin, policies, rules, voice) as audit:
            source, _ = open_source(origin, voice)
            with _sample(source, open_rules(policies, rules), voice, allow_beta=origin.allow_beta) as sample:
                audit.snapshot = sample.snapshot
                found = _diagnose(source, sample, origin, policies, rules, voice.lang)
    except (SignInError, UnreachableError) as fault:
        unknown = dict.fromkeys(("permissions", "excess", "licences", "obstacles", "closed", "rules"))
        found = {"connection": _connection(source, fault.diagnostics[0].code), **_identity(source, origin), **unknown}
        _print(found, given["format_"], lang)
        raise
    _print(found, given["format_"], lang)
    return _exit_code(found, policies, shared.listed(given["select"]), named=bool(paths))


@contextmanager
def _sample(source: Source, rules: tuple[Rule, ...], voice: Voice, *, allow_beta: bool) -> Iterator[Sample]:
    """One row of everything, there for as long as it is looked at."""
    from govcheck.cli.progress import progress
    from govcheck.engine.plan import collect_needs
    from govcheck.graph.diagnosis import take_sample

    with tempfile.TemporaryDirectory(prefix="govcheck-") as folder:
        with progress(voice.lang, quiet=voice.quiet, verbose=voice.verbose) as observe:
            sample = take_sample(source, collect_needs(rules), Path(folder), observe, allow_beta=allow_beta)
        yield sample


def _diagnose(
    source: Source, sample: Sample, origin: Origin, policies: PolicySet, rules: tuple[Rule, ...], lang: Lang
) -> Found:
    from govcheck.engine.needs import feeds_needed

    feeds = feeds_needed(rules, allow_beta=origin.allow_beta)
    who = _identity(source, origin)
    who["identity"] |= {"tenant": sample.snapshot.tenant, "tenant_name": sample.snapshot.tenant_name}
    return {
        "connection": _connection(source, None, sample.clock_skew),
        **who,
        **_permissions(feeds, sample, frozenset(who["granted"] or ())),
        "licences": _licences(feeds, sample.service_plans, lang),
        **_rules(policies, rules, sample, lang),
    }


def _connection(source: Source | None, problem: str | None, skew: float | None = None) -> Found:
    """`problem` is the code of what makes it impossible; `skew` is how far Graph's clock is ahead of ours."""
    from govcheck.graph.auth import Session

    return {
        "graph": source.graph_url if isinstance(source, Session) else None,
        "works": problem is None,
        "problem": problem,
        "clock_skew_seconds": None if skew is None else round(skew),
    }


def _identity(source: Source | None, origin: Origin) -> Found:
    from govcheck.graph.auth import Session
    from govcheck.graph.diagnosis import identify

    if origin.demo:
        return {"identity": {"credential": "demo", "application": None, "tenant": None}, "token": None, "granted": None}
    who: Identity = identify(os.environ, source if isinstance(source, Session) else None)
    ends = None
    if who.expires is not None:
        left = round((who.expires - datetime.now(UTC)).total_seconds())
        ends = {"expires": who.expires.isoformat(timespec="seconds").replace("+00:00", "Z"), "seconds_left": left}
    return {
        "identity": {
            "credential": who.credential,
            "application": who.application,
            "application_name": who.application_name,
            "delegated": who.person,
            "tenant": who.tenant,
        },
        "token": ends,
        "granted": sorted(who.permissions) or None,
    }


def _permissions(feeds: tuple[FeedNeed, ...], sample: Sample, granted: Collection[str]) -> Found:
    from govcheck.engine.readiness import permission_statuses
    from govcheck.graph.consent import excess

    statuses = permission_statuses(feeds, sample.snapshot, granted)
    needed = {found.need.name for found in statuses}
    return {
        "permissions": [
            {
                "permission": found.need.name,
                "status": found.status.value,
                "every_run": found.need.always,
                "rules": list(found.need.rules),
            }
            for found in statuses
        ],
        "excess": [{"permission": each.permission, "kind": each.kind.value} for each in excess(granted, needed)],
    }


def _licences(feeds: tuple[FeedNeed, ...], plans: frozenset[str] | MissingColumn, lang: Lang) -> list[Found]:
    from govcheck.cli.permissions import licence_name
    from govcheck.engine.needs import licences_needed

    return [
        {
            "licence": need.name,
            "name": licence_name(need.name, lang),
            "held": need.name in plans if isinstance(plans, frozenset) else None,
            "tables": list(need.tables),
            "rules": list(need.rules),
        }
        for need in licences_needed(feeds)
    ]


def _rules(policies: PolicySet, rules: tuple[Rule, ...], sample: Sample, lang: Lang) -> Found:
    from govcheck.engine.evidence_tables import evidence_gaps
    from govcheck.engine.people_packs import closed_packs
    from govcheck.engine.plan import Gaps, roles_gap
    from govcheck.engine.readiness import find_obstacles
    from govcheck.evidence import survey_evidence

    evidence = evidence_gaps(policies, survey_evidence(policies), sample.snapshot.taken_at)
    obstacles = find_obstacles(rules, Gaps(sample.snapshot, roles_gap(policies, sample.snapshot), evidence))
    closed = closed_packs(policies)
    reasons = {rule.id: [each.reason.value for each in obstacles if rule.id in each.rules] for rule in rules}
    return {
        "obstacles": [
            {
                "table": each.table,
                "columns": list(each.columns),
                "reason": each.reason.value,
                "detail": each.detail.in_lang(lang),
                "every_run": each.always,
                "rules": list(each.rules),
            }
            for each in obstacles
        ],
        "closed": [
            {"pack": pack, "reason": Reason.NOT_PERMITTED.value, "detail": why.in_lang(lang)}
            for pack, why in closed.items()
        ],
        "rules": [
            {
                "id": rule.id,
                "policy": rule.policy,
                "checkable": not reasons[rule.id] and rule.policy not in closed,
                "closed": rule.policy in closed,
                "reasons": sorted(set(reasons[rule.id])),
            }
            for rule in rules
        ],
    }


def _print(found: Found, format_: str, lang: Lang) -> None:
    from govcheck.cli.doctor_words import tell, warnings

    found["warnings"] = [{"code": code, "text": text} for code, text in warnings(found, lang)]
    if format_ == "json":
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
        return
    sys.stdout.writelines(f"{line}\n" for line in tell(found, lang))


def _exit_code(found: Found, policies: PolicySet, select: list[str], *, named: bool) -> int:
    """As for `check`, a closed people pack that nobody asked for does not count."""
    from govcheck.engine.people_packs import closed_packs
    from govcheck.engine.selection import asked_for

    closed = set(closed_packs(policies))
    asked = asked_for(policies, select) | (closed if named else set())
    missing = [rule for rule in found["rules"] if not rule["checkable"] and rule["policy"] not in closed - asked]
    lacking = any(each["every_run"] for each in found["obstacles"])
    return SOMETHING_NOT if missing or lacking else ALL_CHECKABLE
