import type { Dialect } from '../../dialect.ts';
import type { JsonOptions, PluginDecoder } from '../decoder.ts';
import { decodeJson } from './json.ts';
import { decodeOssecAlert } from './ossec-alert.ts';
import { decodePf } from './pf.ts';
import { decodeSonicWall } from './sonicwall.ts';
import { decodeSymantecWs } from './symantec-ws.ts';
import { wazuhJson } from './wazuh-json.ts';

/** The decoders in code, by their names in decoder.xml. */
const PLUGINS: Readonly<Record<string, PluginDecoder>> = {
  PF_Decoder: decodePf,
  SymantecWS_Decoder: decodeSymantecWs,
  SonicWall_Decoder: decodeSonicWall,
  OSSECAlert_Decoder: decodeOssecAlert,
  JSON_Decoder: decodeJson,
};

/** @param json the options of the decoder; later elements of the decoder may still set them */
export function pluginDecoder(name: string, dialect: Dialect, json: JsonOptions): PluginDecoder | undefined {
  if (dialect === 'wazuh' && name === 'JSON_Decoder') return wazuhJson(json);
  return Object.hasOwn(PLUGINS, name) ? PLUGINS[name] : undefined;
}
