"""What Graph answers: a path and a query in, a resource, a page or a page of changes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

from emulator import faults, permissions
from emulator.clock import Clock
from emulator.copies import Copies
from emulator.delta import Ask, Tracker, check_selection
from emulator.directory import Directory
from emulator.errors import bad_request, missing_licence, missing_permission, unsupported_query
from emulator.kinds import SIGN_IN_ACTIVITY, Kind
from emulator.messages import EncodedPage, Request, Response
from emulator.odata import Options, parse_options, require_consistency, split_query
from emulator.paging import Pager, Place
from emulator.reports import Reports, period_of
from emulator.routes import Linked, Router, Target
from emulator.rows import Row, Rows
from emulator.shape import project, show_licences, spoil, withhold
from emulator.vocabulary import Vocabulary, vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads a directory as Graph's rules have it."""

    licences: frozenset[str]
    """Service plans the tenant has."""
    pager: Pager
    router: Router
    tracker: Tracker
    reports: Reports
    page_size: int | None = None
    """Largest page, whatever a request asks for; None leaves it to Graph's own limits."""

    @classmethod
    def of(cls, directory: Directory, clock: Clock, licences: Iterable[str], page_size: int | None) -> Reader:
        """Read `directory`, with tokens that age by `clock`."""
        pager = Pager(clock)
        return cls(
            licences=frozenset(licences),
            pager=pager,
            router=Router(directory),
            tracker=Tracker(directory=directory, pager=pager, page_size=page_size),
            reports=Reports(directory, pager),
            page_size=page_size,
        )

    def read(self, request: Request, roles: frozenset[str], effect: faults.Effect | None) -> Response:
        """Answer a request of somebody who has these permissions. Raises `GraphError`."""
        path, query = request.path, request.url.partition("?")[2]
        target = self.router.find(path)
        self._authorise(target.kind, target.template, roles)
        if target.report:
            return replace(self.reports.redirect(target.report, period_of(path)), effect=effect)
        asked: Mapping[str, str] = split_query(query)
        if target.tracked:
            return Response(status=200, body=self._changes(target, asked, request, effect), effect=effect)
        if "deltatoken" in asked:
            raise bad_request("Unrecognized query argument specified: '$deltatoken'.", "Request_BadRequest")
        place = Place(path.lower(), asked, 0)
        if "skiptoken" in asked:
            place = self.pager.open(asked["skiptoken"], path.lower())
        single = target.rows is None
        options = parse_options(place.query, _names(target), directory=target.kind.directory, single=single)
        kind = self._admit(target, options, roles)
        if single:
            return Response(status=200, body=self._resource(target, options, request), effect=effect)
        if target.counts:
            return self._count(target, options, request)
        if kind.directory:
            require_consistency(options, eventual=request.eventual)
        size = 0 if isinstance(effect, faults.EmptyPage) else _page_size(kind, options.top, self.page_size)
        body = self._page(target, options, place, size, request, roles, effect)
        return Response(status=200, body=body, effect=effect)

    def _admit(self, target: Target, options: Options, roles: frozenset[str]) -> Kind:
        """Refuse what a query must have or may not ask for; what is left is of this kind."""
        named = options.filter.properties if options.filter else frozenset()
        if not named.issuperset(target.kind.filtered_by) and target.rows is not None:
            needed = " and ".join(target.kind.filtered_by)
            raise bad_request(f"The request must be filtered by {needed}.", "MissingFilter")
        if target.path != "/users" or "signInActivity" not in {*options.select, *named}:
            return target.kind
        self._authorise(SIGN_IN_ACTIVITY, "/auditLogs/signIns", roles)
        if "signInActivity" in named and len(named) > 1:
            raise unsupported_query("Filtering on signInActivity is not supported with other filters.")
        return replace(SIGN_IN_ACTIVITY, workload="directory")

    def _authorise(self, kind: Kind, template: str, roles: frozenset[str]) -> None:
        needed = permissions.needed(template)
        if not roles & set(needed):
            raise missing_permission(kind.workload, needed, roles)
        if kind.licence and kind.licence not in self.licences:
            raise missing_licence(kind.workload)

    def _resource(self, target: Target, options: Options, request: Request) -> dict[str, Any]:
        item = show_licences(target.item or {}, self.licences)
        context = f"{request.base}/$metadata#{target.path.strip('/')}/$entity"
        return {"@odata.context": context, **project(item, target, options, self.router)}

    def _count(self, target: Target, options: Options, request: Request) -> Response:
        if target.kind.directory and not request.eventual:
            raise bad_request("$count is not currently supported.", "Request_BadRequest")
        rows = target.rows or ()
        number = sum(map(_tester(rows, options), range(len(rows))))
        return Response(status=200, body=str(number), headers={"Content-Type": "text/plain"})

    def _page(
        self,
        target: Target,
        options: Options,
        place: Place,
        size: int,
        request: Request,
        roles: frozenset[str],
        effect: faults.Effect | None,
    ) -> dict[str, Any] | EncodedPage:
        rows: Sequence[Row | None] = target.rows or ()
        if options.order:
            rows = options.sort(row for row in rows if row is not None)
        wanted = _tester(rows, options)
        places, following = _window(len(rows), wanted, place.offset, size)
        chosen = f"({','.join(options.select)})" if options.select else ""
        body: dict[str, Any] = {"@odata.context": f"{request.base}/$metadata#{target.path.strip('/')}{chosen}"}
        if options.count and place.offset == 0:
            body["@odata.count"] = sum(map(wanted, range(len(rows))))
        if following is not None:
            body["@odata.nextLink"] = self._next_link(place, following, request, effect)
        copies = self._copies(rows, places, options) if effect is None else None
        if copies is not None:
            shape = (options.select, options.expand)
            return EncodedPage(body, list(copies.encode(places, shape, partial(self._shape, target, options))))
        bare = isinstance(rows, Linked) and set(options.select) == {"id"} and not options.expand
        read = rows.reference if isinstance(rows, Linked) and bare else rows.__getitem__
        window = [row for row in map(read, places) if row is not None]
        if target.kind.type == "directoryObject" and not roles & set(permissions.needed("/users")):
            window = [withhold(row) for row in window]
        return body | {"value": spoil([self._shape(target, options, row) for row in window], effect)}

    def _shape(self, target: Target, options: Options, row: Row) -> dict[str, Any]:
        return project(show_licences(row, self.licences), target, options, self.router)

    def _copies(self, rows: Sequence[Row | None], places: Sequence[int], options: Options) -> Copies | None:
        """Find what can write a page without making its rows: nothing on it, or linked to it, was edited."""
        if not isinstance(rows, Rows) or not isinstance(rows.base, Copies) or not places:
            return None
        linked = options.expand and self.router.directory.log
        return rows.base if rows.untouched(places[0], places[-1] + 1) and not linked else None

    def _changes(
        self, target: Target, asked: Mapping[str, str], request: Request, effect: faults.Effect | None
    ) -> dict[str, Any]:
        replay = isinstance(effect, faults.Replay)
        current = self.tracker.resume(target.path, asked, base=request.base, replay=replay)
        options = parse_options(
            {name: value for name, value in current.query.items() if name == "select"},
            _names(target),
            directory=True,
            single=False,
        )
        check_selection(options)
        ask = Ask(
            path=target.path,
            base=request.base,
            options=options,
            default=target.kind.default,
            minimal="return=minimal" in request.headers.get("prefer", "").lower(),
            effect=effect,
        )
        body = self.tracker.page(ask, current)
        return body | {"value": spoil(body["value"], effect)}

    def _next_link(self, place: Place, offset: int, request: Request, effect: faults.Effect | None) -> str:
        token = self.pager.seal(Place(place.path, place.query, offset))
        query = {f"${name}": value for name, value in place.query.items()} | {"$skiptoken": token}
        base = f"{effect.host}/v1.0" if isinstance(effect, faults.ForeignNextLink) else request.base
        encoded = urlencode(query, quote_via=quote, safe="$,()'/:=*")
        return f"{base}{request.url.partition('?')[0]}?{encoded}"


