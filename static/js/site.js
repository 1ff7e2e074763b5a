// The one script of every page; where files are collected, the bundle stands in its place.
import "./theme.js";
import "./live.js";
import "./push.js";
import "../django_htmx/ext/hx-sse-2.min.js";
import "./menu.js";
import "./print.js";
import "./refused.js";
import "./tick.js";
import "./toasts.js";
