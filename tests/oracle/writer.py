"""Writing well-typed expressions as text, the way people might and the way they hopefully never will."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from govcheck.catalogue import Relation, Table, tables
from oracle.palette import COMMON, MASKS, NUMBERS, PALETTE, SEARCHES, TEXTS, TIMES

_KINDS = {"int": "number", "float": "number"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in an expression we are: what names mean there, and how much further it may grow."""

    table: Table
    parent: Table | None = None
    nested: int = 0
    depth: int = 4

    def below(self) -> Place:
        """Return the place one level further down."""
        return replace(self, depth=self.depth - 1)

    def inside(self, relation: Relation) -> Place:
        """Return the place inside a function over a relation."""
        related = tables()[relation.table]
        return Place(table=related, parent=self.table, nested=self.nested + 1, depth=min(self.depth - 1, 2))

    def columns(self, kind: str) -> list[str]:
        """Return what columns of a type are called here."""
        outer = [] if self.parent is None else [f"parent.{name}" for name in _columns(self.parent, kind)]
        return _columns(self.table, kind) + outer

    def relations(self) -> list[Relation]:
        """Return the relations a function may take here: within the palette, two deep."""
        found = [relation for relation in self.table.relations.values() if relation.table in PALETTE]
        return [relation for relation in found if relation.via in (None, "memberships")] if self.nested < 2 else []


def _columns(table: Table, kind: str) -> list[str]:
    columns = [table.columns[name] for name in PALETTE[table.name]]
    return [column.name for column in columns if _KINDS.get(column.type, column.type) == kind]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


Form = Callable[[Place], str]


