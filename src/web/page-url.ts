/** Where a browser finds the page, for people: made of an address that was bound. */

/** Of every address, which no browser can be told. */
const ANY = /^(?:\[::\]|0\.0\.0\.0):/;

/** Unix sockets, which no browser can be told either. */
const NO_TCP = /^(?:unix|fd):/;

/** @param bound as listeners tell it: `[::]:10191`, `192.0.2.1:10191`, `unix:/run/x.sock`, `fd:3` */
export function pageUrl(bound: readonly string[], isEncrypted: boolean): string | undefined {
  const address = bound.find((each) => !NO_TCP.test(each));
  return address && `${isEncrypted ? "https" : "http"}://${address.replace(ANY, "localhost:")}/`;
}
