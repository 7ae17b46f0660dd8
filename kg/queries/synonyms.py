"""Words that mean the same to somebody who asks, and words that mean nothing to a search."""

from __future__ import annotations

__all__ = ["FILLERS", "synonyms"]

#: Groups of words for one matter in English and Serbian, as stems or whole words, folded.
_GROUPS = (
    "exercise drill manoeuvre maneuver wargame training war-games games vezba vezbe",
    "arms weapon weaponry armament jet fighter missile equipment hardware oruzje naoruzanje",
    "transfer delivery sale sell donation supply",
    "poll survey percentage percent share opinion public anketa ankete",
    "sanction measure embargo restriction penalty sankcija sankcije",
    "agreement treaty pact accord deal contract sporazum sporazumi",
    "force valid binding bound",
    "act law resolution parliament statute",
    "facility base installation centre center site",
    "meeting summit talks discussion discussed negotiation sastanak sastanci",
    "visit trip travel journey tour",
    "office president minister head post job",
    "plan planned intention intend future upcoming going announced happen",
    "disagreement dispute quarrel odds argue row",
    "contested disputed controversial",
    "contradiction conflicting inconsistent clash",
    "deny denial denied",
    "refuse refusal reject decline",
    "support back favour endorse",
    "depend dependence leverage rely influence pressure",
    "recognise recognition recognize acknowledge",
    "unnamed anonymous unidentified",
    "hedge hedged uncertain vague cautious",
    "vague imprecise approximate",
    "document article source text bibliography",
    "ontology vocabulary term",
    "inference inferred derived deduced reasoning rule",
    "coverage complete mapped",
    "count number many",
    "member membership join joined clan clanica clanice clanstvo",
    "accession join joined joining enlargement entry",
    "partner cooperation cooperating partnership cooperate",
    "outsiders non-member neutral",
    "milestone chronology timeline history events event",
    "single one alone",
    "identity same identical alias",
    "second reporter told hearsay",
    "profile person speaker",
    "month long between gap",
    "says said think view opinion quote",
)
#: Words of questions that tell nothing of their matter.
FILLERS = frozenset(
    """
    a an and any are as at be been by can did do does for from had has have he her his how i in is it
    its of on or our she so some that the their them there these they this those to two up used using
    was we were what when where which who whom whose why will with you your much thing things still
    other about
    """.split()  # noqa: SIM905 - a list of forty words would fill a page
)
_KNOWN: dict[str, list[str]] = {}
for _group in _GROUPS:
    for _word in _group.split():
        _KNOWN.setdefault(_word, []).extend(other for other in _group.split() if other != _word)


def synonyms(word: str) -> list[str]:
    """What else may be meant by a folded word; a plural stands for its singular."""
    singular = word[:-3] + "y" if word.endswith("ies") else word[:-1] if word.endswith("s") else word
    return list(dict.fromkeys(_KNOWN.get(word, []) + _KNOWN.get(singular, [])))
