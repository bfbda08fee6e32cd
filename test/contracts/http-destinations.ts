/**
 * What every destination does beyond the common suite that speaks HTTP: what it makes of the odd answers that networks
 * give, and how it goes about its secret. For the `httpStage` of this folder.
 */
import { expect, it } from "vitest";
import { DeliveryError } from "../../lambda/destinations/destination.ts";
import { firstOf, NO_DEADLINE, type Reply, type Stage } from "./destinations.ts";
import type { HttpStage } from "./http-stage.ts";

/** The stage of an HTTP destination: made with the values that its secret has in its turn, one a read. */
export type HttpDestinationStage = Stage &
  Pick<HttpStage, "requests" | "pauses" | "wait"> & {
    /** How often the secret was read. */
    readonly reads: () => number;
  };

export type HttpContract = {
  readonly make: (replies: readonly Reply[], secrets?: readonly string[]) => HttpDestinationStage;
  readonly taken: Reply;
  /** Two secrets of the kind it takes. */
  readonly secrets: readonly [string, string];
  /** How the other side refuses a secret. */
  readonly refusal: Reply;
  /** Whether a refused secret that stays the same is a reason to try again later. */
  readonly refusalHeals: boolean;
  /** Whether a web page with status 200 means that the alert was taken. */
  readonly takesWebPages: boolean;
  /** Whether it takes a second copy for the first one. */
  readonly recognisesCopies: boolean;
};

const PAGE = "<!DOCTYPE html>\n<html><title>Sign in</title></html>";

