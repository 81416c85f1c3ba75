"""What `govcheck doctor` found, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from govcheck.cli.permissions import askers
from govcheck.model import Lang
from govcheck.words import say, visible

SKEW_SECONDS = 300
"""A token counts as not yet valid, or as over, where clocks differ by more than this."""
SHORT_SECONDS = 600
"""A ready token that ends this soon may end in the middle of a collection."""

Found = Mapping[str, Any]


def warnings(found: Found, lang: Lang) -> Iterator[tuple[str, str]]:
    """What deserves attention and stands in the way of nothing yet: codes and texts."""
    skew = found["connection"]["clock_skew_seconds"]
    if skew is not None and abs(skew) > SKEW_SECONDS:
        yield "clock-skew", say("cli.doctor-warning-clock", lang, time=_duration(abs(skew), lang))
    token = found["token"]
    ready = found["identity"]["credential"] == "access_token"
    if token is not None and token["seconds_left"] <= 0:
        yield "token-over", say("cli.doctor-warning-over", lang, expires=token["expires"])
    elif token is not None and ready and token["seconds_left"] < SHORT_SECONDS:
        yield "token-short", say("cli.doctor-warning-short", lang, time=_duration(token["seconds_left"], lang))
    kinds = dict.fromkeys(each["kind"] for each in found["excess"] or ())
    for kind in kinds:
        names = ", ".join(each["permission"] for each in found["excess"] if each["kind"] == kind)
        yield f"excess-{kind.replace('_', '-')}", say(f"cli.doctor-excess-{kind.replace('_', '-')}", lang, names=names)


def tell(found: Found, lang: Lang) -> Iterator[str]:
    """The lines for people, inert on a terminal."""
    for line in _lines(found, lang):
        yield visible(line)


def _lines(found: Found, lang: Lang) -> Iterator[str]:
    yield from _who(found, lang)
    if found["rules"] is not None:
        yield from _section("permissions", [_permission(each, lang) for each in found["permissions"]], lang)
        yield from _section("licences", [_licence(each, lang) for each in found["licences"]], lang)
        obstacles = [line for each in found["obstacles"] for line in _obstacle(each, lang)]
        yield from _section("obstacles", obstacles, lang)
        yield from _section("closed", [f"{each['pack']}: {each['detail']}" for each in found["closed"]], lang)
    noted = [text for _, text in warnings(found, lang)]
    yield from _section("warnings", noted, lang)
    if found["rules"] is not None:
        yield ""
        yield _summary(found["rules"], lang)


def _who(found: Found, lang: Lang) -> Iterator[str]:
    connection, identity, token = found["connection"], found["identity"], found["token"]
    credential = say(f"cli.credential-{(identity['credential'] or 'none').replace('_', '-')}", lang)
    yield say("cli.doctor-credential", lang, credential=credential)
    if identity["application"]:
        application = _called(identity.get("application_name"), identity["application"])
        yield say("cli.doctor-application", lang, application=application)
    if identity["tenant"]:
        yield say("cli.doctor-tenant", lang, tenant=_called(identity.get("tenant_name"), identity["tenant"]))
    if token is not None and token["seconds_left"] > 0:
        left = _duration(token["seconds_left"], lang)
        yield say("cli.doctor-token", lang, expires=token["expires"], time=left)
    if connection["graph"]:
        key = "cli.doctor-reached" if connection["works"] else "cli.doctor-not-reached"
        yield say(key, lang, graph=connection["graph"])


def _section(name: str, lines: Sequence[str], lang: Lang) -> Iterator[str]:
    if lines:
        yield ""
        yield say(f"cli.doctor-{name}", lang)
        yield from (f"  {line}" for line in lines)


def _permission(each: Found, lang: Lang) -> str:
    status = say(f"cli.permission-{each['status']}", lang)
    needed = f" ({_askers(each, lang)})" if each["status"] in {"missing", "refused"} else ""
    return f"{each['permission']}: {status}{needed}"


def _licence(each: Found, lang: Lang) -> str:
    held = {True: "held", False: "not-held", None: "unknown"}[each["held"]]
    return f"{each['name']} ({each['licence']}): {say(f'cli.licence-is-{held}', lang)}"


def _obstacle(each: Found, lang: Lang) -> Iterator[str]:
    from govcheck.model import Reason
    from govcheck.report.wording import reason

    columns = ", ".join(each["columns"])
    place = f"{each['table']}: {columns}" if columns else each["table"]
    yield f"{place} ({reason(Reason(each['reason']), lang)})"
    yield f"  {each['detail']}"
    yield f"  {say('cli.needed-for', lang, askers=_askers(each, lang))}"


def _askers(each: Found, lang: Lang) -> str:
    return askers(each["rules"], lang, every_run=each["every_run"])


def _summary(rules: Sequence[Found], lang: Lang) -> str:
    able = sum(rule["checkable"] for rule in rules)
    closed = sum(rule["closed"] for rule in rules)
    unable = len(rules) - able - closed
    parts = [say("cli.doctor-checkable", lang, count=able)]
    parts += [say("cli.doctor-not-checkable", lang, count=unable)] if unable else []
    parts += [say("cli.doctor-in-closed", lang, count=closed)] if closed else []
    return "; ".join(parts)


def _called(name: str | None, id_: str) -> str:
    return f"{name} ({id_})" if name and name != id_ else id_


def _duration(seconds: int, lang: Lang) -> str:
    return say("cli.minutes", lang, count=max(seconds // 60, 1))
