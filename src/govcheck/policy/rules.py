"""Policy documents to typed rules: tables, expressions, shares, placeholders and examples checked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from govcheck.catalogue import Table, tables
from govcheck.diagnostics import Diagnostic, error, warning
from govcheck.expr import Expression, ExpressionFaults, compile_expression
from govcheck.expr.times import parse_time
from govcheck.model import Severity, Text
from govcheck.policy.documents import Document, Faults
from govcheck.policy.examples import read_examples
from govcheck.policy.header import read_header, read_text, read_texts, read_value, read_words
from govcheck.policy.parameters import is_share
from govcheck.policy.translate import listed, place_of, shortened, value_helps
from govcheck.policy.types import ParameterValue, Policy, Rule
from govcheck.source import Node
from govcheck.words import text as words

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TABLE = re.compile(r"[a-z][a-z0-9_]{0,59}")
_COMMENT = re.compile(r"[ \t]+#")
_EXPLAINING = ("message", "why", "fix", "examples")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The tables that `Evidence` documents add to those of the catalogue."""

    own: Mapping[str, Table] = field(default_factory=dict)
    named: Collection[str] = ()
    """Names that the documents speak of; of a table that is at fault itself no rule is."""

    def find(self, name: Node, faults: Faults) -> Table | None:
        """The table that a rule checks; a fault where there is none and the schema has not said so."""
        text = read_text(name) or ""
        visible = {known: table for known, table in tables().items() if not table.hidden} | dict(self.own)
        if text not in visible and text not in self.named and _TABLE.fullmatch(text):
            helps = value_helps(text, list(visible), otherwise=words("diagnostics.help-tables"))
            faults.hard.append(error("unknown-table", name.span, helps=helps, name=shortened(text)))
        return visible.get(text)


def read_policy(document: Document, faults: Faults, known: Tables | None = None) -> Policy:
    """The policy in a document, without the rules that cannot be used."""
    known = known or Tables()
    node, header = document.node, read_header(document)
    parameters = _read_parameters(node, faults)
    listed_rules = node.get("rules")
    children = list(listed_rules.children()) if listed_rules is not None else []
    rules = [_read_rule(child, document.id, parameters, known, faults) for child in children]
    found = [rule for rule in rules if rule is not None]
    if len(found) == len(children):
        faults.warnings += _unused(node, found)
    people = node.get("people")
    about_people = people is not None and people.value is True
    if about_people:
        faults.warnings += _without_share(found)
    return Policy(
        header=header,
        title=header.title or Text(),
        owner=header.owner or "",
        parameters=parameters,
        rules=tuple(found),
        people=about_people,
    )


def _without_share(rules: list[Rule]) -> Iterator[Diagnostic]:
    """Rules of a people pack that would show single people of a small group as a number."""
    for rule in rules:
        table = tables().get(rule.table)
        if rule.at_least is None and table is not None and table.names_people:
            yield warning("people-rule-without-share", rule.span)


def _read_parameters(node: Node, faults: Faults) -> dict[str, ParameterValue]:
    parameters: dict[str, ParameterValue] = {}
    listed_parameters = node.get("parameters")
    for name, child in listed_parameters.items() if listed_parameters is not None else ():
        value = read_value(child)
        if value is not None:
            parameters[name] = value
        elif isinstance(child.value, list):
            faults.hard.append(error("mixed-list", child.span, name=name))
            parameters[name] = ()
    return parameters


def _unused(node: Node, rules: list[Rule]) -> Iterator[Diagnostic]:
    used = {rule.at_least for rule in rules}
    for rule in rules:
        used |= rule.expect.parameters | (rule.where.parameters if rule.where is not None else frozenset())
    listed_parameters = node.get("parameters")
    for name, key in listed_parameters.keys.items() if listed_parameters is not None else ():
        if name not in used:
            yield warning("unused-parameter", key.span, name=name)


