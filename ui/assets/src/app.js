// Everything a page does beyond links and forms. Listeners are delegated to the document, so that
// swapped content needs no wiring; nothing here is essential but dragging.
import "htmx.org";
import "htmx.org/dist/ext/hx-sse.js";
import "htmx.org/dist/ext/hx-history-cache.js";
import "./js/page.js";
import "./js/menus.js";
import "./js/dialogs.js";
import "./js/list.js";
import "./js/peek.js";
import "./js/board.js";
import "./js/forms.js";
import "./js/live.js";
import "./js/combo.js";
import "./js/rich.js";
import "./js/columns.js";
import "./js/search.js";
import "./js/palette.js";
import "./js/stars.js";
import "./js/record.js";
import "./js/imports.js";
import "./js/files.js";
import "./js/redraw.js";
import "./js/lines.js";
import "./js/designer.js";
