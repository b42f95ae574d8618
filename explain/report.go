package explain

// Schema names the form of a report in JSON. Fields are added under the same
// name; what is renamed or removed makes a new one.
const Schema = "corsac-explain/1"

// An Answer is what a report comes to.
type Answer string

// The answers.
const (
	Readable Answer = "readable" // the page gets the response
	Blocked  Answer = "blocked"  // the browser keeps it from the page
	Unknown  Answer = "unknown"  // what was sent and seen does not tell
)

// A Document is what is written as JSON: the reports on one input.
type Document struct {
	Schema  string    `json:"schema"`
	Reports []*Report `json:"reports"`
}

// A Report is all that is known of one request. Every string in it can be
// printed: nothing of a server, and nothing that was pasted, stands in it
// unescaped, and secrets are left out unless they were asked for.
type Report struct {
	Answer   Answer `json:"answer"`
	Headline string `json:"headline"`
	// Read says how the input was understood.
	Read []string `json:"read,omitempty"`

	Page    string  `json:"page"` // the page's origin
	Target  Target  `json:"target"`
	Request Call    `json:"request"`
	Server  *Server `json:"server,omitempty"`

	// Preflight says why the browser asks first; it is empty if it does not.
	Preflight []Reason   `json:"preflight,omitempty"`
	Exchanges []Exchange `json:"exchanges"`
	Profiles  []Profile  `json:"profiles"`
	Says      []Saying   `json:"says,omitempty"`
	// SaysNote is what the browsers do not say.
	SaysNote string `json:"saysNote,omitempty"`

	// Causes has the cause first, then what else was noticed.
	Causes []Diagnosis `json:"causes"`
	// Obstacles are all that stand between the request and the page, in the
	// order in which a browser would meet them, each after the one before is
	// mended.
	Obstacles []Obstacle `json:"obstacles"`
	// Needs is the smallest set of headers that makes this request pass.
	Needs []Need `json:"needs,omitempty"`
	// Remembered is how long browsers keep the preflight's answer.
	Remembered []Remembered `json:"remembered,omitempty"`
	// Questions are what cannot be seen from outside.
	Questions []string `json:"questions,omitempty"`
	// Probes are requests beyond those of the browser.
	Probes []Probe `json:"probes,omitempty"`
	Curl   string  `json:"curl,omitempty"`
	// Meanwhile is a command that has a page in development read the server as it
	// is, for those who cannot change that.
	Meanwhile string `json:"meanwhile,omitempty"`
	// Next is a command that would tell more.
	Next string `json:"next,omitempty"`
}

// A Target is where the request goes.
type Target struct {
	URL      string `json:"url"`
	Address  string `json:"address,omitempty"`
	Protocol string `json:"protocol,omitempty"`
	TLS      string `json:"tls,omitempty"`
	// Relation to the page: "same-origin", "same-site", "cross-site" or "unknown".
	Relation string `json:"relation"`
}

// A Call is what the page's script asks for.
type Call struct {
	// By is what makes the request: fetch, xhr, font and so on.
	By          string `json:"by"`
	Method      string `json:"method"`
	Mode        string `json:"mode"`
	Credentials string `json:"credentials"`
	Redirect    string `json:"redirect"`
}

// A Reason is one thing that makes a preflight necessary.
type Reason struct {
	Name  string `json:"name"` // a header's name, or "method"
	Value string `json:"value,omitempty"`
	Why   string `json:"why"`
}

// An Exchange is a request as it was on the wire, and what came back, without
// the lines that have no part in the matter.
type Exchange struct {
	Kind   string  `json:"kind"` // "preflight" or "request"
	Method string  `json:"method"`
	URL    string  `json:"url"`
	Hop    int     `json:"hop"` // redirects before it
	Sent   bool    `json:"sent"`
	Status int     `json:"status,omitempty"`
	Millis float64 `json:"millis,omitempty"`
	Lines  []Line  `json:"lines,omitempty"`
}

// A Line is one line of an exchange. From and To are the characters of Text
// that Note is about; they are equal if the whole line is.
type Line struct {
	Direction string `json:"direction"` // ">" sent, "<" received, "" neither
	Text      string `json:"text"`
	From      int    `json:"from,omitempty"`
	To        int    `json:"to,omitempty"`
	Note      string `json:"note,omitempty"`
}

// A Profile is the verdict of one browser, or of the standard.
type Profile struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Answer  Answer `json:"answer"`
	Failure string `json:"failure,omitempty"`
}

// A Saying is what a browser prints in its console, and what its script gets.
type Saying struct {
	Browser string   `json:"browser"`
	Version string   `json:"version"`
	Lines   []string `json:"lines"`
	Script  string   `json:"script"`
}

// Certainty says how sure a diagnosis is.
type Certainty string

// From sure to a guess that is worth a look.
const (
	Certain  Certainty = "certain"
	Likely   Certainty = "likely"
	Possible Certainty = "possible"
)

// A Diagnosis is a cause, told apart from others by its evidence.
type Diagnosis struct {
	Code      string    `json:"code"` // stable; docs/explain has a page of each
	Title     string    `json:"title"`
	Cause     string    `json:"cause"`
	Certainty Certainty `json:"certainty"`
	Evidence  []string  `json:"evidence,omitempty"`
	Fix       Fix       `json:"fix"`
}

// A Fix is what to change, and where.
type Fix struct {
	What   string   `json:"what"`
	Server string   `json:"server,omitempty"` // whose configuration Config is
	Config []string `json:"config,omitempty"`
	// File is where Config belongs.
	File string `json:"file,omitempty"`
	// Servers are those for which the fix can be written, where it is not known
	// who answered.
	Servers []string `json:"servers,omitempty"`
}

// An Obstacle is one thing that would have to change.
type Obstacle struct {
	Exchange string `json:"exchange"` // "preflight", "request", or "page" for its own call
	Hop      int    `json:"hop,omitempty"`
	Kind     string `json:"kind"`
	What     string `json:"what"`
	Mend     string `json:"mend"`
	// Seen is false for what follows from an answer that was never seen.
	Seen bool `json:"seen"`
}

// A Need is the head that an answer has to have.
type Need struct {
	Exchange string   `json:"exchange"`
	URL      string   `json:"url"`
	Lines    []string `json:"lines"`
}

// Remembered is how long a browser keeps the answer to a preflight.
type Remembered struct {
	Browser string `json:"browser"`
	Seconds int    `json:"seconds"`
}

// A Probe is a request that no browser sent, and what came back.
type Probe struct {
	What   string `json:"what"`
	Result string `json:"result"`
}

// A Server is what the answers tell of who answered.
type Server struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Certainty Certainty `json:"certainty"`
	Evidence  string    `json:"evidence"`
}
