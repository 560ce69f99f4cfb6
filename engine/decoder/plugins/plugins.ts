import type { PluginDecoder } from '../decoder.ts';
import { decodeJson } from './json.ts';
import { decodeOssecAlert } from './ossec-alert.ts';
import { decodePf } from './pf.ts';
import { decodeSonicWall } from './sonicwall.ts';
import { decodeSymantecWs } from './symantec-ws.ts';

/** The decoders that are code, by the names that decoder.xml calls them. */
const PLUGINS: Readonly<Record<string, PluginDecoder>> = {
  PF_Decoder: decodePf,
  SymantecWS_Decoder: decodeSymantecWs,
  SonicWall_Decoder: decodeSonicWall,
  OSSECAlert_Decoder: decodeOssecAlert,
  JSON_Decoder: decodeJson,
};

export function pluginDecoder(name: string): PluginDecoder | undefined {
  return Object.hasOwn(PLUGINS, name) ? PLUGINS[name] : undefined;
}