class Writer:
    """Draws one expression. Numbers, texts and times come out fit to stand beside any comparison sign."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def pick(self, *choices: str) -> str:
        """Choose a word; keywords come in either case."""
        word = self.draw(st.sampled_from(choices))
        return word.lower() if word.isupper() and self.draw(st.booleans()) else word

    def form(self, place: Place, leaves: Sequence[Form], branches: Sequence[Form]) -> str:
        """Write one of the leaves, or one of the branches as long as there is room."""
        forms = (*branches, *leaves) if place.depth > 0 else leaves
        return self.draw(st.sampled_from(forms))(place.below())

    def condition(self, place: Place) -> str:
        """Write a condition; AND, OR and NOT may stand in it without parentheses."""
        branches = (self.over_relation, self.over_relation, self.predicate, self.both, self.inverse, self.grouped)
        return self.form(place, (self.predicate, self.predicate, self.predicate, self.flag), branches)

    def both(self, place: Place) -> str:
        return f"{self.condition(place)} {self.pick('AND', 'OR')} {self.condition(place)}"

    def inverse(self, place: Place) -> str:
        return f"{self.pick('NOT')} {self.condition(place)}"

    def grouped(self, place: Place) -> str:
        return f"({self.condition(place)})"

    def flag(self, place: Place) -> str:
        """Write something that is true or false by itself and may stand beside `=`."""
        return self.draw(st.sampled_from([*place.columns("bool") * 2, "TRUE", "false", ":yes"]))

    def predicate(self, place: Place) -> str:
        """Write one predicate."""
        of_text = (self.on_text, self.on_text, self.on_list)
        leaves = (self.comparison, self.membership, self.between, self.emptiness, *of_text)
        return self.form(place, leaves, (self.flags_compared, self.coalesced_flag, self.chosen_flag))

    def comparison(self, place: Place) -> str:
        left, right = self.alike(place, 2)
        return f"{left} {self.pick('=', '<>', '!=', '<', '<=', '>', '>=')} {right}"

    def membership(self, place: Place) -> str:
        negation = self.pick("", "NOT")
        by_parameter = self.draw(st.sampled_from((None, ":names", ":nobody", ":numbers")))
        if by_parameter is None:
            left, *items = self.alike(place, 3)
            return f"{left} {negation} IN ({', '.join(items)})"
        left = self.number(place) if by_parameter == ":numbers" else self.text(place)
        return f"{left} {negation} IN {by_parameter}"

    def between(self, place: Place) -> str:
        left, low, high = self.alike(place, 3)
        return f"{left} {self.pick('', 'NOT')} BETWEEN {low} {self.pick('AND')} {high}"

    def emptiness(self, place: Place) -> str:
        of_any_type = [*place.columns("json"), *place.columns("list"), *place.columns("bool"), *self.alike(place, 1)]
        operand = self.draw(st.sampled_from([*of_any_type, self.grouped(place)]))
        return f"{operand} IS {self.pick('', 'NOT')} NULL"

    def on_text(self, place: Place) -> str:
        text = self.text_column(place) if self.draw(st.booleans()) else self.text(place)
        mask = self.draw(st.sampled_from([":mask", *(f"'{mask}'" for mask in MASKS)]))
        search = self.draw(st.sampled_from([":search", *(f"'{pattern}'" for pattern in SEARCHES)]))
        forms = (
            f"{text} {self.pick('', 'NOT')} LIKE {mask}",
            f"matches({text}, {search})",
            f"{self.pick('starts_with', 'ends_with')}({text}, {self.text(place.below())})",
        )
        return self.draw(st.sampled_from(forms))

    def on_list(self, place: Place) -> str:
        items = self.draw(st.sampled_from([*place.columns("list"), ":names", ":nobody"]))
        return f"contains({items}, {self.text(place)})"

    def flags_compared(self, place: Place) -> str:
        return f"({self.condition(place)}) {self.pick('=', '<>', '!=')} {self.flag(place)}"

    def coalesced_flag(self, place: Place) -> str:
        return f"coalesce({self.condition(place)}, {self.condition(place)})"

    def chosen_flag(self, place: Place) -> str:
        return self.choice(place, self.condition)

    def over_relation(self, place: Place) -> str:
        if not place.relations():
            return self.predicate(place)
        relation = self.draw(st.sampled_from(place.relations()))
        return f"{self.pick('any_of', 'all_of')}({relation.name}, {self.condition(place.inside(relation))})"

    def alike(self, place: Place, count: int) -> list[str]:
        """Write operands of one type. The first of several times is a column; the others may be dates."""
        kinds = ["number", "text", "time"] if place.columns("time") else ["number", "text"]
        kind = self.draw(st.sampled_from(kinds))
        if kind == "time":
            return [self.time(place), *(self.time_or_date(place) for _ in range(count - 1))]
        write = self.number if kind == "number" else self.text
        return [write(place) for _ in range(count)]

    def choice(self, place: Place, result: Form) -> str:
        """Write a CASE of either form whose results are of one type."""
        subject, *tested = self.alike(place, 3)
        if self.draw(st.booleans()):
            subject, tested = "", [self.condition(place), self.condition(place)]
        branches = " ".join(f"WHEN {test} THEN {result(place)}" for test in tested)
        otherwise = f"ELSE {result(place)} " if self.draw(st.booleans()) else ""
        return f"{self.pick('CASE')} {subject} {branches} {otherwise}END"

    def number(self, place: Place) -> str:
        leaves = (self.plain_number, self.measure)
        branches = (
            self.arithmetic,
            self.arithmetic,
            self.negative,
            self.coalesced_number,
            self.chosen_number,
            self.count_or_share,
        )
        return self.form(place, leaves, branches)

    def plain_number(self, place: Place) -> str:
        return self.draw(st.sampled_from([*place.columns("number") * 4, ":half", ":two", *NUMBERS]))

    def measure(self, place: Place) -> str:
        """Write a function that makes a number of something else."""
        forms = [f"length({self.text(place)})", *(f"size({name})" for name in place.columns("list"))]
        if place.columns("time"):
            forms.append(f"{self.pick('days_since', 'days_until')}({self.time(place)})")
            forms.append(f"hours_between({self.time(place)}, {self.time(place)})")
        return self.draw(st.sampled_from(forms))

    def arithmetic(self, place: Place) -> str:
        written = f"{self.number(place)} {self.pick('+', '-', '*', '/')} {self.number(place)}"
        return f"({written})" if self.draw(st.booleans()) else written

    def negative(self, place: Place) -> str:
        return f"- {self.number(place)}"

    def coalesced_number(self, place: Place) -> str:
        return f"coalesce({self.number(place)}, {self.number(place)})"

    def chosen_number(self, place: Place) -> str:
        return self.choice(place, self.number)

    def count_or_share(self, place: Place) -> str:
        if not place.relations():
            return self.measure(place)
        relation = self.draw(st.sampled_from(place.relations()))
        if self.draw(st.booleans()):
            return f"count_of({relation.name})"
        return f"{self.pick('count_of', 'share_of')}({relation.name}, {self.condition(place.inside(relation))})"

    def text(self, place: Place) -> str:
        return self.form(
            place, (self.text_column, self.plain_text), (self.cased, self.coalesced_text, self.chosen_text)
        )

    def text_column(self, place: Place) -> str:
        return self.draw(st.sampled_from(place.columns("text")))

    def plain_text(self, place: Place) -> str:  # noqa: ARG002
        return self.draw(st.sampled_from([":name", *(_quoted(text) for text in COMMON * 4 + TEXTS)]))

    def cased(self, place: Place) -> str:
        return f"{self.pick('lower', 'upper')}({self.text(place)})"

    def coalesced_text(self, place: Place) -> str:
        return f"coalesce({self.text(place)}, {self.text(place)})"

    def chosen_text(self, place: Place) -> str:
        return self.choice(place, self.text)

    def time(self, place: Place) -> str:
        column = st.sampled_from(place.columns("time"))
        return self.draw(column | st.builds("coalesce({}, {})".format, column, column))

    def time_or_date(self, place: Place) -> str:
        dates = st.sampled_from([":since", ":day", *(_quoted(text) for text in TIMES)])
        return self.draw(dates) if self.draw(st.booleans()) else self.time(place)
