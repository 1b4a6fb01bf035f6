/**
 * Makes one tree of elements equal to another with as few changes as can be, so that focus, selection, scrolling and what a
 * screen reader is reading stay where they are. Children are matched by `data-key`, others by name and order.
 * An element with `data-keep` is the script's own and is left alone; so is whether a <details> is open.
 */

export function morph(element: Element, wanted: Element): void {
  if (element.hasAttribute("data-keep")) return;
  morphAttributes(element, wanted);
  morphChildren(element, wanted);
}

function morphAttributes(element: Element, wanted: Element): void {
  const isOwn = (name: string): boolean => element.localName === "details" && name === "open";
  for (const { name } of [...element.attributes]) {
    if (!wanted.hasAttribute(name) && !isOwn(name)) element.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (element.getAttribute(name) !== value && !isOwn(name)) element.setAttribute(name, value);
  }
}

/** Leaves the attributes of `parent` itself alone. */
export function morphChildren(parent: Element, wanted: Element): void {
  const keyed = new Map(
    [...parent.children].flatMap((child) => (key(child) === undefined ? [] : [[key(child), child]])),
  );
  let next: ChildNode | null = parent.firstChild;
  for (const goal of [...wanted.childNodes]) {
    const match = key(goal) === undefined ? unkeyed(next, goal) : keyed.get(key(goal));
    if (match === undefined) {
      parent.insertBefore(document.importNode(goal, true), next);
      continue;
    }
    if (match === next) next = next.nextSibling;
    else parent.insertBefore(match, next);
    if (match instanceof Element && goal instanceof Element) morph(match, goal);
    else if (match.nodeValue !== goal.nodeValue) match.nodeValue = goal.nodeValue;
  }
  while (next !== null) {
    const gone = next;
    next = next.nextSibling;
    gone.remove();
  }
}

/** The next sibling that could become the goal. */
function unkeyed(from: ChildNode | null, goal: ChildNode): ChildNode | undefined {
  for (let node = from; node !== null; node = node.nextSibling) {
    if (node.nodeName === goal.nodeName && key(node) === undefined) return node;
  }
  return undefined;
}

function key(node: Node): string | undefined {
  const name = node instanceof Element ? node.getAttribute("data-key") : null;
  return name === null ? undefined : `${node.nodeName} ${name}`;
}
