import { MailScene, until } from './lab/mail-scene.ts';
const s = await MailScene.create();
for (const N of [50]) {
const t = Date.now();
let max = 0;
const r = await Promise.all(Array.from({length: N}, async (_, n) => { const t0=Date.now(); const e = await s.alert(`1795166136.${n}`, `198.51.100.${n}`); max=Math.max(max, Date.now()-t0); return e.exitCode; }));
console.log(N, 'at once', Date.now()-t, 'ms; slowest', max, new Set(r));
for (let i=0;i<12;i++) { await new Promise(r=>setTimeout(r,1500)); console.log(Date.now()-t, s.server.tries, s.server.subjects.length, await s.spool(), await s.at.read('var/riposte/spool/lock'), await s.at.read('var/riposte/spool/state')); }
console.log(s.server.subjects);
}
const u=[];
for (let i=0;i<10;i++){ const t0=performance.now(); await s.alert(`1795166137.${i}`); u.push(Math.round(performance.now()-t0)); }
console.log('one after the other', u);
await s.rest();
await s.server.close(); await s.at.remove();
process.exit(0);
