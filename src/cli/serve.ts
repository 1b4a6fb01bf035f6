/** `ipmp-exporter [serve]`: reads the configuration, then hands it to the daemon. */

import { formatConfigurationError } from "../config/configuration-error.ts";
import { ConfigurationFile } from "../config/configuration-file.ts";
import { isErrors, report } from "./check-config.ts";
import { print, type Run } from "./command.ts";

export const run: Run = async (given, terminal) => {
  const path = given.text("config.file");
  const file = new ConfigurationFile(path, given.values, terminal.env);
  const configuration = file.load();
  if (given.has("config.check")) return report(path ?? "no file", configuration, terminal);
  if (isErrors(configuration)) {
    print(terminal.stderr, configuration.map(formatConfigurationError));
    return 1;
  }
  const { serve } = await import("../daemon/process/serve.ts");
  return serve({ configuration, reload: () => file.reload(), kill: () => process.kill(process.pid, "SIGKILL") });
};
