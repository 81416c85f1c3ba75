"""Filters for devices: Microsoft's grammar, decided as far as a device's attributes are known."""

from __future__ import annotations

from typing import Any

import pytest

from access_tenants import MFA, applied, ask, policy, tenant
from govcheck.access.device_filter import parse_filter

LAPTOP: dict[str, Any] = {
    "iscompliant": True,
    "trusttype": "AzureAd",
    "model": "Surface Pro 9",
    "extensionattribute1": "SAW",
    "systemlabels": ["M365Managed"],
    "ownership": "Company",
    "enrollmentprofilename": None,
}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("device.isCompliant -eq True", True),
        ('device.isCompliant -eq "true"', True),
        ("device.isCompliant -ne True", False),
        ('device.trustType -eq "AzureAD"', True),
        ('device.trustType -ne "ServerAD"', True),
        ('device.model -startsWith "surface"', True),
        ('device.model -notStartsWith "Surface"', False),
        ('device.model -endsWith "9"', True),
        ('device.model -contains "Pro"', True),
        ('device.model -notContains "Go"', True),
        ('device.model -in ["Surface Go", "Surface Pro 9"]', True),
        ('device.model -notIn ["Surface Go"]', True),
        ('device.deviceOwnership -eq "Company"', True),
        ('device.systemLabels -contains "M365Managed"', True),
        ('device.systemLabels -contains "M365"', False),
        ('device.extensionAttribute1 -eq "SAW" -and device.isCompliant -eq True', True),
        ('device.extensionAttribute1 -eq "X" -or device.isCompliant -eq True', True),
        ("-not (device.isCompliant -eq True)", False),
        ('(device.model -eq "a" -or device.model -eq "b") -and device.isCompliant -eq True', False),
        ('device.model -eq "a" -or device.model -eq "b" -and device.isCompliant -eq True', False),
        ('device.enrollmentProfileName -startsWith "Auto"', False),
        ('device.enrollmentProfileName -ne "Auto"', True),
        ("device.enrollmentProfileName -eq null", True),
        pytest.param('device.displayName -eq "x"', None, id="an attribute that is not given"),
        pytest.param('device.displayName -eq "x" -and device.isCompliant -eq False', False, id="false already"),
        pytest.param('device.displayName -eq "x" -or device.isCompliant -eq True', True, id="true already"),
        pytest.param('device.model -match "S.*"', None, id="an operator that is not documented here"),
        pytest.param("device.model -eq", None, id="no rule"),
        pytest.param('user.department -eq "x"', None, id="no attribute of a device"),
        pytest.param("device.isCompliant -eq True)", None, id="one parenthesis too many"),
    ],
)
def test_a_rule_is_decided_for_a_registered_device(rule: str, *, expected: bool | None) -> None:
    assert parse_filter(rule).matches(LAPTOP) is expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("device.isCompliant -eq True", False),
        ("device.isCompliant -eq False", False),
        ("device.isCompliant -ne True", True),
        ('device.extensionAttribute1 -notContains "SAW"', True),
        ('device.model -in ["a"]', False),
        ('device.model -notIn ["a"]', True),
        ("-not (device.isCompliant -eq True)", True),
        ('device.model -match "a"', None),
    ],
)
def test_of_an_unregistered_device_positive_operators_are_false_and_negative_ones_true(
    rule: str, *, expected: bool | None
) -> None:
    assert parse_filter(rule).matches(None) is expected


def test_a_quote_inside_a_value_is_written_with_a_backslash() -> None:
    assert parse_filter(r'device.model -eq "a\"b"').matches({"model": 'a"b'}) is True


@pytest.mark.parametrize(
    ("mode", "device", "meets"),
    [
        ("include", {"isCompliant": True, "trustType": "AzureAD"}, True),
        ("include", {"isCompliant": False, "trustType": "AzureAD"}, False),
        ("include", None, False),
        ("exclude", {"isCompliant": True, "trustType": "AzureAD"}, False),
        ("exclude", None, True),
        pytest.param("exclude", {"isCompliant": True, "trustType": None}, True, id="no trust type, no registration"),
    ],
)
def test_a_policy_is_limited_to_filtered_devices_or_leaves_them_alone(
    mode: str, device: dict[str, Any] | None, *, meets: bool
) -> None:
    chosen = {"deviceFilter": {"mode": mode, "rule": "device.isCompliant -eq True"}}
    assert applied(tenant(policy("a", MFA, devices=chosen)), device=device) == (["a"] if meets else [])


def test_an_attribute_that_a_registered_device_does_not_give_leaves_the_policy_undecided() -> None:
    chosen = {"deviceFilter": {"mode": "exclude", "rule": 'device.extensionAttribute1 -eq "SAW"'}}
    directory = tenant(policy("a", MFA, devices=chosen))
    registered = {"isCompliant": True, "trustType": "AzureAD"}
    assert ask(directory, device=registered)["undecided"] == ["a"]
    assert applied(directory, device={**registered, "extensionAttribute1": None}) == ["a"]
    assert applied(directory, device={**registered, "extensionAttribute1": "saw"}) == []
