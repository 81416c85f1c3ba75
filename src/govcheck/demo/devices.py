"""Devices as Intune manages them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from govcheck.demo.basis import Resource, ago, chance, guid, stamp
from govcheck.demo.blueprint import TeamPlan
from govcheck.demo.people import Person

_NEVER = "9999-12-31T23:59:59Z"
"""What Intune writes where no grace period runs."""
_STATES = ("compliant", "noncompliant", "inGracePeriod", "error", "unknown")


@dataclass(frozen=True, slots=True)
class _Model:
    system: str
    version: str
    maker: str
    name: str
    prefix: str
    owner: str = "company"


_LAPTOP = _Model("Windows", "10.0.26100.6584", "LENOVO", "ThinkPad T14 Gen 5", "NL-LT")
_OLD_LAPTOP = _Model("Windows", "10.0.19045.6332", "HP", "EliteBook 840 G7", "NL-LT")
_MACBOOK = _Model("macOS", "15.6.1 (24G90)", "Apple", "MacBook Pro", "NL-MB")
_WORK_PHONE = _Model("Android", "15", "samsung", "SM-A556B", "NL-AN")
_OWN_IPHONE = _Model("iOS", "18.6.2", "Apple", "iPhone 15", "iPhone van", "personal")
_OWN_ANDROID = _Model("Android", "14", "Google", "Pixel 8", "AndroidForWork van", "personal")
_KIOSK = _Model("Windows", "10.0.26100.6584", "Microsoft", "Surface Go 4", "NL-KIOSK")


_UNIFORM: Resource = {
    "activationLockBypassCode": None,
    "azureADRegistered": True,
    "configurationManagerClientEnabledFeatures": None,
    "deviceCategoryDisplayName": "Onbekend",
    "deviceHealthAttestationState": None,
    "deviceRegistrationState": "registered",
    "easActivated": False,
    "easActivationDateTime": "0001-01-01T00:00:00Z",
    "easDeviceId": None,
    "enrollmentProfileName": "",
    "exchangeAccessState": "none",
    "exchangeAccessStateReason": "none",
    "exchangeLastSuccessfulSyncDateTime": "0001-01-01T00:00:00Z",
    "imei": None,
    "managementState": "managed",
    "meid": None,
    "notes": None,
    "partnerReportedThreatState": "unknown",
    "phoneNumber": "",
    "physicalMemoryInBytes": 0,
    "remoteAssistanceSessionErrorDetails": None,
    "remoteAssistanceSessionUrl": None,
    "requireUserEnrollmentApproval": None,
    "subscriberCarrier": "",
    "totalStorageSpaceInBytes": 256_000_000_000,
}
"""What is the same for every device here."""


def enrol(staff: Sequence[Person], plans: Sequence[TeamPlan], seed: int) -> list[Resource]:
    """Enrol a computer or work phone for each employee in a team, their own phones, and shared kiosks.

    A kiosk belongs to nobody: Intune then writes an empty `userId`, not a null.
    """
    rng = chance(seed, "devices")
    by_key = {plan.key: plan for plan in plans}
    devices: list[Resource] = []
    for person in staff:
        plan = by_key.get(person.team or "")
        devices += (_device(person, model, len(devices), rng) for model in _issue(plan, rng))
    kiosks = 2 + len(plans) // 40
    return devices + [_device(None, _KIOSK, len(devices) + n, rng) for n in range(kiosks)]


def _issue(plan: TeamPlan | None, rng: Random) -> Iterator[_Model]:
    if plan is None:
        return
    if plan.frontline:
        yield _WORK_PHONE
    else:
        yield rng.choices((_LAPTOP, _OLD_LAPTOP, _MACBOOK), (20, 2, 78) if plan.apple else (93, 7, 0))[0]
    own = rng.choices((None, _OWN_IPHONE, _OWN_ANDROID), (55, 25, 20))[0]
    if own:
        yield own


def _health(person: Person | None, model: _Model, rng: Random) -> tuple[str, bool, float]:
    """Draw compliance, encryption and days since the last sync; leavers' devices lie in a drawer."""
    if person and not person.enabled:
        return "compliant", True, rng.uniform(35, 120)
    old = model is _OLD_LAPTOP
    state = rng.choices(_STATES, (50, 28, 14, 4, 4) if old else (985, 8, 5, 0, 2))[0]
    encrypted = rng.choices((True, False), (80, 20) if old else (997, 3))[0]
    return state, encrypted or model.owner == "personal", rng.uniform(0, 20 if old else 12)


def _name(person: Person | None, model: _Model, number: int) -> str:
    if model.owner == "company" or person is None:
        return f"{model.prefix}-{number:05d}"
    return f"{model.prefix} {person.given}"


def _device(person: Person | None, model: _Model, number: int, rng: Random) -> Resource:
    state, encrypted, silent = _health(person, model, rng)
    grace = stamp(ago(-rng.uniform(1, 7))) if state == "inGracePeriod" else _NEVER
    since = max(silent + 1, rng.uniform(20, 1100))
    name = _name(person, model, number)
    key = f"{person.upn if person else 'kiosk'}/{model.name}/{number}"
    serial = guid("serial", key).replace("-", "")[:10].upper()
    apple = model.maker == "Apple"
    return _UNIFORM | {
        "id": guid("device", key),
        "androidSecurityPatchLevel": "2026-09-05" if model.system == "Android" else "",
        "azureADDeviceId": guid("entra-device", key),
        "complianceGracePeriodExpirationDateTime": grace,
        "complianceState": state,
        "deviceActionResults": [],
        "deviceEnrollmentType": _enrolment(person, model),
        "deviceName": name,
        "emailAddress": person.mail if person else "",
        "enrolledDateTime": stamp(ago(since)),
        "freeStorageSpaceInBytes": 120_000_000_000 + number * 4096,
        "isEncrypted": encrypted,
        "isSupervised": apple and model.owner == "company",
        "jailBroken": "False" if model.system in ("iOS", "Android") else "Unknown",
        "lastSyncDateTime": stamp(ago(silent)),
        "managedDeviceName": f"{serial}_{model.system}",
        "managedDeviceOwnerType": model.owner,
        "managementAgent": "googleCloudDevicePolicyController" if model.system == "Android" else "mdm",
        "managementCertificateExpirationDate": stamp(ago(-300)),
        "manufacturer": model.maker,
        "model": model.name,
        "operatingSystem": model.system,
        "osVersion": model.version,
        "serialNumber": serial,
        "udid": serial if apple else None,
        "userDisplayName": person.name if person else "",
        "userId": person.id if person else "",
        "userPrincipalName": person.upn if person else "",
    }


def _enrolment(person: Person | None, model: _Model) -> str:
    if person is None:
        return "windowsBulkUserless"
    if model.system == "Windows":
        return "windowsAzureADJoin"
    return "appleBulkWithUser" if model.owner == "company" and model.maker == "Apple" else "userEnrollment"
