"""Saved questions about claims: who says what, what is contested, planned, told once; with parameters and views.

That every saved query with its defaults gives its CSV is tested in test_saved_queries.py.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from kg.errors import UsageError
from kg.graph.store import Graph, open_graph
from kg.graph.views import View
from kg.queries import run
from kg.queries.answer import Answer
from kg.queries.show import show
from kg.render.formats import Settings, render

ROOT = Path(__file__).parent.parent
ID = "https://w3id.org/serbia-kg/id/"
KG = "https://w3id.org/serbia-kg/ontology#"
CLAIM = "https://w3id.org/serbia-kg/claim/"
CENTRE = f"<{ID}nis-humanitarian-centre>"


@pytest.fixture(scope="module")
def graph() -> Graph:
    return open_graph()


def without(graph: Graph, *slugs: str) -> Graph:
    return graph.in_view(View(without=frozenset(slugs)))


def column(answer: Answer, name: str) -> list[str | None]:
    position = answer.columns.index(name)
    return [row[position] for row in answer.rows]


def pairs(answer: Answer, *names: str) -> set[tuple[str | None, ...]]:
    return set(zip(*(column(answer, name) for name in names), strict=True))


def literal(term: str | None) -> str:
    return "" if term is None else term[1 : term.rindex('"')]


# -- lists and negation


@pytest.mark.parametrize(
    ("question", "values", "note"),
    [
        ("members", {"organisation": "CSTO"}, "member: 6 named; a document says that these are all"),
        ("members", {"organisation": "NATO"}, "member: 3 named; no document says that these are all"),
        ("observers", {"organisation": "CSTO"}, "country: 2 named; no document says that these are all"),
        ("facilities", {}, "facility: 7 named; no document says that these are all"),
    ],
)
def test_a_list_says_how_many_it_names_and_whether_these_are_all(graph, question, values, note):
    """A list is complete where a document of the view gives it so; all others say that they are partial."""
    assert run(graph, question, values).notes[0] == note


def test_negation_has_three_words(graph):
    """A holder's denial, the author's negation and a demand not to act are told apart, in each language."""
    rows = pairs(run(graph, "denials"), "claim", "polarity")
    told = {claim.rpartition("/")[2][:-1]: polarity for claim, polarity in rows}
    assert told["governments-deny-intelligence-centre"] == f"<{KG}Denied>"
    assert told["slovakia-no-recognition"] == f"<{KG}Negated>"
    assert told["far-right-no-sanctions"] == f"<{KG}DemandedNot>"
    for language in ("en", "sr-latn", "sr-cyrl"):
        other = graph.in_view(graph.view)
        other.language = language
        assert len({other.label(f"<{KG}{name}>") for name in ("Denied", "Negated", "DemandedNot")}) == 3


# -- positions


def test_recognition_is_told_refused_and_denied_apart(graph):
    """On one matter, to recognise, to refuse to and not to have recognised are three things with their holders."""
    rows = pairs(
        run(graph, "positions", {"matter": "id:kosovo-independence"}), "agent", "modality", "polarity", "holder"
    )
    assert (f"<{ID}un-members-recognising-kosovo>", f"<{KG}Fact>", f"<{KG}Affirmed>", None) in rows
    assert (f"<{ID}political-leadership-of-serbia>", f"<{KG}Refusal>", f"<{KG}Affirmed>", None) in rows
    assert (f"<{ID}ukraine>", f"<{KG}Fact>", f"<{KG}Denied>", f"<{ID}serbia>") in rows


def test_two_optional_parameters_narrow_together(graph):
    """The answer to a matter and an agent is the common part of the answers to each, organs and narrower ones too."""
    matter, agent = {"matter": "id:kosovo-armed-forces"}, {"agent": "Srbija"}
    both = run(graph, "positions", {**matter, **agent}).rows
    assert len(both) == 2
    assert set(both) == set(run(graph, "positions", matter).rows) & set(run(graph, "positions", agent).rows)


def test_a_denial_is_no_fact(graph):
    """Nothing that a claim denies as fact is among the facts of the default view, whatever it is about."""
    told = {triple for triple in graph.triples() if triple[1].startswith(f"<{KG}")}
    denied = [claim for claim in graph.corpus.claims.values() if claim.polarity.endswith("Denied>")]
    assert len({claim.iri for claim in denied}) == len(set(column(run(graph, "denials"), "claim")))
    for claim in denied:
        if claim.modality.endswith("Fact>"):
            assert not told.intersection(claim.content)


def test_a_thing_is_shown_with_what_is_about_it_and_what_is_done_to_its_matters(graph):
    """Facts that a thing is only the topic of, and what is proposed on a matter that concerns it, stand with it."""
    near = {mention.claim.iri: mention.through for mention in show(graph, "Kosovo Security Force").near}
    assert near[f"<{CLAIM}cepi-2017/thaci-proposal-mandate>"] == ""
    assert near[f"<{CLAIM}cepi-2017/thaci-proposes-army>"] == f"<{ID}transformation-of-ksf-into-armed-forces>"
    assert {mention.why for mention in show(graph, "kg:Quoted").near} <= {""}


def test_a_row_of_a_claim_is_dated_as_its_footnote(graph):
    """A state that a claim dates by a month is dated so in an answer, and not by its document."""
    said = run(graph, "said-by", {"holder": "Aleksandar Vučić"})
    table = render(said, "table", Settings(width=200, quiet=True))
    assert "in March 2017" in table
    assert "10 April 2017" not in table


def test_whose_words_may_be_asked_for(graph):
    """What somebody says; of an organisation, what its office-holders say, unless that is not wanted."""
    assert len(run(graph, "said-by", {"holder": "Александар Вучић"}).rows) == 11
    speakers = {row[2] for row in run(graph, "said-by", {"holder": "NATO"}).rows}
    assert speakers == {"<https://w3id.org/serbia-kg/id/jens-stoltenberg>"}
    assert run(graph, "said-by", {"holder": "NATO", "follow": "no"}).rows == []


@pytest.mark.parametrize(
    ("written", "rows"), [("plan", 14), ("kg:Prediction", 45), ("alegacija", None), ("Refusal", 11)]
)
def test_modalities_as_people_write_them(graph, written, rows):
    """A modality is named by label or prefixed name; another word is refused."""
    if rows is None:
        with pytest.raises(UsageError):
            run(graph, "by-modality", {"modality": written})
        return
    found = column(run(graph, "by-modality", {"modality": written}), "claim")
    assert len(found) == rows


# -- plans


def test_every_plan_is_there_and_none_is_a_fact(graph):
    """All plans of the corpus are answered; what comes back to one as fact is a claim of that modality."""
    answer = run(graph, "plans")
    plans = {claim.iri for claim in graph.corpus.claims.values() if claim.modality.endswith("Plan>")}
    assert set(column(answer, "plan")) == plans
    for _plan, outcome, claim in pairs(answer, "plan", "outcome", "claim"):
        modality = graph.corpus.claims[claim].modality if claim else ""
        assert (literal(outcome) == "told as fact") == modality.endswith("Fact>")
        assert (literal(outcome) == "nothing more") == (claim is None)


def test_what_became_of_a_plan_depends_on_whom_one_believes(graph):
    """The election is told as held by one document; who does not believe that document only knows that it was due."""
    election = f"<{CLAIM}cepi-2017/presidential-election-due>"
    for asked, outcome in ((graph, "told as fact"), (without(graph, "sputnik-2017"), "nothing more")):
        found = dict(
            pairs(run(asked, "plans", {"entity": "id:presidential-election-serbia-2017"}), "plan", "outcome")
        )
        assert {plan: literal(word) for plan, word in found.items()} == {election: outcome}


# -- disagreement


def test_contested_claims_and_who_contests_them_are_symmetric(graph):
    """If one claim contests another, the other contests it, and they are of two documents."""
    found = pairs(run(graph, "contested"), "claim", "contestedBy")
    assert found
    for one, other in found:
        assert (other, one) in found
        assert one.split("/")[-2] != other.split("/")[-2]


def test_nobody_contests_what_one_does_not_believe_in(graph):
    """Without the document that calls the facility a base, no claim on the centre in Niš is contested."""
    named = {"entity": CENTRE[1:-1]}
    assert run(graph, "contested", named).rows
    assert not run(without(graph, "ecfr-2022"), "contested", named).rows


def test_open_contradictions_between_documents_are_those_that_contest(graph):
    """A linked pair contests both sides when it is of two documents and nothing dissolves it, and only then."""
    contested = pairs(run(graph, "contested"), "claim", "contestedBy")
    for one, other, dissolved in pairs(run(graph, "contradictions"), "claim", "other", "dissolvedBy"):
        between = one.split("/")[-2] != other.split("/")[-2]
        assert ((one, other) in contested) == (between and dissolved is None)


def test_a_conjecture_of_identity_makes_nothing_the_same(graph):
    """Things that may be the same are never equated."""
    same = "<http://www.w3.org/2002/07/owl#sameAs>"
    found = pairs(run(graph, "identity-conjectures"), "one", "other")
    assert len(found) == 7
    equated = {(s, o) for s, p, o in graph.triples() if p == same}
    assert not equated & (found | {(other, one) for one, other in found})


# -- sources


def test_told_once_and_told_by_several_share_nothing(graph):
    """What the authors of two documents say alike is not among what rests on one; with a cited holder, it may be."""
    names = ("subject", "relation", "object")
    rows = pairs(run(graph, "told-by-several"), *names, "byTheAuthor")
    by_two = {row[:3] for row in rows if int(literal(row[3])) > 1}
    by_one = {row[:3] for row in rows} - by_two
    once = pairs(run(graph, "told-once", {"entity": "Serbia"}), *names)
    assert once
    assert not once & by_two
    assert (f"<{ID}serbia>", f"<{KG}allyOf>", f"<{ID}russia>") in once & by_one


def test_what_rests_on_one_document_goes_with_it(graph):
    """A fact that only one document tells is gone for who does not believe the document."""
    names = ("subject", "relation", "object")
    answer = run(graph, "told-once")
    lost = {row[:3] for row in pairs(answer, *names, "document") if row[3].endswith("/sputnik-2017>")}
    left = pairs(run(without(graph, "sputnik-2017"), "told-once"), *names)
    assert len(lost) == 14
    assert left == pairs(answer, *names) - lost


def test_the_mappers_are_no_unnamed_source(graph):
    """Conjectures of this project are not told as if a document had them from somebody."""
    sources = set(column(run(graph, "unnamed-sources"), "source"))
    assert f"<{ID}mappers>" not in sources
    assert f"<{ID}western-diplomats>" in sources


def test_mentions_follow_the_lines_of_a_document(graph):
    """Claims come in the order of the text: line 9 before line 28."""
    answer = run(graph, "mentions", {"entity": "Serbia"})
    order = defaultdict(list)
    for document, place in zip(column(answer, "document"), column(answer, "place"), strict=True):
        order[document].append([int(part) for part in literal(place).split(".")])
    assert len(order) == 5
    assert all(places == sorted(places) for places in order.values())


# -- polls


def test_no_two_documents_have_a_figure_in_common_that_can_be_compared(graph):
    """No pair of figures agrees in question, population and stance; and a poll has a pollster only where named."""
    assert not [
        row
        for row in pairs(run(graph, "comparable-polls"), "question", "population", "stance")
        if {literal(word) for word in row} == {"same"}
    ]
    polls = dict(pairs(run(graph, "polls"), "poll", "pollster"))
    assert {poll for poll, by in polls.items() if by} == {f"<{ID}ecfr-poll-2022>"}


# -- the graph itself


def test_every_sentence_is_counted(graph):
    """Coverage adds up to the sentences of each passages file; mapped ones have claims, others have none."""
    answer = run(graph, "coverage")
    total: dict[str, int] = defaultdict(int)
    for document, reason, sentences, claims in pairs(answer, "document", "setAside", "sentences", "claims"):
        total[document[1:-1].rpartition("/")[2]] += int(literal(sentences))
        assert (reason is None) == (int(literal(claims)) > 0)
    for path in (ROOT / "corpus/documents").glob("*.passages"):
        assert total[path.stem] == len(path.read_text(encoding="utf-8").splitlines()) - 2


def test_claims_are_counted_once(graph):
    """The claims by document and modality add up to all claims."""
    counted = sum(int(literal(count)) for count in column(run(graph, "claims-by-document"), "claims"))
    assert counted == len(graph.corpus.claims)


def test_a_sentence_that_is_set_aside_claims_nothing(graph):
    """A headline of the page has no claims; one with two observers has two."""
    assert not run(graph, "passage-claims", {"document": "balkaninsight-2016", "place": "1.1"}).rows
    assert len(run(graph, "passage-claims", {"document": "sputnik-2017", "place": "11.1"}).rows) == 2


def test_what_is_inferred_is_not_stated(graph):
    """No inferred fact about NATO is a content triple of a claim that the view takes."""
    inferred = pairs(run(graph, "inferences"), "subject", "relation", "object")
    assert inferred
    assert not inferred & set(graph.materialised.stated)
