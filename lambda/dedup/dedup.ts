/**
 * The pipeline's port to counting, over a table and a timer.
 */
import type { Dedup } from "../pipeline.ts";
import { admit } from "./admit.ts";
import { closeWindow } from "./close-window.ts";
import type { DedupPorts } from "./ports.ts";

/** Binds the ports. */
export function makeDedup(ports: DedupPorts): Dedup {
  return {
    admit: (alert, rule, record, deadline) => admit(alert, rule, record, ports, deadline),
    close: (payload, deadline) => closeWindow(payload, ports, deadline),
  };
}
