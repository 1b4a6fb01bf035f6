import { illsOf } from "#src/ip/ip.js";
import { receiveNote, setPhysAddr } from "#src/ip/link-notes.js";
import type { Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `note net0 LINK_DOWN`, `LINK_UP`, `SDU_SIZE 1400`, `PHYS_ADDR 02:…`: what its driver says. */
export const note: Verb<EngineStage> = (stage, [name = "", kind, data = "0"]) =>
  illsOf(stage.phyint(name)).flatMap((ill) =>
    stage.operation(() => {
      if (kind === "PHYS_ADDR") setPhysAddr(ill, data);
      else if (kind === "LINK_DOWN" || kind === "LINK_UP" || kind === "SDU_SIZE")
        receiveNote(ill, { note: `DL_NOTE_${kind}`, data: Number(data) });
      else throw new Error("notes are LINK_DOWN, LINK_UP, SDU_SIZE and PHYS_ADDR");
    }),
  );
