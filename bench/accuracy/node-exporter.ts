/** node_exporter's counters of links, as Prometheus reads them. */

import { get } from "node:http";
import { type Counts, counts } from "./counts.ts";

/** By device; undefined while nobody answers. */
export async function askNodeExporter(port: number): Promise<Map<string, Counts> | undefined> {
  const text = await fetchText(`http://127.0.0.1:${port}/metrics`).catch(() => undefined);
  return text === undefined ? undefined : parse(text);
}

function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve(body)).on("error", reject);
    }).on("error", reject);
  });
}

/** node_network_receive_bytes_total{device="va"} 1.234e+06: a float, exact up to 2^53. */
function parse(text: string): Map<string, Counts> {
  const devices = new Map<string, Record<string, bigint>>();
  for (const [, name = "", device = "", value = ""] of text.matchAll(
    /^node_network_(\w+)_total\{device="([^"]*)"\} (\S+)$/gm,
  )) {
    const row = devices.get(device) ?? {};
    devices.set(device, row);
    row[name] = BigInt(Number(value));
  }
  return new Map([...devices].map(([device, row]) => [device, counts((name) => row[name] ?? 0n)]));
}
