/** `ipmp-exporter version`. */

import { readBuild } from "../config/build.ts";
import { print, type Run } from "./command.ts";

export const run: Run = async (_given, { stdout }) => {
  const { version, revision } = readBuild();
  print(stdout, [`ipmp-exporter, version ${version} (revision: ${revision})`, `  node version: ${process.version}`]);
  return 0;
};
