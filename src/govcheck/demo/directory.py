"""What the directory itself says of roles and of devices, next to what their own services say."""

from __future__ import annotations

from collections.abc import Iterable

from govcheck.demo.basis import Resource, guid

_INTUNE = "0000000a-0000-0000-c000-000000000000"


def activate_roles(definitions: Iterable[Resource], assignments: Iterable[Resource]) -> list[Resource]:
    """Write `/directoryRoles`: of the role definitions those that somebody holds."""
    held = {assignment["roleDefinitionId"] for assignment in assignments}
    return [
        {
            "id": guid("directory-role", definition["templateId"]),
            "deletedDateTime": None,
            "description": definition["description"],
            "displayName": definition["displayName"],
            "roleTemplateId": definition["templateId"],
        }
        for definition in definitions
        if definition["id"] in held
    ]


def join_devices(managed: Iterable[Resource]) -> list[Resource]:
    """Write `/devices`: the directory's own object for each managed device."""
    return [_device(device) for device in managed]


def _device(managed: Resource) -> Resource:
    company = managed["managedDeviceOwnerType"] == "company"
    return {
        "id": guid("directory-device", managed["id"]),
        "deletedDateTime": None,
        "accountEnabled": True,
        "alternativeSecurityIds": [],
        "approximateLastSignInDateTime": managed["lastSyncDateTime"],
        "complianceExpirationDateTime": None,
        "deviceCategory": None,
        "deviceId": managed["azureADDeviceId"],
        "deviceMetadata": None,
        "deviceOwnership": "Company" if company else "Personal",
        "deviceVersion": 2,
        "displayName": managed["deviceName"],
        "enrollmentProfileName": None,
        "enrollmentType": None,
        "isCompliant": managed["complianceState"] in ("compliant", "inGracePeriod"),
        "isManaged": True,
        "isManagementRestricted": None,
        "isRooted": False,
        "managementType": "MDM",
        "manufacturer": managed["manufacturer"],
        "mdmAppId": _INTUNE,
        "model": managed["model"],
        "onPremisesLastSyncDateTime": None,
        "onPremisesSecurityIdentifier": None,
        "onPremisesSyncEnabled": None,
        "operatingSystem": managed["operatingSystem"],
        "operatingSystemVersion": managed["osVersion"],
        "physicalIds": [],
        "profileType": "RegisteredDevice",
        "registrationDateTime": managed["enrolledDateTime"],
        "systemLabels": [],
        "trustType": "AzureAd" if company else "Workplace",
    }
