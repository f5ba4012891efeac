/** Who writes: whom the portal vouches for, or somebody whom this browser remembers. */

export class Identity {
  /**
   * @param {Frontdesk} desk the service
   * @param {?string} url of the portal, which answers {"token": "..."} for who is signed in there
   * @param kept what this browser remembers: {known, token, conversation, isNew}
   * @param {function()} onother called where it is somebody else now, whose conversation is another one
   */
  constructor(desk, url, kept, onother) {
    this.desk = desk;
    this.url = url;
    this.kept = kept;
    this.onother = onother;
    this.customer = null;
  }

  /** Find out who it is. */
  async require() {
    if (this.customer) return;
    const signed = this.url && (await this.#ask());
    const known = signed ? subject(signed) : "";
    if ((this.kept.get("known") ?? "") !== known) {
      this.onother();
      this.kept.set({ known, token: null, isNew: false });
    }
    if (!signed && !this.kept.get("token")) this.kept.set({ token: await this.desk.newCustomer() });
    this.customer = this.desk.customer(signed || this.kept.get("token"));
    if (signed && !this.kept.get("conversation") && !this.kept.get("isNew")) await this.#adopt();
  }

  /** Do something; if the token is no longer taken, once more with another one. */
  async run(work) {
    await this.require();
    try {
      return await work(this.customer);
    } catch (error) {
      if (error.status !== 401) throw error;
      this.customer = null;
      if (!this.url) {
        this.kept.set({ token: null });
        this.onother();
      }
      await this.require();
      return work(this.customer);
    }
  }

  async #ask() {
    const response = await fetch(this.url, { credentials: "same-origin", headers: { Accept: "application/json" } });
    return response.ok && response.status !== 204 ? (await response.json()).token : null;
  }

  /** Go on with what the customer began on another device. */
  async #adopt() {
    for await (const { id } of this.customer.conversations()) {
      this.kept.set({ conversation: id });
      return;
    }
  }
}

/** Whom a signed token names; it is the service that checks it. */
function subject(token) {
  const claims = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
  return `sub ${JSON.parse(atob(claims)).sub}`;
}
