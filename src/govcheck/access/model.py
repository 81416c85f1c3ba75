"""What Conditional Access is made of: policies, places, strengths and people, as plain frozen values.

Ids are kept as Graph spells them and compared in lower case; the fields named `…_ids` hold lower case only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from govcheck.access.device_filter import Filter

Address = IPv4Address | IPv6Address
Clause = frozenset[str]
"""Controls of which one is enough."""

SECURITY_DEFAULTS = "securityDefaults"
"""Id of the policy that Microsoft's security defaults amount to."""


class State(StrEnum):
    """Whether a policy counts."""

    ENABLED = "enabled"
    REPORT_ONLY = "enabledForReportingButNotEnforced"
    DISABLED = "disabled"


class GuestType(StrEnum):
    """The kinds of outsiders that have an account here."""

    INTERNAL_GUEST = "internalGuest"
    COLLABORATION_GUEST = "b2bCollaborationGuest"
    COLLABORATION_MEMBER = "b2bCollaborationMember"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outsiders:
    """Guests and external users that a policy names."""

    types: frozenset[str]
    enumerated: bool = False
    """Only those of certain tenants; who comes from where is not known here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleNamed:
    """One side, included or excluded, of a policy's users."""

    words: frozenset[str] = frozenset()
    """`All`, `None` and `GuestsOrExternalUsers`, as written."""
    user_ids: frozenset[str] = frozenset()
    group_ids: frozenset[str] = frozenset()
    role_ids: frozenset[str] = frozenset()
    outsiders: Outsiders | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What a policy is about: applications, user actions or authentication contexts."""

    include_ids: frozenset[str] = frozenset()
    """appIds, names of groups of applications, `all` and `none`."""
    exclude_ids: frozenset[str] = frozenset()
    filtered: bool = False
    """Applications are chosen by custom security attributes too, which are not read here."""
    filter_excludes: bool = False
    """The filter leaves applications out; else it brings them in."""
    user_actions: frozenset[str] = frozenset()
    """As scenarios spell them, such as `registerSecurityInformation`."""
    contexts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A condition with values that are included and values that are not; nothing included is no condition."""

    include: frozenset[str] = frozenset()
    exclude: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCondition:
    """Devices that a policy is limited to, or leaves alone."""

    excludes: bool
    filter: Filter


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """When a policy applies. Empty sets are no condition."""

    include_people: PeopleNamed = PeopleNamed()
    exclude_people: PeopleNamed = PeopleNamed()
    targets: Targets = Targets()
    clients: frozenset[str] = frozenset()
    platforms: Range = Range()
    """In lower case."""
    locations: Range = Range()
    """Ids in lower case, `all` and `alltrusted`."""
    sign_in_risks: frozenset[str] = frozenset()
    user_risks: frozenset[str] = frozenset()
    insider_risks: frozenset[str] = frozenset()
    flows: frozenset[str] = frozenset()
    device: DeviceCondition | None = None
    workloads: bool = False
    """About service principals, never about people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a policy asks before it lets somebody in."""

    blocks: bool = False
    clauses: tuple[Clause, ...] = ()
    """One control of every clause is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One Conditional Access policy."""

    id: str
    name: str
    state: State
    conditions: Conditions
    grant: Grant
    session_controls: tuple[str, ...] = ()
    """Names of the session controls that are set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """How strong an authentication strength is."""

    id: str
    name: str
    mfa: bool
    phishing_resistant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IpLocation:
    """A named location of address ranges, each from its first to its last address."""

    id: str
    name: str
    trusted: bool
    ranges: tuple[tuple[Address, Address], ...]
    readable: bool = True
    """False when a range could not be read: who matches no other one may still be inside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryLocation:
    """A named location of countries, in upper case."""

    id: str
    name: str
    countries: frozenset[str]
    unknown_too: bool


Location = IpLocation | CountryLocation


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an account."""

    id: str
    upn: str | None = None
    name: str | None = None
    enabled: bool | None = True
    guest: GuestType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """All that an answer depends on. None where a feed is not known: what depends on it is undecided."""

    people: Mapping[str, Person]
    """By id in lower case."""
    policies: tuple[Policy, ...]
    members: Mapping[str, frozenset[str]] | None = field(default_factory=dict)
    """Group to the people in it and in the groups inside it, by lower-case ids. A group that is not here has nobody."""
    holders: Mapping[str, frozenset[str]] | None = field(default_factory=dict)
    """Template of a built-in role to the people who hold it for the whole tenant now."""
    locations: Mapping[str, Location] | None = field(default_factory=dict)
    """By id in lower case."""
    strengths: Mapping[str, Strength] = field(default_factory=dict)
    """By id in lower case."""
    security_defaults: bool | None = False
