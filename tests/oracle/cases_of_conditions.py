"""What comparisons, logic, patterns and CASE say of a row."""

from __future__ import annotations

from oracle.cases import FALSE, NULL, TRUE, case, sku

COMPARISONS = [
    case("equal text is equal", "user_type = 'Guest'", TRUE, user_type="Guest"),
    case("text comparison minds case", "user_type = 'guest'", FALSE, user_type="Guest"),
    case("!= is <>", "user_type != 'Guest'", TRUE, user_type="Member"),
    case("<> of an empty value is open", "user_type <> 'Guest'", NULL, user_type=None),
    case("text is ordered by code point, capitals first", "display_name < 'a'", TRUE, display_name="Z"),
    case("text is ordered by code point, not by alphabet", "display_name > 'z'", TRUE, display_name="é"),
    case("text beyond the BMP comes last", "display_name > '\uffff'", TRUE, display_name="\U0001f600"),
    case("accents composed otherwise are other text", "display_name = 'é'", FALSE, display_name="e\u0301"),
    case("trailing space counts", "display_name = 'Ana'", FALSE, display_name="Ana "),
    case("a doubled quote is a quote", "display_name = 'O''Brien'", TRUE, display_name="O'Brien"),
    case("empty text is a value", "display_name = ''", TRUE, display_name=""),
    case("comment signs in text are text", "display_name = 'a--b/*;'", TRUE, display_name="a--b/*;"),
    case("a bare flag is a condition", "account_enabled", FALSE, account_enabled=False),
    case("an empty flag is open", "account_enabled", NULL, account_enabled=None),
    case("flags compare with literals", "account_enabled = true", TRUE, account_enabled=True),
    case("keywords have no case", "not account_enabled oR TRUE aNd tRuE", TRUE, account_enabled=True),
    case("lines and tabs are space", "account_enabled\n\tAND\r\n TRUE", TRUE, account_enabled=True),
    case("scalar parameters compare", "user_type = :kind AND :switch", TRUE, user_type="Guest"),
]

LOGIC = [
    case("AND binds tighter than OR", "TRUE OR TRUE AND FALSE", TRUE),
    case("NOT binds tighter than AND", "NOT FALSE AND FALSE", FALSE),
    case("NOT takes the whole comparison", "NOT user_type = 'Guest'", TRUE, user_type="Member"),
    case("NOT takes the whole IN", "NOT user_type IN ('Guest')", FALSE, user_type="Guest"),
    case("NOT over a comparison of an AND", "NOT ((TRUE AND FALSE) = TRUE)", TRUE),
    case("NOT over an OR of ANDs", "NOT (TRUE AND FALSE OR FALSE AND TRUE)", TRUE),
    case("a long expression is no problem", "account_enabled OR " * 500 + "TRUE", TRUE),
    case("NOT twice is nothing", "NOT NOT account_enabled", NULL, account_enabled=None),
    case("false and empty is false", "FALSE AND account_enabled", FALSE, account_enabled=None),
    case("true or empty is true", "account_enabled OR TRUE", TRUE, account_enabled=None),
    case("true and empty is open", "TRUE AND account_enabled", NULL, account_enabled=None),
    case("false or empty is open", "account_enabled OR FALSE", NULL, account_enabled=None),
]

MEMBERSHIP = [
    case("IN finds", "user_type IN ('Member', 'Guest')", TRUE, user_type="Guest"),
    case("IN does not find", "user_type IN ('Member', 'Guest')", FALSE, user_type="Bot"),
    case("an empty value IN a list is open", "user_type IN ('Guest')", NULL, user_type=None),
    case("NOT IN is the contrary", "user_type NOT IN ('Guest')", TRUE, user_type="Member"),
    case("an empty value NOT IN a list is open", "user_type NOT IN ('Guest')", NULL, user_type=None),
    case("IN takes a list parameter", "display_name IN :names", TRUE, display_name="O'Brien"),
    case("NOT IN takes a list parameter", "display_name NOT IN :names", TRUE, display_name="Bo"),
    case("IN takes scalar parameters", "user_type IN (:kind, 'Bot')", TRUE, user_type="Guest"),
    case("nothing is IN an empty list", "display_name IN :none", FALSE, display_name="Ana"),
    case("not even an empty value is IN an empty list", "display_name IN :none", FALSE, display_name=None),
    case("everything is NOT IN an empty list", "display_name NOT IN :none", TRUE, display_name="Ana"),
    sku("whole numbers are IN a list of numbers", "consumed_units IN :levels", TRUE, consumed_units=2),
    case("BETWEEN counts both ends", "length(display_name) BETWEEN 3 AND 3", TRUE, display_name="Ana"),
    case("NOT BETWEEN is the contrary", "length(display_name) NOT BETWEEN 1 AND 2", TRUE, display_name="Ana"),
    case("BETWEEN the wrong way round is empty", "length(display_name) BETWEEN 4 AND 2", FALSE, display_name="Ana"),
    sku("BETWEEN an empty bound is open", "5 BETWEEN 1 AND consumed_units", NULL, consumed_units=None),
    sku("BETWEEN is false by one bound alone", "5 BETWEEN 6 AND consumed_units", FALSE, consumed_units=None),
    case("BETWEEN keeps its own AND", "length(mail) BETWEEN 1 AND 9 AND FALSE", FALSE, mail="a"),
]

