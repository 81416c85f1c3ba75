"""The people of an invented Dutch organisation, with the names that attackers would choose."""

from __future__ import annotations

SCRIPT = "<script>alert('Pim')</script>"
ESCAPES = "\x1b[31mRood\x1b[0m\x07"
OVERRIDE = "Eva\u202eexe.fdp"
FORMULA = '=HYPERLINK("http://kwaad.example";"Loes")'
WIDE_FORMULA = "\uff1d1+1 Wouter"
LONG = "Maximiliaan" * 30
EMOJI = "👩\u200d⚕️ Noor de Groot 🌷"
BROKEN = "Half\ud83d\nTweede regel"

NAMES = (
    *("Anna de Vries", "Björn Ólafsson", ESCAPES, "Daan Jansen", "Fatima el Amrani", "Chiara O'Neill"),
    *("Gijs van 't Hof", SCRIPT, OVERRIDE, FORMULA, WIDE_FORMULA, "+31 6 1234 Kees", "@Sanne", "-2+3 Tom", "\t=1 Vera"),
    *(LONG, EMOJI, BROKEN, 'Jan; "de" Boer, jr.'),
)


def person_id(name: str) -> str:
    """The made-up object id of one of `NAMES`."""
    return f"5e1f0000-0000-4000-8000-{NAMES.index(name):012d}"


def upn(name: str) -> str:
    """The made-up sign-in name of one of `NAMES`."""
    return f"upn{NAMES.index(name):02d}@delinde.example"


IDENTITIES = (
    *(person_id(name) for name in NAMES),
    *(upn(name) for name in NAMES),
    *("Anna de Vries", "Björn", "Chiara", "Daan Jansen", "Fatima", "Gijs", "alert(", "31mRood", "exe.fdp"),
    *("kwaad.example", "1+1 Wouter", "6 1234 Kees", "Sanne", "-2+3 Tom", "=1 Vera", "Maximiliaan"),
    *("Noor de Groot", "Tweede regel", "Boer, jr.", "LAPTOP-DAAN", "de71ce00-daan"),
)
"""What no output may hold where names are not to be shown."""
