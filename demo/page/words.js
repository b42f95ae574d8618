// What a header says, in one plain sentence. A sentence may depend on the value and on the scene:
// {preflight, way, origin, server, exposed, credentials}. Headers that have nothing to do with who may
// read the answer have no sentence.

const names = (value) => value.split(",").map((name) => name.trim().toLowerCase()).filter(Boolean);

function list(value) {
  const all = value.split(",").map((name) => name.trim()).filter(Boolean);
  return all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
}

function duration(value) {
  const seconds = Number(value);
  if (!Number.isInteger(seconds) || seconds < 0) return "as long as it thinks fit";
  for (const [size, one, many] of [[3600, "an hour", "hours"], [60, "a minute", "minutes"], [1, "a second", "seconds"]]) {
    if (seconds >= size && seconds % size === 0) return seconds === size ? one : `${seconds / size} ${many}`;
  }
  return "no time at all";
}

const request = {
  "origin": (value) => `The browser says which page is asking: one loaded from ${value}. No script can change this line.`,
  "access-control-request-method": (value) => `The script wants to send a ${value} request.`,
  "access-control-request-headers": (value) => `It wants to set ${list(value)}, and that needs permission. The browser names them in lower case and in order.`,
  "authorization": () => "The access token. The browser sends it only now that it is allowed, never in a preflight.",
  "content-type": (value) => /^application\/json[ \t]*(;|$)/i.test(value) ? "JSON is not among the three types that any form could send, so it needs permission." : null,
  "itemsperpage": () => "The script set it: how many users it wants.",
  "pagenumber": () => "The script set it: which page of them.",
  "cookie": () => "The script asked for credentials, so the cookie comes along.",
};

const response = {
  "access-control-allow-origin": (value, scene) => {
    if (value === scene.origin) return "Exactly this page’s origin: its script may read the answer.";
    if (value === "*") return "Scripts of any origin may read the answer.";
    return `Not this page’s origin, which is ${scene.origin}: its script may not read the answer.`;
  },
  "access-control-allow-methods": (value) => value === "*" ? "Scripts may send any method, unless they send credentials."
    : `Scripts may send ${list(value)} too. GET, HEAD and POST need no permission.`,
  "access-control-allow-headers": () => "Scripts may set these headers. Corsac names all that the policy allows, so one preflight serves later requests as well.",
  "access-control-max-age": (value) => `The browser may remember this permission for ${duration(value)} and need not ask again.`,
  "access-control-allow-credentials": (value) => value === "true" ? "Cookies may come along, and the script may still read the answer."
    : "Only the value true counts, in lower case: with cookies, no script may read the answer.",
  "access-control-expose-headers": (value) => `The script may read ${list(value)} as well. Only seven ordinary headers need no permission.`,
  "totalitemscount": (value, scene) => scene.exposed
    ? "How many users there are. The script can read it because it is exposed."
    : "How many users there are. It is here, but no script of this page can read it.",
  "vary": (value) => names(value).includes("origin") ? "Caches must not give this answer to a page of another origin." : null,
  "allow": (value, scene) => scene.preflight ? `The API knows ${list(value)}. It does not expect browsers to ask with OPTIONS.` : null,
  "set-cookie": () => "A cookie for this server. The browser keeps it because the request was made with credentials.",
  "www-authenticate": () => "The API wants to know who is asking.",
};

export function sentence(direction, name, value, scene) {
  const words = direction === "request" ? request : response;
  const key = name.toLowerCase();
  return Object.hasOwn(words, key) ? words[key](value, scene) : null;
}

// What the lines that are not there would have said.
export const missing = {
  origin: {
    line: "Access-Control-Allow-Origin",
    text: "This line is missing. Without it the browser lets no script of another origin read the answer.",
  },
};

// Where each browser tells its user what the script is not told.
export function console(agent) {
  if (/Firefox\//.test(agent)) {
    return { browser: "Firefox", keys: "Ctrl + Shift + K (⌥ ⌘ K on a Mac)", begins: "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at …" };
  }
  if (/Chrome\//.test(agent)) {
    return { browser: "This browser", keys: "Ctrl + Shift + J (⌥ ⌘ J on a Mac)", begins: "Access to fetch at … from origin … has been blocked by CORS policy: …" };
  }
  return { browser: "The browser", keys: "the menu for web developers", begins: null };
}
