/** How Node is started where the program runs as it is packaged. */

/**
 * V8 keeps the young objects in semi-spaces, which grow to 16 MB each under scrapes, and stay. With 1 MB, four links need 92 MB
 * instead of 123 after 1,500 scrapes, a thousand links 144 instead of 194, and no figure of speed changes. A program that runs
 * cannot set it. The packages, the image and `npm start` do.
 */
export const PACKAGED_NODE_OPTIONS: readonly string[] = ["--max-semi-space-size=1"];
