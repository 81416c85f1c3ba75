"""YAML events to nodes, on a stack of our own: no nesting can overflow Python's."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from govcheck.diagnostics import Diagnostic, error
from govcheck.model import Span
from govcheck.source.nodes import Node, Scalar
from govcheck.source.scalars import resolve
from govcheck.source.syntax import syntax_fault
from govcheck.source.text import CONTROL, Source, control_character, read
from govcheck.words import text as words

if TYPE_CHECKING:
    from yaml import Event
    from yaml.events import AliasEvent, CollectionStartEvent, ScalarEvent

MAX_DEPTH = 100
MAX_EXPANSIONS = 10_000
MAX_DOCUMENTS = 100
_MAX_ALIASED_NODES = 200_000

_TAG = re.compile(r"![^\s,\[\]{}]*")
_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*(?:\s+(?:#[^\r\n]*)?)*)*")


@dataclass(slots=True)
class _Weight:
    """What a node costs when an alias repeats it."""

    height: int = 0
    expansions: int = 0
    nodes: int = 1

    def hold(self, child: _Weight) -> None:
        self.height = max(self.height, child.height + 1)
        self.expansions += child.expansions
        self.nodes += child.nodes


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet; `key` is the key that waits for its value."""

    node: Node
    anchor: str | None
    flow: bool | None
    weight: _Weight
    key: Node | None = None


class _RefusedError(Exception):
    """A limit was passed: reading on would only do harm."""

    def __init__(self, fault: Diagnostic) -> None:
        super().__init__(fault.code)
        self.fault = fault


def load(path: str, data: bytes) -> tuple[list[Node], list[Diagnostic]]:
    """Read the documents of one file, and everything that is wrong with its YAML.

    Empty documents are left out; a file that passes a limit has none. `path` is only shown, never opened.
    """
    import yaml

    source, fault = read(path, data)
    if fault is not None:
        return [], [fault]
    builder = _Builder(source)
    try:
        for event in yaml.parse(source.text, Loader=yaml.CLoader):
            builder.take(event)
    except yaml.YAMLError as problem:
        builder.faults.append(syntax_fault(source, problem, MAX_DEPTH))
    except _RefusedError as refused:
        return [], [*builder.faults, refused.fault]
    if not builder.documents and not builder.faults:
        builder.faults.append(error("empty-file", source.span(0, 0)))
    return builder.documents, builder.faults


class _Mark(Protocol):
    @property
    def index(self) -> int: ...


def _index(mark: _Mark | None) -> int:
    return mark.index if mark is not None else 0


