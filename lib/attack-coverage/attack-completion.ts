/**
 * The rule format as editors get it, with ATT&CK techniques to choose from by name: nobody knows T1098.003 by heart. Only
 * techniques that a call of an AWS API can be are offered, a judgement of ours; all others may be written, and `validate`
 * knows every one. Kept out of the rule schema itself, which the engine owns: names of techniques are nothing to it.
 *
 *   attack: [T1098.003]    # hover: Account Manipulation: Additional Cloud Roles (Persistence, Privilege Escalation)
 */
import { z } from "zod";
import { ruleFileSchema } from "../../lambda/engine/rule-schema.ts";
import { techniqueOf } from "../../lambda/attack/attack-techniques.ts";

/** In the order in which an editor offers them: by the first of their tactics. */
export const OFFERED: readonly string[] = (
  "T1078 T1078.001 T1078.004 T1133 T1190 T1195.002 T1199 T1566 " + // initial access
  "T1053 T1059.009 T1204.003 T1609 T1610 T1648 T1651 T1677 " + // execution
  "T1037 T1098 T1098.001 T1098.003 T1098.004 T1098.005 T1098.006 T1136 T1136.003 T1525 T1546 T1556 T1556.006 " +
  "T1556.007 T1556.009 T1671 " + // persistence
  "T1484 T1484.002 T1548.005 T1611 " + // privilege escalation
  "T1070 T1535 T1564 T1684.002 " + // stealth
  "T1553 T1578 T1578.001 T1578.002 T1578.003 T1578.004 T1578.005 T1599 T1600 T1666 T1685 T1685.002 T1686 T1686.001 " +
  "T1689 " + // defense impairment
  "T1040 T1110 T1110.001 T1110.003 T1110.004 T1528 T1552 T1552.001 T1552.004 T1552.005 T1552.007 T1555 T1555.006 " +
  "T1606 T1606.002 T1621 T1649 " + // credential access
  "T1069.003 T1082 T1087.004 T1201 T1526 T1538 T1580 T1613 T1619 T1654 " + // discovery
  "T1021.004 T1021.007 T1021.008 T1550 T1550.001 " + // lateral movement
  "T1074.002 T1114.003 T1119 T1213 T1213.006 T1530 " + // collection
  "T1071.005 T1219 T1572 " + // command and control
  "T1020 T1020.001 T1048 T1537 T1567 T1567.002 " + // exfiltration
  "T1485 T1485.001 T1486 T1489 T1490 T1491.002 T1496 T1496.001 T1496.002 T1496.003 T1496.004 T1498 T1529 T1531 " +
  "T1565.001 T1657"
).split(" "); // impact

const attack = ruleFileSchema.shape.attack;
const id = attack.unwrap().element;

/** The rule file schema with techniques offered; what it takes is the same. */
export const ruleFileForEditors = ruleFileSchema
  .extend({
    attack: z
      // The last takes anything, so that of an id that is not offered an editor has nothing to say.
      .array(id.meta({ ...id.meta(), anyOf: [...OFFERED.map(offer), {}] }))
      .optional()
      .describe(attack.description ?? ""),
  })
  .meta({ anyOf: [{ required: ["conditions"] }, { required: ["jq"] }] });

function offer(technique: string): { const: string; description: string } {
  const found = techniqueOf(technique);
  if (found === undefined) throw new Error(`${technique} is no technique of ATT&CK: take it out of OFFERED.`);
  const tactics = found.tactics.map(({ name }) => name).join(", ");
  return { const: technique, description: `${found.fullName} (${tactics})` };
}
