"""Refusals as Graph words them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any


class GraphError(Exception):
    """An answer that is no success: status, code and message, with the headers that go with it."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: dict[str, str] | None = None,
        inner: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}
        self.inner = inner or {}

    def body(self, inner: dict[str, str]) -> dict[str, Any]:
        """Write the error body; `inner` holds the date and the request ids."""
        return {"error": {"code": self.code, "message": self.message, "innerError": self.inner | inner}}


def bad_request(message: str, code: str = "BadRequest") -> GraphError:
    """Refuse a request that Graph does not understand."""
    return GraphError(400, code, message)


def unsupported_query(message: str) -> GraphError:
    """Refuse a query that Graph understands but does not support, or not without the advanced headers."""
    return GraphError(400, "Request_UnsupportedQuery", message)


def not_found(resource: str, workload: str = "directory") -> GraphError:
    """Refuse an id that nothing has, in the words of the service behind the path."""
    wordings = {
        "teams": ("NotFound", f"No team found with Group Id {resource}"),
        "planner": ("", "The requested item is not found."),
    }
    usual = f"Resource '{resource}' does not exist or one of its queried reference-property objects are not present."
    return GraphError(404, *wordings.get(workload, ("Request_ResourceNotFound", usual)))


def unauthorised(message: str, *, claims: str | None = None) -> GraphError:
    """Refuse a token; with `claims`, ask for a new one as continuous access evaluation does."""
    challenge = 'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"'
    if claims:
        challenge += f', error="insufficient_claims", claims="{claims}"'
    return GraphError(401, "InvalidAuthenticationToken", message, headers={"WWW-Authenticate": challenge})


def missing_permission(workload: str, needed: Sequence[str], held: Iterable[str]) -> GraphError:
    """Refuse a token without the permission, in the words of the service behind the path."""
    intune = {"_version": 3, "Message": "Application is not authorized to perform this operation."}
    any_of, roles = ", ".join(needed), ", ".join(sorted(held))
    privileged = {
        "errorCode": "PermissionScopeNotGranted",
        "message": f"Authorization failed due to missing permission scope {','.join(needed)}.",
        "instanceAnnotations": [],
    }
    teams = (
        f"Missing role permissions on the request. API requires one of '{any_of}'. Roles on the request '{roles}'. "
        "Resource specific consent grants on the request ''."
    )
    security = "Auth token does not contain valid permissions or user does not have valid roles."
    wordings = {
        "conditional_access": (
            "AccessDenied",
            "You cannot perform the requested operation, required scopes are missing in the token.",
        ),
        "reports": (
            "Authentication_MSGraphPermissionMissing",
            f"The principal does not have required Microsoft Graph permission(s): {any_of} to call this API.",
        ),
        "usage_reports": ("S2SUnauthorized", "Invalid permission."),
        "sharepoint": ("accessDenied", "Caller does not have required permissions for this API."),
        "intune": ("Forbidden", json.dumps(intune, indent=2).replace("\n", "\r\n")),
        "teams": ("Forbidden", teams),
        "planner": ("", "You do not have the required permissions to access this item."),
        "privileged": ("UnknownError", json.dumps(privileged, separators=(",", ":"))),
        "security": ("UnknownError", security),
        "attack_simulation": ("UnknownError", security),
    }
    usual = ("Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    return GraphError(403, *wordings.get(workload, usual))


def missing_licence(workload: str) -> GraphError:
    """Refuse a tenant that has not bought the service, in the words of the service behind the path."""
    premium = "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license."
    wordings = {
        "reports": (
            403,
            "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
            "Neither tenant is B2C or tenant doesn't have premium license",
        ),
        "conditional_access": (403, "AccessDenied", "Your tenant is not licensed for this feature."),
        "intune": (400, "BadRequest", "Request not applicable to target tenant."),
    }
    return GraphError(*wordings.get(workload, (403, "AadPremiumLicenseRequired", premium)))


def throttled(bucket: str, headers: dict[str, str]) -> GraphError:
    """Refuse a call over the limit, in the words of the service behind the path."""
    teams = ("UnknownError", "Too many requests.")
    wordings = {
        "outlook": ("ApplicationThrottled", "Application is over its MailboxConcurrency limit."),
        "teams": teams,
        "teams_members": teams,
    }
    code, message = wordings.get(bucket, ("TooManyRequests", "Please retry again later."))
    inner = {"code": "429", "message": "Please retry after", "status": "429"}
    return GraphError(429, code, message, headers=headers, inner=inner)
