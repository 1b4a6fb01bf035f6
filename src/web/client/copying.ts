/** Buttons that copy the text beside them. They are hidden in the document: without a script they could do nothing. */

export function offerCopying(page: Document): void {
  const reveal = (): void => {
    for (const button of page.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
      button.hidden = false;
      button.dataset["keep"] = "";
    }
  };
  reveal();
  new MutationObserver(reveal).observe(page.body, { childList: true, subtree: true });
  page.addEventListener("click", (event) => {
    const button =
      event.target instanceof Element ? event.target.closest<HTMLButtonElement>("button[data-copy]") : null;
    const text = button?.parentElement?.querySelector("pre");
    if (button && text) void copy(text).then((done) => say(button, done ? "Copied" : "Selected"));
  });
}

/** The clipboard is there only on a secure origin; elsewhere the text is selected, for the reader to copy. */
async function copy(text: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text.textContent);
    return true;
  } catch {
    getSelection()?.selectAllChildren(text);
    return false;
  }
}

function say(button: HTMLButtonElement, text: string): void {
  button.textContent = text;
  setTimeout(() => {
    button.textContent = "Copy";
  }, 2_000);
}
