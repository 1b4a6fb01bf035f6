/** Pages as rendered, each once for everybody who looks at the same snapshot: a hundred viewers cost what one costs. */

import { createHash } from "node:crypto";
import type { Request, Response } from "express";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import { encodingFor, SharedBody } from "../compression.ts";

/** Octets of the pages of one snapshot. More are rendered and not kept: whoever asks for ever new ones costs himself most. */
const KEPT_OCTETS = 4 * 1024 * 1024;

export class RenderedPage {
  /** Of HTTP. */
  readonly status: number;
  readonly #body: SharedBody;
  readonly #tag: string;

  constructor(text: string, status = 200) {
    this.status = status;
    const body = Buffer.from(text);
    this.#body = new SharedBody(body);
    // Weak: the same page under several content codings (RFC 9110, 8.8.3).
    this.#tag = `W/"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  }

  get octets(): number {
    return this.#body.bytes.length;
  }

  async send(request: Request, response: Response): Promise<void> {
    response.status(this.status);
    response.set("Cache-Control", "private, no-cache").set("ETag", this.#tag).vary("Accept-Encoding").type("text/html");
    if (request.fresh) {
      response.status(304).end();
      return;
    }
    const encoding = encodingFor(request, this.octets);
    if (encoding !== undefined) response.set("Content-Encoding", encoding.name);
    response.send(encoding === undefined ? this.#body.bytes : await this.#body.in(encoding));
  }
}

export class RenderedPages {
  #snapshot: Snapshot | undefined;
  readonly #pages = new Map<string, RenderedPage>();
  #octets = 0;

  /** `address` tells pages of one snapshot apart; `render` is called when there is none yet. What nobody should have asked for is not kept. */
  of(snapshot: Snapshot, address: string, render: () => RenderedPage): RenderedPage {
    if (snapshot !== this.#snapshot) {
      this.#snapshot = snapshot;
      this.#pages.clear();
      this.#octets = 0;
    }
    const known = this.#pages.get(address);
    if (known) return known;
    const page = render();
    if (page.status === 200 && this.#octets + page.octets <= KEPT_OCTETS) {
      this.#octets += page.octets;
      this.#pages.set(address, page);
    }
    return page;
  }
}
