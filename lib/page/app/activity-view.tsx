/** What was seen, let through and alerted over time, and what became of the deliveries. */
import type { About } from "./api.ts";
import type { Known } from "./case-list.ts";
import { Chart } from "./picture.tsx";
import { counted, fullTime, line } from "./words.ts";

export function ActivityView({ known, about }: { readonly known: Known; readonly about: About | undefined }) {
  const { picture } = known;
  const deliveries = picture.deliveries ?? [];
  const recent = picture.recent ?? [];
  const told = known.rows.filter(({ row }) => row.disposition === "delivered").length;
  return (
    <main class="sheet">
      <h1>Activity</h1>
      <dl class="numbers">
        {about?.live === true && (
          <>
            <Count name="seen" value={picture.seen ?? 0} words="records at the event bus" />
            <Count name="let through" value={picture.letThrough ?? 0} words="by an event pattern" />
          </>
        )}
        <Count name="alerts" value={told} words="that somebody was told of" />
        <Count name="kept back" value={known.rows.length - told} words="suppressed, staged, repeats" />
      </dl>
      <Chart known={known} />
      {about?.live === false && (
        <p class="note">
          What EventBridge saw and let through is not counted here: CloudWatch has it (TriggeredRules,
          MatchedEvents). Where each alert was sent stands in its case, under Integrations.
        </p>
      )}
      {about?.live === true && (
        <>
          <h2>Deliveries</h2>
          {deliveries.length === 0 ? (
            <p class="empty">None yet.</p>
          ) : (
            <div class="scroll-x">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Destination</th>
                    <th scope="col">Delivered</th>
                    <th scope="col">After a retry</th>
                    <th scope="col">Failed attempts</th>
                    <th scope="col">Given up</th>
                  </tr>
                </thead>
                <tbody>
                  {deliveries.map((one) => (
                    <tr key={one.destination}>
                      <th scope="row">{line(one.destination, 120)}</th>
                      <td>{one.delivered}</td>
                      <td>{one.afterRetry}</td>
                      <td class={one.failedAttempts > 0 ? "bad" : ""}>{one.failedAttempts}</td>
                      <td class={one.dead > 0 ? "bad" : ""}>{one.dead}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          {recent.length > 0 && (
            <>
              <h2>What went wrong last</h2>
              <ul class="recent">
                {recent.map((news, index) => (
                  <li key={index}>
                    <span class="dim">{fullTime(news.at)}</span> <b>{line(news.destination, 120)}</b>{" "}
                    {wordsOf(news)}
                  </li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
    </main>
  );
}

function wordsOf({
  kind,
  attempts,
  reason,
  ruleId,
}: NonNullable<Known["picture"]["recent"]>[number]): string {
  const what = line(ruleId === "" ? "an alert" : ruleId, 160);
  if (kind === "delivered") return `took ${what} at attempt ${attempts}`;
  if (kind === "dead") return `will not get ${what}: it is in the dead-letter queue`;
  return `failed: ${what}: ${line(reason, 400)}`;
}

function Count({
  name,
  value,
  words,
}: {
  readonly name: string;
  readonly value: number;
  readonly words: string;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd title={counted(value, "record")}>{value.toLocaleString("en")}</dd>
      <dd class="dim">{words}</dd>
    </div>
  );
}
