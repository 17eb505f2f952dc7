# Prints what zsh offers behind words, a line each. Arguments: the completion script, then the words.
# Completion wants a line editor, and that a terminal: the words are typed into a zsh of its own, whose compadd writes down
# what it is told to offer.
zmodload zsh/zpty
offered=$(mktemp)
prepared="
  PROMPT=; autoload -U compinit; compinit -u -D; source ${(q)1}
  bindkey '^I' complete-word
  zstyle ':completion:*' insert-tab false
  compadd() {
    # With these it only fills arrays for its caller.
    if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd \"\$@\"; return; fi
    local -a hits
    builtin compadd -A hits \"\$@\"
    (( \$#hits )) && print -rl -- \$hits >> ${(q)offered}
  }
  comppostfuncs=(exit)
"
setup=$(mktemp)
print -r -- $prepared > $setup
shift
zpty shell zsh -f -i
zpty -w shell "source $setup; clear"
zpty -w -n shell "$*"$'\t'
# Until it has exited; what the terminal shows is of no interest.
while zpty -r shell; do :; done > /dev/null
sort -u $offered
rm -f $offered $setup