def _read_rule(
    node: Node, policy: str, parameters: Mapping[str, ParameterValue], known: Tables, faults: Faults
) -> Rule | None:
    checked = node.get("check")
    table = known.find(checked, faults) if checked is not None else None
    if table is None:
        return None
    where = _compiled(node, "where", table, parameters, faults)
    expect = _compiled(node, "expect", table, parameters, faults)
    at_least = _read_share(node.get("at_least"), parameters, faults)
    for text in _texts(node.get("message")):
        faults.hard += _bad_placeholders(text, table)
    given = node.get("examples")
    examples = read_examples(given, table, faults)
    severity, title = read_text(node.get("severity")), read_words(node.get("title"))
    if expect is None or title is None or severity not in tuple(Severity):
        return None
    rule = Rule(
        id=read_text(node.get("id")) or "",
        policy=policy,
        title=title,
        severity=Severity(severity),
        table=table.name,
        where=where,
        expect=expect,
        at_least=at_least,
        message=read_words(node.get("message")),
        why=read_words(node.get("why")),
        fix=read_words(node.get("fix")),
        references=read_texts(node.get("references")),
        tags=read_texts(node.get("tags")),
        examples=examples,
        examples_as_of=parse_time(read_text(given.get("as_of") if given is not None else None) or ""),
        span=place_of(node),
        own_table=known.own.get(table.name),
    )
    faults.warnings += _unexplained(node, rule)
    return rule


def _unexplained(node: Node, rule: Rule) -> Iterator[Diagnostic]:
    """What a rule should say and does not."""
    missing = [key for key in _EXPLAINING if node.get(key) is None]
    if missing:
        yield warning("rule-incomplete", rule.span, rule=rule.id, names=listed(missing))
    outcomes = {"pass" if example.passes else "fail" for example in rule.examples}
    lacking = [outcome for outcome in ("pass", "fail") if outcome not in outcomes]
    if lacking and "examples" not in missing:
        span = node.keys["examples"].span
        yield warning("examples-incomplete", span, rule=rule.id, names=listed(lacking))


def _compiled(
    rule: Node, key: str, table: Table, parameters: Mapping[str, ParameterValue], faults: Faults
) -> Expression | None:
    node = rule.get(key)
    if node is None or not isinstance(node.value, str) or not node.value:
        return None
    try:
        return compile_expression(node.value, table, parameters)
    except ExpressionFaults as problem:
        helps = _comment_help(node)
        faults.hard += [
            Diagnostic(
                level="error",
                code=fault.code,
                message=fault.message,
                span=node.spot(fault.offset, fault.length),
                helps=fault.helps + helps,
            )
            for fault in problem.faults
        ]
        return None


def _comment_help(node: Node) -> tuple[Text, ...]:
    """A `#` behind an unquoted expression silently begins a comment."""
    if node.style is None and _COMMENT.match(node.source.text, node.end):
        return (words("diagnostics.help-comment"),)
    return ()


def _read_share(node: Node | None, parameters: Mapping[str, ParameterValue], faults: Faults) -> float | str | None:
    if node is None or isinstance(node.value, bool | dict | list | None):
        return None
    if not isinstance(node.value, str):
        return float(node.value)
    name = node.value.removeprefix(":")
    if name not in parameters:
        helps = value_helps(name, list(parameters))
        faults.hard.append(error("unknown-parameter", node.span, helps=helps, name=name))
    elif not is_share(parameters[name]):
        faults.hard.append(error("not-a-share", node.span, name=name))
    return name


def _texts(node: Node | None) -> Iterator[Node]:
    if node is not None:
        yield from [node] if isinstance(node.value, str) else (child for _, child in node.items())


def _bad_placeholders(node: Node, table: Table) -> Iterator[Diagnostic]:
    if not isinstance(node.value, str):
        return
    for found in _PLACEHOLDER.finditer(node.value):
        if found[1] not in table.columns:
            span = node.spot(found.start(), len(found.group()))
            if not _NAME.fullmatch(found[1]):
                yield error("bad-placeholder", span, text=shortened(found.group()))
                continue
            helps = value_helps(found[1], list(table.columns))
            yield error("unknown-placeholder", span, helps=helps, name=shortened(found[1]), table=table.name)
