/** One file of prom-client, which has types only for the whole. */

declare module "prom-client/lib/histogram.js" {
  export { Histogram as default } from "prom-client";
}
