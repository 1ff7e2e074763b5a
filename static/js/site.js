// The one script of every page; where files are collected, the bundle stands in its place.
import "./theme.js";
import "./live.js";
import "./menu.js";
import "./refused.js";
import "./tick.js";
