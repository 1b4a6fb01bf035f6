/** What if a link failed, of groups that an illumos system has itself: the engine goes on from what the system says. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { saySamples } from "../support/illumos-samples.ts";
import { IllumosTree } from "../support/illumos-tree.ts";
import { Program } from "../support/program.ts";
import { scratch } from "../support/scratch.ts";

interface Group {
  readonly state: string;
  readonly addresses: readonly { readonly address: string; readonly up: boolean; readonly inbound: string | null }[];
  readonly cast_device: { readonly ipv4: string | null; readonly ipv6: string | null };
  readonly members: readonly { readonly device: string; readonly state: string }[];
}

describe("of a system's own groups, what if a member failed", () => {
  /** "ok: net0 active; 192.0.2.10 on net0; IPv4 net0, IPv6 net0". */
  async function told(t: { after(hook: () => void): void }): Promise<(path: string) => Promise<string>> {
    const tree = new IllumosTree(scratch(t));
    saySamples(tree);
    const program = await Program.start(t, { config: `source: illumos\npath: { illumos: ${tree.root} }\n` });
    return async (path) => {
      const {
        state,
        members,
        addresses,
        cast_device: cast,
      } = JSON.parse((await program.get(`/api/v1/groups/${path}`)).body) as Group;
      const all = members.map(({ device, state: of }) => `${device} ${of}`).join(", ");
      const bound = addresses
        .map(({ address, up, inbound }) => `${address} ${up ? `on ${inbound}` : "down"}`)
        .join(", ");
      return `${state}: ${all}; ${bound || "no address"}; IPv4 ${cast.ipv4}, IPv6 ${cast.ipv6}`;
    };
  }

  test("its addresses go to those that are left, and its nomination too", async (t) => {
    const group = await told(t);
    assert.equal(
      await group("ipmp0"),
      "ok: net0 active, net1 active; 192.0.2.10 on net0, 192.0.2.11 on net1, 192.0.2.12 down; IPv4 net0, IPv6 net0",
    );
    assert.equal(
      await group("ipmp0?without=net0"),
      "degraded: net0 failed, net1 active; 192.0.2.10 on net1, 192.0.2.11 on net1, 192.0.2.12 down; IPv4 net1, IPv6 net1",
    );
    assert.equal(
      await group("ipmp0?without=net1"),
      "degraded: net0 active, net1 failed; 192.0.2.10 on net0, 192.0.2.11 on net0, 192.0.2.12 down; IPv4 net0, IPv6 net0",
    );
  });

  test("a standby comes into use, and a family that the group has not gets no nominee", async (t) => {
    const group = await told(t);
    assert.equal(await group("dbnet"), "ok: net7 active, net8 inactive; no address; IPv4 net7, IPv6 null");
    assert.equal(
      await group("dbnet?without=net7"),
      "degraded: net7 failed, net8 active; no address; IPv4 net8, IPv6 null",
    );
  });

  test("who is offline or has failed stays so", async (t) => {
    const group = await told(t);
    assert.equal(await group("acct0"), "failed: net5 offline, net6 failed; 2001:db8::10 on null; IPv4 null, IPv6 null");
    assert.equal(await group("acct0?without=net5&without=net6"), await group("acct0"));
    assert.match(await group("frontend?without=net2"), /^degraded: net2 failed, net3 failed, net4 active; /);
    assert.match(await group("frontend?without=net2&without=net4"), /^failed: /);
  });
});
