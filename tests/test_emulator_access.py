from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from emulator import Running, serve
from emulator.permissions import DEMO_ROLES, needed
from emulator.probe import error, get, rows
from emulator.server import CLIENT_ID, CLIENT_SECRET
from govcheck.demo import Tenant, generate


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return generate()


@pytest.fixture(scope="module")
def graph(tenant: Tenant) -> Iterator[Running]:
    with serve(tenant) as running:
        yield running


def sign_in(graph: Running, tenant: str, **changes: str) -> httpx.Response:
    form = {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "scope": "https://graph.microsoft.com/.default",
    } | changes
    return httpx.post(f"{graph.authority}/{tenant}/oauth2/v2.0/token", data=form)


def test_client_credentials_are_exchanged_for_a_token_that_names_tenant_and_permissions(
    graph: Running, tenant: Tenant
) -> None:
    answer = sign_in(graph, tenant.id).raise_for_status().json()
    payload = answer["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert answer["token_type"] == "Bearer"
    assert claims["tid"] == tenant.id
    assert set(claims["roles"]) == DEMO_ROLES
    assert claims["exp"] > time.time()
    assert get(graph, "/users", token=answer["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("changes", "status", "name", "number"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_secret": ""}, 401, "invalid_client", 7000218),
        ({"client_id": "somebody-else"}, 400, "unauthorized_client", 700016),
        ({"scope": "User.Read.All"}, 400, "invalid_scope", 70011),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
    ],
)
def test_a_token_request_at_fault_is_refused_in_entras_words(
    graph: Running, tenant: Tenant, changes: dict[str, str], status: int, name: str, number: int
) -> None:
    answer = sign_in(graph, tenant.id, **changes)
    assert answer.status_code == status
    assert answer.json()["error"] == name
    assert answer.json()["error_codes"] == [number]
    assert answer.json()["error_description"].startswith(f"AADSTS{number}: ")


def test_another_tenant_is_unknown(graph: Running) -> None:
    assert sign_in(graph, "contoso.example").json()["error_codes"] == [90002]


def test_microsofts_own_sign_in_library_gets_a_token(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azure.identity import ClientSecretCredential

    certificate = self_signed(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with (
        serve(tenant, certificate=certificate) as graph,
        ClientSecretCredential(
            tenant.id, CLIENT_ID, CLIENT_SECRET, authority=graph.authority, disable_instance_discovery=True
        ) as credential,
    ):
        token = credential.get_token("https://graph.microsoft.com/.default").token
        assert graph.graph.tokens.roles(f"Bearer {token}") == DEMO_ROLES


def self_signed(folder: Path) -> Path:
    from datetime import UTC, datetime, timedelta
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "loopback.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", "Access token is empty."),
        ("Bearer nonsense", "CompactToken parsing failed"),
        ("Bearer a.b.c", "Access token validation failure."),
    ],
)
def test_a_bad_token_is_401_with_a_challenge(graph: Running, header: str, message: str) -> None:
    answer = get(graph, "/users", headers={"Authorization": header})
    assert answer.status_code == 401
    assert error(answer) == "InvalidAuthenticationToken"
    assert answer.json()["error"]["message"].startswith(message)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_token_stops_working_when_its_lifetime_is_over(graph: Running) -> None:
    token = graph.token(lifetime=0.2)
    assert get(graph, "/organization", token=token).status_code == 200
    time.sleep(0.3)
    answer = get(graph, "/organization", token=token)
    assert answer.json()["error"]["message"] == "Lifetime validation failed, the token is expired."


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/users", "Authorization_RequestDenied"),
        ("/identity/conditionalAccess/policies", "AccessDenied"),
        ("/deviceManagement/managedDevices", "Forbidden"),
        ("/reports/authenticationMethods/userRegistrationDetails", "Authentication_MSGraphPermissionMissing"),
        ("/admin/sharepoint/settings", "accessDenied"),
        ("/admin/reportSettings", "S2SUnauthorized"),
    ],
)
def test_a_missing_permission_is_403_in_the_words_of_its_service(graph: Running, path: str, code: str) -> None:
    answer = get(graph, path, token=graph.token(roles=["Mail.Read"]))
    assert answer.status_code == 403
    assert error(answer) == code
    assert answer.json()["error"]["innerError"].keys() == {"date", "request-id", "client-request-id"}


@pytest.mark.parametrize("path", ["/admin/sharepoint/settings", "/admin/reportSettings"])
def test_the_demo_tenant_did_not_grant_what_its_refused_feeds_need(graph: Running, path: str) -> None:
    assert get(graph, path).status_code == 403


def test_any_of_the_published_permissions_opens_a_path(graph: Running) -> None:
    for role in needed("/oauth2PermissionGrants"):
        assert get(graph, "/oauth2PermissionGrants", token=graph.token(roles=[role])).status_code == 200


def test_members_whom_the_token_may_not_read_have_an_id_and_nothing_else(graph: Running, tenant: Tenant) -> None:
    group = next(group for group, members in tenant.members.items() if members)
    token = graph.token(roles=["GroupMember.Read.All"])
    member = get(graph, f"/groups/{group}/members", token=token).json()["value"][0]
    assert member["id"]
    assert member["displayName"] is None


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (
            "/reports/authenticationMethods/userRegistrationDetails",
            403,
            "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        ),
        ("/deviceManagement/managedDevices", 400, "BadRequest"),
        ("/identity/conditionalAccess/namedLocations", 403, "AccessDenied"),
    ],
)
def test_a_missing_licence_is_refused_in_the_words_of_its_service(
    tenant: Tenant, path: str, status: int, code: str
) -> None:
    with serve(tenant, licences=["TEAMS1"]) as graph:
        answer = get(graph, path)
        assert (answer.status_code, error(answer)) == (status, code)
        plans = {plan["servicePlanName"] for sku in rows(graph, "/subscribedSkus") for plan in sku["servicePlans"]}
        assert plans == {"TEAMS1"}
