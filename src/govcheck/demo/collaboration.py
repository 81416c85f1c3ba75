"""What Teams and Planner say of each team: its settings, channels, tags, plans and tasks."""

# ruff: noqa: PLR2004 (shares of an invented population)
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from govcheck.demo.basis import DOMAIN, TENANT_ID, Resource, ago, chance, fine_stamp, guid, stamp
from govcheck.demo.people import Person
from govcheck.demo.teams import Group

_CHANNELS = ("Afspraken", "Vakantieplanning", "Storingen", "Klanten", "Ontwikkeling", "Koffie")
_TITLES = ("Offerte uitwerken", "Handleiding bijwerken", "Rooster nalopen", "Meting inplannen", "Terugkoppeling geven")


@dataclass(frozen=True, slots=True)
class Collaboration:
    """The teams, and by the id of what they belong to: channels and tags by team, plans by group, tasks by plan."""

    teams: Sequence[Resource]
    channels: Mapping[str, list[Resource]]
    tags: Mapping[str, list[Resource]]
    plans: Mapping[str, list[Resource]]
    tasks: Mapping[str, list[Resource]]


def collaborate(groups: Iterable[Group], accounts: Iterable[Person], seed: int) -> Collaboration:
    """Furnish every team; half of them have a plan. An archived team has no channels in use."""
    rng = chance(seed, "collaboration")
    guests = frozenset(person.id for person in accounts if person.kind == "guest")
    furnished = [group for group in groups if "Team" in group.resource["resourceProvisioningOptions"]]
    plans = {group.resource["id"]: _plans(group, rng) for group in furnished}
    people = {group.resource["id"]: group.members for group in furnished}
    return Collaboration(
        teams=[_team(group, guests, rng) for group in furnished],
        channels={group.resource["id"]: _channels(group, rng) for group in furnished},
        tags={group.resource["id"]: _tags(group, rng) for group in furnished},
        plans=plans,
        tasks={plan["id"]: _tasks(plan, people[team], rng) for team, found in plans.items() for plan in found},
    )


def _team(group: Group, guests: frozenset[str], rng: Random) -> Resource:
    resource, open_to_guests = group.resource, rng.random() < 0.15
    outside = sum(member in guests for member in group.members)
    return {
        "id": resource["id"],
        "classification": resource["classification"],
        "createdDateTime": resource["createdDateTime"],
        "description": resource["description"],
        "displayName": resource["displayName"],
        "funSettings": {
            "allowCustomMemes": True,
            "allowGiphy": True,
            "allowStickersAndMemes": True,
            "giphyContentRating": "strict",
        },
        "guestSettings": {"allowCreateUpdateChannels": open_to_guests, "allowDeleteChannels": False},
        "internalId": _thread("team", resource["id"]),
        "isArchived": resource["displayName"] == "Innovatielab",
        "memberSettings": {
            "allowAddRemoveApps": rng.random() < 0.7,
            "allowCreatePrivateChannels": True,
            "allowCreateUpdateChannels": True,
            "allowCreateUpdateRemoveConnectors": True,
            "allowCreateUpdateRemoveTabs": True,
            "allowDeleteChannels": rng.random() < 0.3,
        },
        "messagingSettings": {
            "allowChannelMentions": True,
            "allowOwnerDeleteMessages": True,
            "allowTeamMentions": True,
            "allowUserDeleteMessages": True,
            "allowUserEditMessages": True,
        },
        "specialization": "none",
        "summary": {
            "guestsCount": outside,
            "membersCount": len(set(group.members) - guests - set(group.owners)),
            "ownersCount": len(group.owners),
        },
        "tenantId": TENANT_ID,
        "visibility": resource["visibility"].lower(),
        "webUrl": f"https://teams.microsoft.com/l/team/{resource['id']}",
    }


def _thread(kind: str, key: str) -> str:
    return f"19:{guid(kind, key).replace('-', '')}@thread.tacv2"


def _channels(group: Group, rng: Random) -> list[Resource]:
    names = ("General", *rng.sample(_CHANNELS, rng.randint(0, 4)))
    return [_channel(group.resource, name, "private" if name == "Klanten" else "standard") for name in names]


