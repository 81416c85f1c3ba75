"""From the catalogue to requests, and following a feed to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from govcheck.catalogue import Column, Feed, tables
from govcheck.graph.answers import NO_HEADERS, Page, Transport
from govcheck.graph.faults import FeedFault
from govcheck.graph.feeds import read_pages, request_path, wanted_columns
from govcheck.model import Reason

USERS, REGISTRATIONS, *_ = tables()["users"].feeds


def query(feed: Feed, columns: Collection[str]) -> dict[str, list[str]]:
    return parse_qs(urlsplit(request_path(feed, wanted_columns(feed, columns))).query)


@dataclass(slots=True)
class Pages(Transport):
    """A transport that answers from memory."""

    bodies: dict[str, object]
    asked: list[str] = field(default_factory=list)

    async def get(
        self, url: str, *, bucket: str, headers: Mapping[str, str] = NO_HEADERS, together: bool = False
    ) -> Page:
        assert bucket
        assert not headers
        assert not together
        self.asked.append(url)
        return Page(status=200, body=msgspec.json.encode(self.bodies[url]))


def read(bodies: dict[str, object], feed: Feed = USERS) -> list[object]:
    """All rows of a feed that starts at `/start`."""

    async def follow() -> list[object]:
        pages = Pages(bodies)
        return [row async for turn in read_pages(pages, feed, "/start") for row in msgspec.json.decode(turn.rows)]

    return asyncio.run(follow())


def test_a_large_collection_is_asked_for_the_wanted_properties_only() -> None:
    assert query(USERS, {"id", "account_enabled"}) == {"$select": ["id,accountEnabled"], "$top": ["999"]}


def test_a_property_of_a_related_object_is_expanded() -> None:
    asked = query(USERS, {"id", "manager_id"})
    assert asked["$select"] == ["id"]
    assert asked["$expand"] == ["manager($select=id)"]


def test_a_nested_property_is_selected_by_its_first_part_once() -> None:
    columns = [Column(name=name, type="text", path=f"settings/{name}") for name in "ab"]
    assert "$select=settings&" in request_path(USERS, columns)


def test_the_filter_of_a_feed_is_encoded() -> None:
    path = request_path(tables()["teams"].feeds[0], [])
    assert "$filter=resourceProvisioningOptions/Any(x:x%20eq%20%27Team%27)" in path


def test_a_joined_feed_is_read_with_the_column_it_joins_on() -> None:
    assert query(REGISTRATIONS, {"is_mfa_capable"})["$select"] == ["id,isMfaCapable"]


def test_a_joined_feed_that_fills_no_wanted_column_is_not_read() -> None:
    assert wanted_columns(REGISTRATIONS, {"id", "display_name"}) == ()


@pytest.mark.parametrize("table", ["security_defaults", "named_locations", "conditional_access_policies"])
def test_a_small_resource_is_read_as_it_comes(table: str) -> None:
    [feed] = tables()[table].feeds
    assert request_path(feed, tuple(feed.columns.values())) == feed.path


def test_rows_inside_a_singleton_are_expanded() -> None:
    [feed] = tables()["authentication_method_configurations"].feeds
    assert query(feed, {"id"}) == {"$expand": ["authenticationMethodConfigurations"]}


def test_a_group_id_cannot_change_the_path_it_stands_in() -> None:
    feed = tables()["memberships"].feeds[0]
    assert request_path(feed, [], group="../users?x=").startswith("/groups/..%2Fusers%3Fx%3D/members")


def test_pages_are_followed_through_empty_and_short_ones() -> None:
    bodies: dict[str, object] = {
        "/start": {"value": [1], "@odata.nextLink": "two"},
        "two": {"value": [], "@odata.nextLink": "three"},
        "three": {"value": [2, 3]},
    }
    assert read(bodies) == [1, 2, 3]


def test_a_page_that_leads_back_to_an_earlier_one_ends_the_feed_as_a_fault() -> None:
    bodies: dict[str, object] = {
        "/start": {"value": [1], "@odata.nextLink": "two"},
        "two": {"value": [2], "@odata.nextLink": "/start"},
    }
    with pytest.raises(FeedFault, match="read before") as caught:
        read(bodies)
    assert caught.value.missing.reason is Reason.ERROR


def test_a_single_object_is_one_row() -> None:
    [feed] = tables()["security_defaults"].feeds
    assert read({"/start": {"isEnabled": True}}, feed) == [{"isEnabled": True}]


@pytest.mark.parametrize("value", [[{"isEnabled": True}], {"isEnabled": True}])
def test_a_single_object_in_an_envelope_is_one_row_too(value: object) -> None:
    [feed] = tables()["security_defaults"].feeds
    assert read({"/start": {"value": value}}, feed) == [{"isEnabled": True}]


def test_rows_inside_a_singleton_are_its_rows() -> None:
    [feed] = tables()["authentication_method_configurations"].feeds
    body = {"id": "policy", "authenticationMethodConfigurations": [{"id": "Sms"}, {"id": "Fido2"}]}
    assert read({"/start": body}, feed) == [{"id": "Sms"}, {"id": "Fido2"}]


def test_a_singleton_without_its_rows_is_a_fault_and_no_empty_table() -> None:
    [feed] = tables()["authentication_method_configurations"].feeds
    with pytest.raises(FeedFault, match="unknown shape"):
        read({"/start": {"id": "policy"}}, feed)
