/** A line of Apache's combined log. @param time milliseconds since 1970 */
export function request(
  address: string,
  path: string,
  status: number,
  time: number,
  agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0',
): string {
  const [, day, month, year, clock] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(time).toUTCString()) ?? [];
  return `${address} - - [${day}/${month}/${year}:${clock} +0000] "GET ${path} HTTP/1.1" ${status} 321 "-" "${agent}"\n`;
}

/** One request by a tool that a rule names. The request raises an alert at once. */
export const morfeus = (address: string, time = Date.now()): string =>
  request(address, '/user/soapCaller.bs', 404, time, 'Morfeus Fucking Scanner');

/** Requests for this many different missing pages within a second. @param from the number of the first page */
export const burst = (address: string, count: number, time = Date.now(), from = 0): string =>
  Array.from({ length: count }, (_, index) => request(address, `/page${from + index}.php`, 404, time)).join(
    '',
  );

/** A visitor's requests: 30 pages with their images, two missing pages, and a login. */
export function visit(address: string, time = Date.now()): string {
  const pages = Array.from(
    { length: 30 },
    (_, index) =>
      request(address, `/articles/${index}.html`, 200, time) +
      request(address, `/images/${index}.png`, index % 3 === 0 ? 304 : 200, time),
  );
  const missing = request(address, '/favicon.ico', 404, time) + request(address, '/old-page.html', 404, time);
  const login = `${request(address, '/login', 200, time).replace('GET', 'POST')}${request(address, '/account', 302, time)}`;
  return pages.join('') + missing + login;
}
