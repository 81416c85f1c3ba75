"""`govcheck what-if`: what Conditional Access makes of a sign-in, for one person or for a file of scenarios."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import click

from govcheck.cli import options as shared
from govcheck.cli.options import help_text
from govcheck.model import Lang
from govcheck.words import say, visible

if TYPE_CHECKING:
    from govcheck.access import Directory
    from govcheck.access.scenarios import ScenarioError
    from govcheck.catalogue import MissingColumn
    from govcheck.cli.snapshots import Needs, Voice
    from govcheck.snapshot import Snapshot

ANSWERED, WRONG, UNDECIDED = 0, 2, 3
_VITAL = ("users", "conditional_access_policies")
"""Without these there is nothing to say."""
_RISKS = ("none", "low", "medium", "high")
_FLAGS: Mapping[str, str] = {
    "user": "userId",
    "app": "applicationId",
    "user_action": "userAction",
    "context": "authenticationContext",
    "client": "clientAppType",
    "platform": "devicePlatform",
    "ip": "ipAddress",
    "country": "country",
    "risk": "signInRiskLevel",
    "user_risk": "userRiskLevel",
    "insider_risk": "insiderRiskLevel",
    "flow": "authenticationFlow",
}
"""Options by the property of a scenario that they fill."""


@click.command("what-if", help=help_text("what-if"))
@shared.options(
    click.option("--scenarios", type=click.File("rb"), metavar="FILE", help=help_text("scenarios-option")),
    click.option("--holes", is_flag=True, help=help_text("holes-option")),
    click.option("--without", "without", multiple=True, metavar="POLICY", help=help_text("without-option")),
    click.option(
        "--with", "with_", multiple=True, type=click.File("rb"), metavar="FILE", help=help_text("with-option")
    ),
    click.option("--user", metavar="UPN|ID", help=help_text("user-option")),
    click.option("--app", metavar="APPID", help=help_text("app-option")),
    click.option(
        "--user-action",
        type=click.Choice(["registerSecurityInformation", "registerOrJoinDevices"]),
        help=help_text("user-action-option"),
    ),
    click.option("--context", metavar="ID", help=help_text("context-option")),
    click.option(
        "--client",
        type=click.Choice(["browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "other"]),
        default="browser",
        show_default=True,
        help=help_text("client-option"),
    ),
    click.option(
        "--platform",
        type=click.Choice(["android", "iOS", "windows", "macOS", "linux"]),
        help=help_text("platform-option"),
    ),
    click.option("--ip", metavar="ADDRESS", help=help_text("ip-option")),
    click.option("--country", metavar="CODE", help=help_text("country-option")),
    click.option("--risk", type=click.Choice(_RISKS), help=help_text("risk-option")),
    click.option("--user-risk", type=click.Choice(_RISKS), help=help_text("user-risk-option")),
    click.option(
        "--insider-risk",
        type=click.Choice(["none", "minor", "moderate", "elevated"]),
        help=help_text("insider-risk-option"),
    ),
    click.option("--device-compliant", is_flag=True, help=help_text("device-compliant-option")),
    click.option(
        "--trust-type", type=click.Choice(["AzureAD", "ServerAD", "Workplace"]), help=help_text("trust-type-option")
    ),
    click.option(
        "--device", "attributes", multiple=True, metavar="NAME=VALUE", help=help_text("device-attribute-option")
    ),
    click.option(
        "--flow", type=click.Choice(["deviceCodeFlow", "authenticationTransfer"]), help=help_text("flow-option")
    ),
    shared.policies,
    shared.tenant,
    shared.cloud,
    shared.snapshot,
    click.option(
        "--names",
        type=click.Choice(["shown", "counts"]),
        default="counts",
        show_default=True,
        help=help_text("what-if-names-option"),
    ),
    click.option(
        "-f",
        "--format",
        "format_",
        type=click.Choice(["text", "json", "jsonl"]),
        help=help_text("what-if-format-option"),
    ),
    shared.lang,
    shared.quiet,
    shared.verbose,
    shared.debug,
)
def what_if(**given: Any) -> int:
    """Answer scenarios, or one sign-in with its reasons; else show all holes, or what a proposal changes.

    Exits with 3 when something could not be decided.
    """
    from govcheck.cli.snapshots import voice_of

    lang = shared.language(given["lang"])
    voice = voice_of(given, lang)
    whole = given["holes"] or given["without"] or given["with_"]
    if bool(given["scenarios"]) + (given["user"] is not None) + bool(whole) > 1:
        raise click.UsageError(say("cli.what-if-one", lang))
    if given["scenarios"] or given["user"] is not None:
        return _ask(given, voice)
    if given["format_"] == "jsonl":
        raise click.BadParameter(say("cli.what-if-no-lines", lang), param_hint="--format")
    if given["without"] or given["with_"]:
        from govcheck.cli.what_if_compare import weigh

        return weigh(given, voice)
    from govcheck.cli.what_if_holes import show

    return show(given, voice)


def _ask(given: Mapping[str, Any], voice: Voice) -> int:
    from govcheck.access import directory_of
    from govcheck.access.directory import NAMES

    file: IO[bytes] | None = given["scenarios"]
    format_ = given["format_"] or ("text" if file is None else "jsonl")
    scenarios = _lines(file) if file is not None else iter([_scenario(given, voice.lang)])
    with opened(given, voice, {"users": NAMES}) as (snapshot, missing):
        vital = vital_gap(missing)
        answers = (
            _answers(directory_of(snapshot), scenarios, explained=format_ != "jsonl")
            if vital is None
            else _refused(scenarios, nothing_known(vital, missing, voice.lang))
        )
        code = _write(answers, format_, voice.lang)
    return UNDECIDED if vital and code == ANSWERED else code


def vital_gap(missing: Mapping[str, MissingColumn]) -> str | None:
    """The table without which there is nothing to say, if it is missing."""
    return next((name for name in _VITAL if name in missing), None)


def nothing_known(table: str, missing: Mapping[str, MissingColumn], lang: Lang) -> str:
    """Words for a table without which nothing can be said."""
    return say("access.nothing-known", lang, table=table, reason=missing[table].reason.value)


@contextmanager
def opened(
    given: Mapping[str, Any], voice: Voice, more: Needs, groups: Collection[str] = ()
) -> Iterator[tuple[Snapshot, Mapping[str, MissingColumn]]]:
    """The snapshot in hand, or one that is collected now, and what answers lack in it.

    Asks for what answers depend on and for the columns in `more`.
    """
    from govcheck.access import missing_of, rests_on_defaults
    from govcheck.catalogue import MADE, tables
    from govcheck.cli.audit import audited
    from govcheck.cli.snapshots import origin_of, say_aside, snapshot_for

    needs: dict[str, set[str]] = {}
    for each in (tables()[MADE].reads, more):
        for table, columns in each.items():
            needs.setdefault(table, set()).update(columns)
    origin = origin_of(given)
    with audited("what-if", origin, None, (), voice) as audit, snapshot_for(needs, groups, origin, voice) as snapshot:
        audit.snapshot = snapshot
        missing = missing_of(snapshot)
        for table, gap in missing.items():
            say_aside(voice, "cli.gap", place=table, reason=gap.reason.value, detail=gap.detail)
        if rests_on_defaults(snapshot):
            say_aside(voice, "cli.rests-on-defaults")
        yield snapshot, missing


def _lines(file: IO[bytes]) -> Iterator[Any]:
    """Each line as JSON; what is no JSON comes as the fault that says so."""
    for line in file:
        try:
            yield json.loads(line)
        except (ValueError, RecursionError) as problem:
            yield ValueError(problem)


def _scenario(given: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    device: dict[str, Any] = {}
    for entry in given["attributes"]:
        name, separator, value = entry.partition("=")
        if not separator:
            raise click.BadParameter(say("cli.bad-attribute", lang, value=entry), param_hint="--device")
        device[name] = value
    if given["trust_type"] or given["device_compliant"]:
        # A device that is compliant is registered; joined to Entra ID unless somebody says otherwise.
        device |= {"trustType": given["trust_type"] or "AzureAD", "isCompliant": given["device_compliant"]}
    return {property_: given[option] for option, property_ in _FLAGS.items()} | {"device": device or None}


def _refused(scenarios: Iterable[Any], words: str) -> Iterator[dict[str, Any]]:
    """The same words for every scenario that can be read: without people or policies nothing can be said."""
    from govcheck.access.scenarios import ScenarioError, read_scenario

    for scenario in scenarios:
        if isinstance(scenario, ValueError):
            yield _no_json(scenario)
            continue
        try:
            read_scenario(scenario)
        except ScenarioError as fault:
            yield _wrong(scenario, fault)
        else:
            yield {"id": scenario.get("id"), "error": words, "refused": True}


def _answers(directory: Directory, scenarios: Iterable[Any], *, explained: bool) -> Iterator[dict[str, Any]]:
    from govcheck.access import answer

    for scenario in scenarios:
        if isinstance(scenario, ValueError):
            yield _no_json(scenario)
        else:
            yield _explained(directory, scenario) if explained else answer(directory, scenario)


def _no_json(problem: ValueError) -> dict[str, Any]:
    return {"id": None, "error": say("access.scenario-no-json", "en", problem=problem)}


def _wrong(scenario: Any, fault: ScenarioError) -> dict[str, Any]:
    return {"id": scenario.get("id") if isinstance(scenario, dict) else None, "error": str(fault), "fault": fault}


def _explained(directory: Directory, scenario: Any) -> dict[str, Any]:
    from govcheck.access.explain import explain
    from govcheck.access.scenarios import ScenarioError, find_person, read_scenario

    try:
        asked = read_scenario(scenario)
        person = find_person(directory, asked.user)
    except ScenarioError as fault:
        return _wrong(scenario, fault)
    found = explain(directory, person, asked.sign_in)
    return {"id": asked.id, **found.as_dict(), "explanation": found}


def _write(answers: Iterable[dict[str, Any]], format_: str, lang: Lang) -> int:
    """Write every answer as it comes; gives the exit code."""
    from govcheck.cli.what_if_words import lines_of

    code, kept = ANSWERED, []
    for found in answers:
        explanation, fault = found.pop("explanation", None), found.pop("fault", None)
        if "error" in found:
            code = max(code, UNDECIDED) if found.pop("refused", False) and code != WRONG else WRONG
        elif found["undecided"] and code != WRONG:
            code = UNDECIDED
        if format_ == "jsonl":
            sys.stdout.write(json.dumps(found) + "\n")
        elif format_ == "json":
            kept.append(found)
        elif explanation is not None:
            sys.stdout.writelines(f"{line}\n" for line in lines_of(explanation, lang))
        else:
            words = fault.words.in_lang(lang) if fault is not None else found["error"]
            sys.stdout.write(visible(words) + "\n")
    if format_ == "json":
        sys.stdout.write(json.dumps(kept, indent=2) + "\n")
    return code
