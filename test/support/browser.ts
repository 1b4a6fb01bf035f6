/**
 * Debian's Chromium for tests of the page, and a way from it to a program in a network namespace: the program listens on a Unix
 * socket, which lies in the file system that everybody shares.
 */

import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { root } from "./root.ts";

const CHROMIUM = "/usr/bin/chromium";

/** Why there is no browser here, or false: for the `skip` of a test. */
export const NO_BROWSER: string | false = existsSync(CHROMIUM) ? false : `needs Chromium at ${CHROMIUM}`;

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    ],
  });
}

/** A TCP port of this machine behind which a Unix socket answers, and which can be cut. */
export class Proxy {
  readonly url: string;
  readonly #sockets: Set<Socket>;
  readonly #close: () => Promise<void>;
  readonly #state: { cut: boolean };

  private constructor(url: string, sockets: Set<Socket>, state: { cut: boolean }, close: () => Promise<void>) {
    this.url = url;
    this.#sockets = sockets;
    this.#state = state;
    this.#close = close;
  }

  static async to(socketPath: string): Promise<Proxy> {
    const sockets = new Set<Socket>();
    const state = { cut: false };
    const server = createServer((client) => {
      if (state.cut) {
        client.destroy();
        return;
      }
      const upstream = connect(socketPath);
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        sockets.add(socket);
        socket.on("error", () => {}); // a reset is one way to end
        socket.on("close", () => {
          sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("The proxy has no port");
    const close = async (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    };
    return new Proxy(`http://127.0.0.1:${address.port}/`, sockets, state, close);
  }

  /** Nobody gets through any more, as when a network fails. */
  cut(): void {
    this.#state.cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#state.cut = false;
  }

  close(): Promise<void> {
    return this.#close();
  }
}

export interface Visit {
  readonly page: Page;
  /** What the console complained about, and what was asked of anybody else. */
  readonly complaints: readonly string[];
}

/** A page of its own, watched: errors and requests to other places are complaints. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== "data:" && origin !== new URL(url).origin) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}

/** How many pixels the page is wider than its window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

/** A large window, smaller ones, and telephones. */
const WIDTHS = [1280, 1024, 800, 360, 320];

/** Loads a page without JavaScript in windows of several widths. @returns where it would have to be scrolled sideways, and how far */
export async function overflows(browser: Browser, url: string): Promise<string[]> {
  const context = await browser.newContext({ javaScriptEnabled: false });
  try {
    const page = await context.newPage();
    const found: string[] = [];
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto(url);
      const overflow = await overflowOf(page);
      if (overflow > 0) found.push(`${overflow} pixels wider than ${width}`);
    }
    return found;
  } finally {
    await context.close();
  }
}

/** What axe finds that is serious or critical: one line each, with where. */
export async function accessibilityViolations(page: Page): Promise<string[]> {
  // Evaluated over the debugging protocol: the page's policy forbids scripts that are not its own, and is left as it is.
  await page.evaluate(readFileSync(root("node_modules", "axe-core", "axe.min.js"), "utf8"));
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { readonly axe: Axe }).axe.run(); // the line above puts it there
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ target, html }) => `${target.join(" ")} ${html}`).join("; ")}`);
  });
}

interface Axe {
  run(): Promise<{
    readonly violations: readonly {
      readonly id: string;
      readonly impact?: string | null;
      readonly nodes: readonly { readonly target: readonly unknown[]; readonly html: string }[];
    }[];
  }>;
}
