/** What no link here can be made to do: counters of 32 bits that pass their top, a driver that begins again. */

import { counts } from "./counts.ts";
import { onFixture, unseen } from "./fixture.ts";
import type { Row } from "./row.ts";

/** Bytes pass the top of 32 bits after some tenths of a second, another link's a little later; so do packets. */
const nearTheTop = (link: number) =>
  counts((name) => (1n << 32n) - (name.endsWith("bytes") ? 20_000_000n : 20_000n) * BigInt(link + 1));

/** Makes uname(2) say i686, as on a kernel whose counters have 32 bits (setarch(8) of util-linux). */
const AS_32_BIT = ["setarch", "i686"];

export const FIXTURE_ROWS: readonly Row[] = [
  {
    name: "wrap32",
    title: "counters of 32 bits pass their top: bytes and packets, both directions, of three links",
    quick: true,
    explanation:
      "A made-up /proc/net/dev, to which the generator adds; the program is started by `setarch i686`, so that it takes the kernel " +
      "for one of 32 bits.",
    run: onFixture(32, nearTheTop, AS_32_BIT, async ({ fixture }) => {
      await fixture.carry();
      await fixture.carry();
    }),
  },
  {
    name: "driver-reset",
    title: "a driver resets all counters of a member",
    quick: true,
    explanation:
      "A made-up /proc/net/dev, to which the generator adds. What was carried between the last reading and the reset was only in the " +
      "driver, which forgot it.",
    run: onFixture(
      64,
      (link) => counts(() => 10_000_000_000n * BigInt(link + 1)),
      [],
      async (stage) => {
        stage.mayMiss(unseen(stage, "vb"));
        stage.fixture.reset("vb");
        await stage.fixture.carry();
      },
    ),
  },
];
