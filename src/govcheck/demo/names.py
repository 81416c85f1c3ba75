"""Names as a Dutch organisation has them today, and the people whom the demo's declarations name."""

# ruff: noqa: RUF001 (Turkish has a dotless i)
from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from random import Random

_DUTCH_GIVEN = (
    "Sanne", "Daan", "Lotte", "Thijs", "Femke", "Jeroen", "Marloes", "Bas", "Anouk", "Sander", "Esther",
    "Ruben", "Iris", "Joost", "Maaike", "Koen", "Linda", "Martijn", "Roos", "Stefan", "Inge", "Maarten",
    "Judith", "Erik", "Carlijn", "Gijs", "Monique", "Frank", "Eva", "Niels", "Wilma", "Henk", "Julia",
    "Lars", "Tessa", "Rik", "Petra", "Jan-Willem", "Anne", "Kees", "Manon", "Luuk", "Nienke", "Arjan",
    "Yvonne", "Bram", "Hanneke", "Gerard",
)  # fmt: skip
_DUTCH_SURNAMES = (
    "de Jong", "Jansen", "de Vries", "van den Berg", "Bakker", "van Dijk", "Visser", "Smit", "Meijer",
    "de Groot", "Bos", "Vos", "Peters", "Hendriks", "van Leeuwen", "Dekker", "Brouwer", "de Wit", "Smits",
    "de Graaf", "van der Meer", "van der Linden", "Kok", "Jacobs", "de Haan", "Vermeulen", "van den Heuvel",
    "van der Velde", "van den Broek", "Kuipers", "van der Heijden", "Schouten", "van Beek", "Willems",
    "Hoekstra", "Koster", "Prins", "Verhoeven", "Huisman", "Peeters", "Postma", "van Vliet", "Kramer",
    "van der Wal", "in 't Veld", "ter Horst", "op den Kamp", "van 't Hof", "Schipper", "Timmermans",
    "Groen", "Wolters", "van Wijk", "Evers", "ten Have",
)  # fmt: skip

_ORIGINS: tuple[tuple[int, tuple[str, ...], tuple[str, ...]], ...] = (
    (66, _DUTCH_GIVEN, _DUTCH_SURNAMES),
    (
        9,
        (
            "Jelle", "Fenna", "Sietse", "Nynke", "Wiebe", "Aukje", "Tjeerd", "Froukje", "Douwe", "Baukje",
            "Bauke", "Jitske",
        ),
        (
            "Dijkstra", "Terpstra", "de Boer", "Hoitinga", "Sikkema", "Zijlstra", "Wiersma", "Bouma",
            "Veenstra", "Miedema",
        ),
    ),
    (
        7,
        (
            "Elif", "Emre", "Zeynep", "Mehmet", "Büşra", "Murat", "Ayşe", "Onur", "Derya", "Kerem", "Selin",
            "Yusuf",
        ),
        (
            "Yılmaz", "Kaya", "Demir", "Şahin", "Çelik", "Arslan", "Koç", "Aydın", "Özdemir", "Doğan",
        ),
    ),
    (
        7,
        (
            "Samira", "Mohammed", "Fatima", "Youssef", "Naima", "Bilal", "Hanane", "Rachid", "Ikram",
            "Soufiane", "Noor",
        ),
        (
            "El Amrani", "Benali", "El Idrissi", "Bouzid", "Aït Ouali", "Chaouki", "Haddou", "Amghar",
            "Tahiri", "Ben Said",
        ),
    ),
    (
        5,
        (
            "Priya", "Cheryl", "Dewi", "Winston", "Sharda", "Ricardo", "Chantal", "Rohan", "Naomi", "Clyde",
            "Anil",
        ),
        (
            "Ramdin", "Pinas", "Kartosen", "Sewnarain", "Wijngaarde", "Rambaran", "Vrede", "Jagesar",
            "Amatmoekrim",
        ),
    ),
    (
        3,
        (
            "Agnieszka", "Piotr", "Katarzyna", "Tomasz", "Małgorzata", "Łukasz", "Ewa", "Paweł",
        ),
        (
            "Kowalczyk", "Nowak", "Wiśniewska", "Zieliński", "Wójcik", "Kamińska", "Szymański",
        ),
    ),
    (
        3,
        (
            "Tom", "Grace", "Oliver", "Siobhán", "Aditi", "Carlos", "Chloé", "Jürgen", "Lin", "Aleksandar",
        ),
        (
            "Whitfield", "O'Connor", "Patel", "Moreno", "Lefèvre", "Weiß", "Chen", "Jovanović", "Campbell",
        ),
    ),
)  # fmt: skip
"""Share of the population, given names, surnames, by where families come from."""

