/**
 * A delivery that an alert did not have when it was recorded: a route names its destination since. It is added once, by
 * whoever then makes it.
 */
import type { DeliveryRecord } from "./alert-item.ts";
import type { Key, Table } from "./table.ts";

/** Adds a delivery that is claimed by its owner; false when somebody else has added it. */
export async function addDelivery(
  table: Pick<Table, "update">,
  key: Key,
  destination: string,
  fresh: DeliveryRecord,
  deadline: number,
): Promise<boolean> {
  const added = await table.update(
    key,
    {
      update: "SET #m.#d = :fresh",
      condition: "attribute_exists(pk) AND (attribute_not_exists(#m.#d) OR #m.#d.#owner = :owner)",
      names: { "#m": "deliveries", "#owner": "owner", "#d": destination },
      values: { ":fresh": fresh, ":owner": fresh.owner },
    },
    deadline,
  );
  return added !== undefined;
}