/** Declares the suite; call it inside a `describe`, beside `destinationContract`. */
export function httpDestinationContract(contract: HttpContract): void {
  const { make, taken, secrets, refusal, refusalHeals, takesWebPages, recognisesCopies } = contract;
  const failure = async (
    replies: readonly Reply[],
    deadline = NO_DEADLINE,
  ): Promise<{ error: DeliveryError; stage: HttpDestinationStage }> => {
    const stage = make(replies);
    const error: unknown = await stage.destination
      .deliver(firstOf(), deadline)
      .catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(DeliveryError);
    const { message } = error as DeliveryError;
    for (const secret of secrets) expect(message).not.toContain(secret);
    return { error: error as DeliveryError, stage };
  };

  it("posts over https, follows no redirect and gives an attempt as long as it may take", async () => {
    const { destination, requests } = make([taken]);
    await destination.deliver(firstOf(), NO_DEADLINE);
    expect(new URL(requests[0]?.url ?? "").protocol).toBe("https:");
    expect(requests[0]?.options).toMatchObject({
      method: "POST",
      redirect: "manual",
      signal: { milliseconds: recognisesCopies ? 5000 : 15_000 },
    });
  });

  it.each([301, 308])("refuses a redirect for good (%i), and says that it is one", async (status) => {
    const { error, stage } = await failure([
      { status, headers: { location: "https://other.example/x?k=1" } },
    ]);
    expect(error).toMatchObject({ retryable: false, status });
    expect(error.message).toContain("redirect to other.example, which is not followed");
    expect(stage.requests).toHaveLength(1);
  });

  it.each([302, 303, 307])("does not follow a redirect for now (%i), and tries later", async (status) => {
    const { error, stage } = await failure([{ status, headers: { location: "/login" } }]);
    expect(error).toMatchObject({ retryable: true, status });
    expect(stage.requests).toHaveLength(1);
  });

  it.each([
    "CERT_HAS_EXPIRED",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  ])("tries again later when the certificate is not valid (%s), and says so", async (code) => {
    const { error, stage } = await failure([{ error: code }]);
    expect(error.retryable).toBe(true);
    expect(stage.requests).toHaveLength(1);
    expect(error.message).toContain(`a certificate that is not valid (${code}); nothing was sent`);
  });

  it("says why the network failed", async () => {
    const { error } = await failure([{ error: "ENOTFOUND" }]);
    expect(error.message).toContain("could not be reached: ENOTFOUND");
  });

  it("takes no web page for a yes, nor shows it in an error, where its medium answers with none", async () => {
    const { error } = await failure([{ status: 503, body: PAGE }]);
    expect(error.message).toContain("answered 503 with a web page");
    expect(error.message).not.toContain("<");
    const page = { status: 200, body: PAGE };
    if (takesWebPages) {
      await make([page]).destination.deliver(firstOf(), NO_DEADLINE);
      return;
    }
    const { error: refused, stage } = await failure([page]);
    expect(refused).toMatchObject({ retryable: true, status: 200 });
    expect(stage.requests).toHaveLength(1);
  });

  it("says what status came with an empty body", async () => {
    const { error } = await failure([{ status: 502, body: "" }]);
    expect(error.message).toMatch(/answered 502 \(gave up after \d+ attempts\)$/);
  });

  it.each([
    ["Retry-After in seconds", { "retry-after": "3" }, 3000],
    ["Retry-After as a date", { "retry-after": "Fri, 20 Nov 2026 10:20:04 GMT" }, 4000],
    ["the rate limit's reset in seconds from now", { "x-ratelimit-reset": "7" }, 7000],
    ["the rate limit's reset in seconds since 1970", { "x-ratelimit-reset": "1795170005" }, 5000],
    ["nothing", {}, 187.5],
    ["nonsense", { "retry-after": "soon" }, 187.5],
    ["a negative pause", { "retry-after": "-5" }, 187.5],
    ["no pause at all, which would be a flood", { "retry-after": "0" }, 187.5],
  ])("waits as long as the other side asks: %s", async (_, headers, pause) => {
    const { destination, pauses } = make([{ status: 429, headers }, taken]);
    await destination.deliver(firstOf(), NO_DEADLINE);
    expect(pauses).toEqual([pause]);
  });

  it.each([429, 503])(
    "hands on a pause that its time cannot hold (%i), and does not wait for it",
    async (status) => {
      const { error, stage } = await failure([{ status, headers: { "retry-after": "3600" } }]);
      expect(error).toMatchObject({ retryable: true, status, retryAfter: 3_600_000 });
      expect([stage.pauses.length, stage.requests.length]).toEqual([0, 1]);
    },
  );

  it("doubles its pauses with jitter, and delivers when the other side recovers", async () => {
    const { destination, pauses } = make([
      "refuse",
      { status: 503 },
      { error: "ENOTFOUND" },
      { status: 500 },
      taken,
    ]);
    await destination.deliver(firstOf(), NO_DEADLINE);
    expect(pauses).toEqual([187.5, 375, 750, 1500]);
  });

  it.each<[string, Reply]>([
    ["never answers", "hang"],
    ["breaks the connection off", { error: "ECONNRESET" }],
    ["ends the connection", { error: "UND_ERR_SOCKET" }],
    ["is not heard by its gateway", { status: 504 }],
  ])("posts no second copy that would be seen in one delivery when the other side %s", async (_, reply) => {
    const { destination, requests } = make([reply, taken]);
    const error: unknown = await destination.deliver(firstOf(), NO_DEADLINE).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    const ended = error instanceof DeliveryError ? { retryable: error.retryable } : "delivered";
    const expected = recognisesCopies ? ["delivered", 2] : [{ retryable: true }, 1];
    expect([ended, requests.length]).toEqual(expected);
  });

  it("sends nothing when the deadline has come, with a renewed secret either", async () => {
    const { error, stage } = await failure([taken], make([taken]).now());
    expect(error).toMatchObject({ retryable: true });
    expect(error.message).toContain("no time was left");
    expect(stage.requests).toHaveLength(0);
  });

  it("reads its secret once for many deliveries", async () => {
    const { destination, reads } = make([taken]);
    await Promise.all([
      destination.deliver(firstOf(), NO_DEADLINE),
      destination.deliver(firstOf(), NO_DEADLINE),
    ]);
    await destination.deliver(firstOf(), NO_DEADLINE);
    expect(reads()).toBe(1);
  });

  it("reads a secret that was refused again and delivers with the new one", async () => {
    const { destination, requests, reads } = make([refusal, taken], secrets);
    await destination.deliver(firstOf(), NO_DEADLINE);
    expect([requests.length, reads()]).toEqual([2, 2]);
  });

  it("does not send again with a secret that has not changed, names it and what it must hold, and never shows it", async () => {
    const stage = make([refusal], [secrets[0]]);
    const error: unknown = await stage.destination
      .deliver(firstOf(), NO_DEADLINE)
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ retryable: refusalHeals, secretRefused: true });
    expect((error as DeliveryError).message).toMatch(/; put an? .+ into the secret .+$/);
    expect((error as DeliveryError).message).not.toContain(secrets[0]);
    expect([stage.requests.length, stage.reads()]).toEqual([1, 2]);
  });

  it("tries one renewed secret and no more", async () => {
    const { destination, requests } = make([refusal], [...secrets, secrets[0]]);
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({ secretRefused: true });
    expect(requests).toHaveLength(2);
  });

  it("still heals when the secret is put right long after it was first refused", async () => {
    const [old, right] = secrets;
    const { destination, requests, wait } = make([refusal, refusal, taken], [old, old, right]);
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({ secretRefused: true });
    wait(300_000);
    await destination.deliver(firstOf(), NO_DEADLINE);
    expect(requests).toHaveLength(3);
  });

  it("reads a secret that stays refused once in five minutes, however many deliveries it is refused", async () => {
    const { destination, wait, reads } = make([refusal], [secrets[0]]);
    for (let delivery = 0; delivery < 10; delivery++) {
      await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toThrow(DeliveryError);
      wait(30_000);
    }
    expect(reads()).toBe(2);
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toThrow(DeliveryError);
    expect(reads()).toBe(3);
  });
}