def _channel(team: Resource, name: str, kind: str) -> Resource:
    return {
        "id": _thread("channel", f"{team['id']}/{name}"),
        "createdDateTime": team["createdDateTime"],
        "description": None,
        "displayName": name,
        "email": "",
        "isArchived": False,
        "isFavoriteByDefault": None,
        "membershipType": kind,
        "tenantId": TENANT_ID,
        "webUrl": f"https://teams.microsoft.com/l/channel/{team['id']}",
    }


def _tags(group: Group, rng: Random) -> list[Resource]:
    """Write the tags: a third of the teams marks who is accountable and who does the work."""
    if rng.random() > 0.33 or not group.members:
        return []
    team = group.resource["id"]
    numbers = {"RACI-A": 1, "RACI-R": min(3, len(group.members)), "BHV": 1}
    return [
        {
            "id": guid("tag", f"{team}/{name}"),
            "description": None,
            "displayName": name,
            "memberCount": number,
            "tagType": "standard",
            "teamId": team,
        }
        for name, number in numbers.items()
    ]


def _planner_id(kind: str, key: str) -> str:
    """Planner's ids are shorter than others."""
    return guid(kind, key).replace("-", "")[:28]


def _plans(group: Group, rng: Random) -> list[Resource]:
    if rng.random() < 0.5 or not group.members:
        return []
    team = group.resource["id"]
    return [
        {
            "id": _planner_id("plan", team),
            "container": {
                "containerId": team,
                "type": "group",
                "url": f"https://graph.microsoft.com/v1.0/groups/{team}",
            },
            "createdBy": _by(group.members[0]),
            "createdDateTime": fine_stamp(ago(rng.uniform(40, 600))),
            "owner": team,
            "title": f"Werkvoorraad {group.resource['displayName']}",
        }
    ]


def _by(user: str) -> Resource:
    return {"application": None, "device": None, "user": {"displayName": None, "id": user}}


def _tasks(plan: Resource, people: Sequence[str], rng: Random) -> list[Resource]:
    return [_task(plan["id"], number, people, rng) for number in range(rng.randint(4, 30))]


def _task(plan: str, number: int, people: Sequence[str], rng: Random) -> Resource:
    """Write a task: half of them done, a tenth with nobody to do it, some late."""
    made = rng.uniform(3, 90)
    done = rng.choices((100, 50, 0), (50, 20, 30))[0]
    assignee = rng.choice(people) if rng.random() < 0.9 else None
    finished = rng.uniform(0, made - 1)
    return {
        "id": _planner_id("task", f"{plan}/{number}"),
        "activeChecklistItemCount": 0,
        "appliedCategories": {},
        "assigneePriority": "",
        "assignments": {assignee: _assignment(made)} if assignee else {},
        "bucketId": _planner_id("bucket", f"{plan}/{rng.randrange(3)}"),
        "checklistItemCount": 0,
        "completedBy": _by(assignee or people[0]) if done == 100 else None,
        "completedDateTime": fine_stamp(ago(finished)) if done == 100 else None,
        "conversationThreadId": None,
        "createdBy": _by(people[0]),
        "createdDateTime": fine_stamp(ago(made)),
        "dueDateTime": stamp(ago(rng.uniform(-20, made - 2))) if rng.random() < 0.6 else None,
        "hasDescription": False,
        "orderHint": f"8585{number:06d}P",
        "percentComplete": done,
        "planId": plan,
        "previewType": "automatic",
        "priority": 5,
        "referenceCount": 0,
        "startDateTime": stamp(ago(made - 1)) if done else None,
        "title": rng.choice(_TITLES),
    }


def _assignment(days: float) -> Resource:
    return {
        "@odata.type": "#microsoft.graph.plannerAssignment",
        "assignedBy": {"application": None, "device": None, "user": {"displayName": None, "id": guid("user", DOMAIN)}},
        "assignedDateTime": stamp(ago(days)),
        "orderHint": "RWk1",
    }
