"""Signing in: which settings are used, what the token says, and how it fails."""

from __future__ import annotations

import base64
import json
import math
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from govcheck.diagnostics import GovcheckError
from govcheck.graph.auth import newer_than_now, sign_in
from govcheck.graph.faults import SignInError, UnreachableError
from govcheck.model import Text

TENANT = "0c6c1a1e-5d4b-4f6e-9a51-0d2f3f1b7a11"
APPLICATION = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": "4b1f6b0e-9a0c-4a39-8a8a-3f0f5f7f0c11"}


def token(**claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"header.{payload}.signature"


@dataclass(slots=True)
class SignInService:
    """Entra ID's token endpoint on loopback, over TLS; keeps the forms it was sent."""

    url: str
    forms: list[dict[str, str]] = field(default_factory=list)
    refusal: dict[str, Any] | None = None


@pytest.fixture
def entra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SignInService]:
    certificate = tmp_path / "certificate.pem"
    certificate.write_bytes(self_signed())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    service = SignInService("")
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(service))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    service.url = f"https://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield service
    server.shutdown()
    server.server_close()
    thread.join()


def self_signed() -> bytes:
    """A private key and a certificate for 127.0.0.1."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    private = serialization.PrivateFormat.PKCS8
    return certificate.public_bytes(encoding) + key.private_bytes(encoding, private, serialization.NoEncryption())


def handler(service: SignInService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here = f"{service.url}/{TENANT}"
            self.reply(
                200,
                {
                    "issuer": f"{here}/v2.0",
                    "authorization_endpoint": f"{here}/authorize",
                    "token_endpoint": f"{here}/token",
                    "device_authorization_endpoint": f"{here}/devicecode",
                },
            )

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            service.forms.append({name: values[0] for name, values in form.items()})
            if self.path.endswith("/devicecode"):
                code = {"user_code": "AB12", "device_code": "d", "expires_in": 60, "interval": 0, "message": "…"}
                self.reply(200, code | {"verification_uri": "https://example.com/device"})
            elif service.refusal is not None:
                self.reply(401, service.refusal)
            else:
                person = identity() if "device_code" in form else {}
                given = token(tid=TENANT, roles=["User.Read.All"], number=len(service.forms))
                self.reply(200, {"token_type": "Bearer", "expires_in": 3599, "access_token": given} | person)

        def reply(self, status: int, body: dict[str, Any]) -> None:
            encoded = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


def identity() -> dict[str, str]:
    """What a token response adds for a person who signed in."""
    client = APPLICATION["AZURE_CLIENT_ID"]
    now = int(datetime.now(UTC).timestamp())
    claims = {"aud": client, "iss": "i", "tid": TENANT, "oid": "o", "sub": "s", "preferred_username": "jan@example.com"}
    info = base64.urlsafe_b64encode(json.dumps({"uid": "o", "utid": TENANT}).encode()).decode()
    return {"id_token": token(**claims, iat=now, exp=now + 600), "client_info": info}


def test_a_ready_token_is_used_as_it_is_and_says_which_tenant_it_is_for() -> None:
    ready = token(tid=TENANT, roles=["User.Read.All", "Policy.Read.All"])
    session = sign_in({"GOVCHECK_ACCESS_TOKEN": ready})
    assert session.credential.token().value == ready
    assert session.tenant == TENANT
    assert session.permissions == {"User.Read.All", "Policy.Read.All"}
    assert session.graph_url == "https://graph.microsoft.com/v1.0"


def test_white_space_around_a_ready_token_is_not_part_of_it() -> None:
    assert sign_in({"GOVCHECK_ACCESS_TOKEN": " opaque\n"}).credential.token().value == "opaque"


@pytest.mark.parametrize("broken", ["two\nlines", "sn\u00f8", "bell\x07"])
def test_a_ready_token_that_cannot_be_one_is_a_failed_sign_in(broken: str) -> None:
    with pytest.raises(SignInError):
        sign_in({"GOVCHECK_ACCESS_TOKEN": broken})


def test_the_permissions_of_a_person_are_the_scopes_of_the_token() -> None:
    session = sign_in({"GOVCHECK_ACCESS_TOKEN": token(scp="User.Read.All Group.Read.All")})
    assert session.permissions == {"User.Read.All", "Group.Read.All"}


@pytest.mark.parametrize("opaque", ["opaque", "a.b.c", "a.WzFd.c", "a.b"])
def test_a_token_that_says_nothing_of_itself_leaves_the_tenant_to_the_settings(opaque: str) -> None:
    session = sign_in({"GOVCHECK_ACCESS_TOKEN": opaque, "AZURE_TENANT_ID": TENANT})
    assert session.tenant == TENANT
    assert session.permissions == frozenset()


def test_without_anything_to_sign_in_with_the_message_names_what_to_set() -> None:
    with pytest.raises(SignInError) as caught:
        sign_in({})
    [fault] = caught.value.diagnostics
    assert caught.value.exit_code == 4
    assert "AZURE_CLIENT_ID" in fault.helps[0].in_lang("nl")
    assert "AZURE_CLIENT_ID" in fault.helps[0].in_lang("en")


def test_an_application_signs_in_with_its_secret(entra: SignInService) -> None:
    settings = APPLICATION | {"AZURE_CLIENT_SECRET": "s3cret", "AZURE_AUTHORITY_HOST": entra.url}
    session = sign_in(settings)
    assert session.tenant == TENANT
    assert session.permissions == {"User.Read.All"}
    assert entra.forms[0]["grant_type"] == "client_credentials"
    assert entra.forms[0]["scope"] == "https://graph.microsoft.com/.default"


def test_a_token_is_kept_until_a_newer_one_is_demanded(entra: SignInService) -> None:
    settings = APPLICATION | {"AZURE_CLIENT_SECRET": "s3cret", "AZURE_AUTHORITY_HOST": entra.url}
    session = sign_in(settings)
    first = session.credential.token()
    assert session.credential.token() == first
    assert session.credential.token(newer_than_now()).value != first.value
    assert len(entra.forms) == 2


def test_an_application_signs_in_with_its_certificate(entra: SignInService, tmp_path: Path) -> None:
    certificate = tmp_path / "application.pem"
    certificate.write_bytes(self_signed())
    sign_in(APPLICATION | {"AZURE_CLIENT_CERTIFICATE_PATH": str(certificate), "AZURE_AUTHORITY_HOST": entra.url})
    assert entra.forms[0]["client_assertion_type"].endswith("jwt-bearer")
    assert "client_secret" not in entra.forms[0]


def test_a_workload_signs_in_with_its_federated_token(entra: SignInService, tmp_path: Path) -> None:
    federated = tmp_path / "token"
    federated.write_text("federated-assertion")
    sign_in(APPLICATION | {"AZURE_FEDERATED_TOKEN_FILE": str(federated), "AZURE_AUTHORITY_HOST": entra.url})
    assert entra.forms[0]["client_assertion"] == "federated-assertion"


def test_a_person_is_shown_where_to_sign_in_and_with_which_code(entra: SignInService) -> None:
    shown: list[Text] = []
    session = sign_in(APPLICATION | {"AZURE_AUTHORITY_HOST": entra.url}, prompt=shown.append)
    assert session.tenant == TENANT
    assert "AB12" in shown[0].in_lang("nl")
    assert "https://example.com/device" in shown[0].in_lang("en")


def test_a_wrong_secret_is_a_failed_sign_in_with_entras_own_words(entra: SignInService) -> None:
    entra.refusal = {
        "error": "invalid_client",
        "error_description": "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 94fb",
        "error_codes": [7000215],
    }
    settings = APPLICATION | {"AZURE_CLIENT_SECRET": "s3cret", "AZURE_AUTHORITY_HOST": entra.url}
    with pytest.raises(SignInError, match="AADSTS7000215") as caught:
        sign_in(settings)
    assert "s3cret" not in str(caught.value)
    assert "Trace ID" not in str(caught.value)


def test_a_sign_in_service_that_does_not_answer_is_unreachable() -> None:
    settings = APPLICATION | {"AZURE_CLIENT_SECRET": "s3cret", "AZURE_AUTHORITY_HOST": "https://127.0.0.1:1"}
    with pytest.raises(UnreachableError) as caught:
        sign_in(settings)
    assert caught.value.exit_code == 4


def test_a_certificate_that_is_not_there_is_a_failed_sign_in(tmp_path: Path) -> None:
    with pytest.raises(SignInError):
        sign_in(APPLICATION | {"AZURE_CLIENT_CERTIFICATE_PATH": str(tmp_path / "absent.pem")})


def test_another_cloud_has_its_own_graph() -> None:
    session = sign_in({"GOVCHECK_ACCESS_TOKEN": "opaque"}, cloud="us_gov")
    assert session.graph_url == "https://graph.microsoft.us/v1.0"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/v1.0", "http://localhost/v1.0", "http://[::1]:80/v1.0"])
def test_plain_http_is_allowed_to_this_computer(url: str) -> None:
    assert sign_in({"GOVCHECK_ACCESS_TOKEN": "opaque", "GOVCHECK_GRAPH_URL": url + "/"}).graph_url == url


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://graph.example.com/v1.0", "plain-http"),
        ("http://127.0.0.1.example.com/v1.0", "plain-http"),
        ("graph.microsoft.com/v1.0", "bad-graph-url"),
        ("ftp://graph.microsoft.com", "bad-graph-url"),
        ("https://[::1/v1.0", "bad-graph-url"),
        ("https://graph.microsoft.com:port/v1.0", "bad-graph-url"),
    ],
)
def test_an_address_to_which_no_token_may_go_is_a_usage_error(url: str, code: str) -> None:
    with pytest.raises(GovcheckError) as caught:
        sign_in({"GOVCHECK_ACCESS_TOKEN": "opaque", "GOVCHECK_GRAPH_URL": url})
    assert caught.value.diagnostics[0].code == code
    assert caught.value.exit_code == 2


def test_the_pace_is_a_share_of_graphs_limits() -> None:
    assert sign_in({"GOVCHECK_ACCESS_TOKEN": "opaque"}).pace == 0.8
    assert sign_in({"GOVCHECK_ACCESS_TOKEN": "opaque", "GOVCHECK_PACE": "0"}).pace == 0


@pytest.mark.parametrize("pace", ["fast", "-1", "1.5", "nan"])
def test_a_pace_that_is_no_share_is_a_usage_error(pace: str) -> None:
    with pytest.raises(GovcheckError) as caught:
        sign_in({"GOVCHECK_ACCESS_TOKEN": "opaque", "GOVCHECK_PACE": pace})
    assert caught.value.diagnostics[0].code == "bad-pace"


def test_a_ready_token_has_no_known_end() -> None:
    assert sign_in({"GOVCHECK_ACCESS_TOKEN": "opaque"}).credential.token().expires_on == math.inf