PATTERNS = [
    case("% is any text", "mail LIKE '%@contoso.nl'", TRUE, mail="ana@contoso.nl"),
    case("% is also no text", "mail LIKE '%ana%'", TRUE, mail="ana"),
    case("_ is one code point", "display_name LIKE '_'", TRUE, display_name="\U0001f600"),
    case("_ is not none", "display_name LIKE 'Ana_'", FALSE, display_name="Ana"),
    case("LIKE minds case", "display_name LIKE 'ana'", FALSE, display_name="Ana"),
    case("LIKE covers the whole text", "display_name LIKE 'An'", FALSE, display_name="Ana"),
    case("LIKE wildcards pass line ends", "display_name LIKE 'a%b'", TRUE, display_name="a\nb"),
    case("a dot in LIKE is a dot", "display_name LIKE 'a.a'", FALSE, display_name="ana"),
    case("LIKE takes a parameter", "mail LIKE :mask", TRUE, mail="bo@contoso.nl"),
    case("NOT LIKE is the contrary", "mail NOT LIKE '%@contoso.nl'", TRUE, mail="ana@elsewhere.nl"),
    case("LIKE of an empty value is open", "mail LIKE '%'", NULL, mail=None),
    case("a backslash in a row is plain text", "display_name LIKE 'a_b'", TRUE, display_name="a\\b"),
    case("matches searches", "matches(display_name, 'n')", TRUE, display_name="Ana"),
    case("matches can be anchored", "matches(display_name, '^n')", FALSE, display_name="Ana"),
    case("$ is the end of the text, not of a line", "matches(display_name, 'a$')", FALSE, display_name="Ana\n"),
    case("a dot is no line end", "matches(display_name, 'a.b')", FALSE, display_name="a\nb"),
    case("matches minds case", "matches(display_name, 'ana')", FALSE, display_name="Ana"),
    case("matches can be told not to", "matches(display_name, '(?i)ana')", TRUE, display_name="Ana"),
    case("classes are ASCII", r"matches(display_name, '^\w+$')", FALSE, display_name="Zoë"),
    case("matches takes a parameter", "matches(display_name, :pattern)", TRUE, display_name="ana"),
    case("matches of an empty value is open", "matches(display_name, 'a')", NULL, display_name=None),
]

EMPTINESS = [
    case("empty IS NULL", "mail IS NULL", TRUE, mail=None),
    case("empty text is not NULL", "mail IS NULL", FALSE, mail=""),
    case("IS NOT NULL is the contrary", "mail IS NOT NULL", TRUE, mail="a"),
    case("IS NULL of an expression", "(lower(mail) = 'a') IS NULL", TRUE, mail=None),
    case("json knows IS NULL", "assigned_licenses IS NULL", TRUE, assigned_licenses=None),
    case("json knows IS NOT NULL", "assigned_licenses IS NOT NULL", TRUE, assigned_licenses='[{"skuId":"a"}]'),
    case("a column left out is empty", "mail IS NULL", TRUE),
    case("a list knows IS NULL", "methods_registered IS NULL", FALSE, methods_registered=[]),
    case("coalesce takes the first value", "coalesce(mail, job_title, 'none') = 'b'", TRUE, job_title="b"),
    case("coalesce of nothing is nothing", "coalesce(mail, job_title) = 'b'", NULL),
    case("coalesce of a flag", "coalesce(account_enabled, FALSE)", FALSE, account_enabled=None),
]

CASES = [
    case("CASE takes the first that holds", "CASE WHEN FALSE THEN FALSE WHEN TRUE THEN TRUE END", TRUE),
    case("an open WHEN is passed by", "CASE WHEN account_enabled THEN FALSE ELSE TRUE END", TRUE),
    case("CASE without ELSE is empty", "CASE WHEN FALSE THEN TRUE END", NULL),
    case("CASE compares its subject", "CASE user_type WHEN 'Guest' THEN 1 ELSE 2 END = 1", TRUE, user_type="Guest"),
    case("an empty subject equals nothing", "CASE mail WHEN 'a' THEN FALSE ELSE TRUE END", TRUE),
    case("CASE gives text too", "CASE WHEN TRUE THEN 'a' ELSE mail END = 'a'", TRUE),
]

CONDITIONS = COMPARISONS + LOGIC + MEMBERSHIP + PATTERNS + EMPTINESS + CASES
