const PAGES = [
  '/',
  '/index.html',
  '/blog/2026/11/an-article',
  '/style.css?ver=5',
  '/logo.png',
  '/api/items?page=3',
  '/favicon.ico',
  '/about',
  '/shop.php?id=12',
  '/gone',
];
const CODES = [200, 200, 200, 200, 200, 304, 301, 404, 200, 404];
const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0',
  'curl/8.5.0',
];

const two = (value: number) => String(value).padStart(2, '0');

/**
 * Returns a line of a combined log of plain traffic. The same index always gives the same line. One request in five is
 * for a missing page.
 *
 * @param sources the number of sources, up to 16 million
 */
export function plainLine(index: number, sources: number): string {
  const { client, time, path, status, size, agent } = plainRequest(index, sources);
  return `${client} - - [20/Nov/2026:${time} +0000] "GET ${path} HTTP/1.1" ${status} ${size} "${REFERER}" "${agent}"\n`;
}

/** The same request in JSON, as nginx writes it with `escape=json`. */
export function plainJsonLine(index: number, sources: number): string {
  const { client, time, path, status, size, agent } = plainRequest(index, sources);
  return (
    `{"time_iso8601":"2026-11-20T${time}+00:00","remote_addr":"${client}","remote_user":"","request":"GET ${path} HTTP/1.1",` +
    `"status":"${status}","body_bytes_sent":"${size}","http_referer":"${REFERER}","http_user_agent":"${agent}"}\n`
  );
}

const REFERER = 'https://www.example.org/';

function plainRequest(index: number, sources: number) {
  const source = (index * 7919) % sources;
  const second = Math.floor(index / 50);
  const time = `${two(Math.floor(second / 3600) % 24)}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
  const page = (index * 31 + Math.floor(index / 10)) % PAGES.length;
  return {
    client: `10.${source >> 16}.${(source >> 8) & 255}.${source & 255}`,
    time,
    path: PAGES[page],
    status: CODES[page],
    size: 1000 + page,
    agent: AGENTS[index % 3],
  };
}
