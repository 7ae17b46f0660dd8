"""The words for how a statement stands, one meaning each: every table, page and verdict uses these."""

from __future__ import annotations

from collections.abc import Callable

from kg.model import AFFIRMED, FACT, RECOMMENDATION, Claim, Term
from kg.phrases import phrase
from kg.vocab import kg, local_name

#: Each word with its meaning, as a legend has it.
MEANINGS = {
    "stated": "an author says so as a fact",
    "inferred": "it follows by a rule from what authors state",
    "attributed": "somebody other than the author says so as a fact",
    "contested": "one document says so, another denies or disputes it",
    "denied": "somebody says that it is not so",
    "negated fact": "the author says as a fact that it is not so",
    "planned": "somebody intends it; it need not have happened",
    "alleged": "somebody says so, and the author does not vouch for it",
    "predicted": "somebody expects it",
    "predicted not": "the author expects that it will not be so",
    "recommended": "somebody advises it",
    "demand not to act": "somebody advises against it",
    "judged": "it is somebody's evaluation",
    "judged not": "the author judges that it is not so",
    "refused": "somebody refuses to do it",
    "ruled out": "what holds excludes it",
    "certain": "it held at the date asked about under every reading of its dates",
    "possible": "it held at the date asked about under some readings of its dates",
    "possible then": "it holds at some time, which may include the date",
    "undated": "it holds at some time, and nothing dates it on the date's side",
    "not stated": "no document says or denies it",
}
_AFFIRMED = {
    FACT: "stated",
    kg("Plan"): "planned",
    kg("Allegation"): "alleged",
    kg("Prediction"): "predicted",
    kg("Recommendation"): "recommended",
    kg("Evaluation"): "judged",
    kg("Refusal"): "refused",
}
_DENIED = {
    kg("Prediction"): "predicted not",
    RECOMMENDATION: "demand not to act",
    kg("Evaluation"): "judged not",
}


def status_of(modality: Term | None, polarity: Term | None, *, held: bool) -> str:
    """The word for a claim of a modality and polarity; ``held``: somebody other than the author holds it."""
    if polarity not in (None, AFFIRMED):
        return "denied" if held and modality != RECOMMENDATION else _DENIED.get(modality or FACT, "negated fact")
    word = _AFFIRMED.get(modality or FACT, "stated")
    return "attributed" if held and word == "stated" else word


def status_by(claim: Claim, label: Callable[[Term], str]) -> str:
    """The status of a claim, with its holders where the author is none: ``attributed to Sputnik``."""
    status = status_of(claim.modality, claim.polarity, held=bool(claim.holders))
    by = " and ".join(map(label, claim.holders))
    return f"{status} {'to' if status == 'attributed' else 'by'} {by}" if by else status


def legend(language: str = "en") -> dict[str, tuple[str, str]]:
    """Each status word of MEANINGS with the word and the meaning that a reader of a language sees."""
    return {word: (phrase(word, language), phrase(meaning, language)) for word, meaning in MEANINGS.items()}


def mode(claim: Claim) -> str:
    """The modality of a claim in a word, or its status where it is a denial."""
    if claim.polarity == AFFIRMED:
        return local_name(claim.modality).lower()
    return status_of(claim.modality, claim.polarity, held=bool(claim.holders))
