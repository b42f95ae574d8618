package policyfile

// A Test says what must become of one request. The policy is not asked here.
type Test struct{}

type testEntry struct {
	Allow       string `yaml:"allow"`
	Block       string `yaml:"block"`
	Headers     list   `yaml:"headers"`
	Reads       list   `yaml:"reads"`
	Because     string `yaml:"because"`
	Credentials bool   `yaml:"credentials"`
}

func (d *decoder) tests(entries []testEntry) []Test { return nil }
