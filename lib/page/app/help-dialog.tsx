/** The keys. */
import { Dialog } from "./dialog.tsx";
import { KEYS } from "./keys.ts";

export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys">
        {KEYS.map(({ keys, does }) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p class="dim">
        Filters stand in the address: keep it as a bookmark, or send it to a colleague who runs the same page.
        Times are UTC, as in CloudTrail.
      </p>
    </Dialog>
  );
}
