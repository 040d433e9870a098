// Dragging a card with a finger or a pen: held for a moment it is lifted, then it follows. Before
// that the same movement scrolls. The browser's own dragging is for mice alone.
const HELD = 350;
const STILL = 10;
const EDGE = 48;
const STEP = 14;

/**
 * Let cards be dragged by touch.
 * @param {string} cards selector of what can be lifted
 * @param {(card: Element, at: Element | null) => void} over called while it moves
 * @param {(card: Element, at: Element | null) => void} drop called where it is let go
 */
export function dragByTouch(cards, over, drop) {
  let held = null; // pressed, perhaps only to scroll
  let lifted = null;

  function under(x, y) {
    return document.elementFromPoint(x, y);
  }

  function lift() {
    const box = held.card.getBoundingClientRect();
    const ghost = held.card.cloneNode(true);
    ghost.removeAttribute("id");
    ghost.removeAttribute("data-id");
    ghost.setAttribute("aria-hidden", "true");
    ghost.classList.add("h-ghost");
    ghost.style.width = `${box.width}px`;
    document.body.append(ghost);
    lifted = { ...held, ghost, left: held.x - box.left, top: held.y - box.top };
    held.card.classList.add("is-dragged");
    navigator.vibrate?.(10);
    place(held.x, held.y);
    roll();
  }

  function place(x, y) {
    lifted.x = x;
    lifted.y = y;
    lifted.ghost.style.transform = `translate(${x - lifted.left}px, ${y - lifted.top}px)`;
    over(lifted.card, under(x, y));
  }

  // At an edge the columns, or the page, move on by themselves.
  function roll() {
    if (!lifted) return;
    const { x, y, card } = lifted;
    const sideways = card.closest(".h-board");
    const along = x < EDGE ? -STEP : x > window.innerWidth - EDGE ? STEP : 0;
    const down = y < EDGE ? -STEP : y > window.innerHeight - EDGE ? STEP : 0;
    if (along) sideways?.scrollBy(along, 0);
    if (down) window.scrollBy(0, down);
    if (along || down) over(card, under(x, y));
    requestAnimationFrame(roll);
  }

  function end() {
    clearTimeout(held?.timer);
    if (held) held.card.draggable = true;
    lifted?.ghost.remove();
    lifted?.card.classList.remove("is-dragged");
    held = null;
    lifted = null;
  }

  document.addEventListener("pointerdown", (event) => {
    const card = event.target.closest?.(cards);
    if (!card || event.pointerType === "mouse" || !event.isPrimary) return;
    if (event.target.closest("button, [data-dialog]")) return;
    end();
    held = { card, x: event.clientX, y: event.clientY, id: event.pointerId };
    held.timer = setTimeout(lift, HELD);
    card.draggable = false;
  });

  document.addEventListener("pointermove", (event) => {
    if (event.pointerId !== held?.id) return;
    if (lifted) place(event.clientX, event.clientY);
    else if (Math.hypot(event.clientX - held.x, event.clientY - held.y) > STILL) end();
  });

  document.addEventListener("pointerup", (event) => {
    if (event.pointerId !== held?.id) return;
    const { card } = held;
    const at = lifted && under(event.clientX, event.clientY);
    const wasLifted = Boolean(lifted);
    end();
    if (!wasLifted) return;
    suppressClick();
    over(card, null);
    drop(card, at);
  });

  document.addEventListener("pointercancel", (event) => {
    if (event.pointerId !== held?.id) return;
    const { card } = held;
    end();
    over(card, null);
  });

  // What was lifted does not scroll, opens no menu and is no click on its link.
  document.addEventListener("touchmove", (event) => lifted && event.preventDefault(), {
    passive: false,
  });
  document.addEventListener("contextmenu", (event) => held && event.preventDefault());
  document.addEventListener("dragstart", (event) => {
    if (!held) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  function suppressClick() {
    const stop = (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    document.addEventListener("click", stop, { capture: true, once: true });
    setTimeout(() => document.removeEventListener("click", stop, { capture: true }), 0);
  }
}
