"""What related rows and things that were never collected do to an answer."""

from __future__ import annotations

from govcheck.model import Reason
from oracle.cases import FALSE, NULL, TRUE, case
from oracle.world import Gap

MANAGED = [{"id": "d1", "is_encrypted": True}, {"id": "d2", "is_encrypted": True}]
MIXED = [{"id": "d1", "is_encrypted": True}, {"id": "d2", "is_encrypted": False}]
ONE_OPEN = [{"id": "d1", "is_encrypted": True}, {"id": "d2", "is_encrypted": None}]
NONE_KNOWN = [{"id": "d1", "is_encrypted": False}, {"id": "d2", "is_encrypted": None}]
NOT_LICENSED = Gap(Reason.NOT_LICENSED)
NOT_PERMITTED = Gap(Reason.NOT_PERMITTED)
NOT_COLLECTED = Gap(Reason.NOT_COLLECTED)
NO_MFA_DATA = {"users.is_mfa_capable": Reason.NOT_LICENSED}
NO_DEPARTMENT = {"users.department": Reason.NOT_PERMITTED}
NO_METHODS = {"users.methods_registered": Reason.NOT_LICENSED}
NO_DEVICES = {"devices": Reason.NOT_PERMITTED}
NO_ENCRYPTION = {"devices.is_encrypted": Reason.NOT_LICENSED}

RELATIONS = [
    case("any_of is true by one", "any_of(devices, is_encrypted)", TRUE, devices=MIXED),
    case("any_of is true by one though another is empty", "any_of(devices, is_encrypted)", TRUE, devices=ONE_OPEN),
    case("any_of is open by an empty one", "any_of(devices, is_encrypted)", NULL, devices=NONE_KNOWN),
    case("any_of nothing is false", "any_of(devices, is_encrypted)", FALSE, devices=[]),
    case("all_of is true by all", "all_of(devices, is_encrypted)", TRUE, devices=MANAGED),
    case("all_of is false by one though another is empty", "all_of(devices, is_encrypted)", FALSE, devices=NONE_KNOWN),
    case("all_of is open by an empty one", "all_of(devices, is_encrypted)", NULL, devices=ONE_OPEN),
    case("all_of nothing is true", "all_of(devices, is_encrypted)", TRUE, devices=[]),
    case("count_of counts rows", "count_of(devices) = 2", TRUE, devices=ONE_OPEN),
    case("count_of counts what holds", "count_of(devices, is_encrypted) = 1", TRUE, devices=MIXED),
    case("count_of is open by an empty one", "count_of(devices, is_encrypted) >= 1", NULL, devices=ONE_OPEN),
    case("count_of nothing is 0", "count_of(devices, is_encrypted) = 0", TRUE, devices=[]),
    case("count_of no rows is 0", "count_of(devices) = 0", TRUE),
    case("share_of is a double", "share_of(devices, is_encrypted) = :share", TRUE, devices=MIXED),
    case("share_of is open by an empty one", "share_of(devices, is_encrypted) >= 0", NULL, devices=NONE_KNOWN),
    case("share_of nothing is empty", "share_of(devices, is_encrypted) IS NULL", TRUE, devices=[]),
    case(
        "a relation to one row has that row",
        "any_of(manager, account_enabled)",
        TRUE,
        manager_id="m",
        manager=[{"id": "m", "account_enabled": True}],
    ),
    case("a relation to one row may have none", "count_of(manager) = 0", TRUE, manager_id=None),
    case(
        "bare names are of the related row",
        "any_of(direct_reports, user_type = 'Guest')",
        TRUE,
        user_type="Member",
        direct_reports=[{"id": "r", "manager_id": "x", "user_type": "Guest"}],
    ),
    case(
        "parent is the outer row",
        "all_of(direct_reports, user_type = parent.user_type)",
        FALSE,
        user_type="Member",
        direct_reports=[{"id": "r", "manager_id": "x", "user_type": "Guest"}],
    ),
    case(
        "parent is the row right around",
        "any_of(teams, any_of(owners, parent.display_name = 'T'))",
        TRUE,
        display_name="U",
        teams=[{"id": "t", "display_name": "T", "owners": [{"id": "o", "display_name": "O"}]}],
    ),
    case(
        "relations nest two deep",
        "all_of(teams, count_of(owners, account_enabled) >= 2)",
        FALSE,
        teams=[{"id": "t", "owners": [{"id": "o", "account_enabled": True}]}],
    ),
    case(
        "an open inner answer opens the outer one",
        "any_of(teams, all_of(owners, account_enabled))",
        NULL,
        teams=[{"id": "t", "owners": [{"id": "o", "account_enabled": None}]}],
    ),
    case(
        "list parameters work inside",
        "any_of(direct_reports, display_name IN :names)",
        TRUE,
        direct_reports=[{"id": "r", "manager_id": "x", "display_name": "Ana"}],
    ),
    case(
        "a computed column is its relation's count",
        "owner_count = 1 AND guest_count = 0",
        TRUE,
        table="teams",
        owners=[{"id": "o"}],
        guests=[],
    ),
    case(
        "a condition over related rows may be of the outer row only",
        "any_of(devices, parent.account_enabled)",
        TRUE,
        account_enabled=True,
        devices=MIXED,
    ),
]

