/** IPMP-EXPORTER-MIB, read from the module that ships: its tables, scalars and notifications with their OIDs. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../build.js";
import { code, plain, table } from "./markdown.js";

/**
 * @typedef {object} Definition
 * @property {string} name
 * @property {string} kind MODULE-IDENTITY, OBJECT-TYPE, …
 * @property {string} syntax
 * @property {string} access
 * @property {string} units
 * @property {readonly string[]} index
 * @property {readonly string[]} objects of a notification
 * @property {string} description
 * @property {string} parent
 * @property {string} oid
 */

/** Where the module is rooted, as its MODULE-IDENTITY says: `{ enterprises netSnmp(8072) … 10191 }`. */
const ENTERPRISES = "1.3.6.1.4.1";

/** Every definition of the module, in its order. @returns {readonly Definition[]} */
export function definitions() {
  const module = readFileSync(join(ROOT, "mibs", "IPMP-EXPORTER-MIB"), "utf8");
  const text = module.slice(module.indexOf(";")).replaceAll(/^\s*--.*$/gm, ""); // what follows IMPORTS
  /** @type {Map<string, string>} */
  const oids = new Map();
  const form =
    /^(\w+)\s+(?:(OBJECT-TYPE|NOTIFICATION-TYPE|MODULE-IDENTITY|OBJECT-IDENTITY)([\s\S]*?)|OBJECT IDENTIFIER\s*)::=\s*\{([^}]*)\}/gm;
  return [...text.matchAll(form)].map(([, name = "", kind = "OBJECT IDENTIFIER", body = "", place = ""]) => {
    const [parent = "", ...rest] = place.trim().split(/\s+/);
    const numbers = rest.map((part) => part.replace(/^.*\((\d+)\)$/, "$1"));
    const base = parent === "enterprises" ? ENTERPRISES : oids.get(parent);
    if (base === undefined)
      throw new Error(`mibs/IPMP-EXPORTER-MIB: ${name} hangs below ${parent}, which is not defined before`);
    const oid = [base, ...numbers].join(".");
    oids.set(name, oid);
    return { name, kind, parent, oid, ...clauses(body) };
  });
}

/** @param {string} body */
function clauses(body) {
  const [, description = ""] = /DESCRIPTION\s+"([^"]*)"/.exec(body) ?? [];
  return {
    syntax: one(body, /SYNTAX\s+([\s\S]*?)\s+(?:UNITS|MAX-ACCESS)/),
    access: one(body, /MAX-ACCESS\s+(\S+)/),
    units: one(body, /UNITS\s+"([^"]*)"/),
    index: list(one(body, /INDEX\s+\{([^}]*)\}/)),
    objects: list(one(body, /OBJECTS\s+\{([^}]*)\}/)),
    description: description.replaceAll(/\s+/g, " ").trim(),
  };
}

/** @param {string} text @param {RegExp} form */
const one = (text, form) => (form.exec(text)?.[1] ?? "").replaceAll(/\s+/g, " ").trim();
/** @param {string} text */
const list = (text) =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);

/** A section for each table of the module. */
export function mibTables() {
  const all = definitions();
  return all
    .filter(({ syntax }) => syntax.startsWith("SEQUENCE OF"))
    .map(({ name, oid, description }) => {
      const entry = all.find(({ parent }) => parent === name);
      if (entry === undefined) throw new Error(`mibs/IPMP-EXPORTER-MIB: ${name} has no entry`);
      const columns = all.filter(({ parent }) => parent === entry.name);
      const rows = columns.map((column) => [
        column.oid.slice(entry.oid.length + 1),
        code(column.name),
        syntaxOf(column) + (column.access === "not-accessible" ? ", index only" : ""),
        plain(column.description),
      ]);
      const head = `${plain(description)} ${code(oid)}, indexed by ${entry.index.map(code).join(" and ")}.`;
      return `### ${name}\n\n${head}\n\n${table(["column", "name", "syntax", "meaning"], rows)}`;
    })
    .join("\n\n");
}

/** @param {Definition} definition */
const syntaxOf = ({ syntax, units }) => plain(syntax) + (units === "" ? "" : ` (${units})`);

/** Objects outside of tables. */
export function mibScalars() {
  const all = definitions();
  const entries = new Set(all.filter(({ index }) => index.length > 0).map(({ name }) => name));
  const scalars = all.filter(({ access, parent }) => access === "read-only" && !entries.has(parent));
  const rows = scalars.map((scalar) => [
    code(scalar.name),
    code(`${scalar.oid}.0`),
    syntaxOf(scalar),
    plain(scalar.description),
  ]);
  return table(["name", "instance", "syntax", "meaning"], rows);
}

export function mibNotifications() {
  const rows = definitions()
    .filter(({ kind }) => kind === "NOTIFICATION-TYPE")
    .map(({ name, oid, objects, description }) => [
      code(name),
      code(oid),
      objects.map(code).join(", "),
      plain(description),
    ]);
  return table(["name", "OID", "carries", "when"], rows);
}
