import type { Verb } from '../verb.ts';
import { type Completion, operandOf, optionsOf } from './words.ts';

/** A completion script for bash. It starts no program: it contains the words, and reads the ledger's file names. */
export function bashCompletion(verbs: Readonly<Record<string, Verb>>, responses: readonly string[]): string {
  const names = Object.keys(verbs);
  return `# bash completion for riposte; put it into /etc/bash_completion.d/riposte
_riposte_blocked() {
  local file
  for file in "\${RIPOSTE_HOME:-/var/ossec}"/var/riposte/blocks/*/*.json; do
    file=\${file##*/}
    file=\${file%.json}
    # IPv6 addresses are left out, because bash takes a colon for the end of a word.
    case $file in *[!0-9._]*) ;; *) echo "\${file/_//}" ;; esac
  done
}

_riposte() {
  local word=\${COMP_WORDS[COMP_CWORD]} before= verb=\${COMP_WORDS[1]}
  COMPREPLY=()
  [ "$COMP_CWORD" -gt 0 ] && before=\${COMP_WORDS[COMP_CWORD - 1]}
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${[...names, 'help', '--version'].join(' ')}' -- "$word"))
    return
  fi
  case $verb in
    help) COMPREPLY=($(compgen -W '${names.join(' ')}' -- "$word")) ;;
${names.map((name) => verbCase(name, verbs[name] as Verb, responses)).join('\n')}
  esac
}

complete -F _riposte riposte`;
}

function verbCase(name: string, verb: Verb, responses: readonly string[]): string {
  const options = optionsOf(verb);
  const values = options.flatMap(({ name: option, value }) =>
    value === undefined ? [] : [`        ${option}) ${reply(value)}; return ;;`],
  );
  const offered = [...options.map(({ name: option }) => option), '--debug', '--help'].join(' ');
  return `    ${name})
      case $before in
${[...values, '        *) ;;'].join('\n')}
      esac
      case $word in
        -*) COMPREPLY=($(compgen -W '${offered}' -- "$word")) ;;
        *) ${reply(operandOf(name, verb, responses))} ;;
      esac
      ;;`;
}

function reply(completion: Completion): string {
  switch (completion.kind) {
    case 'words':
      return `COMPREPLY=($(compgen -W '${completion.words.join(' ')}' -- "$word"))`;
    case 'files':
      return `compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$word")`;
    case 'directories':
      return `compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$word")`;
    case 'blocked':
      return `COMPREPLY=($(compgen -W "$(_riposte_blocked)" -- "$word"))`;
    case 'nothing':
      return 'COMPREPLY=()';
  }
}
