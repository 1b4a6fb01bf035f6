/**
 * Which format a scraper is answered in: the first of its Accept that we write, as expfmt.Negotiate of prometheus/common has it, and text
 * format 0.0.4 for everybody else (browsers, curl). Never 406: a scrape in another format is better than none.
 */

export type FormatName = "text" | "openmetrics" | "protobuf";

export interface ExpositionFormat {
  readonly name: FormatName;
  readonly contentType: string;
}

/** A media range of Accept (RFC 9110, 12.5.1); parameter names and the type are in lower case. */
interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

const PROTOBUF = { proto: "io.prometheus.client.MetricFamily", encoding: "delimited" } as const;

/**
 * How names of more characters than `[a-zA-Z0-9_:]` would be written. All of ours are written as they are under each scheme, and the
 * answer says which it was asked for.
 */
const ESCAPINGS: ReadonlySet<string | undefined> = new Set(["allow-utf-8", "underscores", "dots", "values"]);

/** Scrapers send some 500 characters; looking for the end of each quoted string takes the square of the length. */
const LONGEST_ACCEPT = 2048;

/** What was answered to the headers of late: a scraper sends the same one each time. */
const known = new Map<string, ExpositionFormat>();
const KEPT = 16;

export function negotiate(accept = ""): ExpositionFormat {
  let chosen = known.get(accept);
  if (chosen === undefined) {
    chosen = choose(accept);
    if (known.size >= KEPT) known.clear();
    if (accept.length <= LONGEST_ACCEPT) known.set(accept, chosen);
  }
  return chosen;
}

function choose(accept: string): ExpositionFormat {
  let escaping: string | undefined;
  for (const { type, parameters } of rangesOf(accept)) {
    const asked = parameters.get("escaping");
    if (ESCAPINGS.has(asked)) escaping = asked;
    const version = parameters.get("version") ?? "";
    switch (type) {
      case "application/vnd.google.protobuf":
        if (parameters.get("proto") === PROTOBUF.proto && parameters.get("encoding") === PROTOBUF.encoding)
          return format("protobuf", `${type}; proto=${PROTOBUF.proto}; encoding=${PROTOBUF.encoding}`, escaping);
        break;
      case "application/openmetrics-text":
        // The two versions differ in nothing that we write.
        if (version === "1.0.0") return format("openmetrics", `${type}; version=1.0.0; charset=utf-8`, escaping);
        if (version === "" || version === "0.0.1")
          return format("openmetrics", `${type}; version=0.0.1; charset=utf-8`, escaping);
        break;
      case "text/plain":
        if (version === "1.0.0")
          return format("text", `${type}; version=1.0.0; charset=utf-8`, escaping ?? "underscores");
        if (version === "" || version === "0.0.4") return text(escaping);
        break;
      default: // not one that we write
    }
  }
  return text(escaping);
}

function text(escaping: string | undefined): ExpositionFormat {
  return format("text", "text/plain; version=0.0.4; charset=utf-8", escaping);
}

function format(name: FormatName, contentType: string, escaping: string | undefined): ExpositionFormat {
  return { name, contentType: escaping === undefined ? contentType : `${contentType}; escaping=${escaping}` };
}

/** Those that are wanted at all, the best first. */
function rangesOf(accept: string): MediaRange[] {
  if (accept.length > LONGEST_ACCEPT) return [];
  return outsideQuotes(accept, ",")
    .map(rangeOf)
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
}

function rangeOf(text: string): MediaRange {
  const [type = "", ...rest] = outsideQuotes(text, ";");
  const parameters = new Map(
    rest.map((parameter) => {
      const [name = "", ...value] = parameter.split("=");
      return [name.trim().toLowerCase(), unquoted(value.join("=").trim())];
    }),
  );
  const q = parameters.get("q");
  const quality = q === undefined ? 1 : Number(q);
  return { type: type.trim().toLowerCase(), parameters, quality: quality >= 0 && quality <= 1 ? quality : 1 };
}

function unquoted(value: string): string {
  return /^".*"$/.test(value) ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value;
}

/** Parts between separators that are in no quoted string. */
function outsideQuotes(text: string, separator: "," | ";"): string[] {
  return text.match(separator === "," ? /(?:"(?:[^"\\]|\\.)*"|[^,])+/g : /(?:"(?:[^"\\]|\\.)*"|[^;])+/g) ?? [];
}
