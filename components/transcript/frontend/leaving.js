/** How a part of the page leaves it: not at once, for an unmount followed by a mount of the same is a rerun, not a farewell. */
const UNMOUNT_GRACE_MS = 50;

/**
 * @template {{leaving: number}} Mounted
 * @param {Element} element
 * @param {WeakMap<Element, Mounted>} mounts
 * @param {(element: Element) => void} leave
 * @returns {() => void} the unmount of what is mounted there now
 */
export function leaving(element, mounts, leave) {
  const mine = mounts.get(element);
  return () => {
    if (!mine || mounts.get(element) !== mine) return;
    clearTimeout(mine.leaving);
    if (element.isConnected) mine.leaving = window.setTimeout(() => leave(element), UNMOUNT_GRACE_MS);
    else leave(element);
  };
}
