/** Where a browser finds the page, for people: made of an address that was bound. */

/** Of every address, which no browser can be told. */
const ANY = /^(?:\[::\]|0\.0\.0\.0):/;

/** @param bound as listeners tell it: `[::]:10191`, `192.0.2.1:10191`, `unix:/run/x.sock` */
export function pageUrl(bound: readonly string[], isEncrypted: boolean): string | undefined {
  const address = bound.find((each) => !each.startsWith("unix:"));
  return address && `${isEncrypted ? "https" : "http"}://${address.replace(ANY, "localhost:")}/`;
}
