/**
 * More workers at once, fewer only when none of the last `seconds` wanted more: what a moment's calm would remove, the next sentence
 * would start anew.
 */
export function createSteadyCount(seconds: number): (at: number, wanted: number) => number {
  let recent: readonly { readonly at: number; readonly wanted: number }[] = [];
  return (at, wanted) => {
    recent = [...recent.filter((one) => at - one.at < seconds && one.wanted > wanted), { at, wanted }];
    return Math.max(...recent.map((one) => one.wanted));
  };
}
