"""All events of a store, and the profiles of everybody at a moment."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from tests.oracle.event import Event, Identifier
from tests.oracle.json_lines import rank
from tests.oracle.mappings import Catalogue
from tests.oracle.promised import Value, promised

Profiles = dict[Identifier, dict[str, Value]]


class World:
    """Histories by identifier, the links between them, and the store's currency."""

    def __init__(
        self,
        events: Iterable[Event],
        *,
        currency: str,
        catalogue: Catalogue | None = None,
    ) -> None:
        self.currency = currency
        self.histories: dict[Identifier, list[Event]] = defaultdict(list)
        self.linking: list[Event] = []
        for event in sorted(events, key=lambda e: e.at):
            self._look_up(event, catalogue or {})
            self.histories[event.who[0]].append(event)
            if len(event.who) > 1:
                self.linking.append(event)

    def _look_up(self, event: Event, catalogue: Catalogue) -> None:
        """Category and brand as of the event, where it does not say them itself."""
        facts = catalogue.get(event.item or "")
        if not facts:
            return
        older = [fact for fact in sorted(facts) if fact[0] <= event.at]
        _, category, brand = older[-1] if older else min(facts)
        event.category = event.category or category
        event.brand = event.brand or brand

    @property
    def moments(self) -> list[int]:
        """When something happened, oldest first."""
        return sorted({e.at for events in self.histories.values() for e in events})

    def profiles(self, at: int, known: int | None = None) -> Profiles:
        """Everybody with an event of any kind at or before the moment."""
        everybody = {}
        for shopper, history in self.shoppers(at, known):
            past = [e for e in history if e.at <= at and is_known(e, known)]
            if past:
                everybody[shopper] = promised(past, at, self.currency)
        return everybody

    def shoppers(
        self, at: int, known: int | None
    ) -> Iterator[tuple[Identifier, list[Event]]]:
        """Each shopper's highest identifier, with all of his histories in one."""
        linked = self.links(at, known)
        for members in components(linked):
            histories = [self.histories.get(member, []) for member in members]
            yield min(members, key=rank), [e for events in histories for e in events]
        for identifier, history in self.histories.items():
            if identifier not in linked:
                yield identifier, history

    def links(self, at: int, known: int | None) -> dict[Identifier, set[Identifier]]:
        """Who is tied to whom: the fold of all links and unlinks until the moment."""
        ties: dict[Identifier, set[Identifier]] = defaultdict(set)
        for event in self.linking:  # oldest first
            if event.at > at or not is_known(event, known):
                continue
            first, *others = event.who
            for other in others:
                if event.kind == "unlink":
                    ties[first].discard(other)
                    ties[other].discard(first)
                else:
                    ties[first].add(other)
                    ties[other].add(first)
        return ties


def is_known(event: Event, known: int | None) -> bool:
    """Had it arrived by then? Without a moment, everything has."""
    return known is None or event.seen_at <= known


def components(
    ties: dict[Identifier, set[Identifier]],
) -> Iterator[set[Identifier]]:
    """The identifiers that belong together."""
    left = set(ties)
    while left:
        together, edge = set(), {left.pop()}
        while edge:
            together |= edge
            edge = {near for member in edge for near in ties[member]} - together
        left -= together
        yield together
