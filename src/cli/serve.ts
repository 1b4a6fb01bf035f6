/** `ipmp-exporter [serve]`: reads the configuration, then hands it to the daemon. */

import { formatConfigurationError } from "../config/configuration-error.ts";
import { loadConfiguration } from "../config/load.ts";
import { isErrors, report } from "./check-config.ts";
import { print, type Run } from "./command.ts";

export const run: Run = async (given, terminal) => {
  const file = given.text("config.file");
  const configuration = loadConfiguration(file, given.values, terminal.env);
  const reload = () => loadConfiguration(file, given.values, terminal.env, "files");
  if (given.has("config.check")) return report(file ?? "no file", configuration, terminal);
  if (isErrors(configuration)) {
    print(terminal.stderr, configuration.map(formatConfigurationError));
    return 1;
  }
  const { serve } = await import("../daemon/process/serve.ts");
  return serve({ configuration, reload });
};
