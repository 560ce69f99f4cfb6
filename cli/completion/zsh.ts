import type { Verb } from '../verb.ts';
import { type Completion, type OfferedOption, operandOf, optionsOf } from './words.ts';

/** A completion script for zsh. It starts no program: it contains the words, and reads the ledger's file names. */
export function zshCompletion(verbs: Readonly<Record<string, Verb>>, responses: readonly string[]): string {
  const entries = Object.entries(verbs);
  return `#compdef riposte
# zsh completion for riposte; put it into a directory of $fpath as _riposte
_riposte_blocked() {
  local -a files
  files=("\${RIPOSTE_HOME:-/var/ossec}"/var/riposte/blocks/*/*.json(N:t:r))
  files=(\${files//_/\\/})
  (( \${#files} )) && compadd -- \${files}
}

_riposte() {
  local -a verbs
  verbs=(
${entries.map(([name, { summary }]) => `    ${quoted(`${name}:${summary}`)}`).join('\n')}
    'help:show how a verb is used'
  )
  if (( CURRENT == 2 )); then
    _describe 'verb' verbs
    return
  fi
  local verb=$words[2]
  shift words
  (( CURRENT-- ))
  case $verb in
    help) _describe 'verb' verbs ;;
${entries.map(([name, verb]) => verbCase(name, verb, responses)).join('\n')}
  esac
}

if [ "$funcstack[1]" = _riposte ]; then
  _riposte "$@"
else
  compdef _riposte riposte
fi`;
}

function verbCase(name: string, verb: Verb, responses: readonly string[]): string {
  const operand = quoted(`*:operand:${action(operandOf(name, verb, responses))}`);
  const specs = [
    ...optionsOf(verb).map(spec),
    "'--debug[also print each step]'",
    "'--help[show how it is used]'",
    operand,
  ];
  return `    ${name})
      _arguments -S ${specs.join(' \\\n        ')}
      ;;`;
}

function spec({ name, text, value }: OfferedOption): string {
  const escapedText = text.replace(/[[\]\\:]/g, '\\$&');
  return quoted(`*${name}[${escapedText}]${value === undefined ? '' : `:value:${action(value)}`}`);
}

function action(completion: Completion): string {
  switch (completion.kind) {
    case 'words':
      return `(${completion.words.join(' ')})`;
    case 'files':
      return '_files';
    case 'directories':
      return '_files -/';
    case 'blocked':
      return '_riposte_blocked';
    case 'nothing':
      return ' ';
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
