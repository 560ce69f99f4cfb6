import type { PluginDecoder } from '../decoder.ts';
import { decodeJson } from './json.ts';
import { decodeOssecAlert } from './ossec-alert.ts';
import { decodePf } from './pf.ts';
import { decodeSonicWall } from './sonicwall.ts';
import { decodeSymantecWs } from './symantec-ws.ts';

/** The decoders in code, by their names in decoder.xml. */
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
