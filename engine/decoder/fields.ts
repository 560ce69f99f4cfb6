import type { Event, FieldName, FtsField } from '../event/event.ts';
import type { OrderEntry } from './decoder.ts';

/** The names that `<order>` may use, and the field of each. */
const FIELDS: Readonly<Record<string, FieldName>> = {
  dstuser: 'dstuser',
  user: 'dstuser',
  srcuser: 'srcuser',
  srcip: 'srcip',
  dstip: 'dstip',
  srcport: 'srcport',
  dstport: 'dstport',
  protocol: 'protocol',
  action: 'action',
  id: 'id',
  url: 'url',
  data: 'data',
  extra_data: 'data',
  status: 'status',
  system_name: 'systemname',
  filename: 'filename',
};

const LABELS: Partial<Record<FieldName, string>> = {
  protocol: 'proto',
  data: 'extra_data',
  systemname: 'system_name',
};

/** The field for a name in `<order>`; a name that OSSEC does not know makes a dynamic field of that name. */
export function orderEntry(name: string): OrderEntry {
  const field = FIELDS[name] ?? (name.includes('filename') ? 'filename' : undefined);
  if (field) return { label: labelOf(field), assign: ASSIGN[field] };
  return { label: name, assign: (event, value) => setDynamic(event, name, value) };
}

export function labelOf(field: FieldName): string {
  return LABELS[field] ?? field;
}

export function setDynamic(event: Event, name: string, value: string): void {
  event.dynamic ??= new Map();
  event.dynamic.set(name.toLowerCase(), value);
}

/** One function for each field: assigning by a variable name is several times slower. */
const ASSIGN: Readonly<Record<FieldName, OrderEntry['assign']>> = {
  srcuser: (event, value) => {
    event.srcuser = value;
  },
  dstuser: (event, value) => {
    event.dstuser = value;
  },
  srcip: (event, value) => {
    event.srcip = value;
  },
  dstip: (event, value) => {
    event.dstip = value;
  },
  srcport: (event, value) => {
    event.srcport = value;
  },
  dstport: (event, value) => {
    event.dstport = value;
  },
  protocol: (event, value) => {
    event.protocol = value;
  },
  action: (event, value) => {
    event.action = value;
  },
  id: (event, value) => {
    event.id = value;
  },
  url: (event, value) => {
    event.url = value;
  },
  data: (event, value) => {
    event.data = value;
  },
  status: (event, value) => {
    event.status = value;
  },
  systemname: (event, value) => {
    event.systemname = value;
  },
  filename: (event, value) => {
    event.filename = value;
  },
};

/** The order in which OSSEC searches an entry of `<fts>` for field names. */
const FTS_FIELDS: readonly [text: string, field: FtsField][] = [
  ['user', 'dstuser'],
  ['srcip', 'srcip'],
  ['dstip', 'dstip'],
  ['id', 'id'],
  ['location', 'location'],
  ['data', 'data'],
  ['system_name', 'systemname'],
  ['name', 'name'],
];

/** The field of an entry of `<fts>`; `srcuser` means `dstuser`, because it contains "user". */
export function ftsField(entry: string): FtsField | undefined {
  return FTS_FIELDS.find(([text]) => entry.includes(text))?.[1];
}
