"""``reeltop completion``: a script that teaches a shell to complete reeltop's words."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from backend.cli.command import Arguments, Command
from backend.cli.exits import Exit
from backend.language import N_, _

if TYPE_CHECKING:
    from backend.cli.output import Output

# `reeltop __complete WORD…` prints a word and its meaning a line, with a tab between; see main.py.
BASH = r"""
_reeltop() {
    local IFS=$'\n' current="${COMP_WORDS[COMP_CWORD]}" line words=() kind=""
    local -a said
    COMPREPLY=()
    mapfile -t said < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    for line in "${said[@]}"; do
        case "$line" in
            files) kind=-f ;;
            folders) kind=-d ;;
            *) words+=("${line%%$'\t'*}") ;;
        esac
    done
    if [[ -n $kind ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen "$kind" -- "$current")
        return
    fi
    COMPREPLY=("${words[@]}")
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
}
complete -F _reeltop reeltop
"""
ZSH = r"""#compdef reeltop
_reeltop() {
    local line word meaning
    local -a said described
    said=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    for line in $said; do
        case $line in
            files) _files; return ;;
            folders) _files -/; return ;;
            '') ;;
            *)
                word=${line%%$'\t'*} meaning=${line#*$'\t'}
                described+=("${word//:/\\:}:$meaning")
                ;;
        esac
    done
    _describe -V 'reeltop' described
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _reeltop "$@"
else
    compdef _reeltop reeltop
fi
"""
FISH = r"""
function __reeltop_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] __complete $words[2..] 2>/dev/null)
        switch $line
            case files
                __fish_complete_path (commandline -ct)
            case folders
                __fish_complete_directories (commandline -ct)
            case '*'
                echo $line
        end
    end
end
complete -c reeltop -f -k -a '(__reeltop_complete)'
"""
_SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


def _run(args: Namespace, output: Output) -> int:
    output.text(_SCRIPTS[args.shell].strip())
    return Exit.DONE


def _arguments(parser: Arguments) -> None:
    parser.add_argument("shell", choices=list(_SCRIPTS), help=_("which shell"))


COMMAND = Command(
    description=N_("""\
Print a script with which a shell completes commands, options, and the accounts, operations, fields and
tasks that there are."""),
    epilog=N_("""\
examples:
  reeltop completion bash > ~/.local/share/bash-completion/completions/reeltop
  reeltop completion zsh > ~/.zfunc/_reeltop          with fpath+=~/.zfunc before compinit
  reeltop completion fish > ~/.config/fish/completions/reeltop.fish"""),
    arguments=_arguments,
    has_json=False,
    run=_run,
)