GAPS = [
    case("a gap is undecided", "is_mfa_capable", NOT_LICENSED, missing=NO_MFA_DATA),
    case("NOT of a gap is undecided", "NOT is_mfa_capable", NOT_LICENSED, missing=NO_MFA_DATA),
    case("IS NULL of a gap is undecided", "is_mfa_capable IS NULL", NOT_LICENSED, missing=NO_MFA_DATA),
    case("IS NOT NULL of a gap is undecided", "is_mfa_capable IS NOT NULL", NOT_LICENSED, missing=NO_MFA_DATA),
    case("false and a gap is false", "is_mfa_capable AND FALSE", FALSE, missing=NO_MFA_DATA),
    case("true or a gap is true", "is_mfa_capable OR TRUE", TRUE, missing=NO_MFA_DATA),
    case("true and a gap is undecided", "is_mfa_capable AND TRUE", NOT_LICENSED, missing=NO_MFA_DATA),
    case("empty and a gap is a gap", "account_enabled AND is_mfa_capable", NOT_LICENSED, missing=NO_MFA_DATA),
    case("a gap or empty is a gap", "is_mfa_capable OR account_enabled", NOT_LICENSED, missing=NO_MFA_DATA),
    case("a gap compared with empty is a gap", "department = mail", NOT_PERMITTED, missing=NO_DEPARTMENT),
    case("a function of a gap is a gap", "length(department) = 3", NOT_PERMITTED, missing=NO_DEPARTMENT),
    case(
        "a function of a gap and empty is a gap", "starts_with(mail, department)", NOT_PERMITTED, missing=NO_DEPARTMENT
    ),
    case("LIKE of a gap is a gap", "department LIKE '%'", NOT_PERMITTED, missing=NO_DEPARTMENT),
    case("size of a gap is a gap", "size(methods_registered) = 0", NOT_LICENSED, missing=NO_METHODS),
    case("coalesce stops at a gap", "coalesce(is_mfa_capable, FALSE)", NOT_LICENSED, missing=NO_MFA_DATA),
    case(
        "coalesce passes empty values and stops at a gap",
        "coalesce(mail, department, 'a') = 'a'",
        NOT_PERMITTED,
        missing=NO_DEPARTMENT,
    ),
    case(
        "coalesce does not look past a value", "coalesce(mail, department) = 'a'", TRUE, mail="a", missing=NO_DEPARTMENT
    ),
    case("CASE stops at a gap", "CASE WHEN is_mfa_capable THEN TRUE ELSE TRUE END", NOT_LICENSED, missing=NO_MFA_DATA),
    case(
        "CASE does not look past what holds",
        "CASE WHEN TRUE THEN TRUE WHEN is_mfa_capable THEN FALSE END",
        TRUE,
        missing=NO_MFA_DATA,
    ),
    case(
        "CASE does not look at what it leaves",
        "CASE WHEN FALSE THEN is_mfa_capable ELSE TRUE END",
        TRUE,
        missing=NO_MFA_DATA,
    ),
    case(
        "CASE of a gap as its subject is a gap",
        "CASE department WHEN 'a' THEN TRUE ELSE TRUE END",
        NOT_PERMITTED,
        missing=NO_DEPARTMENT,
    ),
    case("CASE that gives a gap is a gap", "CASE WHEN TRUE THEN is_mfa_capable END", NOT_LICENSED, missing=NO_MFA_DATA),
    case(
        "BETWEEN is false by one bound though the other is a gap",
        "mail BETWEEN 'b' AND department",
        FALSE,
        mail="a",
        missing=NO_DEPARTMENT,
    ),
    case(
        "BETWEEN with a gap is a gap", "mail BETWEEN 'a' AND department", NOT_PERMITTED, mail="b", missing=NO_DEPARTMENT
    ),
    case(
        "IN is true by a value though another is a gap",
        "mail IN (department, 'a')",
        TRUE,
        mail="a",
        missing=NO_DEPARTMENT,
    ),
    case("IN with a gap is a gap", "mail IN (department, 'a')", NOT_PERMITTED, mail="b", missing=NO_DEPARTMENT),
    case("IN with a gap and empty is a gap", "mail IN (department, 'a')", NOT_PERMITTED, missing=NO_DEPARTMENT),
    case(
        "of two gaps the weightier reason counts",
        "department = 'a' AND is_mfa_capable",
        NOT_PERMITTED,
        missing=NO_DEPARTMENT | NO_MFA_DATA,
    ),
    case(
        "a gap that is not looked at says nothing", "account_enabled", TRUE, account_enabled=True, missing=NO_MFA_DATA
    ),
    case("any_of of a relation not collected", "any_of(devices, TRUE)", NOT_PERMITTED, missing=NO_DEVICES),
    case("all_of of a relation not collected", "all_of(devices, is_encrypted)", NOT_PERMITTED, missing=NO_DEVICES),
    case("count_of of a relation not collected", "count_of(devices) = 0", NOT_PERMITTED, missing=NO_DEVICES),
    case("share_of of a relation not collected", "share_of(devices, TRUE) IS NULL", NOT_PERMITTED, missing=NO_DEVICES),
    case(
        "coalesce over a relation not collected",
        "coalesce(count_of(devices), 0) = 0",
        NOT_PERMITTED,
        missing=NO_DEVICES,
    ),
    case(
        "a relation through links not collected",
        "count_of(teams) = 0",
        NOT_COLLECTED,
        missing={"memberships": Reason.NOT_COLLECTED},
    ),
    case(
        "a relation by what its links say, not collected",
        "count_of(owners) >= 2",
        NOT_LICENSED,
        table="teams",
        owners=[{"id": "o"}],
        missing={"memberships.role": Reason.NOT_LICENSED},
    ),
    case(
        "a relation by the far end of its links, not collected",
        "count_of(members) >= 2",
        NOT_LICENSED,
        table="teams",
        members=[{"id": "o"}],
        missing={"memberships.user_id": Reason.NOT_LICENSED},
    ),
    case(
        "a relation by a fixed column of the related rows, not collected",
        "count_of(guests) = 0",
        NOT_LICENSED,
        table="teams",
        guests=[{"id": "o"}],
        missing={"users.user_type": Reason.NOT_LICENSED},
    ),
    case(
        "contains of a gap in an empty list is a gap",
        "contains(methods_registered, department)",
        NOT_PERMITTED,
        methods_registered=[],
        missing=NO_DEPARTMENT,
    ),
    case(
        "a relation by a column not collected",
        "count_of(manager) = 0",
        NOT_LICENSED,
        missing={"users.manager_id": Reason.NOT_LICENSED},
    ),
    case(
        "a computed column of a relation not collected",
        "owner_count >= 2",
        NOT_COLLECTED,
        table="teams",
        missing={"memberships": Reason.NOT_COLLECTED},
    ),
    case(
        "count_of needs no columns that it does not read",
        "count_of(devices) = 2",
        TRUE,
        devices=MIXED,
        missing=NO_ENCRYPTION,
    ),
    case(
        "any_of with a gap inside", "any_of(devices, is_encrypted)", NOT_LICENSED, devices=MIXED, missing=NO_ENCRYPTION
    ),
    case(
        "any_of true by another part",
        "any_of(devices, is_encrypted OR id = 'd1')",
        TRUE,
        devices=MIXED,
        missing=NO_ENCRYPTION,
    ),
    case(
        "all_of false by another part",
        "all_of(devices, is_encrypted AND id = 'd1')",
        FALSE,
        devices=MIXED,
        missing=NO_ENCRYPTION,
    ),
    case(
        "count_of with a gap inside",
        "count_of(devices, is_encrypted OR id = 'd1') >= 1",
        NOT_LICENSED,
        devices=MIXED,
        missing=NO_ENCRYPTION,
    ),
    case(
        "share_of with a gap inside",
        "share_of(devices, is_encrypted) >= 0",
        NOT_LICENSED,
        devices=MIXED,
        missing=NO_ENCRYPTION,
    ),
    case(
        "IS NULL of a gap inside",
        "any_of(devices, is_encrypted IS NULL)",
        NOT_LICENSED,
        devices=MIXED,
        missing=NO_ENCRYPTION,
    ),
    case(
        "over no rows nothing has to be looked at",
        "any_of(devices, is_encrypted)",
        FALSE,
        devices=[],
        missing=NO_ENCRYPTION,
    ),
    case(
        "a gap of the outer row inside",
        "any_of(devices, parent.is_mfa_capable)",
        NOT_LICENSED,
        devices=MIXED,
        missing=NO_MFA_DATA,
    ),
    case(
        "a gap two deep",
        "any_of(teams, any_of(owners, is_mfa_capable))",
        NOT_LICENSED,
        teams=[{"id": "t", "owners": [{"id": "o"}]}],
        missing=NO_MFA_DATA,
    ),
]

ROWS = RELATIONS + GAPS
