"""The pages' own words in the language of a page: ``kg.phrases`` has them."""

from __future__ import annotations

from jinja2 import pass_context
from jinja2.runtime import Context

from kg.errors import counted
from kg.harmless import json_text
from kg.phrases import phrase, phrases
from kg.status import legend

#: What the script says.
_SCRIPT = (
    "Copy", "Copied", "Found", "Nothing has these words.", "Sources", "change", "stands", "falls", "left out", "any",
    "Asking …", "Answered in", "triples are here", "rows", "fall", "without", "Yes", "No", "This cannot be answered",
    "The graph cannot be loaded", "No claim: the row rests on the ontology and on descriptions.",
    "Statements that join what this row names; `kg serve` finds exactly what it rests on.",
)  # fmt: skip


def script_words(tag: str) -> str:
    """What the pages' script says, in a language, as JSON."""
    return json_text({word: phrases(tag)[word] for word in _SCRIPT})


@pass_context
def translated(context: Context, message: str) -> str:
    """A message in the language of the page; in English where the table lacks it."""
    return phrase(message, context["page_language"])


@pass_context
def status_style(context: Context, word: str) -> str:
    """The class that styles a status word of the page's language: the first word of its English."""
    english = {told: name for name, (told, _meaning) in legend(context["page_language"]).items()}
    return english.get(word, word).split(" ")[0]


@pass_context
def counted_in(context: Context, number: int, one: str, several: str = "") -> str:
    """A number with its noun in the language of the page: ``1 row``, ``22 reda``."""
    forms = phrases(context["page_language"]).get(one)
    if not isinstance(forms, list):
        return counted(number, one, several)
    teen, last = number // 10 % 10 == 1, number % 10
    form = forms[2] if teen or last == 0 or last > 4 else forms[0] if last == 1 else forms[1]
    return f"{number:,} {form}".replace(",", ".")
