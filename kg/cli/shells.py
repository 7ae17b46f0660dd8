"""How bash, zsh and fish are told what to offer. No command itself.

What click has for them parts words as it likes: bash itself parts them at ``=`` and ``:`` and replaces what follows
alone, fish's script loses what follows a comma, and each puts a space after ``name=``.
"""

from __future__ import annotations

import os
import re

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)

__all__ = ["Bash", "Fish", "Zsh"]

#: Where bash parts words, beside white space and what it must quote.
_BREAKS = "=:"
_SPECIAL, _ESCAPED = re.compile(r"([^\w\-./:=,@%+])"), r"\\\1"

_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' type value
    COMPREPLY=()
    while IFS=',' read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                COMPREPLY+=("$value")
                [[ $value == *[=:] ]] && compopt -o nospace ;;
        esac
    done < <(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete $1)
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""

_ZSH = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local -a ready open response
    local type key descr
    (( ! $+commands[%(prog_name)s] )) && return 1
    response=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \\
        %(complete_var)s=zsh_complete %(prog_name)s)}")
    for type key descr in ${response}; do
        case $type in
            dir) _path_files -/ ;;
            file) _path_files -f ;;
            plain)
                if [[ $key == *= || $key == *: ]]; then open+=("$key:$descr"); else ready+=("$key:$descr"); fi ;;
        esac
    done
    (( $#ready )) && _describe -V unsorted ready -U
    (( $#open )) && _describe -V unsorted open -U -S ''
    return 0
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""

_FISH = """\
function %(complete_func)s
    for completion in (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp) \\
            COMP_CWORD=(commandline -t) %(prog_name)s)
        set -l metadata (string split -m 1 "," $completion)
        switch $metadata[1]
            case dir
                __fish_complete_directories $metadata[2]
            case file
                __fish_complete_path $metadata[2]
            case plain
                echo $metadata[2]
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


class _Whole(ShellComplete):
    """Of ``--option=value`` click hands over the value alone, though the shell replaces the whole word."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """What click offers, with the option before it that click took away."""
        before, equals, _value = incomplete.partition("=")
        option = before + equals if incomplete.startswith("--") and equals else ""
        items = super().get_completions(args, incomplete)
        for item in items if option else ():
            item.value = option + item.value
        return items


class Bash(_Whole, BashComplete):
    """Words are joined again where bash parted them; what stands in place of the last part alone is given."""

    name = "bash"
    source_template = _BASH
    _cut = 0
    _quoted = False

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before, and the one to complete, whole."""
        args, incomplete = super().get_completion_args()
        joined: list[str] = []
        parted = False
        for word in (*args, incomplete):
            breaks = bool(word) and not word.strip(_BREAKS)
            if joined and (breaks or parted):
                joined[-1] += word
            else:
                joined.append(word)
            parted = breaks
        *before, last = joined
        self._cut = max(map(last.rfind, _BREAKS)) + 1 if last != incomplete or parted else 0
        self._quoted = os.environ["COMP_WORDS"].split("\n")[-1].startswith(("'", '"'))
        return before, last

    def format_completion(self, item: CompletionItem) -> str:
        """What is to stand in place of the last word as bash sees it, so that it stays one word."""
        value = item.value[self._cut :]
        return f"{item.type},{value if self._quoted else _SPECIAL.sub(_ESCAPED, value)}"


class Zsh(_Whole, ZshComplete):
    """Every item has a description, so that one way of showing them does; colons in it part nothing."""

    name = "zsh"
    source_template = _ZSH

    def format_completion(self, item: CompletionItem) -> str:
        """Type, value and description, a line each."""
        value = item.value.replace(":", r"\:")
        return f"{item.type}\n{value}\n{item.help or item.value}"


class Fish(_Whole, FishComplete):
    """As click has it, with a script that keeps what follows a comma."""

    name = "fish"
    source_template = _FISH


for _shell in (Bash, Zsh, Fish):
    add_completion_class(_shell)
