"""The catalogue against Microsoft's own metadata, and against itself."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from govcheck.catalogue import Column, ColumnType, Feed, Table, column_name, tables
from govcheck.engine.plan import ATTRIBUTION

GRAPH = Path(__file__).parents[2] / "shared" / "graph"
CSDL = GRAPH / "v1.0-Prod.csdl"
PERMISSIONS = GRAPH / "permissions.json"
EDM = "{http://docs.oasis-open.org/odata/ns/edm}"

TABLES = tuple(tables().values())
PAIRS = [(table, feed) for table in TABLES for feed in table.feeds]


def named(pairs: Iterable[tuple[Table, Feed]]) -> list[Any]:
    return [pytest.param(table, feed, id=f"{table.name} {feed.path}") for table, feed in pairs]


FEEDS = named(PAIRS)
# Microsoft's metadata here is that of version 1.0: what beta alone has cannot be held against it.
RESOURCES = named((table, feed) for table, feed in PAIRS if not feed.report and not feed.beta)
BETA = named((table, feed) for table, feed in PAIRS if feed.beta)
REPORTS = named((table, feed) for table, feed in PAIRS if feed.report)
EACH = named((table, feed) for table, feed in PAIRS if feed.each)

needs_csdl = pytest.mark.skipif(not CSDL.exists(), reason="Graph's metadata (v1.0-Prod.csdl) is not at hand")
needs_permissions = pytest.mark.skipif(not PERMISSIONS.exists(), reason="Graph's permissions.json is not at hand")

TEXT = {"Edm.String", "Edm.Guid", "Edm.Duration"}
PRIMITIVES: dict[ColumnType, set[str]] = {
    "bool": {"Edm.Boolean"},
    "int": {"Edm.Int16", "Edm.Int32", "Edm.Int64"},
    "float": {"Edm.Double", "Edm.Single", "Edm.Decimal"},
    "time": {"Edm.DateTimeOffset"},
}


class Metadata:
    """Graph's types, their properties with the types of those, and what the service starts from."""

    def __init__(self, root: ET.Element) -> None:
        self.properties: dict[str, dict[str, str]] = {}
        self.bases: dict[str, str | None] = {}
        self.functions: dict[tuple[str, str], str] = {}
        self.files: dict[tuple[str, str], bool] = {}
        self.enums: set[str] = set()
        self.start: dict[str, str] = {}
        for schema in root.iter(f"{EDM}Schema"):
            aliases = {f"{alias}.": f"{schema.get('Namespace')}." for alias in [schema.get("Alias")] if alias}
            for element in schema:
                self._add(element, f"{schema.get('Namespace')}.{element.get('Name')}", aliases)

    def property_type(self, owner: str | None, name: str) -> str | None:
        while owner is not None:
            if name in self.properties[owner]:
                return self.properties[owner][name]
            owner = self.bases[owner]
        return None

    def path_type(self, owner: str, path: str) -> str | None:
        """The type of a property path inside an object."""
        found: str | None = owner
        for name in path.split("/"):
            found = self.property_type(found, name)
        return found

    def resource_type(self, path: str) -> str | None:
        """The type of what a request path leads to."""
        first, *rest = path.strip("/").split("/")
        found: str | None = self.start[first]
        for name in rest:
            if name.startswith("{"):
                found = element_of(found or "")
            else:
                found = self.functions.get((found or "", name)) or self.property_type(found, name)
        return found

    def _add(self, element: ET.Element, name: str, aliases: dict[str, str]) -> None:
        kind = element.tag.removeprefix(EDM)
        if kind in {"EntityType", "ComplexType"}:
            properties = (*element.iter(f"{EDM}Property"), *element.iter(f"{EDM}NavigationProperty"))
            self.properties[name] = {each.attrib["Name"]: full(each.attrib["Type"], aliases) for each in properties}
            base = element.get("BaseType")
            self.bases[name] = full(base, aliases) if base else None
        elif kind == "Function":
            self._add_function(element, aliases)
        elif kind == "EnumType":
            self.enums.add(name)
        elif kind == "EntityContainer":
            for each in element.iter(f"{EDM}EntitySet"):
                self.start[each.attrib["Name"]] = f"Collection({full(each.attrib['EntityType'], aliases)})"
            for each in element.iter(f"{EDM}Singleton"):
                self.start[each.attrib["Name"]] = full(each.attrib["Type"], aliases)

    def _add_function(self, element: ET.Element, aliases: dict[str, str]) -> None:
        """Add a function on a resource: what it gives, where it takes nothing else, and whether that is a file."""
        owner, *others = (full(each.attrib["Type"], aliases) for each in element.iter(f"{EDM}Parameter"))
        for given in element.iter(f"{EDM}ReturnType"):
            kind = full(given.attrib["Type"], aliases)
            if not others:
                self.functions[owner, element.attrib["Name"]] = kind
            self.files[owner, element.attrib["Name"]] = kind == "Edm.Stream"