def _names(target: Target) -> Vocabulary:
    rows = target.rows or [target.item]
    return vocabulary(target.kind.type, (row for row in islice(rows, 50) if row is not None))


def _tester(rows: Sequence[Row | None], options: Options) -> Callable[[int], bool]:
    """Find out how to tell whether the row at a place is asked for; of copies that are alike one is looked at."""
    if options.filter is None and options.search is None:
        return rows.has if isinstance(rows, Rows) else lambda _: True
    if not isinstance(rows, Rows):
        return lambda place: options.wants(rows[place])
    base = rows.base
    if (
        not isinstance(base, Copies)
        or options.search
        or (options.filter and options.filter.properties & base.differing)
    ):
        return lambda place: options.wants(rows[place])
    verdicts: dict[int, bool] = {}

    def wanted(place: int) -> bool:
        if not rows.untouched(place, place + 1):
            return options.wants(rows[place])
        row = base.alike(place)
        if id(row) not in verdicts:
            verdicts[id(row)] = options.wants(row)
        return verdicts[id(row)]

    return wanted


def _window(count: int, wanted: Callable[[int], bool], start: int, size: int) -> tuple[list[int], int | None]:
    """Take the places of up to `size` wanted rows from `start` on, and find the place of the next one after those."""
    found: list[int] = []
    for place in range(start, count):
        if wanted(place):
            if len(found) == size:
                return found, place
            found.append(place)
    return found, None


def _page_size(kind: Kind, top: int | None, limit: int | None) -> int:
    if top is not None and not kind.most:
        raise bad_request("Query option 'Top' is not allowed.")
    if top is not None and not 1 <= top <= kind.most:
        raise bad_request(
            f"Invalid page size specified: '{top}'. Must be between 1 and {kind.most} inclusive.",
            "Request_BadRequest",
        )
    size = top or kind.page
    return min(size, limit) if limit else size
