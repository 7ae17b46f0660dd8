"""A place in the tokens of a query, and what is the next of them."""

from __future__ import annotations

from kg.errors import Problem, UsageError
from kg.sparql.tokens import Token, tokens

__all__ = ["Cursor"]


class Cursor:
    """Goes over the tokens of a text, white space and comments left out."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [token for token in tokens(text) if token.kind not in ("space", "comment")]
        self.at = 0

    def peek(self, ahead: int = 0) -> Token:
        """The token that comes next, or one after it; of kind ``end`` when there is none."""
        index = self.at + ahead
        return self.tokens[index] if index < len(self.tokens) else Token("end", "", len(self.text))

    def word(self, ahead: int = 0) -> str:
        """The keyword or sign that comes next, in upper case; empty for any other token."""
        token = self.peek(ahead)
        return token.text.upper() if token.kind in ("name", "other") else ""

    def next(self) -> Token:
        """Go on by one token. Raises UsageError (KG630) at the end."""
        token = self.peek()
        if token.kind == "end":
            raise self.failure()
        self.at += 1
        return token

    def take(self, *words: str) -> bool:
        """Go on if one of these words comes next."""
        if self.word() in words:
            self.at += 1
            return True
        return False

    def expect(self, word: str) -> None:
        """Go on over a word. Raises UsageError (KG630) if another token stands there."""
        if not self.take(word):
            raise self.failure()

    def since(self, start: int) -> str:
        """The text from a place to the end of the token before the next."""
        end = self.tokens[self.at - 1]
        return self.text[start : end.start + len(end.text)]

    def failure(self, back: int = 0) -> UsageError:
        """That the query cannot be taken apart at the next token, or so many tokens before it (KG630)."""
        token = self.peek(-back)
        return UsageError(
            Problem(
                "KG630",
                f"cannot tell what the query matches at {token.text or 'its end'!r}",
                remedy="Ask without --evidence.",
            )
        )
