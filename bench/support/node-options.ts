/** How Node is started where the program runs as it is packaged. */

/**
 * V8 keeps the young objects in semi-spaces, which grow to 16 MB each under scrapes, and stay. With 1 MB, four links need 92 MB
 * instead of 123 after 1,500 scrapes, a thousand links 144 instead of 194, and no figure of speed changes. A program that runs
 * cannot set it. The packages, the image and `npm start` do.
 */
export const PACKAGED_NODE_OPTIONS: readonly string[] = ["--max-semi-space-size=1"];

/**
 * As a hub for many devices: their answers are many young objects, which outlive semi-spaces of 1 MB and are then collected with all the
 * rest. 200 devices of 48 ports took 18 to 22 % of a core with 1 MB, 16 with 4, 14 with 16, and 500 MB instead of 650.
 */
export const HUB_NODE_OPTIONS: readonly string[] = ["--max-semi-space-size=16"];
