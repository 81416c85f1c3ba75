"""Where a sign-in comes from: named locations of addresses and of countries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from govcheck.access.model import Address, CountryLocation, IpLocation, Location, Range
from govcheck.access.truth import Truth, either, unless

ALL, ALL_TRUSTED = "all", "alltrusted"


def location_from(raw: Mapping[str, Any]) -> Location | None:
    """A named location as Graph gives it; None for a kind that v1.0 does not describe."""
    name = str(raw.get("displayName") or raw.get("id"))
    if _is_kind(raw, "countryNamedLocation", "countriesAndRegions"):
        return CountryLocation(
            id=str(raw["id"]),
            name=name,
            countries=frozenset(str(code).upper() for code in raw.get("countriesAndRegions") or ()),
            unknown_too=raw.get("includeUnknownCountriesAndRegions") is True,
        )
    if not _is_kind(raw, "ipNamedLocation", "ipRanges"):
        return None
    found = [_range(each) for each in raw.get("ipRanges") or ()]
    return IpLocation(
        id=str(raw["id"]),
        name=name,
        trusted=raw.get("isTrusted") is True,
        ranges=tuple(each for each in found if each is not None),
        readable=None not in found,
    )


def _is_kind(raw: Mapping[str, Any], kind: str, property_: str) -> bool:
    """By its type, which a snapshot does not keep, or else by a property that only this kind has."""
    told = raw.get("@odata.type")
    return str(told).rpartition(".")[2] == kind if told else raw.get(property_) is not None


def _range(raw: Mapping[str, Any]) -> tuple[Address, Address] | None:
    try:
        if "cidrAddress" in raw:
            network: IPv4Network | IPv6Network = ip_network(str(raw["cidrAddress"]), strict=False)
            return network[0], network[-1]
        first, last = ip_address(raw["lowerAddress"]), ip_address(raw["upperAddress"])
        return (first, last) if _between(first, last, last) else None
    except (ValueError, KeyError):
        return None


def parse_address(text: str) -> Address:
    """An address, an IPv4 one inside IPv6 as what it is. Raises `ValueError`."""
    address = ip_address(text.strip())
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_inside(location: IpLocation, address: Address | None) -> Truth:
    """Whether an address lies in a location; no address lies in none."""
    if address is None:
        return False
    for first, last in location.ranges:
        if _between(first, address, last):
            return True
    return False if location.readable else None


def _between(first: Address, address: Address, last: Address) -> bool:
    match first, address, last:
        case (IPv4Address(), IPv4Address(), IPv4Address()):
            return first <= address <= last
        case (IPv6Address(), IPv6Address(), IPv6Address()):
            return first <= address <= last
    return False


def is_in_countries(location: CountryLocation, country: str | None) -> bool:
    """Whether a country is one of a location's; None is a country that nobody could tell."""
    return location.unknown_too if country is None else country.upper() in location.countries


def matches_locations(
    condition: Range, locations: Mapping[str, Location] | None, address: Address | None, country: str | None
) -> Truth:
    """Whether a sign-in from there falls under a policy's locations. An id that nothing has is undecided."""

    def any_of(names: Iterable[str]) -> Truth:
        return either(_matches(name, locations, address, country) for name in names)

    included: Truth = any_of(condition.include) if condition.include else True
    return unless(included, any_of(condition.exclude))


def trusted_networks(locations: Mapping[str, Location] | None) -> frozenset[str]:
    """Ids of the named locations that are trusted; locations of countries cannot be."""
    known = (locations or {}).values()
    return frozenset(each.id for each in known if isinstance(each, IpLocation) and each.trusted)


def _matches(
    name: str, locations: Mapping[str, Location] | None, address: Address | None, country: str | None
) -> Truth:
    if name == ALL:
        return True
    if locations is None:
        return False if name == ALL_TRUSTED and address is None else None
    if name == ALL_TRUSTED:
        trusted = (each for each in locations.values() if isinstance(each, IpLocation) and each.trusted)
        return either(is_inside(each, address) for each in trusted)
    match locations.get(name):
        case IpLocation() as place:
            return is_inside(place, address)
        case CountryLocation() as place:
            return is_in_countries(place, country)
    return None