class _Builder:
    def __init__(self, source: Source) -> None:
        import yaml

        self.source = source
        self._takers: dict[type[Event], Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
            yaml.MappingStartEvent: self._open_mapping,
            yaml.SequenceStartEvent: self._open_list,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.DocumentStartEvent: self._document,
        }
        self.documents: list[Node] = []
        self.faults: list[Diagnostic] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Node, _Weight] | None] = {}
        self._count = 0
        self._end = 0
        self._expansions = 0
        self._aliased = 0

    def take(self, event: Event) -> None:
        """Take the parser's next event; those that say nothing of values are passed over."""
        take = self._takers.get(type(event))
        if take is not None:
            take(event)

    def _document(self, event: Event) -> None:
        self._anchors = {}
        self._count += 1
        if self._count > MAX_DOCUMENTS:
            raise _RefusedError(error("too-many-documents", self._mark(event), limit=MAX_DOCUMENTS))

    def _scalar(self, event: ScalarEvent) -> None:
        self._refuse_tag(event)
        start = self._start(event)
        end = max(start, _index(event.end_mark))
        node = Node(event.value, self.source, start, end, event.style or None)
        if node.style is None:
            node.value = self._resolve(event.value, node)
        elif event.style == '"' and (found := CONTROL.search(event.value)) is not None:
            self.faults.append(control_character(node.spot(found.start()), found.group()))
        self._finish(node, event.anchor, _Weight())

    def _resolve(self, plain: str, node: Node) -> Scalar:
        try:
            return resolve(plain)
        except OverflowError:
            self.faults.append(error("number-range", node.span, helps=(words("diagnostics.help-quote"),)))
            return None

    def _alias(self, event: AliasEvent) -> None:
        span = self._mark(event)
        if event.anchor not in self._anchors:
            raise _RefusedError(error("unknown-anchor", span, name=event.anchor))
        anchored = self._anchors[event.anchor]
        if anchored is None:
            raise _RefusedError(error("self-reference", span, name=event.anchor))
        node, weight = anchored
        self._end = _index(event.end_mark)
        self._expansions += 1 + weight.expansions
        self._aliased += weight.nodes
        if self._expansions > MAX_EXPANSIONS or self._aliased > _MAX_ALIASED_NODES:
            raise _RefusedError(error("too-many-aliases", span, limit=MAX_EXPANSIONS))
        self._refuse_depth(len(self._stack) + weight.height, event)
        self._add(node, _Weight(weight.height, 1 + weight.expansions, weight.nodes))

    def _open_mapping(self, event: CollectionStartEvent) -> None:
        self._open(event, {})

    def _open_list(self, event: CollectionStartEvent) -> None:
        self._open(event, [])

    def _open(self, event: CollectionStartEvent, value: dict[str, Node] | list[Node]) -> None:
        self._refuse_tag(event)
        self._refuse_depth(len(self._stack) + 1, event)
        start = self._start(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        node = Node(value, self.source, start, start)
        self._stack.append(_Open(node, event.anchor, event.flow_style, _Weight()))

    def _close(self, event: Event) -> None:
        closed = self._stack.pop()
        # A block collection ends with its last value; its end mark stands before what follows it.
        closed.node.end = max(_index(event.end_mark) if closed.flow else self._end, closed.node.start)
        self._finish(closed.node, closed.anchor, closed.weight)

    def _finish(self, node: Node, anchor: str | None, weight: _Weight) -> None:
        self._end = node.end
        if anchor is not None:
            self._anchors[anchor] = (node, weight)
        self._add(node, weight)

    def _add(self, node: Node, weight: _Weight) -> None:
        if not self._stack:
            if node.value is not None or node.end > node.start:
                self.documents.append(node)
            return
        parent = self._stack[-1]
        parent.weight.hold(weight)
        if isinstance(parent.node.value, list):
            parent.node.value.append(node)
        elif parent.key is None:
            parent.key = node
        else:
            self._pair(parent.node, parent.key, node)
            parent.key = None

    def _pair(self, mapping: Node, key: Node, value: Node) -> None:
        if not isinstance(mapping.value, dict):
            raise TypeError(mapping)
        if not isinstance(key.value, str):
            helps = () if isinstance(key.value, dict | list) else (words("diagnostics.help-quote-key"),)
            self.faults.append(error("key-not-text", key.span, helps=helps))
        elif key.value == "<<" and key.style is None:
            self.faults.append(error("merge-key", key.span, helps=(words("diagnostics.help-merge-key"),)))
        elif key.value in mapping.value:
            first = (mapping.keys[key.value].span, words("diagnostics.first-here"))
            self.faults.append(error("duplicate-key", key.span, related=(first,), name=key.value))
        else:
            mapping.value[key.value] = value
            mapping.keys[key.value] = key

    def _start(self, event: ScalarEvent | CollectionStartEvent) -> int:
        """Where the value itself begins, behind its anchor and tag."""
        begin = _index(event.start_mark)
        if event.anchor is None and event.tag is None:
            return begin
        found = _PROPERTIES.match(self.source.text, begin)
        behind = found.end() if found else begin
        return min(behind, _index(event.end_mark)) if _index(event.end_mark) > begin else behind

    def _mark(self, event: Event) -> Span:
        return self.source.span(_index(event.start_mark), _index(event.end_mark))

    def _refuse_tag(self, event: ScalarEvent | CollectionStartEvent) -> None:
        if event.tag is None:
            return
        start = self.source.text.index("!", _index(event.start_mark))
        found = _TAG.match(self.source.text, start)
        span = self.source.span(start, found.end() if found else start + 1)
        self.faults.append(error("tag", span, helps=(words("diagnostics.help-tag"),)))

    def _refuse_depth(self, depth: int, event: Event) -> None:
        if depth > MAX_DEPTH:
            raise _RefusedError(error("too-deep", self._mark(event), limit=MAX_DEPTH))
