"""Poll results of a view: each share with its hedge, question, population and pollster, as far as they are known."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from kg.evidence.notes import other_views
from kg.graph.store import Graph
from kg.model import Claim, Term, Triple, text_of
from kg.phrases import phrase
from kg.timeline.dated_facts import sources
from kg.timeline.dates_in_words import in_words
from kg.vocab import kg, local_name

#: The columns of poll results as a table.
COLUMNS = ("question", "population", "option", "share", "pollster", "published", "sources")
#: How a share is written with each hedge.
HEDGES = {
    "Exactly": "{} %",
    "About": "about {} %",
    "AtLeast": "at least {} %",
    "AtMost": "at most {} %",
    "MoreThan": "more than {} %",
    "NInTen": "{} in 10",
}


@dataclass(frozen=True, slots=True)
class PollResult:
    """One figure. ``hedge`` is a key of HEDGES (empty when the claim has none); ``pollster`` None when not named.

    ``published`` says in words when its documents appeared, ``dates`` in the notation of time.
    """

    result: Term
    question: Term | None
    population: Term | None
    option: str
    share: Decimal
    hedge: str
    pollster: Term | None
    published: str
    dates: str
    claims: tuple[Claim, ...]

    def written(self, language: str = "en") -> str:
        """The share as the source has it: ``more than 60 %``, ``9 in 10``."""
        number = self.share / 10 if self.hedge == "NInTen" else self.share
        return phrase(HEDGES.get(self.hedge, "{} %"), language, f"{number.normalize():f}")

    def row(self, graph: Graph) -> tuple[str, ...]:
        """The cells of a table with COLUMNS, in the graph's language."""
        label = graph.label
        return (
            label(self.question) if self.question else "",
            label(self.population) if self.population else "",
            self.option,
            self.written(graph.language),
            label(self.pollster) if self.pollster else phrase("not named", graph.language),
            self.published,
            ", ".join(sources(self.claims)),
        )


def poll_results(graph: Graph) -> list[PollResult]:
    """Every figure that the view takes as a fact, by question, population, date and share, the largest first.

    Figures of different questions or populations are different matters, and options may overlap: nothing is added.
    """
    facts = graph.facts
    about: dict[Term, dict[Term, list[Triple]]] = defaultdict(lambda: defaultdict(list))
    for triple in facts.all():
        if facts.is_stated(triple):
            about[triple[0]][triple[1]].append(triple)
    results = [_result(graph, term, parts, about) for term, parts in about.items() if kg("share") in parts]
    label = graph.label
    return sorted(
        results,
        key=lambda r: (
            label(r.question) if r.question else "",
            label(r.population) if r.population else "",
            min(graph.index.document(claim.document).published.first or "" for claim in r.claims),
            -r.share,
            r.option,
        ),
    )


def _result(
    graph: Graph,
    term: Term,
    parts: dict[Term, list[Triple]],
    about: dict[Term, dict[Term, list[Triple]]],
) -> PollResult:
    def one(name: str) -> Term | None:
        return min((triple[2] for triple in parts.get(kg(name), ())), default=None)

    stating = graph.facts.stating
    claims = {claim.iri: claim for claim in stating(parts[kg("share")][0])}
    poll = one("resultOf")
    pollsters = [t for parts in about.values() for t in parts.get(kg("conducts"), ()) if t[2] == poll]
    named = {claim.iri: claim for triple in pollsters for claim in stating(triple)}
    documents = {claim.document for claim in claims.values()}
    hedge = one("quantityHedge")
    return PollResult(
        term,
        one("question"),
        one("population"),
        _option(graph, term, parts.get(kg("option"), [])),
        Decimal(text_of(parts[kg("share")][0][2])),
        local_name(hedge) if hedge else "",
        min((triple[0] for triple in pollsters), default=None),
        "; ".join(in_words(graph.index.document(name).published, graph.language) for name in sorted(documents)),
        "; ".join(graph.snapshot.meta["documents"][name]["published"] for name in sorted(documents)),
        tuple(dict(sorted((claims | named).items())).values()),
    )


def _option(graph: Graph, result: Term, triples: list[Triple]) -> str:
    """The option in the graph's language, else what the result is called in it, else the option as it is."""
    texts = sorted(triple[2] for triple in triples)
    mine = [text for text in texts if text.endswith(f"@{graph.language.lower()}")]
    if not mine and any(tag.startswith(graph.language.lower()) for tag in graph.label.names.get(result, {})):
        return graph.label(result)
    return text_of((mine or texts)[0]) if texts else ""


def no_polls(graph: Graph) -> list[str]:
    """Why there are no poll results in a view."""
    return [
        phrase("no poll result is a fact in this view", graph.language),
        *other_views(graph, lambda other: len(poll_results(other)), "figure"),
    ]
