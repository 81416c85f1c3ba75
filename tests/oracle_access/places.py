"""Where somebody signs in from: named locations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from oracle_access.truth import Truth, all_of, any_of, negate

Raw = Mapping[str, Any]


def matches_location(tenant: Raw, locations: Raw | None, scenario: Raw) -> Truth:
    """Tell whether the place of this sign-in is included, and not excluded."""
    if not locations or not (locations.get("includeLocations") or locations.get("excludeLocations")):
        return True
    included = any_of(_lies_in(tenant, id_, scenario) for id_ in locations.get("includeLocations") or ["All"])
    excluded = any_of(_lies_in(tenant, id_, scenario) for id_ in locations.get("excludeLocations") or [])
    return all_of([included, negate(excluded)])


def _lies_in(tenant: Raw, location_id: str, scenario: Raw) -> Truth:
    named = {location["id"]: location for location in tenant["named_locations"]}
    if location_id == "All":
        return True
    if location_id == "AllTrusted":
        return any(is_within(location, scenario) for location in named.values() if location.get("isTrusted"))
    if location_id not in named:
        return None
    return is_within(named[location_id], scenario)


def is_within(location: Raw, scenario: Raw) -> bool:
    """Tell whether a sign-in's address or country lies in a named location."""
    if location["@odata.type"] == "#microsoft.graph.ipNamedLocation":
        address = scenario.get("ipAddress")
        return address is not None and any(_contains(range_, ip_address(address)) for range_ in location["ipRanges"])
    if scenario.get("country") is None:
        return bool(location["includeUnknownCountriesAndRegions"])
    return scenario["country"] in location["countriesAndRegions"]


def _contains(range_: Raw, address: IPv4Address | IPv6Address) -> bool:
    lower, upper = ends(range_)
    return lower.version == address.version and int(lower) <= int(address) <= int(upper)


def ends(range_: Raw) -> tuple[IPv4Address | IPv6Address, IPv4Address | IPv6Address]:
    """Return the first and the last address of a range; Graph writes host bits that a strict reader would refuse."""
    if "cidrAddress" in range_:
        network = ip_network(range_["cidrAddress"], strict=False)
        return network[0], network[-1]
    return ip_address(range_["lowerAddress"]), ip_address(range_["upperAddress"])


def addresses_around(ranges: Iterable[Raw]) -> list[str]:
    """List the addresses on both sides of both ends of every range."""
    sides = [side for lower, upper in map(ends, ranges) for side in ((lower, -1), (lower, 0), (upper, 0), (upper, 1))]
    return [str(end + step) for end, step in sides if 0 <= int(end) + step < 2**end.max_prefixlen]