def full(name: str, aliases: dict[str, str]) -> str:
    """A type's full name: `graph.user` is `microsoft.graph.user`."""
    for alias, namespace in aliases.items():
        name = re.sub(rf"(^|\()(?:{re.escape(alias)})", rf"\g<1>{namespace}", name)
    return name


def element_of(name: str) -> str:
    return name.removeprefix("Collection(").removesuffix(")")


@lru_cache
def metadata() -> Metadata:
    return Metadata(ET.parse(CSDL).getroot())  # noqa: S314 — Microsoft's own file


@lru_cache
def permissions() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(PERMISSIONS.read_text("utf-8"))["permissions"]
    return found


def fits(kind: ColumnType, edm: str) -> bool:
    """Whether values of an Edm type are read as a column type."""
    if kind == "text":
        return edm in TEXT or edm in metadata().enums
    if kind == "list":
        return edm != element_of(edm) and fits("text", element_of(edm))
    if kind == "json":
        return element_of(edm) in metadata().properties
    return edm in PRIMITIVES[kind]


def edm_type(feed: Feed, column: Column) -> str | None:
    """The Edm type of a feed's column, in its entity or one of its subtypes."""
    found = (metadata().path_type(f"microsoft.graph.{entity}", column.path or "") for entity in entities(feed))
    return next(filter(None, found), None)


def entities(feed: Feed) -> tuple[str, ...]:
    return (feed.entity, *feed.subtypes)


def paths_of(permission: dict[str, Any]) -> Iterator[str]:
    """The request paths that a permission lets an application GET, in lower case: Graph ignores it."""
    for group in permission["pathSets"]:
        if "Application" in group["schemeKeys"] and "GET" in group["methods"]:
            yield from (path.lower() for path in group["paths"])


@needs_csdl
@pytest.mark.parametrize(("table", "feed"), RESOURCES)
def test_every_column_is_a_property_of_its_entity_with_the_same_type(table: Table, feed: Feed) -> None:
    repeated = feed.each.columns if feed.each else {}
    wrong = {
        column.path: edm_type(feed, column)
        for column in feed.columns.values()
        if column.name not in repeated and not fits(column.type, edm_type(feed, column) or "")
    }
    assert wrong == {}, table.name


@needs_csdl
@pytest.mark.parametrize(("table", "feed"), RESOURCES)
def test_every_path_leads_to_its_entity(table: Table, feed: Feed) -> None:
    found = metadata().resource_type(feed.path) or ""
    rows = metadata().property_type(found, feed.rows) or "" if feed.rows else found
    assert element_of(rows) == f"microsoft.graph.{feed.entity}"
    assert rows.startswith("Collection(") or table.one_row or feed.each


@pytest.mark.parametrize(("table", "feed"), BETA)
def test_what_beta_alone_has_says_so_in_its_path_and_where_its_names_come_from(table: Table, feed: Feed) -> None:
    assert feed.path.startswith("/beta/"), table.name
    assert feed.source
    assert table.feeds == (feed,)


@pytest.mark.parametrize(("table", "feed"), RESOURCES)
def test_nothing_else_is_asked_of_beta(table: Table, feed: Feed) -> None:
    assert not feed.path.startswith("/beta"), table.name


@needs_csdl
@pytest.mark.parametrize(("table", "feed"), RESOURCES)
def test_a_feed_is_tracked_if_and_only_if_graph_has_a_delta_function_for_its_entity(table: Table, feed: Feed) -> None:
    tracked = (f"Collection(microsoft.graph.{feed.entity})", "delta") in metadata().functions
    first = table.feeds[0] is feed and not feed.each and feed.role is None
    assert feed.delta == (tracked and first), table.name


