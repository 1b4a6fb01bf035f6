/**
 * The runbooks, one for each alert, where the alert's link leads: they travel with the program, so that somebody who is woken up has them as long as
 * there is a path to the exporter. They need no collection, are there while the program starts, and say nothing about this host: so whatever name the
 * link calls it by, it is answered.
 */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Request, Response } from "express";
import { packageFile } from "../../config/package-file.ts";
import { HttpError, type Route } from "../route.ts";
import type { Assets } from "./assets.ts";
import { markdown } from "./markdown.ts";
import { html } from "./markup.ts";
import { RenderedPage } from "./rendered-pages.ts";

/** In a checkout and in every package. */
const FOLDER = fileURLToPath(packageFile("docs/runbooks/"));
const INDEX = "README";

export function runbookRoutes(assets: Assets): Route[] {
  const send = async (name: string, request: Request, response: Response): Promise<void> => {
    const text = await runbook(name);
    return new RenderedPage(runbookPage(text, name, assets)).send(request, response);
  };
  return [
    {
      path: "/runbooks/",
      guards: [],
      methods: { GET: (request, response) => send(INDEX, request, response) },
    },
    {
      path: "/runbooks/:name",
      guards: [],
      methods: {
        GET: (request, response) => {
          const { name } = request.params;
          return send(String(name), request, response);
        },
      },
    },
  ];
}

/** @throws HttpError 404 when there is none of that name */
async function runbook(name: string): Promise<string> {
  // Nothing but a name gets into the path.
  const text = /^[A-Za-z]+$/.test(name)
    ? await readFile(`${FOLDER}${name}.md`, "utf8").catch(() => undefined)
    : undefined;
  if (text === undefined)
    throw new HttpError(404, `There is no runbook ${JSON.stringify(name)}; /runbooks/ lists them`);
  return text;
}

/** Links lead to other runbooks; what else they name lies in the repository, and not here. */
const linkTo = (target: string): string | undefined => /^([A-Za-z]+)\.md$/.exec(target)?.[1];

function runbookPage(text: string, name: string, assets: Assets): string {
  const isIndex = name === INDEX;
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${isIndex ? "Runbooks" : name}</title>
<link rel="stylesheet" href="../assets/${assets.name}/page.css">
</head>
<body>
<a class="skip" href="#main">To the text</a>
<header class="top"><a href="../">IPMP Exporter</a></header>
<main id="main" class="text">
${!isIndex && html`<p class="quiet"><a href="./">All runbooks</a></p>\n`}${markdown(text, linkTo)}</main>
</body>
</html>
`.text;
}
