/** Fields of protocol buffers (protobuf.dev/programming-guides/encoding), as bytes. For what is written rarely or once. */

/** Whole numbers below 2^53, seven bits in each byte, the least significant first. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
}

/** How many bytes that is. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) length++;
  return length;
}

/** Numbers of either sign as numbers without: 0, -1, 1, -2 become 0, 1, 2, 3. */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

export function varintField(field: number, value: number): number[] {
  return [field << 3, ...varint(value)];
}

/** A sint32 or sint64. */
export function signedField(field: number, value: number): number[] {
  return varintField(field, zigzag(value));
}

export function doubleField(field: number, value: number): number[] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return [(field << 3) | 1, ...bytes];
}

/** A string, a message, or packed numbers. */
export function lengthField(field: number, bytes: ArrayLike<number>): number[] {
  return [(field << 3) | 2, ...varint(bytes.length), ...Array.from(bytes)];
}
