import { dirname, isAbsolute, join } from 'node:path';
import { environmentIn, linesOf, withVariables, wordsOf } from './apache-directives.ts';
import { type ConfigurationHost, pathFrom } from './host.ts';
import { expanded, hasWildcard } from './wildcards.ts';

/** An effective directive. */
export interface ApacheDirective {
  /** In lower case. */
  readonly name: string;
  readonly words: readonly string[];
  readonly place: string;
  /** The start of the virtual host around it, as file and line; empty outside of virtual hosts. */
  readonly site: string;
  /** True inside of a <Macro>, whose text `Use` fills in. */
  readonly isInMacro: boolean;
}

/** The first file of the configuration, and Apache's settings outside of it. */
export interface ApacheStart {
  readonly file: string;
  /** The base of relative paths, unless a ServerRoot directive names another. */
  readonly serverRoot: string;
  /** `security2_module`, … as `apachectl -D DUMP_MODULES` lists them; undefined if Apache was not asked. */
  readonly modules: ReadonlySet<string> | undefined;
  /** The definitions that `<IfDefine>` tests; undefined if Apache was not asked. */
  readonly defines: ReadonlyMap<string, string> | undefined;
}

export interface ApacheText {
  readonly directives: readonly ApacheDirective[];
  readonly serverRoot: string;
  readonly problems: readonly string[];
}

/** Limits, in case files include each other, or a directory of configuration contains thousands of other files. */
const MOST_DEPTH = 30;
const MOST_FILES = 5000;
const MOST_DIRECTIVES = 200_000;
const TOO_MANY = 'too many files include each other: Riposte did not read the rest of these files';

/** The directives of a configuration in order, with included files in place. */
export function readApacheFiles(start: ApacheStart, host: ConfigurationHost): ApacheText {
  return new ApacheReader(start, host).readAll();
}

/** An open section, `<VirtualHost *:80>`. */
interface Section {
  readonly name: string;
  readonly isInForce: boolean;
  readonly site: string;
  readonly isInMacro: boolean;
}

const OUTSIDE: Section = { name: '', isInForce: true, site: '', isInMacro: false };

class ApacheReader {
  readonly #directives: ApacheDirective[] = [];
  readonly #problems: string[] = [];
  readonly #sections: Section[] = [];
  readonly #variables: Map<string, string>;
  /** The modules of the LoadModule directives so far, if Apache was not asked. */
  readonly #modules = new Set<string>();
  #serverRoot: string;
  #files = 0;

  constructor(
    private readonly start: ApacheStart,
    private readonly host: ConfigurationHost,
  ) {
    this.#serverRoot = start.serverRoot;
    const environment = host.read(join(dirname(start.file), 'envvars'));
    this.#variables = environment && 'text' in environment ? environmentIn(environment.text) : new Map();
  }

  readAll(): ApacheText {
    this.#readFile(this.start.file, 0);
    return { directives: this.#directives, serverRoot: this.#serverRoot, problems: this.#problems };
  }

  get #section(): Section {
    return this.#sections.at(-1) ?? OUTSIDE;
  }

