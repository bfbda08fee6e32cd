/**
 * What kind of finding an alert is, in Security Hub's own taxonomy ("namespace/category/classifier"). Its categories
 * are tactics of ATT&CK as they were before v19, and effects. A technique that serves several tactics is filed under the
 * one that a call to AWS shows; one that is not listed is filed under TTPs alone, never under a guess.
 *
 *     findingTypes(["T1098.003", "T1485"])   // ["TTPs/Persistence/T1098.003", "Effects/Data Destruction/T1485"]
 */

const TECHNIQUES: Readonly<Record<string, readonly string[]>> = {
  "TTPs/Initial Access": ["T1078", "T1190", "T1199", "T1566"],
  "TTPs/Execution": ["T1059", "T1204", "T1648", "T1651"],
  "TTPs/Persistence": ["T1098", "T1136", "T1525", "T1546"],
  "TTPs/Privilege Escalation": ["T1068", "T1484", "T1548"],
  // What v19 calls Stealth and Defense Impairment; T1562 is the name that T1685 and T1686 had before.
  "TTPs/Defense Evasion": ["T1070", "T1535", "T1562", "T1578", "T1599", "T1666", "T1685", "T1686"],
  "TTPs/Credential Access": ["T1110", "T1528", "T1539", "T1552", "T1555", "T1556", "T1606", "T1621", "T1649"],
  "TTPs/Discovery": [
    "T1046",
    "T1069",
    "T1082",
    "T1087",
    "T1201",
    "T1518",
    "T1526",
    "T1538",
    "T1580",
    "T1619",
  ],
  "TTPs/Lateral Movement": ["T1021", "T1534", "T1550"],
  "TTPs/Collection": ["T1074", "T1114", "T1119", "T1213", "T1530"],
  "Effects/Data Exfiltration": ["T1020", "T1048", "T1537", "T1567"],
  "Effects/Data Destruction": ["T1485"],
  "Effects/Denial of Service": ["T1498", "T1499"],
  "Effects/Resource Consumption": ["T1496"],
  Effects: ["T1486", "T1489", "T1490", "T1491", "T1531", "T1565"],
};

const TYPE_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(TECHNIQUES).flatMap(([type, ids]) => ids.map((id) => [id, type] as const)),
);
const TECHNIQUE_ID = /^T\d{4}(?:\.\d{3})?$/;
const MAX_TYPES = 50;

/** The types of a finding, at least one, from the techniques that its rule names. */
export function findingTypes(attack: readonly string[]): string[] {
  const types = attack.map((id) => {
    const type = TECHNIQUE_ID.test(id) ? TYPE_OF.get(id.slice(0, 5)) : undefined;
    if (type === undefined) return "TTPs";
    return type.includes("/") ? `${type}/${id}` : type;
  });
  return types.length === 0 ? ["Unusual Behaviors"] : [...new Set(types)].slice(0, MAX_TYPES);
}