@needs_csdl
@pytest.mark.parametrize(("table", "feed"), REPORTS)
def test_every_report_is_a_function_that_gives_a_file(table: Table, feed: Feed) -> None:
    name = feed.path.rpartition("/")[2].partition("(")[0]
    assert metadata().files[f"microsoft.graph.{feed.entity}", name], table.name


@pytest.mark.parametrize(("table", "feed"), EACH)
def test_what_there_is_one_of_per_row_repeats_columns_of_that_row(table: Table, feed: Feed) -> None:
    assert feed.each
    place, *_ = feed.each.columns
    assert re.findall(r"\{(\w+)\}", feed.path) == [place], table.name
    first, *_ = tables()[feed.each.table].feeds
    assert set(feed.each.columns.values()) <= first.columns.keys()


@pytest.mark.parametrize(("table", "feed"), named((table, feed) for table, feed in PAIRS if feed.after))
def test_what_must_be_known_first_is_open_to_whoever_may_read_what_follows(table: Table, feed: Feed) -> None:
    first, *_ = tables()[feed.after or ""].feeds
    assert feed.after in ATTRIBUTION or first.permission == feed.permission, table.name


@needs_csdl
@pytest.mark.parametrize(("table", "feed"), RESOURCES)
def test_every_subtype_derives_from_the_entity(table: Table, feed: Feed) -> None:
    bases = {metadata().bases[f"microsoft.graph.{name}"] for name in feed.subtypes}
    assert bases <= {f"microsoft.graph.{feed.entity}"}, table.name


@needs_csdl
@pytest.mark.parametrize(("table", "feed"), RESOURCES)
def test_what_is_expanded_leads_to_one_object(table: Table, feed: Feed) -> None:
    found = [metadata().property_type(f"microsoft.graph.{feed.entity}", name) for name in feed.expand]
    assert all(each in metadata().properties for each in found), table.name


@needs_permissions
@pytest.mark.parametrize(("table", "feed"), FEEDS)
def test_every_permission_lets_an_application_read_its_path(table: Table, feed: Feed) -> None:
    path = re.sub(r"\{\w+\}", "{id}", feed.path.removeprefix("/beta")).lower()
    # Joined on the path of the table's first feed: that one's permission opens it, this one's only some properties.
    opener = table.feeds[0] if feed.path == table.feeds[0].path else feed
    if feed.report:  # the file lists no usage report at all
        assert not any(path in set(paths_of(each)) for each in permissions().values())
        assert feed.permission == "Reports.Read.All"
        return
    assert path in set(paths_of(permissions()[opener.permission])), table.name


@pytest.mark.parametrize(("table", "feed"), FEEDS)
def test_no_permission_opens_what_people_write_or_say(table: Table, feed: Feed) -> None:
    content = {
        "Chat",
        "ChannelMessage",
        "ChatMessage",
        "Mail",
        "Files",
        "Calendars",
        "Sites",
        "OnlineMeetings",
        "Notes",
    }
    assert feed.permission.partition(".")[0] not in content, table.name
    assert "Write" not in feed.permission


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_relation_joins_columns_that_exist(table: Table) -> None:
    for relation in table.relations.values():
        other = tables()[relation.table]
        link = tables()[relation.via] if relation.via else other
        wrong = [
            *(ours for ours, _ in relation.match if ours not in table.columns),
            *(theirs for _, theirs in relation.match if theirs not in link.columns),
            *(name for name, _ in relation.to if name not in link.columns),
            *(name for _, name in relation.to if name not in other.columns),
            *(name for name, _ in relation.where if name not in link.columns),
            *(name for name, _ in relation.only if name not in other.columns),
        ]
        assert wrong == [], relation.name


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_key_label_and_personal_columns_exist(table: Table) -> None:
    named = {*table.key, *([table.label] if table.label else []), *([table.lands_by] if table.lands_by else [])}
    assert named <= table.columns.keys()
    for name, columns in table.reads.items():
        assert set(columns) <= tables()[name].columns.keys()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_has_a_title_in_both_languages(table: Table) -> None:
    assert table.title.nl
    assert table.title.en


def test_a_column_is_named_after_its_property_in_snake_case() -> None:
    assert column_name("signInActivity/lastSignInDateTime") == "sign_in_activity_last_sign_in_date_time"
    assert column_name("azureADDeviceId") == "azure_ad_device_id"
    assert column_name("Report Refresh Date") == "report_refresh_date"
    assert column_name("@odata.type") == "odata_type"
