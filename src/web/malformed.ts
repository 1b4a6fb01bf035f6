/** Requests that Node's parser lets through and HTTP/1.1 does not (RFC 9112), refused before anybody looks at them. */

import type { IncomingMessage, ServerResponse } from "node:http";

interface Rule {
  readonly status: number;
  readonly message: string;
  broken(request: IncomingMessage): boolean;
}

/** uri-host and port of RFC 3986, 3.2.2 and 3.2.3. */
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[\w.~%!$&'()*+,;=-]*)(?::\d*)?$/;

const RULES: readonly Rule[] = [
  {
    status: 400,
    message: "Expected HTTP/1.1 or HTTP/1.0",
    broken: ({ httpVersionMajor }) => httpVersionMajor !== 1,
  },
  {
    // RFC 9112, 3.2: one Host, or who is meant is anybody's guess.
    status: 400,
    message: "Expected one Host header with a host name or an address",
    broken: ({ headersDistinct: { host = [] } }) => host.length > 1 || host.some((name) => !HOST.test(name)),
  },
  {
    // RFC 9112, 6.1: a transfer coding that is not understood.
    status: 501,
    message: "Expected no transfer coding but chunked",
    broken: ({ headersDistinct: { "transfer-encoding": codings = [] } }) =>
      codings.length > 1 || codings.some((coding) => coding.trim().toLowerCase() !== "chunked"),
  },
];

/** Whether the request was malformed; it is then answered, and its connection ends. */
export function answerMalformed(request: IncomingMessage, response: ServerResponse): boolean {
  const rule = RULES.find(({ broken }) => broken(request));
  if (rule === undefined) return false;
  response.writeHead(rule.status, { "Content-Type": "text/plain; charset=utf-8", Connection: "close" });
  response.end(`${rule.message}\n`);
  return true;
}
