"""What Intune asks of devices: compliance policies and configuration profiles, and whom they reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from govcheck.demo.basis import Resource, ago, guid, stamp
from govcheck.demo.people import Person
from govcheck.demo.teams import EVERYBODY, group_id

_EVERYONE = ({"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"},)
_STAFF = ({"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group_id(EVERYBODY)},)
_NOBODY: Sequence[Resource] = ()
_VPN_PROFILE = "<VPNProfile><AlwaysOn>true</AlwaysOn><DnsSuffix>noorderlicht.example</DnsSuffix></VPNProfile>"


def write_compliance_policies() -> list[Resource]:
    """Write the compliance policies; the one for Android reaches nobody."""
    return [
        _policy("deviceCompliancePolicy", "windows10CompliancePolicy", "Windows: basis", _EVERYONE)
        | {
            "bitLockerEnabled": True,
            "codeIntegrityEnabled": True,
            "earlyLaunchAntiMalwareDriverEnabled": False,
            "mobileOsMaximumVersion": None,
            "mobileOsMinimumVersion": None,
            "osMaximumVersion": None,
            "osMinimumVersion": "10.0.22631",
            "passwordBlockSimple": True,
            "passwordExpirationDays": None,
            "passwordMinimumCharacterSetCount": None,
            "passwordMinimumLength": 8,
            "passwordMinutesOfInactivityBeforeLock": 15,
            "passwordPreviousPasswordBlockCount": None,
            "passwordRequired": True,
            "passwordRequiredToUnlockFromIdle": True,
            "passwordRequiredType": "alphanumeric",
            "requireHealthyDeviceReport": False,
            "secureBootEnabled": True,
            "storageRequireEncryption": True,
        },
        _policy("deviceCompliancePolicy", "iosCompliancePolicy", "iPhone: basis", _STAFF)
        | {
            "deviceThreatProtectionEnabled": False,
            "deviceThreatProtectionRequiredSecurityLevel": "unavailable",
            "managedEmailProfileRequired": False,
            "osMaximumVersion": None,
            "osMinimumVersion": "17.0",
            "passcodeBlockSimple": True,
            "passcodeExpirationDays": None,
            "passcodeMinimumCharacterSetCount": None,
            "passcodeMinimumLength": 6,
            "passcodeMinutesOfInactivityBeforeLock": 5,
            "passcodePreviousPasscodeBlockCount": None,
            "passcodeRequired": True,
            "passcodeRequiredType": "numeric",
            "securityBlockJailbrokenDevices": True,
        },
        _policy("deviceCompliancePolicy", "androidWorkProfileCompliancePolicy", "Android: basis", _NOBODY)
        | {"deviceThreatProtectionEnabled": False, "storageRequireEncryption": True, "passwordRequired": True},
    ]


def write_configurations() -> list[Resource]:
    """Write the configuration profiles; a VPN profile is among them as custom settings, as v1.0 shows it."""
    vpn = {
        "@odata.type": "#microsoft.graph.omaSettingString",
        "description": None,
        "displayName": "Always On VPN",
        "omaUri": "./User/Vendor/MSFT/VPNv2/Noorderlicht/ProfileXML",
        "value": _VPN_PROFILE,
    }
    return [
        _policy("deviceConfiguration", "windows10CustomConfiguration", "Windows: VPN", _STAFF) | {"omaSettings": [vpn]},
        _policy("deviceConfiguration", "windowsUpdateForBusinessConfiguration", "Windows: updates", _EVERYONE),
        _policy("deviceConfiguration", "macOSGeneralDeviceConfiguration", "Mac: basis", _EVERYONE),
    ]


def summarise(devices: Iterable[Resource]) -> Resource:
    """Count devices by whether they comply, as Intune does for the whole tenant."""
    states = Counter(device["complianceState"] for device in devices)
    return {
        "id": guid("compliance-summary", "all"),
        "compliantDeviceCount": states["compliant"],
        "configManagerCount": 0,
        "conflictDeviceCount": 0,
        "errorDeviceCount": states["error"],
        "inGracePeriodCount": states["inGracePeriod"],
        "nonCompliantDeviceCount": states["noncompliant"],
        "notApplicableDeviceCount": 0,
        "remediatedDeviceCount": 0,
        "unknownDeviceCount": states["unknown"],
    }


def agree_on_terms(staff: Iterable[Person]) -> tuple[list[Resource], dict[str, list[Resource]]]:
    """Write the terms for work devices, and by their id who accepted them; one in nine accepted an older version."""
    terms = guid("terms", "thuiswerken")
    accepted = [
        {
            "id": guid("acceptance", person.upn),
            "acceptedDateTime": stamp(max(person.created, ago(380 if number % 9 == 0 else 60))),
            "acceptedVersion": 1 if number % 9 == 0 else 2,
            "userDisplayName": person.name,
            "userPrincipalName": person.upn,
        }
        for number, person in enumerate(staff)
        if person.enabled and person.team and number % 11
    ]
    return [
        {
            "id": terms,
            "acceptanceStatement": "Ik houd mij aan deze afspraken.",
            "bodyText": "Afspraken over apparatuur en werken op afstand.",
            "createdDateTime": stamp(ago(900)),
            "description": None,
            "displayName": "Werken op afstand",
            "lastModifiedDateTime": stamp(ago(200)),
            "title": "Werken op afstand",
            "version": 2,
        }
    ], {terms: accepted}


def _policy(base: str, kind: str, name: str, targets: Sequence[Resource]) -> Resource:
    identifier = guid(base, name)
    return {
        "@odata.type": f"#microsoft.graph.{kind}",
        "id": identifier,
        "createdDateTime": stamp(ago(700)),
        "description": None,
        "displayName": name,
        "lastModifiedDateTime": stamp(ago(64)),
        "version": 3,
        "assignments": [
            {
                "@odata.type": f"#microsoft.graph.{base}Assignment",
                "id": f"{identifier}_{target.get('groupId', 'adadadad-808e-44e2-905a-0b7873a8a531')}",
                "target": target,
            }
            for target in targets
        ],
    }