  #readFile(file: string, depth: number): void {
    if (depth > MOST_DEPTH || ++this.#files > MOST_FILES) {
      if (!this.#problems.includes(TOO_MANY)) this.#problems.push(TOO_MANY);
      return;
    }
    const read = this.host.read(file);
    if (read === undefined || 'problem' in read) {
      this.#problems.push(`${file} ${read?.problem ?? 'is missing'}`);
      return;
    }
    const outer = this.#sections.length;
    for (const { text, line } of linesOf(read.text)) {
      if (this.#directives.length >= MOST_DIRECTIVES) break;
      const whole = withVariables(text, this.#variables);
      const place = `${file}:${line}`;
      if (whole.startsWith('</')) {
        if (this.#sections.length > outer) this.#sections.pop();
      } else if (whole.startsWith('<')) this.#open(whole, place);
      else if (this.#section.isInForce) this.#take(whole, place, depth);
    }
    this.#sections.length = outer;
  }

  #open(text: string, place: string): void {
    const [name = '', ...words] = wordsOf(text.slice(1).replace(/>\s*$/, ''));
    const { isInForce, site, isInMacro } = this.#section;
    const lower = name.toLowerCase();
    this.#sections.push({
      name: lower,
      isInForce: isInForce && this.#holds(lower, words[0] ?? ''),
      site: lower === 'virtualhost' ? place : site,
      isInMacro: isInMacro || lower === 'macro',
    });
    // The section's condition may make Apache look up the client's name.
    if (isInForce && !CONDITIONS.has(lower)) this.#add(`<${lower}>`, words, place);
  }

  /** True if a section is in force. If Apache was not asked, `<IfModule>` and `<IfDefine>` count as fulfilled. */
  #holds(section: string, word: string): boolean {
    const { modules, defines } = this.start;
    const isNegated = word.startsWith('!');
    const name = isNegated ? word.slice(1) : word;
    if (section === 'ifmodule') {
      const module = moduleName(name);
      if (module === undefined) return true;
      if (modules) return modules.has(module) !== isNegated;
      return !isNegated || !(this.#modules.has(module) || STATIC.has(module));
    }
    if (section === 'ifdefine') {
      const isDefined = this.#variables.has(name) || defines?.has(name) === true;
      return isNegated ? !isDefined : isDefined || defines === undefined;
    }
    return true;
  }

  #take(text: string, place: string, depth: number): void {
    const [name = '', ...words] = wordsOf(text);
    const [first = '', second = ''] = words;
    switch (name.toLowerCase()) {
      case 'define':
        this.#variables.set(first, second);
        return;
      case 'undefine':
        this.#variables.delete(first);
        return;
      case 'serverroot':
        this.#serverRoot = first;
        return;
      case 'include':
        for (const word of words) this.#include(word, true, place, depth);
        return;
      case 'includeoptional':
        for (const word of words) this.#include(word, false, place, depth);
        return;
      case 'loadmodule':
        this.#modules.add(first);
    }
    this.#add(name.toLowerCase(), words, place);
  }

  #add(name: string, words: readonly string[], place: string): void {
    const { site, isInMacro } = this.#section;
    this.#directives.push({ name, words, place, site, isInMacro });
  }

  #include(word: string, isNeeded: boolean, place: string, depth: number): void {
    const pattern = pathFrom(isAbsolute(word) ? word : join(this.#serverRoot, word));
    if (word.includes('${')) {
      this.#problems.push(`${place} includes ${word}, whose variable has no value here`);
      return;
    }
    const paths = expanded(pattern, this.host);
    for (const path of paths) {
      const inside = this.host.list(path);
      if (inside) this.#readDirectory(path, inside, depth);
      else if (isNeeded || hasWildcard(pattern) || this.host.read(path)) this.#readFile(path, depth + 1);
    }
  }

  /** Apache reads all files of an included directory and of the directories below it. */
  #readDirectory(directory: string, names: readonly string[], depth: number): void {
    if (depth > MOST_DEPTH) return;
    for (const name of names) {
      const path = join(directory, name);
      const inside = this.host.list(path);
      if (inside) this.#readDirectory(path, inside, depth + 1);
      else this.#readFile(path, depth + 1);
    }
  }
}

/** Sections that Apache evaluates while it reads the configuration; it evaluates other sections for each request. */
const CONDITIONS = new Set(['ifmodule', 'ifdefine', 'ifversion', 'iffile', 'ifdirective', 'ifsection']);

/** Modules that are compiled in on Debian or Red Hat, so no LoadModule names them. */
const STATIC = new Set(
  ['core', 'so', 'http', 'log_config', 'logio', 'version', 'unixd'].map((each) => `${each}_module`),
);

/** The identifier of a module that `<IfModule>` names by identifier or file; undefined for an unusual file name. */
function moduleName(word: string): string | undefined {
  if (word.endsWith('_module')) return word;
  const [, name] = /^mod_(\w+)\.c$/.exec(word) ?? [];
  return name === undefined ? undefined : `${name}_module`;
}
