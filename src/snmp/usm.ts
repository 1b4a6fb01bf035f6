/**
 * The cryptography of the User-based Security Model: keys (RFC 3414 appendix A.2), digests (RFC 3414, RFC 7860) and AES
 * (RFC 3826). AES-256 has no RFC: net-snmp extends keys as draft-blumenthal-aes-usm says, Cisco as draft-reeder-snmpv3-usm-3desede.
 */

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";

/** Hash of the key, and the octets of the digest that are sent. */
const AUTHENTICATION = {
  "SHA-1": { hash: "sha1", digest: 12 },
  "SHA-224": { hash: "sha224", digest: 16 },
  "SHA-256": { hash: "sha256", digest: 24 },
  "SHA-384": { hash: "sha384", digest: 32 },
  "SHA-512": { hash: "sha512", digest: 48 },
} as const;
export type AuthProtocol = keyof typeof AUTHENTICATION;

const PRIVACY = {
  "AES-128": { cipher: "aes-128-cfb", key: 16, extend: undefined },
  "AES-256": { cipher: "aes-256-cfb", key: 32, extend: extendByHash },
  "AES-256-C": { cipher: "aes-256-cfb", key: 32, extend: extendByPassword },
} as const;
export type PrivProtocol = keyof typeof PRIVACY;

/** RFC 3414 section 11.2: shorter passwords are guessed from one message. */
export const SHORTEST_PASSWORD = 8;

export interface UsmUser {
  readonly name: string;
  readonly auth: { readonly protocol: AuthProtocol; readonly password: string };
  /** Undefined: authNoPriv. */
  readonly priv?: { readonly protocol: PrivProtocol; readonly password: string } | undefined;
}

const STRETCHED_OCTETS = 1_048_576;

/** Password to key to localized key. */
export function localizedKey(hash: string, password: Uint8Array, engineId: Uint8Array): Buffer {
  const stretched = createHash(hash).update(Buffer.alloc(STRETCHED_OCTETS, password)).digest();
  return createHash(hash).update(stretched).update(engineId).update(stretched).digest();
}

function extendByHash(hash: string, key: Buffer): Buffer {
  return createHash(hash).update(key).digest();
}

function extendByPassword(hash: string, key: Buffer, engineId: Uint8Array): Buffer {
  // The last key is the password of the next one.
  const size = createHash(hash).digest().length;
  return localizedKey(hash, key.subarray(-size), engineId);
}

/** A user at one engine: what it takes to prove and to hide. */
export class LocalizedUser {
  readonly name: Buffer;
  readonly digestLength: number;
  readonly privacy: boolean;
  readonly #hash: string;
  readonly #authKey: KeyObject;
  readonly #cipher: string | undefined;
  readonly #privKey: KeyObject | undefined;

  /** @throws RangeError when a password is too short. */
  constructor({ name, auth, priv }: UsmUser, engineId: Uint8Array) {
    const { hash, digest } = AUTHENTICATION[auth.protocol];
    this.name = Buffer.from(name);
    this.digestLength = digest;
    this.privacy = priv !== undefined;
    this.#hash = hash;
    this.#authKey = createSecretKey(localizedKey(hash, octetsOf(name, auth.password), engineId));
    if (priv === undefined) return;
    const { cipher, key: length, extend } = PRIVACY[priv.protocol];
    let key = localizedKey(hash, octetsOf(name, priv.password), engineId);
    while (extend && key.length < length) key = Buffer.concat([key, extend(hash, key, engineId)]);
    this.#cipher = cipher;
    this.#privKey = createSecretKey(key.subarray(0, length));
  }

  /** The digest of a message, in which its own place is zeros. */
  digest(message: Uint8Array): Buffer {
    return createHmac(this.#hash, this.#authKey).update(message).digest().subarray(0, this.digestLength);
  }

  /** Whether the digest that lies in the message is its digest. */
  proves(message: Uint8Array, digest: Uint8Array): boolean {
    if (digest.length !== this.digestLength) return false;
    const blanked = Buffer.from(message);
    const at = digest.byteOffset - message.byteOffset;
    blanked.fill(0, at, at + digest.length);
    return timingSafeEqual(this.digest(blanked), digest);
  }

  /** Undefined when the user has no privacy, or the salt is none. */
  decrypt(data: Uint8Array, boots: number, time: number, salt: Uint8Array): Uint8Array | undefined {
    if (this.#cipher === undefined || this.#privKey === undefined || salt.length !== SALT_OCTETS) return undefined;
    return createDecipheriv(this.#cipher, this.#privKey, vector(boots, time, salt)).update(data);
  }

  /** Undefined when the user has no privacy. */
  encrypt(data: Uint8Array, boots: number, time: number, salt: Uint8Array): Uint8Array | undefined {
    if (this.#cipher === undefined || this.#privKey === undefined) return undefined;
    return createCipheriv(this.#cipher, this.#privKey, vector(boots, time, salt)).update(data);
  }
}

const SALT_OCTETS = 8;

/** Salts that never repeat while the process lives: a counter that begins anywhere (RFC 3826 section 3.1.2.1). */
export class Salts {
  #next = randomBytes(SALT_OCTETS).readBigUInt64BE();

  take(): Buffer {
    const salt = Buffer.alloc(SALT_OCTETS);
    salt.writeBigUInt64BE(this.#next);
    this.#next = BigInt.asUintN(64, this.#next + 1n);
    return salt;
  }
}

function vector(boots: number, time: number, salt: Uint8Array): Buffer {
  const octets = Buffer.alloc(8 + SALT_OCTETS);
  octets.writeUInt32BE(boots, 0);
  octets.writeUInt32BE(time, 4);
  octets.set(salt, 8);
  return octets;
}

function octetsOf(user: string, password: string): Buffer {
  const octets = Buffer.from(password);
  if (octets.length < SHORTEST_PASSWORD) {
    throw new RangeError(
      `The password of SNMP user "${user}" is too short: expected at least ${SHORTEST_PASSWORD} octets`,
    );
  }
  return octets;
}
