"""Governance of identities over time: access reviews, and workflows for who joins and who leaves."""

from __future__ import annotations

from collections.abc import Mapping

from govcheck.demo.basis import DOMAIN, Resource, ago, fine_stamp, guid, stamp

_GUESTS = "Gasten in teams"
_ADMINS = "Globale beheerders"
_TASKS = {
    "joiner": (("Schakel account in", "6fc52c9d-398b-4305-9763-15f42c1676fc"),),
    "leaver": (
        ("Blokkeer account", "1dfdfcc7-52fa-4c2e-bf3a-e3919cc12950"),
        ("Verwijder uit alle teams", "81f7b200-2816-4b3b-8c5d-dc556f07b024"),
    ),
}


def review_access(ids: Mapping[str, str]) -> tuple[list[Resource], dict[str, list[Resource]]]:
    """Write the review definitions, and by definition id their instances: one still running, one done."""
    definitions = [
        _definition(
            _GUESTS,
            "./members/microsoft.graph.user/?$count=true&$filter=(userType eq 'Guest')",
            "./owners",
            "InProgress",
            months=3,
        )
        | {"instanceEnumerationScope": _scope("/groups?$filter=(groupTypes/any(c:c+eq+'Unified'))&$count=true")},
        _definition(
            _ADMINS,
            "/roleManagement/directory/roleDefinitions/62e90394-69f5-4237-9190-012177145e10",
            f"/users/{ids['Mourad El Amrani']}",
            "Completed",
            months=0,
        ),
    ]
    instances = {
        definitions[0]["id"]: [
            _instance(definitions[0], 4, "InProgress"),
            _instance(definitions[0], 96, "Applied"),
        ],
        definitions[1]["id"]: [_instance(definitions[1], 410, "Applied")],
    }
    return definitions, instances


def _definition(name: str, query: str, reviewer: str, status: str, *, months: int) -> Resource:
    return {
        "id": guid("access-review", name),
        "additionalNotificationRecipients": [],
        "createdBy": {
            "id": guid("user", f"priya.ramdin@{DOMAIN}"),
            "displayName": "Priya Ramdin",
            "userPrincipalName": f"priya.ramdin@{DOMAIN}",
        },
        "createdDateTime": fine_stamp(ago(430)),
        "descriptionForAdmins": name,
        "descriptionForReviewers": "Wie heeft deze toegang nog nodig?",
        "displayName": name,
        "fallbackReviewers": [],
        "instanceEnumerationScope": None,
        "lastModifiedDateTime": fine_stamp(ago(97)),
        "reviewers": [{"query": reviewer, "queryRoot": None, "queryType": "MicrosoftGraph"}],
        "scope": _scope(query),
        "settings": _settings(months),
        "stageSettings": [],
        "status": status,
    }


def _scope(query: str) -> Resource:
    return {
        "@odata.type": "#microsoft.graph.accessReviewQueryScope",
        "query": query,
        "queryRoot": None,
        "queryType": "MicrosoftGraph",
    }


def _settings(months: int) -> Resource:
    pattern = {
        "dayOfMonth": 0,
        "daysOfWeek": [],
        "firstDayOfWeek": "sunday",
        "index": "first",
        "interval": months,
        "month": 0,
        "type": "absoluteMonthly",
    }
    span = {
        "endDate": None,
        "numberOfOccurrences": 0,
        "recurrenceTimeZone": None,
        "startDate": "2025-08-01",
        "type": "noEnd",
    }
    return {
        "applyActions": [{"@odata.type": "#microsoft.graph.removeAccessApplyAction"}] if months else [],
        "autoApplyDecisionsEnabled": bool(months),
        "decisionHistoriesForReviewersEnabled": False,
        "defaultDecision": "Deny" if months else "None",
        "defaultDecisionEnabled": bool(months),
        "instanceDurationInDays": 14,
        "justificationRequiredOnApproval": True,
        "mailNotificationsEnabled": True,
        "recommendationInsightSettings": [],
        "recommendationLookBackDuration": "P30D",
        "recommendationsEnabled": True,
        "recurrence": {"pattern": pattern, "range": span} if months else None,
        "reminderNotificationsEnabled": True,
    }


def _instance(definition: Resource, days: float, status: str) -> Resource:
    return {
        "id": guid("review-instance", f"{definition['id']}/{days}"),
        "endDateTime": stamp(ago(days - 14)),
        "fallbackReviewers": [],
        "reviewers": definition["reviewers"],
        "scope": definition["scope"],
        "startDateTime": stamp(ago(days)),
        "status": status,
    }


def write_workflows() -> list[Resource]:
    """Write the lifecycle workflows: for newcomers, and for leavers one that nobody schedules any more."""
    return [
        _workflow("Nieuwe medewerker", "joiner", "employeeHireDate", -7, scheduled=True),
        _workflow("Uit dienst", "leaver", "employeeLeaveDateTime", 0, scheduled=False),
    ]


def _workflow(name: str, category: str, attribute: str, offset: int, *, scheduled: bool) -> Resource:
    return {
        "id": guid("workflow", name),
        "category": category,
        "createdDateTime": stamp(ago(300)),
        "deletedDateTime": None,
        "description": f"Taken voor: {name.lower()}",
        "displayName": name,
        "executionConditions": {
            "@odata.type": "#microsoft.graph.identityGovernance.triggerAndScopeBasedConditions",
            "scope": {
                "@odata.type": "#microsoft.graph.identityGovernance.ruleBasedSubjectSet",
                "rule": "(employeeType eq 'Medewerker')",
            },
            "trigger": {
                "@odata.type": "#microsoft.graph.identityGovernance.timeBasedAttributeTrigger",
                "offsetInDays": offset,
                "timeBasedAttribute": attribute,
            },
        },
        "isEnabled": True,
        "isSchedulingEnabled": scheduled,
        "lastModifiedDateTime": stamp(ago(120)),
        "nextScheduleRunDateTime": None,
        "version": 2,
        "tasks": [_task(title, definition, category) for title, definition in _TASKS[category]],
    }


def _task(name: str, definition: str, category: str) -> Resource:
    return {
        "id": guid("workflow-task", name),
        "arguments": [],
        "category": category,
        "continueOnError": False,
        "description": None,
        "displayName": name,
        "executionSequence": 1,
        "isEnabled": True,
        "taskDefinitionId": definition,
    }
