import type { Member, Site } from '../e2e/testing/site.ts';

/** Tells of every process that ends though nobody told it to. */
export function watchMembers(site: Site, tell: (one: Member, code: number | null) => void): Site {
  const watchedOf = new Map<Member, Member>();
  let isOver = false;
  return {
    ...site,
    async start(role) {
      const one = await site.start(role);
      let isTold = false;
      const listen = async (): Promise<void> => {
        const code = await one.exited;
        if (!isTold && !isOver) tell(one, code);
      };
      void listen();
      const member: Member = {
        ...one,
        signal(name) {
          if (name === 'SIGKILL' || name === 'SIGTERM') isTold = true;
          one.signal(name);
        },
      };
      watchedOf.set(one, member);
      return member;
    },
    members: () => site.members().map((one) => watchedOf.get(one) ?? one),
    async [Symbol.asyncDispose]() {
      isOver = true;
      await site[Symbol.asyncDispose]();
    },
  };
}