_WEIGHTS = [weight for weight, _, _ in _ORIGINS]
_PLAIN = str.maketrans({"ı": "i", "ł": "l", "Ł": "L", "ß": "ss", "'": "", "’": "", " ": ""})


def draw_name(rng: Random) -> tuple[str, str]:
    """Draw a given name and a surname from the same part of the population."""
    _, given, surnames = rng.choices(_ORIGINS, _WEIGHTS)[0]
    return rng.choice(given), rng.choice(surnames)


def address(given: str, surname: str) -> str:
    """Write a name as the part of an e-mail address before the @: plain ASCII with a dot between."""
    plain = unicodedata.normalize("NFKD", f"{given}.{surname}".translate(_PLAIN).lower())
    return "".join(letter for letter in plain if letter.isascii())


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whom the demo's declarations name; `leads` is the department or team that he or she leads."""

    given: str
    surname: str
    title: str
    team: str
    leads: str | None = None
    left: bool = False


CAST: tuple[Named, ...] = (
    Named("Annelies", "Hoekstra", "Algemeen directeur", "directie", leads="directie"),
    Named("Pieter", "van der Veen", "Directeur bedrijfsvoering", "directie", leads="Bedrijfsvoering"),
    Named("Fatima", "Bouzid", "Directeur operatie", "directie", leads="Operatie"),
    Named("Wouter", "Dijkstra", "Directeur technologie", "directie", leads="Technologie"),
    Named("Mourad", "El Amrani", "Chief information security officer", "security", leads="security"),
    Named("Agnieszka", "Kowalczyk", "Security engineer", "security"),
    Named("Jelle", "Terpstra", "Identity engineer", "cloud", leads="cloud"),
    Named("Priya", "Ramdin", "Identity engineer", "cloud"),
    Named("Marieke", "de Boer", "Manager HR", "hr", leads="hr"),
    Named("Chantal", "Pinas", "HR-businesspartner", "hr"),
    Named("Elif", "Yılmaz", "Functionaris gegevensbescherming", "juridisch"),
    Named("Bart-Jan", "ter Horst", "Hoofd juridische zaken", "juridisch", leads="juridisch"),
    Named("Samira", "Benali", "Teamleider klantenservice", "klantenservice", leads="klantenservice"),
    Named("Ineke", "Jonker", "Senior medewerker klantenservice", "klantenservice"),
    Named("Tom", "Whitfield", "Teamleider platform", "platform", leads="platform"),
    Named("Sietse", "Wiersma", "Senior platformengineer", "platform"),
    Named("Emre", "Kaya", "Teamleider buitendienst Noord", "buitendienst-noord", leads="buitendienst-noord"),
    Named("Gerda", "op den Kamp", "Teamleider buitendienst Zuid", "buitendienst-zuid", leads="buitendienst-zuid"),
    Named("Rob", "Schuurman", "Teamleider storingsdienst", "storingsdienst", leads="storingsdienst", left=True),
    Named("Daan", "Vermeulen", "Teamleider werkplekbeheer", "werkplek", leads="werkplek"),
    Named("Hendrik", "Postma", "Continuïteitsmanager", "facilitair", left=True),
    Named("Liesbeth", "van 't Hof", "Hoofd inkoop", "inkoop", leads="inkoop"),
)
