/** The shells that `tasks completion` knows. */
export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** A script that asks `tasks completion --words` for candidates; without any the shell offers files. */
export const completionScripts: Record<Shell, string> = {
  // bash splits words at ":" and "=", so the line is split here, and what stands before the last of them is cut off again.
  bash: `# bash completion for tasks
_tasks() {
  local line="\${COMP_LINE:0:COMP_POINT}" words current prefix candidate
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  current="\${words[\${#words[@]}-1]}"
  prefix="\${current%"\${current##*[:=]}"}"
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    COMPREPLY+=("\${candidate#"$prefix"}")
  done < <("\${words[0]}" completion --words "\${words[@]:1}" 2>/dev/null)
}
complete -o default -F _tasks tasks
`,
  zsh: `#compdef tasks
_tasks() {
  local -a candidates described
  local line
  candidates=("\${(@f)$("\${words[1]}" completion --words "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "\${(@)candidates}"; do
    [[ -n $line ]] || continue
    described+=("\${\${line%%$'\\t'*}//:/\\\\:}\${\${(M)line%%$'\\t'*}:+:\${line#*$'\\t'}}")
  done
  if (( \${#described} )); then
    _describe -V 'tasks' described
  else
    _files
  fi
}
if [[ $funcstack[1] == _tasks ]]; then
  _tasks "$@"
else
  compdef _tasks tasks
fi
`,
  fish: `# fish completion for tasks
function __tasks_candidates
  set -l words (commandline -opc) (commandline -ct)
  set -l found ($words[1] completion --words $words[2..] 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c tasks -f -a '(__tasks_candidates)'
`,
}
